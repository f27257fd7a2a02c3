"""Did a training statistic drift? Two independent samples of runs, exact at any size.

Nothing is assumed of the laws, nothing is paired, and sizes may differ: ranks decide.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import Evidence, Interval

Floats = npt.NDArray[np.float64]


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


def log_p_above(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """ln of the exact p-value against "y is not stochastically larger than x".

    U = #{x_i < y_j}, ties counted for the null, is largest under F_x = F_y among all laws with
    F_y >= F_x (Lehmann 1951, Section 3): p = P(U >= u) is valid for the whole null.
    """
    first, second = np.sort(np.asarray(x, dtype=np.float64)), np.asarray(y, dtype=np.float64)
    wins = int(np.searchsorted(first, second, side="left").sum())
    law = rank_sum_law(len(first), len(second))
    return math.log(min(1.0, float(law[wins:].sum())))


@dataclass(frozen=True)
class DriftTest:
    """Whether a candidate's runs are the baseline's up to a shift of `margin`, in its units.

    Same: baseline - margin < candidate < baseline + margin in stochastic order, both shown.
    Drifted: not baseline - inside * margin <= candidate <= baseline + inside * margin.
    Between the two is indifference, and with too few runs the answer is UNDECIDED.
    """

    margin: float
    inside: float = 0.5

    def __post_init__(self) -> None:
        """Refuse arguments that state no test."""
        if not 0 < self.margin < math.inf or not 0 <= self.inside < 1:
            raise ValueError(
                f"margin={self.margin!r}, inside={self.inside!r}: margin > 0 and 0 <= inside < 1"
            )

    def evidence(
        self, baseline: npt.ArrayLike, candidate: npt.ArrayLike, alpha: float, beta: float
    ) -> Evidence:
        """The evidence for "same" (confirm) and for "drifted" (refute), at one look.

        Confirm: two one-sided rank tests at full alpha (Berger 1982). Refute: either side at half
        of beta. `kind.decide` turns it into a verdict.
        The estimate is the median of the differences y_j - x_i (Hodges & Lehmann 1963, Eq. 5.7).
        """
        x, y = (_checked(sample) for sample in (baseline, candidate))
        low, high = x - self.margin, x + self.margin
        confirm = -max(log_p_above(low, y), log_p_above(y, high))
        near = self.inside * self.margin
        refute = -min(log_p_above(x + near, y), log_p_above(y, x - near)) - math.log(2)
        return Evidence(
            observations=min(len(x), len(y)),
            estimate=float(np.median(y[:, None] - x[None, :])),
            interval=shift_interval(x, y, alpha),
            confirm=max(0.0, confirm),
            refute=max(0.0, refute),
            name="rank drift",
        )


def shift_interval(x: Floats, y: Floats, alpha: float) -> Interval:
    """The shifts d between the laws of x + d and y that two rank tests do not reject.

    Order statistics of the differences (Lehmann 1963): covers a pure shift with 1 - alpha.
    """
    differences = np.sort((y[:, None] - x[None, :]).ravel())
    below = np.cumsum(rank_sum_law(len(x), len(y)))
    cut = int(np.searchsorted(below, alpha / 2, side="right"))  # P(U < cut) <= alpha / 2
    if cut == 0:
        return (-math.inf, math.inf)
    return (float(differences[cut - 1]), float(differences[len(differences) - cut]))


def smallest_sample(alpha: float) -> int:
    """The runs per sample at which complete separation reaches level alpha: 1 / C(2n, n)."""
    runs = 1
    while math.comb(2 * runs, runs) * alpha < 1:
        runs += 1
    return runs


def _checked(sample: npt.ArrayLike) -> Floats:
    values = np.asarray(sample, dtype=np.float64).ravel()
    if len(values) == 0 or not np.isfinite(values).all():
        raise ValueError("a drift test needs finite numbers, at least one in each sample")
    return values
