"""The devices that claims and timings run on: "cpu", and "cuda:0", "cuda:1", ... where they are.

torch is imported only when something hints at a GPU, so that collecting claims stays quick.
"""

import functools
import os
import platform
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

CPU = "cpu"
GPU_FILES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")  # Linux, WSL, ROCm


class DeviceError(ValueError):
    """A device that is not there; the message names those that are."""


def available() -> tuple[str, ...]:
    """The names of the devices that are there; "cpu" comes first and is always there."""
    return (CPU, *_gpus()) if hints_at_gpu() else (CPU,)


def hints_at_gpu(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a GPU may be there, by its device files and $CUDA_VISIBLE_DEVICES alone."""
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return visible.strip() not in {"", "-1", "NoDevFiles"}
    return any(Path(file).exists() for file in GPU_FILES)


def check(name: str) -> str:
    """The device's full name ("cuda" is "cuda:0"); raises DeviceError if it is not there."""
    full = "cuda:0" if name == "cuda" else name
    there = available()
    if full not in there:
        raise DeviceError(
            f"no device named {name!r} is here; there is: {', '.join(there)}"
            + (" (a GPU needs its driver and a torch built for it)" if "cuda" in name else "")
            + "; choose one with --claims-device"
        )
    return full


def describe(name: str) -> str:
    """What a reader of a record calls the device: the model of the processor or of the GPU."""
    if check(name) == CPU:
        return f"{processor()}, {os.cpu_count()} logical cores"
    import torch

    properties = torch.cuda.get_device_properties(check(name))
    gibibytes = properties.total_memory / 2**30
    capability = f"{properties.major}.{properties.minor}"
    return f"{properties.name}, {gibibytes:.0f} GiB, compute capability {capability}"


def synchronize(device: str) -> None:
    """Wait until the device has done all the work that it was given."""
    if device != CPU:
        import torch

        torch.cuda.synchronize(device)


def timer(device: str) -> Callable[[], float]:
    """A clock in seconds that reads only after the device has finished its work."""
    if check(device) == CPU:
        return time.perf_counter
    import torch

    wait = functools.partial(torch.cuda.synchronize, device)

    def synchronized_seconds() -> float:
        wait()
        return time.perf_counter()

    return synchronized_seconds


@functools.cache
def _gpus() -> tuple[str, ...]:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an old driver warns here; `check` says what is missing
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return tuple(f"cuda:{index}" for index in range(count))


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
