"""What the machine is and what it can do at best, measured beside the forms."""

import os
import platform
from collections.abc import Callable
from importlib import metadata

import numpy as np
import torch

from harness.devices import processor
from harness.training.products import linear
from studies.peers.forms import CLOCK
from studies.peers.tasks import generator

PACKAGES = ("numpy", "torch", "jax", "numba")


def gemm(n: int = 256) -> float:
    """Return the floating-point operations a second of the faster float32 product in torch."""
    a, out = torch.full((n, n), 0.5), torch.empty(n, n)
    seconds = min(_best(lambda: torch.mm(a, a, out=out), 40), _best(lambda: linear(a, a), 40))
    return 2.0 * n**3 / seconds


def copying(nbytes: int = 1 << 18) -> float:
    """Return the bytes a second that a copy within the second cache reads and writes."""
    source = np.ones(nbytes, dtype=np.uint8)
    target = np.empty_like(source)
    return 2.0 * nbytes / _best(lambda: np.copyto(target, source), 200)


def words(count: int = 1 << 16) -> float:
    """Return the bytes a second of raw random words (SFC64)."""
    stream = np.random.SFC64(0)
    return 8.0 * count / _best(lambda: stream.random_raw(count), 20)


def uniforms(count: int = 1 << 16) -> float:
    """Return the float32 uniforms a second that torch draws."""
    u, draws = torch.empty(count), generator(0)
    return count / _best(lambda: u.uniform_(generator=draws), 20)


def words_for_it() -> str:
    """Return the machine in general terms, and its measured limits."""
    versions = []
    for name in PACKAGES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            versions.append(f"no {name}")
    return (
        f"One core of a machine with {os.cpu_count()}, {processor()}; no GPU; "
        f"Python {platform.python_version()}, {', '.join(versions)}. "
        f"Limits of that core in the same run: float32 products {gemm() / 1e9:.0f} GFLOP/s "
        f"(n = 256), copies within the second cache {copying() / 1e9:.0f} GB/s, raw random words "
        f"{words() / 1e9:.1f} GB/s, torch's uniforms {uniforms() / 1e6:.0f} million a second."
    )


def _best(call: Callable[[], object], repeats: int) -> float:
    """Return the shortest of ten timings of `repeats` calls: a limit is what was reached once."""
    seconds = []
    for _ in range(10):
        start = CLOCK()
        for _ in range(repeats):
            call()
        seconds.append(CLOCK() - start)
    return min(seconds) / repeats
