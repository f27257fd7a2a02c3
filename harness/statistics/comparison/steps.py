"""Where a series over runs changes its law: steps that last, not single odd runs."""

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import Floats

SMALLEST_SEGMENT = 4  # runs on each side of a step: one odd run is no change
LONGEST = 256  # runs that are looked at, the latest ones
SHUFFLES = 499
ENOUGH = 10  # shuffles that reach as far, after which there is clearly nothing


def change_points(
    series: npt.ArrayLike, generator: np.random.Generator, level: float = 0.01
) -> list[int]:
    """The indices at which a new segment begins, in order; empty for a series that is one.

    E-Divisive (Matteson & James 2014, Section 3): split where the energy distance between both
    sides is largest, test it by shuffling the segment, go on in the parts. Each segment of equal
    law is split with a chance of at most `level`; values are compared by ranks, so that no outlier
    makes a step. The p-value is sequential (Besag & Clifford 1991): shuffling stops when ten have
    reached as far.
    """
    values = np.asarray(series, dtype=np.float64)
    skipped = max(0, len(values) - LONGEST)
    ranks = _ranks(values[skipped:])
    found: list[int] = []
    waiting = [(0, len(ranks))]
    while waiting:
        start, end = waiting.pop()
        segment = ranks[start:end]
        if len(segment) < 2 * SMALLEST_SEGMENT or not np.ptp(segment):
            continue
        height, at = _best_split(segment)
        if _p_value(segment, height, generator) <= level:
            found.append(start + at + skipped)
            waiting += [(start, start + at), (start + at, end)]
    return sorted(found)


def _best_split(values: Floats) -> tuple[float, int]:
    """The largest scaled energy distance over all splits (Equation 7, exponent 1), and where."""
    n = len(values)
    between = np.abs(values[:, None] - values[None, :])
    total = between.cumsum(0).cumsum(1)
    cut = np.arange(SMALLEST_SEGMENT, n - SMALLEST_SEGMENT + 1)
    left = total[cut - 1, cut - 1]
    cross = total[cut - 1, n - 1] - left
    right = total[n - 1, n - 1] - left - 2 * cross
    m, k = cut.astype(np.float64), (n - cut).astype(np.float64)
    distance = 2 * cross / (m * k) - left / (m * (m - 1)) - right / (k * (k - 1))
    height = m * k / n * distance
    best = int(height.argmax())
    return float(height[best]), int(cut[best])


def _p_value(values: Floats, height: float, generator: np.random.Generator) -> float:
    reached = 0
    for shuffles in range(1, SHUFFLES + 1):
        reached += _best_split(generator.permutation(values))[0] >= height
        if reached == ENOUGH:
            return reached / shuffles
    return (reached + 1) / (SHUFFLES + 1)


def _ranks(values: Floats) -> Floats:
    """Ranks with ties in the middle: (number below + number at most) / 2."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    return (below + np.searchsorted(ordered, values, side="right")) / 2
