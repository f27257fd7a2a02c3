"""Two samples in strata: only what was measured together is compared, and ranks decide.

Within a stratum the labels of the two sides are exchangeable when nothing has changed; between
strata anything may differ: the machine, its load, its clock.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harness.statistics.comparison.two_sample import rank_sum_law
from harness.statistics.evidence import Interval

Floats = npt.NDArray[np.float64]
Stratum = tuple[Floats, Floats]


def strata_of(x: npt.ArrayLike, y: npt.ArrayLike, size: int | None) -> list[Stratum]:
    """Both samples cut into strata of `size` values a side, in order; None is a single one.

    Samples of unequal length must be a single stratum.
    """
    first, second = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if size is None:
        return [(first, second)]
    if len(first) != len(second):
        raise ValueError(f"{len(first)} and {len(second)} values cannot be cut into pairs of parts")
    return [(first[i : i + size], second[i : i + size]) for i in range(0, len(first), size)]


@functools.lru_cache(maxsize=64)
def stratified_law(sizes: tuple[tuple[int, int], ...]) -> Floats:
    """P(U = u) of the sum over strata of U = #{(i, j): x_i < y_j}, all strata exchangeable."""
    law: Floats = np.ones(1)
    for first, second in sizes:
        law = np.convolve(law, rank_sum_law(first, second))
    return law


def log_p_above(strata: Sequence[Stratum]) -> float:
    """ln of the exact p-value against "y is not stochastically larger than x in any stratum".

    The sum of the strata's U (van Elteren 1960, with equal weights); each is stochastically
    largest under equal laws (Lehmann 1951, Section 3), and so is the sum of independent ones.
    """
    wins = sum(int((x[:, None] < y[None, :]).sum()) for x, y in strata)
    law = stratified_law(tuple((len(x), len(y)) for x, y in strata))
    return math.log(min(1.0, float(law[wins:].sum())))


def differences(strata: Sequence[Stratum]) -> Floats:
    """All y_j - x_i within the strata, sorted; their median estimates the shift."""
    return np.sort(np.concatenate([(y[:, None] - x[None, :]).ravel() for x, y in strata]))


def shift_interval(strata: Sequence[Stratum], alpha: float) -> Interval:
    """The shifts d between x + d and y that two rank tests do not reject, at 1 - alpha."""
    ordered = differences(strata)
    below = np.cumsum(stratified_law(tuple((len(x), len(y)) for x, y in strata)))
    cut = int(np.searchsorted(below, alpha / 2, side="right"))  # P(U < cut) <= alpha / 2
    if cut == 0:
        return (-math.inf, math.inf)
    return (float(ordered[cut - 1]), float(ordered[len(ordered) - cut]))
