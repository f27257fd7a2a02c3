"""Variances within a ratio: chi-squared for Gaussian weights, betting for uniform ones."""

import functools
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Interval, Plan, StatisticalTest, Summary
from harness.statistics.planning import smallest_integer, undecided_target
from harness.statistics.tests.bounded import BoundedZonesTest


def log_chi2_below(x: float, degrees: float) -> float:
    """ln P(chi2(degrees) <= x), with Chernoff's bound below the smallest float.

    P(chi2_n <= n t) <= exp(-n (t - 1 - ln t) / 2) for t < 1, and P(chi2_n >= n t) below the same
    bound for t > 1 (Dasgupta & Gupta 2003, Lemma 2.2).
    """
    from scipy.special import gammainc

    tail = float(gammainc(degrees / 2, x / 2))
    return math.log(tail) if tail > 1e-290 else _log_chernoff(x, degrees)


def log_chi2_above(x: float, degrees: float) -> float:
    """ln P(chi2(degrees) >= x), with Chernoff's bound below the smallest float."""
    from scipy.special import gammaincc

    tail = float(gammaincc(degrees / 2, x / 2))
    return math.log(tail) if tail > 1e-290 else _log_chernoff(x, degrees)


def _log_chernoff(x: float, degrees: float) -> float:
    if x == 0:
        return -math.inf
    log_t = math.log(x) - math.log(degrees)  # x / degrees may be 0 where x is not
    return -degrees * (x / degrees - 1 - log_t) / 2


@functools.lru_cache(maxsize=1024)
def chi_squared_sample(ratio: float, alpha: float, miss: float) -> int:
    """The degrees of freedom that tell two variances apart whose ratio is `ratio` > 1.

    The smallest n with chi2_{n, 1 - miss} <= ratio * chi2_{n, alpha} (quantiles) and its mirror
    image: the test at level alpha of the one misses the other with probability `miss` at most.
    """
    from scipy.special import gammainccinv, gammaincinv

    def enough(n: int) -> bool:
        low, high = float(gammaincinv(n / 2, alpha)), float(gammainccinv(n / 2, miss))
        low_miss, high_alpha = float(gammaincinv(n / 2, miss)), float(gammainccinv(n / 2, alpha))
        return high <= ratio * low and high_alpha <= ratio * low_miss

    nats = math.log(1 / alpha) + math.log(1 / miss)
    guess = math.ceil(8 * nats / math.log(ratio) ** 2)
    return smallest_integer(enough, guess)


@dataclass(frozen=True)
class GaussianVarianceTest(StatisticalTest):
    """Whether a Gaussian variance is the stated one within a ratio; fixed sample, exact.

    The parameter v is true variance over stated variance.
    True: v in [ratio^-inside, ratio^inside]. False: v <= 1 / ratio or v >= ratio.
    An observation is (sum of squares over the stated variance, degrees of freedom), and that sum
    is v times chi-squared exactly if the values are independent Gaussians of mean 0.
    """

    ratio: float = 1.05
    inside: float = 0.5
    name = "chi-squared"
    sequential = False

    def __post_init__(self) -> None:
        if not 1 < self.ratio < math.inf:
            raise ValueError(f"ratio={self.ratio!r}: a ratio of variances above 1 is needed")
        if not 0 <= self.inside < 1:
            raise ValueError(f"inside={self.inside!r}: a share of the margin, 0 <= inside < 1")

    @property
    def true_zone(self) -> Interval:
        return (self.ratio**-self.inside, self.ratio**self.inside)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        return ((0.0, 1 / self.ratio), (self.ratio, math.inf))

    def summarise(self, observation: Any) -> Summary:
        """[sum of squares over the stated variance, degrees of freedom]."""
        total, degrees = (float(value) for value in observation)
        if not (0 <= total < math.inf and 0 <= degrees < math.inf):
            raise ValueError(f"{observation!r}: a finite (sum of squares, degrees) >= 0 is needed")
        return np.array([total, degrees])

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """Minus the log p-values of the chi-squared tests, and the equal-tailed interval for v.

        Confirm: two one-sided tests at full alpha (Schuirmann 1987; Berger 1982).
        Refute: "v in the zone" is rejected by either end, at half of beta each.
        """
        from scipy.special import gammainccinv, gammaincinv

        total, n = float(summary[0]), float(summary[1])
        if n == 0:
            return Evidence(0, 1.0, (0.0, math.inf), 0.0, 0.0, self.name)

        def against(zone: Interval) -> float:
            sides = log_chi2_below(total / zone[0], n), log_chi2_above(total / zone[1], n)
            return max(0.0, -min(sides) - math.log(2))

        sides = log_chi2_above(total * self.ratio, n), log_chi2_below(total / self.ratio, n)
        confirm = max(0.0, -max(sides))
        refute, weaken = self.refutations(against)
        interval = (
            total / (2 * float(gammainccinv(n / 2, alpha / 2))),
            total / (2 * float(gammaincinv(n / 2, alpha / 2))),
        )
        return Evidence(int(n), total / n, interval, confirm, refute, self.name, weaken=weaken)

    def plan(self, alpha: float, beta: float) -> Plan:
        """The degrees of freedom that separate the nearest edges of the two zones.

        A miss at one edge is at most half the target from each of two sides.
        """
        gap = self.ratio ** (1 - self.inside)
        target = undecided_target(alpha, beta)
        n = max(
            chi_squared_sample(gap, alpha, target / 2), chi_squared_sample(gap, beta / 2, target)
        )
        return Plan(n, n, gap - 1, target, n)


