"""Do two samples have one law? By the largest distance of their distribution functions."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import Evidence
from harness.statistics.planning import undecided_target

FEWEST = 458  # observations a sample: from there on 2 exp(-n t^2) bounds P(distance >= t) of one
# law (Wei & Dudley 2012, Theorem 1)


@dataclass(frozen=True)
class SameLawTest:
    """Whether two laws on the line are less than `within` apart, in Kolmogorov's distance.

    Nothing is assumed of the laws; both samples have the planned size and are read once. One law
    is confirmed and two that are twice as far apart are refuted with it; what lies between may
    stay undecided.
    """

    within: float

    def __post_init__(self) -> None:
        """Refuse a margin that states no test."""
        if not 0 < self.within < 1:
            raise ValueError(f"within={self.within!r}: a distance of laws lies between 0 and 1")

    def observations(self, alpha: float, beta: float) -> int:
        """The observations of each sample that decide where the laws are one, or 2 within apart.

        Each is missed with probability `planning.undecided_target` at most.
        """
        miss = undecided_target(alpha, beta)
        same = math.sqrt(math.log(1 / alpha)) + math.sqrt(math.log(2 / miss))
        another = math.sqrt(2 * math.log(4 / beta)) + math.sqrt(math.log(1 / miss))
        return max(FEWEST, math.ceil((max(same, another) / self.within) ** 2))

    def evidence(self, first: npt.ArrayLike, second: npt.ArrayLike, alpha: float) -> Evidence:
        """The evidence of two samples of n observations each; `alpha` sets the interval's level.

        Confirm: where the laws are furthest apart, by `within` or more, the difference of the
        empirical functions is n^-1 times a sum of 2n variables of width 1:
        P(distance <= within - t) <= exp(-n t^2) (Hoeffding 1963, Theorem 2).
        Refute: P(distance >= within + t) <= 4 exp(-n t^2 / 2), as each empirical function is t / 2
        from its law with probability 2 exp(-n t^2 / 2) at most (Massart 1990).
        """
        x, y = (np.sort(np.asarray(sample, dtype=np.float64).ravel()) for sample in (first, second))
        n = len(x)
        if len(y) != n or n < FEWEST or not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise ValueError(
                f"samples of {n} and {len(y)} values: two laws are told apart by as many finite "
                f"numbers of each, at least {FEWEST}"
            )
        places = np.concatenate([x, y])
        counts = (np.searchsorted(sample, places, side="right") for sample in (x, y))
        distance = float(np.abs(np.subtract(*counts)).max()) / n
        nearer, further = max(0.0, self.within - distance), max(0.0, distance - self.within)
        return Evidence(
            observations=n,
            estimate=distance,
            interval=(
                max(0.0, distance - math.sqrt(2 * math.log(8 / alpha) / n)),
                min(1.0, distance + math.sqrt(math.log(2 / alpha) / n)),
            ),
            confirm=n * nearer**2,
            refute=max(0.0, n * further**2 / 2 - math.log(4)),
            name="two laws",
        )
