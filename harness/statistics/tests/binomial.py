"""A rate that is known to be near a number: two one-sided exact binomial tests, fixed sample.

For cheap draws (mask elements): millions of them, one look, a small margin.
"""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Interval, Plan, StatisticalTest, Summary
from harness.statistics.planning import smallest_integer, undecided_target


def log_tail_above(successes: float, trials: float, rate: float) -> float:
    """ln P(Bin(trials, rate) >= successes), by the incomplete beta function.

    P(Bin(n, p) >= k) = I_p(k, n - k + 1) (Abramowitz & Stegun 1964, 26.5.24).
    Below the smallest float, Chernoff's bound -n KL(k/n || p) takes over (Hoeffding 1963,
    Theorem 1), which is never smaller than the truth.
    """
    from scipy.special import betainc, rel_entr

    if successes <= 0:
        return 0.0
    if successes > trials:
        return -math.inf
    tail = float(betainc(successes, trials - successes + 1, rate))
    if tail > 1e-290:
        return math.log(tail)
    if rate == 0:
        return -math.inf
    share = successes / trials
    return -trials * float(rel_entr(share, rate) + rel_entr(1 - share, 1 - rate))


def log_tail_below(successes: float, trials: float, rate: float) -> float:
    """ln P(Bin(trials, rate) <= successes): the same tail, of the failures."""
    return log_tail_above(trials - successes, trials, 1 - rate)


def clopper_pearson(successes: float, trials: float, alpha: float) -> Interval:
    """The exact interval of Clopper & Pearson (1934): covers with probability >= 1 - alpha."""
    from scipy.special import betaincinv

    if trials == 0:
        return (0.0, 1.0)
    k, n = successes, trials
    low = float(betaincinv(k, n - k + 1, alpha / 2)) if k > 0 else 0.0
    high = 1 - float(betaincinv(n - k, k + 1, alpha / 2)) if k < n else 1.0
    return (low, high)


@dataclass(frozen=True)
class RateTest(StatisticalTest):
    """Whether a rate is within a margin of a number; `within` is absolute.

    True: |p - rate| <= inside * within. False: |p - rate| >= within. Zones are clipped to
    [0, 1], so that at rate 0 or 1 only one side remains, at full level.
    `inside=0` makes the true zone the number itself, for laws that are exact: a quarter of the
    draws that the default one half needs.
    An observation is (successes, trials) or an array of booleans; a summary is
    [successes, trials]. The sample size is fixed before the sample is seen.
    """

    rate: float
    within: float
    inside: float = 0.5
    name = "binomial"
    sequential = False

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise ValueError(f"rate={self.rate!r}: a rate lies between 0 and 1")
        if not 0 <= self.inside < 1:
            raise ValueError(f"inside={self.inside!r}: a share of the margin, 0 <= inside < 1")
        if not 0 < self.within <= max(self.rate, 1 - self.rate):
            raise ValueError(f"within={self.within!r}: no rate in [0, 1] lies that far away")

    @property
    def true_zone(self) -> Interval:
        half = self.inside * self.within
        return (max(0.0, self.rate - half), min(1.0, self.rate + half))

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        below = ((0.0, self.rate - self.within),) if self.rate >= self.within else ()
        above = ((self.rate + self.within, 1.0),) if self.rate + self.within <= 1 else ()
        return below + above

    def summarise(self, observation: Any) -> Summary:
        """[successes, trials] from such a pair, or from an array of booleans."""
        if isinstance(observation, tuple):
            successes, trials = (float(value) for value in observation)
            if not (0 <= successes <= trials < math.inf) or not successes.is_integer():
                raise ValueError(f"{observation!r} is no (successes, trials) with whole numbers")
            return np.array([successes, trials])
        values = np.asarray(observation)
        if values.dtype != np.bool_ and not np.all((values == 0) | (values == 1)):
            raise ValueError("a rate is observed as (successes, trials) or as booleans")
        return np.array([np.count_nonzero(values), values.size], dtype=np.float64)

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """Minus the log p-values, and Clopper and Pearson's interval.

        Confirm: two one-sided tests, each at full alpha (Schuirmann 1987; Berger 1982).
        Refute: "inside the zone" is rejected by either end, at half of beta each.
        """
        k, n = float(summary[0]), float(summary[1])
        refute, weaken = self.refutations(lambda zone: -_log_p_inside(zone, k, n))
        return Evidence(
            observations=int(n),
            estimate=k / n if n else self.rate,
            interval=clopper_pearson(k, n, alpha),
            confirm=-_log_p_false(self, k, n),
            refute=refute,
            name=self.name,
            weaken=weaken,
        )

    def refuting(self, summary: Summary) -> float:
        k, n = float(summary[0]), float(summary[1])
        return self.refutations(lambda zone: -_log_p_inside(zone, k, n))[0]

    def plan(self, alpha: float, beta: float) -> Plan:
        """The fixed sample at which both zones' edges are decided, by exact binomial power."""
        return _plan(self, alpha, beta)


