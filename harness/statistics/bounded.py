"""The mean of a bounded quantity, without any law assumed: tests by betting.

Against the null "mean <= m" of X in [0, 1], a gambler who stakes the fraction f of his money has
wealth prod (1 + f (X / m - 1)), a non-negative supermartingale under the null, whatever the law
(Waudby-Smith & Ramdas 2024, Section 4); about 50 gamblers with fixed stakes share the money.

The summary is a histogram in which every value is split between its two neighbouring edges so
that its mean is kept. The logarithm is concave, so the wealth computed from it is never above the
gambler's own (Jensen 1906): valid at any width of the bins, and short by less than
(f / (m BINS))^2 / 8 nats per observation near the mean.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.kind import Evidence, Interval, Plan, Summary
from harness.statistics.planning import smallest_distance, undecided_target

Floats = npt.NDArray[np.float64]

BINS = 1024
BETS = 50
# A fifth of the money is with the boldest gambler, who is the best one for every narrow law: it
# costs the others ln(5/4) nats and saves ln(10) there.
SHARES = np.append(np.full(BETS - 1, 0.8 / (BETS - 1)), 0.2)
_EDGES = np.linspace(0.0, 1.0, BINS + 1)
# Zones nearer to each other than this share of the support are refused: a double rounds the gains
# there (the planned cap is 1 % off here, a third off at 1e-8), and 1e13 observations are needed.
NEAREST = 1e-7


@functools.lru_cache(maxsize=512)
def stakes(null: float, alternative: float) -> Floats:
    """The `BETS` fractions that are staked against "mean <= null" when the truth is beyond it.

    At mean `alternative` the best stake is smallest, (alternative - null) / (1 - null), for the
    law on {0, 1} (Kelly 1956), and larger for every narrower law; the grid begins a little below.
    """
    smallest = 0.7 * (alternative - null) / (1 - null)
    return np.geomspace(min(smallest, 0.5), 0.99, BETS)


def log_wealth(counts: Floats, null: float, fractions: Floats, shares: Floats = SHARES) -> float:
    """The log of the pooled wealth against "mean <= null" after a histogram of [0, 1]."""
    used = np.flatnonzero(counts)
    gains = np.log1p(fractions[:, None] * (_EDGES[used] / null - 1)) @ counts[used]
    top = gains.max()
    return float(top + math.log(np.exp(gains - top) @ shares))


def histogram(values: Floats) -> Floats:
    """The counts at the BINS + 1 edges of [0, 1], each value split so that its mean is kept."""
    scaled = values * BINS
    left = np.minimum(scaled.astype(np.int64), BINS - 1)
    right_share = scaled - left
    counts = np.bincount(left, 1 - right_share, BINS + 1)
    counts[1:] += np.bincount(left, right_share, BINS)
    return np.asarray(counts, dtype=np.float64)


@dataclass(frozen=True)
class _Side:
    """One null "mean <= null" on [0, 1], or its mirror image, and the nearest alternative."""

    null: float
    alternative: float

    @property
    def upward(self) -> bool:
        return self.alternative > self.null

    def log_e(self, counts: Floats) -> float:
        """The log e-value against the null."""
        if self.upward:
            return log_wealth(counts, self.null, stakes(self.null, self.alternative))
        null, alternative = 1 - self.null, 1 - self.alternative
        return log_wealth(counts[::-1], null, stakes(null, alternative))

    def rates(self, truth: float) -> tuple[Floats, Floats, Floats]:
        """For every stake f and exponent s: s, ln E (gain factor)^-s, and the mean log gain.

        At mean `truth` both are worst for the law on {0, 1}, since w -> w^-s is convex and
        w -> ln w concave; they improve as the mean moves away from the null.
        """
        null, alternative, mean = self.null, self.alternative, truth
        if not self.upward:
            null, alternative, mean = 1 - null, 1 - alternative, 1 - truth
        f = stakes(null, alternative)[:, None]
        up, down = np.log1p(f * (1 / null - 1)), np.log1p(-f)
        s = np.geomspace(0.02, 20, 60)[None, :]
        with np.errstate(divide="ignore"):  # ln(1 - mean) of a mean that is 1 to the last digit
            moment = np.logaddexp(np.log(mean) - s * up, np.log1p(-mean) - s * down)
        return s, np.asarray(moment), np.asarray(mean * up + (1 - mean) * down)

    def log_miss(self, truth: float, level: float, trials: int) -> float:
        """A bound on ln P(e < 1/level after `trials`) at mean `truth`, for every law on [0, 1].

        One gambler with share b is enough: P(b W < 1/level) <= (b level)^-s (E w^-s)^n (Markov).
        """
        if (truth > self.null) != self.upward or truth == self.null:
            return 0.0
        s, moment, _ = self.rates(truth)
        return min(0.0, float((s * _nats_of_one(level) + trials * moment).min()))

    def trials(self, truth: float, level: float, miss: float) -> float:
        """Trials after which `log_miss` is at most ln(miss)."""
        s, moment, _ = self.rates(truth)
        with np.errstate(divide="ignore"):
            needed = (s * _nats_of_one(level) - math.log(miss)) / -moment
        return float(needed[moment < 0].min(initial=math.inf))

    def expected(self, truth: float, level: float) -> float:
        """A bound on the expected trials until e >= 1/level, for every law on [0, 1].

        Wald (1945) for the best single gambler, whose share is b:
        E N <= (ln(1 / (b level)) + largest gain) / mean gain.
        """
        _, _, mean = self.rates(truth)
        null = self.null if self.upward else 1 - self.null
        alternative = self.alternative if self.upward else 1 - self.alternative
        largest = np.log1p(stakes(null, alternative)[:, None] * (1 / null - 1))
        with np.errstate(divide="ignore"):
            needed = (_nats_of_one(level) + largest) / mean
        return float(needed[mean > 0].min(initial=math.inf))


def _nats_of_one(level: float) -> Floats:
    """The log wealth that takes each gambler alone to 1/level of the pool, a column."""
    return np.asarray(-np.log(SHARES * level))[:, None]


class _BoundedKind:
    """What the bounded-mean kinds share; they differ in their two zones only."""

    low: float
    high: float
    cap: int | None

    @property
    def true_zone(self) -> Interval:
        raise NotImplementedError

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name in records."""
        return "bounded mean"

    @property
    def sequential(self) -> bool:
        """Evidence may be read after every block."""
        return True

    def summarise(self, observation: Any) -> Summary:
        """[observations, their sum, the histogram over [low, high]]."""
        values = np.asarray(observation, dtype=np.float64).ravel()
        if not np.isfinite(values).all():
            raise ValueError("a bounded mean needs finite observations")
        if values.size and (values.min() < self.low or values.max() > self.high):
            outside = float(values[(values < self.low) | (values > self.high)][0])
            raise ValueError(
                f"{outside!r} lies outside the declared support [{self.low}, {self.high}]"
            )
        unit = np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)
        return np.concatenate([[values.size, values.sum()], histogram(unit)])

    def combine(self, first: Summary, second: Summary) -> Summary:
        """Counts and sums add up."""
        return first + second

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """The log e-values against both zones, and the anytime-valid betting interval.

        Confirm: every false interval is rejected, each at full alpha (Berger 1982).
        Refute: the mean of the e-values against the true zone's ends.
        """
        n, counts = float(summary[0]), summary[2:]
        against_false, against_true = self._sides()
        confirm = min(side.log_e(counts) for side in against_false)
        refutes = [side.log_e(counts) for side in against_true]
        refute = float(np.logaddexp.reduce(refutes)) - math.log(len(refutes))
        estimate = float(summary[1]) / n if n else (self.low + self.high) / 2
        low, high = betting_interval(counts, alpha)
        width = self.high - self.low
        interval = (self.low + width * low, self.low + width * high)
        return Evidence(int(n), estimate, interval, confirm, refute, self.name)

    def plan(self, alpha: float, beta: float) -> Plan:
        """Bounds that hold for every law on [low, high] with its mean at the zones' edges."""
        against_false, against_true = self._sides()
        plan = _plan(against_false, against_true, alpha, beta, self.cap)
        distance = plan.detectable * (self.high - self.low)
        return Plan(plan.observations, plan.cap, distance, plan.undecided)

    def _sides(self) -> tuple[tuple[_Side, ...], tuple[_Side, ...]]:
        """The nulls to reject for CONFIRMED and for REFUTED, on the unit scale."""

        def unit(value: float) -> float:
            return (value - self.low) / (self.high - self.low)

        def two(false: float, true: float) -> tuple[_Side, _Side]:
            apart = abs(true - false)
            if apart < NEAREST:
                raise ValueError(
                    f"the true zone {self.true_zone} and the false zone {self.false_zone} lie "
                    f"{apart:.1e} of the support [{self.low!r}, {self.high!r}] apart; "
                    f"no test tells means nearer than {NEAREST:g} of it: "
                    "declare a narrower support or a wider margin"
                )
            return _Side(false, true), _Side(true, false)

        true = [unit(end) for end in self.true_zone]
        against_false, against_true = [], []
        for zone in self.false_zone:
            start, end = unit(zone[0]), unit(zone[1])
            sides = two(end, true[0]) if end < true[0] else two(start, true[1])
            against_false.append(sides[0])
            against_true.append(sides[1])
        return tuple(against_false), tuple(against_true)


