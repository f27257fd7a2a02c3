"""What a trial ran on: versions, kernels and the device's name, for headers and records."""

import platform
from functools import lru_cache
from importlib import metadata

from harness import devices
from harness.training.accelerators import chosen

PACKAGES = ("torch", "numpy", "scipy", "pytest", "hypothesis")


@lru_cache(maxsize=1)
def packages() -> dict[str, str]:
    """Versions of Python and of the packages that can change a sample; nothing is imported."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    if chosen() == "numba":
        found["numba"] = metadata.version("numba")  # it steps the linear models of this run
    return found


@lru_cache(maxsize=1)
def kernels() -> dict[str, str]:
    """What the libraries of linear algebra chose for this processor, or were told to choose.

    Other kernels add in another order, so that samples of the same versions differ in their last
    bits, and by more where training makes a rounding larger. By library: its own version and the
    processor that its kernels are for; torch names the width of its vectors.
    """
    import scipy.linalg  # noqa: F401  # a library that is not loaded yet cannot be asked
    import threadpoolctl
    import torch

    found: dict[str, set[str]] = {}
    for library in threadpoolctl.threadpool_info():
        if library["user_api"] == "blas":
            said = (library.get("version"), library.get("architecture"))
            found.setdefault(library["internal_api"], set()).add(" ".join(filter(None, said)))
    named = {name: " / ".join(sorted(said)) for name, said in sorted(found.items())}
    return {**named, "torch kernels": torch.backends.cpu.get_cpu_capability()}


def versions() -> dict[str, str]:
    """What a record keeps: all that can change a sample but the claim and its salt."""
    return {**packages(), **kernels()}


@lru_cache(maxsize=8)
def device_name(device: str) -> str:
    """The device's name as its maker writes it, without anything that names the machine."""
    if device == devices.CPU:
        return devices.processor()
    import torch

    named = getattr(torch.get_device_module(device), "get_device_name", None)
    return str(named(device)) if named else f"{device.partition(':')[0]} of {devices.processor()}"