@dataclass(frozen=True)
class UniformVarianceTest(StatisticalTest):
    """Whether weights are uniform-like on [-a, a] with variance a^2 / 3 within a ratio.

    v = E (w/a)^2 / (1/3); zones as in `GaussianVarianceTest`. (w/a)^2 lies in [0, 1], so its mean
    is tested by betting, without any law assumed, and one |w/a| > 1 refutes: the support is exact.
    `slack` allows for w and a each rounded once to float32.
    An observation is an array of w/a; a summary is the bounded mean's, then the count outside.
    """

    ratio: float = 1.05
    inside: float = 0.5
    cap: int | None = None
    slack: float = 2.0**-22
    name = "uniform variance"

    def __post_init__(self) -> None:
        if not 1 < self.ratio < 3:
            raise ValueError(f"ratio={self.ratio!r}: between 1 and 3, since (w/a)^2 <= 1")

    @property
    def squares(self) -> BoundedZonesTest:
        """The test of the mean of (w/a)^2."""
        third = 1 / 3
        true = (third * self.ratio**-self.inside, third * self.ratio**self.inside)
        false = (third / self.ratio, third * self.ratio)
        return BoundedZonesTest(0.0, 1.0, true, false, self.cap, three_answers=self.three_answers)

    @property
    def true_zone(self) -> Interval:
        return (self.ratio**-self.inside, self.ratio**self.inside)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        return ((0.0, 1 / self.ratio), (self.ratio, 3.0))

    def summarise(self, observation: Any) -> Summary:
        """The bounded-mean summary of (w/a)^2 and the number of |w/a| beyond 1."""
        shares = np.abs(np.asarray(observation, dtype=np.float64))
        if not np.isfinite(shares).all():
            raise ValueError("weights over their bound, w / a, must be finite numbers")
        outside = float(np.count_nonzero(shares > 1 + self.slack))
        squares = np.minimum(shares, 1.0) ** 2
        return np.append(self.squares.summarise(squares), outside)

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """The bounded mean's evidence on the scale of v; infinite against, outside the support."""
        mean = self.squares.evidence(summary[:-1], alpha, beta)
        outside = summary[-1] > 0
        return replace(
            mean,
            estimate=3 * mean.estimate,
            interval=(3 * mean.interval[0], 3 * mean.interval[1]),
            confirm=0.0 if outside else mean.confirm,
            refute=math.inf if outside else mean.refute,
            weaken=math.inf if outside and self.three_answers else mean.weaken,
            name=self.name,
        )

    def refuting(self, summary: Summary) -> float:
        return math.inf if summary[-1] > 0 else self.squares.refuting(summary[:-1])

    def plan(self, alpha: float, beta: float) -> Plan:
        """The bounded mean's plan, its distance scaled to the variance ratio."""
        plan = self.squares.plan(alpha, beta)
        return replace(plan, detectable=3 * plan.detectable)