@functools.lru_cache(maxsize=1024)
def _plan(
    against_false: tuple[_Side, ...],
    against_true: tuple[_Side, ...],
    alpha: float,
    beta: float,
    cap: int | None,
) -> Plan:
    target = undecided_target(alpha, beta)
    sides = len(against_false)
    level = beta / sides  # the mean of the e-values reaches 1/beta when one reaches sides/beta
    confirms = [(side, alpha, target / sides) for side in against_false]
    refutes = [(side, level, target) for side in against_true]
    races = confirms + refutes
    if cap is None:
        cap = math.ceil(
            max(side.trials(side.alternative, rate, miss) for side, rate, miss in races)
        )
    expected = max(side.expected(side.alternative, rate) for side, rate, _ in races)

    def missed(side: _Side, truth: float, rate: float) -> float:
        return math.exp(side.log_miss(truth, rate, cap))

    undecided = max(
        sum(missed(side, side.alternative, alpha) for side in against_false),
        *(missed(side, side.alternative, level) for side in against_true),
    )

    def distance(side: _Side, rate: float, miss: float) -> float:
        room = (1 - side.null if side.upward else side.null) * (1 - 1e-9)
        sign = 1 if side.upward else -1
        return smallest_distance(lambda d: missed(side, side.null + sign * d, rate) <= miss, room)

    detectable = max(distance(*race) for race in races)
    return Plan(min(cap, math.ceil(expected)), cap, detectable, min(1.0, undecided))


