"""A whole distribution is the stated one within a Kolmogorov distance, fixed sample.

Weak in the tails: always beside a variance test and a check of the support.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Floats, Interval, Plan, StatisticalTest, Summary
from harness.statistics.planning import smallest_integer, undecided_target

CELLS_PER_MARGIN = 64  # the histogram's cells cost 1/64 of the margin


def massart(log_miss: float, observations: float) -> float:
    """The eps with P(sup |F_n - F| > eps) <= exp(log_miss).

    Massart (1990), Corollary 1: P(sup |F_n - F| > eps) <= 2 exp(-2 n eps^2), for every n and F.
    """
    return math.sqrt((math.log(2) - log_miss) / (2 * observations))


@dataclass(frozen=True)
class KolmogorovTest(StatisticalTest):
    """Whether sup |F - U| is small, where U is uniform and u = F_stated(x) is observed.

    True: distance <= inside * within. False: distance >= within.
    An observation is an array of u in [0, 1]; a summary is its histogram over equal cells.
    Atoms are judged as they are: the law under test need not be continuous, the stated one must.
    """

    within: float = 0.01
    inside: float = 0.5
    name = "kolmogorov"
    sequential = False

    def __post_init__(self) -> None:
        if not 0 < self.within < 0.5:
            raise ValueError(f"within={self.within!r}: a Kolmogorov distance between 0 and 1/2")
        if not 0 <= self.inside < 0.9:
            raise ValueError(f"inside={self.inside!r}: a share of the margin, 0 <= inside < 0.9")

    @property
    def cells(self) -> int:
        """The number of histogram cells."""
        return math.ceil(CELLS_PER_MARGIN / self.within)

    @property
    def true_zone(self) -> Interval:
        return (0.0, self.inside * self.within)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        return ((self.within, 1.0),)

    def summarise(self, observation: Any) -> Summary:
        """The counts of u in the cells (i / cells, (i + 1) / cells]; u = 0 is in the first."""
        u = np.asarray(observation, dtype=np.float64).ravel()
        if not np.isfinite(u).all() or (u.size and (u.min() < 0 or u.max() > 1)):
            raise ValueError("a distribution is observed as u = F(x), finite and in [0, 1]")
        # Right-closed cells, so that the cumulated counts are F_n at the edges exactly.
        cell = np.clip(np.ceil(u * self.cells) - 1, 0, self.cells - 1).astype(np.int64)
        return np.bincount(cell, minlength=self.cells).astype(np.float64)

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """Minus the log p-values, and Massart's interval for the distance.

        Confirm: "distance >= d" is the union over x of F(x) - x >= d and x - F(x) >= d, and each
        is rejected by an exact binomial test at full alpha (Berger 1982): no band is needed. For
        x inside a cell (g, g'], F(x) >= x + d implies F(g') >= g + d, which is what is tested.
        Refute: distance <= t implies P(D_n >= t + eps) <= 2 exp(-2 n eps^2) (Massart 1990).
        """
        n = float(summary.sum())
        if n == 0:
            return Evidence(0, 0.0, (0.0, 1.0), 0.0, 0.0, self.name)
        edges = np.arange(self.cells + 1) / self.cells
        below = np.concatenate([[0.0], np.cumsum(summary)])
        certain = self._distance(summary)
        possible = float(
            max((below[1:] / n - edges[:-1]).max(), (edges[1:] - below[:-1] / n).max())
        )
        shortfall = _largest_log_tail(below[1:], n, edges[:-1] + self.within)
        excess = _largest_log_tail(n - below[:-1], n, 1 - edges[1:] + self.within)

        refute, weaken = self.refutations(self._against(certain, n))
        band = massart(math.log(alpha), n)
        return Evidence(
            observations=int(n),
            estimate=certain,
            interval=(max(0.0, certain - band), min(1.0, possible + band)),
            confirm=max(0.0, -max(shortfall, excess)),
            refute=refute,
            name=self.name,
            weaken=weaken,
        )

    def refuting(self, summary: Summary) -> float:
        n = float(summary.sum())
        return self.refutations(self._against(self._distance(summary), n))[0] if n else 0.0

    def _distance(self, summary: Summary) -> float:
        """The largest |F_n(x) - x| that the cells' edges show."""
        edges = np.arange(self.cells + 1) / self.cells
        cumulated = np.concatenate([[0.0], np.cumsum(summary)])
        return float(np.abs(cumulated / summary.sum() - edges).max())

    def _against(self, distance: float, n: float) -> Callable[[Interval], float]:
        return lambda zone: max(0.0, 2 * n * max(0.0, distance - zone[1]) ** 2 - math.log(2))

    def plan(self, alpha: float, beta: float) -> Plan:
        """The draws at which both zones' edges are decided, whatever the law at that distance.

        Into the gap fit an exact binomial test at one point and Massart's band over all: the
        verdict's and the miss's to confirm, the miss's and the verdict's to refute.
        """
        return _plan(self, alpha, beta)


def _largest_log_tail(counts: Floats, n: float, rates: Floats) -> float:
    """The largest ln P(Bin(n, rate) <= count) over the pairs with rate < 1."""
    from scipy.special import betainc, rel_entr

    counts, rates = counts[rates < 1], rates[rates < 1]
    # P(Bin(n, p) <= k) = I_{1-p}(n - k, k + 1); certain at k = n.
    tails = np.where(counts >= n, 1.0, betainc(np.maximum(n - counts, 0.5), counts + 1, 1 - rates))
    if tails.max() > 1e-290:
        return float(math.log(tails.max()))
    share = counts / n  # Chernoff's bound where floats end (Hoeffding 1963, Theorem 1)
    return float(-n * (rel_entr(share, rates) + rel_entr(1 - share, 1 - rates)).min())


@functools.lru_cache(maxsize=256)
def kolmogorov_sample(margin: float, alpha: float, miss: float) -> int:
    """The draws that confirm "distance < margin" with probability 1 - miss at distance 0.

    The smallest n at which every count inside Massart's band for `miss` is rejected against
    "F(x) >= x + margin" by the exact binomial test; the hardest point is near 1/2.
    """
    from scipy.special import bdtr

    def enough(n: int) -> bool:
        band = massart(math.log(miss), n)
        if band >= margin:
            return False
        x = np.linspace(0.5 - margin, 0.5, 65)  # x + margin passes 1/2, where counts vary most
        return bool(bdtr(np.floor(n * (x + band)), n, x + margin).max() <= alpha)

    guess = math.ceil(2 * math.log(2 / min(alpha, miss)) / margin**2)
    return smallest_integer(enough, guess)


@functools.lru_cache(maxsize=256)
def _plan(test: KolmogorovTest, alpha: float, beta: float) -> Plan:
    target = undecided_target(alpha, beta)
    cell = 1 / test.cells
    gap = (1 - test.inside) * test.within - cell
    n = max(kolmogorov_sample(gap, alpha, target), kolmogorov_sample(gap, target, beta))
    return Plan(n, n, (1 - test.inside) * test.within, target, n)
