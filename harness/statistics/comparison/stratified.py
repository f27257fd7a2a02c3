"""Two samples in strata: only what was measured together is compared, and ranks decide.

Within a stratum the labels of the two sides are exchangeable when nothing has changed; between
strata anything may differ: the machine, its load, its clock.
"""

import functools
import math
from collections.abc import Sequence

import numpy as np

from harness.statistics.evidence import Floats, Interval

Stratum = tuple[Floats, Floats]


@functools.lru_cache(maxsize=64)
def rank_sum_law(first: int, second: int) -> Floats:
    """P(U = u), u = 0 .. first * second, for U = #{(i, j): x_i < y_j} of exchangeable samples.

    Mann & Whitney (1947): P(m, n, u) = m/(m+n) P(m-1, n, u-n) + n/(m+n) P(m, n-1, u), a sum of
    non-negative terms, so that the far tail keeps its relative accuracy.
    """
    rows: list[Floats] = [np.ones(1) for _ in range(second + 1)]
    for m in range(1, first + 1):
        fresh: list[Floats] = [np.ones(1)]
        for n in range(1, second + 1):
            law = np.zeros(m * n + 1)
            law[n:] += m / (m + n) * rows[n]
            law[: m * (n - 1) + 1] += n / (m + n) * fresh[n - 1]
            fresh.append(law)
        rows = fresh
    return rows[second]


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
