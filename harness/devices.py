"""The devices that claims and timings run on: "cpu", and torch's accelerators by their own names.

torch is imported only when something hints at a GPU or another device is named, so that collecting
claims stays quick.
"""

import functools
import os
import platform
import re
import time
import warnings
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path

CPU = "cpu"
KINDS = re.compile(r"Expected one of ([\w, ]+) device type")  # what torch says to another word
GPU_FILES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")  # Linux, WSL, ROCm


class DeviceError(ValueError):
    """A device that nobody knows, or that is not there; the message says what is meant instead."""


def available() -> tuple[str, ...]:
    """The devices that a run takes unasked: "cpu" first, and GPUs where something hints at them."""
    return (CPU, *accelerators()) if hints_at_gpu() else (CPU,)


def hints_at_gpu(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a GPU may be there, by its device files and $CUDA_VISIBLE_DEVICES alone."""
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return visible.strip() not in {"", "-1", "NoDevFiles"}
    return any(Path(file).exists() for file in GPU_FILES)


@functools.cache
def accelerators() -> tuple[str, ...]:
    """What torch.accelerator finds here, such as "cuda:0" and "cuda:1"; torch is imported."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old driver warns here; `check` says what is missing
        there = torch.accelerator.is_available()
        found = torch.accelerator.current_accelerator() if there else None
        count = torch.accelerator.device_count()
    return tuple(f"{found.type}:{index}" for index in range(count)) if found else ()


def full_name(name: str) -> str:
    """The name with a number ("cuda" is "cuda:0"); raises DeviceError where torch knows none."""
    if name == CPU:
        return CPU
    import torch

    try:
        device = torch.device(name)
    except RuntimeError:
        known = _kinds()
        near = get_close_matches(name.partition(":")[0].lower(), known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it knows {', '.join(known)}"
        raise DeviceError(
            f"torch knows no device named {name!r}; {hint} (one of another package is known once "
            "torch loads that package)"
        ) from None
    return CPU if device.type == CPU else f"{device.type}:{device.index or 0}"


def _kinds() -> list[str]:
    """The kinds of devices that torch knows, whether they are here or not."""
    import torch

    try:
        torch.device("nosuch")
    except RuntimeError as error:
        if listed := KINDS.search(str(error)):
            return listed[1].split(", ")
    return [CPU, *(name.partition(":")[0] for name in accelerators())]


def check(name: str) -> str:
    """The device's full name; raises DeviceError if it is not there."""
    full = full_name(name)
    if full != CPU and full not in accelerators():
        raise DeviceError(
            f"no device named {name!r} is here; there is: {', '.join((CPU, *accelerators()))} "
            "(an accelerator needs its driver and a torch built for it); choose one with "
            "--claims-device"
        )
    return full


def describe(name: str) -> str:
    """What a reader of a timing calls the device: the model of the processor or of the GPU."""
    full = check(name)
    if full == CPU:
        return f"{processor()}, {os.cpu_count()} logical cores"
    if not full.startswith("cuda"):
        return full
    import torch

    properties = torch.cuda.get_device_properties(full)
    gibibytes = properties.total_memory / 2**30
    capability = f"{properties.major}.{properties.minor}"
    return f"{properties.name}, {gibibytes:.0f} GiB, compute capability {capability}"


def synchronize(device: str) -> None:
    """Wait until the device has done all the work that it was given."""
    if device != CPU:
        import torch

        torch.accelerator.synchronize(device)


def timer(device: str) -> Callable[[], float]:
    """A clock in seconds that reads only after the device has finished its work."""
    if check(device) == CPU:
        return time.perf_counter
    import torch

    wait = functools.partial(torch.accelerator.synchronize, device)

    def synchronized_seconds() -> float:
        wait()
        return time.perf_counter()

    return synchronized_seconds


@functools.cache
def processor() -> str:
    """The model of the processor as its maker writes it, or else its architecture."""
    try:
        said = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        for line in said.splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
