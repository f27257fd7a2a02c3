"""What a trial ran on: versions and the device's name, for headers and records."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib import metadata

from harness.training.accelerators import chosen

PACKAGES = ("torch", "numpy", "scipy", "pytest", "hypothesis")


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
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


@lru_cache(maxsize=8)
def device_name(device: str) -> str:
    """The device's name as its maker writes it, without anything that names the machine."""
    if device.startswith("cuda"):
        import torch

        return str(torch.cuda.get_device_name(device))
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
