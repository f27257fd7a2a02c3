"""Betting against a bound on a mean of [0, 1]: the wealth, how soon it grows, and the interval.

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

import numpy as np

from harness.statistics.evidence import Floats, Interval, Plan
from harness.statistics.planning import REACH, smallest_distance, undecided_target

BINS = 1024
BETS = 50
# A fifth of the money is with the boldest gambler, who is the best one for every narrow law: it
# costs the others ln(5/4) nats and saves ln(10) there.
SHARES = np.append(np.full(BETS - 1, 0.8 / (BETS - 1)), 0.2)
_EDGES = np.linspace(0.0, 1.0, BINS + 1)


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
class Side:
    """One null "mean <= null" on [0, 1], or its mirror image, and the nearest alternative."""

    null: float
    alternative: float

    @property
    def upward(self) -> bool:
        """Whether the alternative lies above the null."""
        return self.alternative > self.null

    @property
    def reverse(self) -> Side:
        """The alternative as the null, "mean >= alternative" for "mean <= null"."""
        return Side(self.alternative, self.null)

    @property
    def opposite(self) -> Side:
        """The null on the other side of the same edge, "mean >= null" for "mean <= null".

        Its stakes are those of `reverse`, whose null lies further away, so that it never has more
        wealth than that one: who rejects it has rejected the other.
        """
        if self.upward:
            return Side(self.null, self.null**2 / self.alternative)
        return Side(self.null, 1 - (1 - self.null) ** 2 / (1 - self.alternative))

    def log_e(self, counts: Floats) -> float:
        """The log e-value against the null."""
        if self.upward:
            return log_wealth(counts, self.null, stakes(self.null, self.alternative))
        null, alternative = 1 - self.null, 1 - self.alternative
        return log_wealth(counts[::-1], null, stakes(null, alternative))

    def log_e_of_ends(self, zeros: Floats, ones: Floats) -> Floats:
        """The log e-values after so many values 0 and 1, elementwise over both."""
        null, alternative = self.null, self.alternative
        if not self.upward:
            null, alternative, zeros, ones = 1 - null, 1 - alternative, ones, zeros
        fractions = stakes(null, alternative)
        gains = np.outer(ones, np.log1p(fractions * (1 / null - 1)))
        gains += np.outer(zeros, np.log1p(-fractions))
        return np.asarray(np.logaddexp.reduce(gains + np.log(SHARES), axis=1))

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


@functools.lru_cache(maxsize=1024)
def plan_of_sides(
    against_false: tuple[Side, ...],
    against_true: tuple[Side, ...],
    alpha: float,
    beta: float,
    cap: int | None,
    three_answers: bool = False,
) -> Plan:
    """Bounds that hold for every law on [0, 1] with its mean at the sides' alternatives.

    CONFIRMED rejects every side of `against_false` at alpha, REFUTED the mean of the e-values of
    `against_true` at beta. `cap=None` takes the cap that bounds P(undecided); of three answers
    `REACH` times the cap that bounds it where the claim is to be confirmed.
    """
    target = undecided_target(alpha, beta)
    sides = len(against_false)
    level = beta / sides  # the mean of the e-values reaches 1/beta when one reaches sides/beta
    confirms = [(side, alpha, target / sides) for side in against_false]
    refutes = [(side, level, target) for side in against_true]
    races = confirms + refutes
    first = confirms if three_answers else races
    if cap is None:
        trials = max(side.trials(side.alternative, rate, miss) for side, rate, miss in first)
        pause = math.ceil(trials)
        cap = pause * (REACH if three_answers else 1)
    else:
        pause = cap
    expected = max(side.expected(side.alternative, rate) for side, rate, _ in first)

    def missed(side: Side, truth: float, rate: float, trials: int) -> float:
        return math.exp(side.log_miss(truth, rate, trials))

    undecided = max(
        sum(missed(side, side.alternative, alpha, pause) for side in against_false),
        *(missed(side, side.alternative, level, cap) for side in against_true),
    )

    def distance(side: Side, rate: float, miss: float) -> float:
        room = (1 - side.null if side.upward else side.null) * (1 - 1e-9)
        sign = 1 if side.upward else -1
        return smallest_distance(
            lambda d: missed(side, side.null + sign * d, rate, cap) <= miss, room
        )

    detectable = max(distance(*race) for race in races)
    return Plan(min(cap, math.ceil(expected)), cap, detectable, min(1.0, undecided), pause)


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