_INTERVAL_STAKES = np.geomspace(1e-4, 0.99, 32)
_EQUAL_SHARES = np.full(32, 1 / 32)


def betting_interval(counts: Floats, alpha: float) -> Interval:
    """The means in [0, 1] that betting does not reject, at every stopping time together.

    Waudby-Smith & Ramdas (2024), Theorem 3, each side at alpha / 2. The stakes f / m make the
    wealth fall as the candidate m rises, so each end is found by bisection, on the rejected side.
    """

    def lower(histogram: Floats) -> float:
        rejected, kept = 0.0, 1.0
        for _ in range(20):
            middle = (rejected + kept) / 2
            wealth = log_wealth(histogram, middle, _INTERVAL_STAKES, _EQUAL_SHARES)
            if wealth >= math.log(2 / alpha):
                rejected = middle
            else:
                kept = middle
        return rejected

    if not counts.any():
        return (0.0, 1.0)
    return (lower(counts), 1 - lower(counts[::-1]))


@dataclass(frozen=True)
class BoundedMeanKind(_BoundedKind):
    """Whether a mean in [low, high] is at least `alternative` or at most `null`, or mirrored.

    True: mean >= alternative, false: mean <= null, if alternative > null; else both reversed.
    `cap=None` takes the cap that bounds P(undecided) by max(alpha, beta, `planning.UNDECIDED`).
    An observation is an array of independent values within [low, high].
    """

    low: float
    high: float
    null: float
    alternative: float
    cap: int | None = None

    def __post_init__(self) -> None:
        """Refuse arguments that state no test."""
        inside = all(self.low < edge < self.high for edge in (self.null, self.alternative))
        if not inside or self.null == self.alternative:
            raise ValueError(
                f"null={self.null!r} and alternative={self.alternative!r} must differ and lie "
                f"inside ({self.low!r}, {self.high!r})"
            )

    @property
    def true_zone(self) -> Interval:
        """The means for which the claim is true."""
        up = self.alternative > self.null
        return (self.alternative, self.high) if up else (self.low, self.alternative)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        """The means for which the claim is false."""
        up = self.alternative > self.null
        return ((self.low, self.null),) if up else ((self.null, self.high),)