def _log_p_false(test: RateTest, k: float, n: float) -> float:
    """ln of the p-value against the false zone: the larger of the sides that exist."""
    sides = []
    if test.rate >= test.within:
        sides.append(log_tail_above(k, n, test.rate - test.within))
    if test.rate + test.within <= 1:
        sides.append(log_tail_below(k, n, test.rate + test.within))
    return max(sides)


def _log_p_inside(zone: Interval, k: float, n: float) -> float:
    """ln of the p-value against a zone: Bonferroni over the sides that exist."""
    low, high = zone
    sides = []
    if low > 0:
        sides.append(log_tail_below(k, n, low))
    if high < 1:
        sides.append(log_tail_above(k, n, high))
    return min(0.0, min(sides) + math.log(len(sides)))


def critical_count(trials: int, rate: float, level: float) -> int:
    """The smallest k with P(Bin(trials, rate) >= k) <= level; trials + 1 if there is none."""
    low, high = 0, trials + 1
    threshold = math.log(level)
    while high - low > 1:
        middle = (low + high) // 2
        if log_tail_above(middle, trials, rate) <= threshold:
            high = middle
        else:
            low = middle
    return high


def confirming(test: RateTest, alpha: float, n: int) -> tuple[int, int]:
    """The counts from .. to that confirm with n trials; empty if from > to."""
    start, end = 0, n
    if test.rate >= test.within:
        start = critical_count(n, test.rate - test.within, alpha)
    if test.rate + test.within <= 1:
        end = n - critical_count(n, 1 - test.rate - test.within, alpha)
    return start, end


def not_refuting(test: RateTest, beta: float, n: int) -> tuple[int, int]:
    """The counts from .. to that do not refute with n trials."""
    start, end = n, 0
    for low, high in {test.true_zone, test.sentence_zone if test.three_answers else test.true_zone}:
        sides = (low > 0) + (high < 1)
        first = n - critical_count(n, 1 - low, beta / sides) + 1 if low > 0 else 0
        last = critical_count(n, high, beta / sides) - 1 if high < 1 else n
        start, end = min(start, first), max(end, last)
    return start, end


def probability_between(start: int, end: int, trials: int, rate: float) -> float:
    """P(start <= Bin(trials, rate) <= end), 0 if start > end; absolute error about 1e-15."""
    if start > end:
        return 0.0
    outside = math.exp(log_tail_above(end + 1, trials, rate))
    outside += math.exp(log_tail_below(start - 1, trials, rate)) if start > 0 else 0.0
    return max(0.0, 1 - outside)


def misses(test: RateTest, alpha: float, beta: float, trials: int) -> float:
    """The largest probability, over the nearest laws to decide, of not reaching the verdict.

    They are the zones' edges; REFUTED excludes the gap too where there are three answers, and is
    reached one gap further out, or at a rate of 0 or 1.
    """
    right = confirming(test, alpha, trials)
    undecided = not_refuting(test, beta, trials)
    inside = (1 - probability_between(*right, trials, p) for p in test.true_zone)
    beyond = (1 - test.inside) * test.within if test.three_answers else 0.0
    outside = []
    for low, high in test.false_zone:
        if 0 < high < 1:
            outside.append(probability_between(*undecided, trials, max(0.0, high - beyond)))
        if 0 < low < 1:
            outside.append(probability_between(*undecided, trials, min(1.0, low + beyond)))
    return max([*inside, *outside])


@functools.lru_cache(maxsize=1024)
def _plan(test: RateTest, alpha: float, beta: float) -> Plan:
    target = undecided_target(alpha, beta)
    gap = (1 - test.inside) * test.within
    nearest_to_half = min((test.true_zone, *test.false_zone), key=lambda z: abs(0.5 - sum(z) / 2))
    p = min(max(sum(nearest_to_half) / 2, gap), 1 - gap)
    nats = math.log(1 / min(alpha, beta)) + math.log(1 / target)
    guess = math.ceil(4 * nats * p * (1 - p) / gap**2) + 1  # the normal approximation, rounded up
    trials = smallest_integer(lambda n: misses(test, alpha, beta, n) <= target, guess)
    return Plan(trials, trials, gap, misses(test, alpha, beta, trials), trials)
