"""How a row of the table is timed: warm-up, wall time, device time, and what the time was for."""

import statistics
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pytest

from harness import devices

WARM_UP = 2  # calls: contexts, libraries, caches, the allocator
EVENT_ROUNDS = 20  # calls between CUDA events, after the wall time was taken
CPU_ROUND = 1e-3  # seconds; far above the resolution of the clock
CUDA_ROUND = 5e-3  # seconds; one wait for the device costs some 10 us


class Benchmark(Protocol):
    """The fixture of pytest-benchmark, and of CodSpeed, as far as both have it."""

    extra_info: dict[str, Any]

    def __call__(self, function: Callable[[], object]) -> object:
        """Time the function and return what it returns."""


def every_device() -> list[Any]:
    """Parameters for the CPU and each GPU; without one, a row that is skipped with its reason."""
    there = devices.available()
    if len(there) > 1:
        return list(there)
    missing = pytest.mark.skip(reason="no GPU here: the CUDA row is not timed")
    return [*there, pytest.param("cuda:0", marks=missing)]


def timed(
    benchmark: Benchmark, device: str, call: Callable[[], object], *, replica_steps: int,
    flop: float | None = None, moved: float | None = None,
) -> object:  # fmt: skip
    """Time `call` and note what one call does; returns what the last call returned.

    `replica_steps` is replicates times steps, `flop` the floating-point operations and `moved`
    the bytes read and written in memory, all of one call, counted by hand.
    The wall time waits for the device; on a GPU `device_seconds` is the median time between two
    CUDA events around a call, which leaves out what the host does before and after.
    """
    for _ in range(getattr(benchmark, "warm_up", WARM_UP)):
        call()
    devices.synchronize(device)
    result = benchmark(call)
    devices.synchronize(device)  # an error on the device is this row's error
    work = {"replica_steps": replica_steps, "flop": flop, "bytes": moved}
    benchmark.extra_info.update({name: value for name, value in work.items() if value is not None})
    benchmark.extra_info["device"] = devices.describe(device)
    if device != devices.CPU:
        benchmark.extra_info["device_seconds"] = _device_seconds(call, device)
    return result


def rates(work: Mapping[str, Any], seconds: float) -> dict[str, float]:
    """What was done per second of the median wall time, for the counts that are there."""
    names = {
        "replica_steps": "replica_steps_per_second",
        "flop": "flop_per_second",
        "bytes": "bytes_per_second",
    }
    return {rate: work[name] / seconds for name, rate in names.items() if name in work}


def _device_seconds(call: Callable[[], object], device: str) -> float:
    import torch

    with torch.cuda.device(device):
        pairs = [
            tuple(torch.cuda.Event(enable_timing=True) for _ in range(2))
            for _ in range(EVENT_ROUNDS)
        ]
        for start, end in pairs:
            start.record()
            call()
            end.record()
        torch.cuda.synchronize()
        milliseconds: list[float] = [start.elapsed_time(end) for start, end in pairs]
    return statistics.median(milliseconds) / 1e3
