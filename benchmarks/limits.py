"""What a device can do at best, measured in the run itself: products, and copies of each size."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from harness import devices

SIDES = {True: 256, False: 2048}  # of the square matrices, on the CPU or not
SMALLEST, LARGEST = 1 << 14, 1 << 26  # bytes that a copy reads and writes
ROUNDS, ENOUGH = 7, 2e-3  # of the shortest; seconds of one


def fraction(work: Mapping[str, Any], seconds: float, device: str) -> float | None:
    """The least time for the work at the device's limits, over the time that it took.

    The limits are float32 products for `flop`, and copies that read and write as many bytes, from
    the caches that hold so many, for `bytes`: what takes longer of the two is the least time.
    None for work that has neither.
    """
    least = [
        work[name] / limit
        for name, limit in (
            ("flop", products(device) if "flop" in work else 0.0),
            ("bytes", copies(device, _size(work["bytes"])) if "bytes" in work else 0.0),
        )
        if name in work
    ]
    return max(least) / seconds if least else None


@functools.cache
def products(device: str) -> float:
    """Floating-point operations a second of float32 products."""
    import numpy as np
    import torch

    side = SIDES[device == devices.CPU]
    a = torch.full((side, side), 0.5, device=device)
    out = torch.empty_like(a)
    seconds = _shortest(lambda: torch.mm(a, a, out=out), device)
    if device == devices.CPU:  # whichever library is faster here
        b = np.full((side, side), 0.5, dtype=np.float32)
        seconds = min(seconds, _shortest(lambda: b @ b, device))
    return 2.0 * side**3 / seconds


@functools.cache
def copies(device: str, size: int) -> float:
    """Bytes a second that a copy reads and writes, `size` of them in all."""
    import torch

    source = torch.ones(size // 2, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return size / _shortest(lambda: target.copy_(source), device)


def _size(moved: float) -> int:
    """The next power of two, so that a few copies serve all rows."""
    return min(max(SMALLEST, 1 << (int(moved) - 1).bit_length()), LARGEST)


def _shortest(call: Callable[[], object], device: str) -> float:
    """The shortest of a few timings of a call: a limit is what was reached once."""
    clock, loops = devices.timer(device), 1
    call()
    while True:
        times = []
        for _ in range(ROUNDS):
            start = clock()
            for _ in range(loops):
                call()
            times.append(clock() - start)
        if min(times) >= ENOUGH:
            return min(times) / loops
        loops *= 4