@dataclass(frozen=True)
class BoundedZonesKind(_BoundedKind):
    """Whether a mean in [low, high] lies in `true` or outside (below, above), which surrounds it.

    True: true[0] <= mean <= true[1]. False: mean <= false[0] or mean >= false[1].
    """

    low: float
    high: float
    true: Interval
    false: Interval
    cap: int | None = None

    def __post_init__(self) -> None:
        """Refuse arguments that state no test."""
        ends = (self.low, self.false[0], self.true[0], self.true[1], self.false[1], self.high)
        below, above = ends[1] > self.low, ends[4] < self.high
        ordered = ends[2] <= ends[3] and ends[1] < ends[2] and ends[3] < ends[4]
        if not ordered or not (below or above):
            raise ValueError(
                f"true={self.true!r} must lie inside false={self.false!r}, and one end of false "
                f"inside ({self.low!r}, {self.high!r})"
            )

    @property
    def true_zone(self) -> Interval:
        """The means for which the claim is true."""
        return (max(self.low, self.true[0]), min(self.high, self.true[1]))

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        """The means for which the claim is false: up to two intervals inside the support."""
        below = ((self.low, self.false[0]),) if self.false[0] > self.low else ()
        above = ((self.false[1], self.high),) if self.false[1] < self.high else ()
        return below + above


@dataclass(frozen=True)
class BoundedEquivalenceKind(_BoundedKind):
    """Whether a mean in [low, high] is `target` within a margin: two one-sided tests by betting.

    True: |mean - target| <= inside * within. False: |mean - target| >= within.
    """

    low: float
    high: float
    target: float
    within: float
    inside: float = 0.5
    cap: int | None = None

    def __post_init__(self) -> None:
        """Refuse arguments that state no test."""
        if not 0 <= self.inside < 1:
            raise ValueError(f"inside={self.inside!r}: a share of the margin, 0 <= inside < 1")
        if not self.low <= self.target <= self.high or not self.within > 0:
            raise ValueError(
                f"target={self.target!r} must lie in [{self.low!r}, {self.high!r}] and "
                f"within={self.within!r} above 0"
            )
        if not self.false_zone:
            raise ValueError(f"within={self.within!r}: no mean in the support lies that far away")

    @property
    def true_zone(self) -> Interval:
        """The means for which the claim is true."""
        half = self.inside * self.within
        return (max(self.low, self.target - half), min(self.high, self.target + half))

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        """The means for which the claim is false: up to two intervals inside the support."""
        start, end = self.target - self.within, self.target + self.within
        below = ((self.low, start),) if start > self.low else ()
        above = ((end, self.high),) if end < self.high else ()
        return below + above
