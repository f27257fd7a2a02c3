"""Independence of random bits, by how often pairs agree: exact binomial tests, one per label."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Interval, Plan, StatisticalTest, Summary
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.composite import intersection_union

LAGS = tuple(f"lag {lag}" for lag in range(1, 9))


@dataclass(frozen=True)
class PairwiseIndependenceTest(StatisticalTest):
    """Whether disjoint pairs of bits agree as often as independent bits of this rate would.

    Independent bits of rate p agree with probability q = p^2 + (1 - p)^2; given both marginals,
    P(agree) - q is twice the covariance, so agreement at q is the same as no correlation.
    The parameter is P(agree) of the label (axis, lag, call, ...) where it is furthest from q.
    True: |P(agree) - q| <= inside * within at every label. False: >= within at some label.
    An observation maps each label to (agreements, disjoint pairs); a summary is these numbers in
    the order of `labels`. Pairs must not share elements, so that they are independent trials.
    """

    rate: float
    within: float
    labels: tuple[str, ...] = LAGS
    inside: float = 0.5
    name = "pairwise independence"
    sequential = False

    def __post_init__(self) -> None:
        if not self.labels or len(set(self.labels)) < len(self.labels):
            raise ValueError(f"labels={self.labels!r}: at least one label, each of them once")
        _ = self.each

    @property
    def agreement(self) -> float:
        """P(agree) of independent bits."""
        return self.rate**2 + (1 - self.rate) ** 2

    @property
    def each(self) -> RateTest:
        """The test of one label."""
        return RateTest(self.agreement, self.within, self.inside, three_answers=self.three_answers)

    @property
    def true_zone(self) -> Interval:
        return self.each.true_zone

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        return self.each.false_zone

    def summarise(self, observation: Any) -> Summary:
        """[agreements, pairs] of every label, one after the other."""
        if not isinstance(observation, Mapping) or set(observation) != set(self.labels):
            given = sorted(observation) if isinstance(observation, Mapping) else type(observation)
            raise ValueError(f"an observation maps the labels {list(self.labels)}, not {given}")
        pairs = [observation[label] for label in self.labels]
        return np.concatenate([self.each.summarise(tuple(pair)) for pair in pairs])

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """Intersection-union over the labels; the estimate is the worst label's.

        The interval is that label's at alpha / labels, since the label is chosen by the data.
        """
        count = len(self.labels)
        parts = [
            replace(self.each.evidence(pair, alpha / count, beta), name=label)
            for label, pair in zip(self.labels, summary.reshape(-1, 2), strict=True)
        ]
        worst = max(parts, key=lambda part: abs(part.estimate - self.agreement))
        return intersection_union(parts, worst.estimate, worst.interval, self.name)

    def refuting(self, summary: Summary) -> float:
        pairs = summary.reshape(-1, 2)
        return max(self.each.refuting(pair) for pair in pairs) - math.log(len(pairs))

    def plan(self, alpha: float, beta: float) -> Plan:
        """The disjoint pairs that every label needs; undecided if any label is."""
        count = len(self.labels)
        plan = self.each.plan(alpha, beta / count)
        return replace(plan, undecided=min(1.0, count * plan.undecided))
