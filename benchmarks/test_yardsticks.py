"""Yardsticks: kernels that no change here can touch, timed beside the rows they are the unit of.

Another machine, another load or another clock speed changes a row and its yardstick alike; the
gate compares their ratio where base and head cannot be timed side by side.
"""

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.timing import Benchmark, timed

SIDE = 192  # of the square matrices: 147 KiB each, in the second cache
COPIED = 1 << 21  # numbers of 4 bytes: 8 MiB, beyond most caches
LOOPS = 20_000


def multiply() -> Callable[[], object]:
    """A product of two matrices: arithmetic."""
    a = np.full((SIDE, SIDE), 0.5, dtype=np.float32)
    return lambda: a @ a


def copy() -> Callable[[], object]:
    """A copy: memory."""
    source, target = np.ones(COPIED, dtype=np.float32), np.empty(COPIED, dtype=np.float32)
    return lambda: np.copyto(target, source)


def interpret() -> Callable[[], object]:
    """A loop in Python: the interpreter."""
    return lambda: sum(i & 7 for i in range(LOOPS))


WORK = {  # of one call; the interpreter's has no limit to compare with
    multiply: {"flop": 2.0 * SIDE**3},
    copy: {"moved": 2.0 * 4 * COPIED},
    interpret: {},
}


@pytest.mark.parametrize("kernel", list(WORK), ids=lambda made: made.__name__)
def test_yardstick(benchmark: Benchmark, kernel: Callable[[], Callable[[], object]]) -> None:
    timed(benchmark, "cpu", kernel(), replica_steps=1, **WORK[kernel])
