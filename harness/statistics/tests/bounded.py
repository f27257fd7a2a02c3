"""Whether the mean of a bounded quantity lies in one zone or another, with no law assumed.

The three tests differ in their two zones; each zone's ends are bet against on the unit scale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Interval, Plan, StatisticalTest, Summary
from harness.statistics.tests.betting import Side, betting_interval, histogram, plan_of_sides

# Zones nearer to each other than this share of the support are refused: a double rounds the gains
# there (the planned cap is 1 % off here, a third off at 1e-8), and 1e13 observations are needed.
NEAREST = 1e-7


def _mean(sides: Sequence[Side], counts: Summary) -> float:
    """The logarithm of the mean of the sides' e-values, which is one too."""
    evidence = [side.log_e(counts) for side in sides]
    return float(np.logaddexp.reduce(evidence)) - math.log(len(evidence))


class BoundedTest(StatisticalTest):
    """What the bounded-mean tests share; they differ in their two zones only."""

    low: float
    high: float
    cap: int | None
    name = "bounded mean"

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

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """The log e-values against the zones, and the anytime-valid betting interval.

        Confirm: every false interval is rejected, each at full alpha (Berger 1982).
        Refute: the mean of the e-values against the zone's ends.
        """
        n, counts = float(summary[0]), summary[2:]
        against_false, against_true = self.sides()
        low, high = betting_interval(counts, alpha)
        width = self.high - self.low
        return Evidence(
            observations=int(n),
            estimate=float(summary[1]) / n if n else (self.low + self.high) / 2,
            interval=(self.low + width * low, self.low + width * high),
            confirm=min(side.log_e(counts) for side in against_false),
            refute=_mean(against_true, counts),
            name=self.name,
            weaken=_mean([s.reverse for s in against_false], counts)
            if self.three_answers
            else -math.inf,
        )

    def refuting(self, summary: Summary) -> float:
        return _mean(self.sides()[1], summary[2:])

    def plan(self, alpha: float, beta: float) -> Plan:
        """Bounds that hold for every law on [low, high] with its mean at the zones' edges."""
        plan = plan_of_sides(*self.sides(), alpha, beta, self.cap, self.three_answers)
        return replace(plan, detectable=plan.detectable * (self.high - self.low))

    def unit(self, value: float) -> float:
        """The value on the scale from `low` to `high`."""
        return (value - self.low) / (self.high - self.low)

    def sides(self) -> tuple[tuple[Side, ...], tuple[Side, ...]]:
        """The nulls to reject for CONFIRMED and for REFUTED, on the unit scale."""
        low, high = map(self.unit, self.true_zone)
        false = []
        for zone in self.false_zone:
            start, end = map(self.unit, zone)
            false.append(Side(end, low) if end < low else Side(start, high))
        true = [side.opposite if self.three_answers else side.reverse for side in false]
        nearest = min(abs(side.alternative - side.null) for side in (*false, *true))
        if nearest < NEAREST:
            raise ValueError(
                f"the true zone {self.true_zone} and the false zone {self.false_zone} lie "
                f"{nearest:.1e} of the support [{self.low!r}, {self.high!r}] apart; "
                f"no test tells means nearer than {NEAREST:g} of it: "
                "declare a narrower support or a wider margin"
            )
        return tuple(false), tuple(true)


@dataclass(frozen=True)
class BoundedMeanTest(BoundedTest):
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
        inside = all(self.low < edge < self.high for edge in (self.null, self.alternative))
        if not inside or self.null == self.alternative:
            raise ValueError(
                f"null={self.null!r} and alternative={self.alternative!r} must differ and lie "
                f"inside ({self.low!r}, {self.high!r})"
            )

    @property
    def true_zone(self) -> Interval:
        up = self.alternative > self.null
        return (self.alternative, self.high) if up else (self.low, self.alternative)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        up = self.alternative > self.null
        return ((self.low, self.null),) if up else ((self.null, self.high),)


@dataclass(frozen=True)
class BoundedZonesTest(BoundedTest):
    """Whether a mean in [low, high] lies in `true` or outside (below, above), which surrounds it.

    True: true[0] <= mean <= true[1]. False: mean <= false[0] or mean >= false[1].
    """

    low: float
    high: float
    true: Interval
    false: Interval
    cap: int | None = None

    def __post_init__(self) -> None:
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
        return (max(self.low, self.true[0]), min(self.high, self.true[1]))

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        below = ((self.low, self.false[0]),) if self.false[0] > self.low else ()
        above = ((self.false[1], self.high),) if self.false[1] < self.high else ()
        return below + above


@dataclass(frozen=True)
class BoundedEquivalenceTest(BoundedTest):
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
        half = self.inside * self.within
        return (max(self.low, self.target - half), min(self.high, self.target + half))

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        start, end = self.target - self.within, self.target + self.within
        below = ((self.low, start),) if start > self.low else ()
        above = ((end, self.high),) if end < self.high else ()
        return below + above
