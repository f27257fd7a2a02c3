"""Is a probability at least p1, or at most p0? A pair of e-processes on counts.

Both depend on (n, k) only, so that their error rates are known exactly (`exact.py`).
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Interval, Plan, StatisticalTest, Summary
from harness.statistics.tests.counts import anytime_interval, log_e_above, log_e_below, mirrored
from harness.statistics.tests.exact import Operating
from harness.statistics.tests.stopping import Race, operating, plan_of_counts


@dataclass(frozen=True)
class BernoulliTest(StatisticalTest):
    """Whether a probability is beyond p1 (true) or short of p0 (false).

    `direction="above"`: true for p >= p1, false for p <= p0, with p0 < p1.
    `direction="below"`: true for p <= p1, false for p >= p0, with p1 < p0.
    `cap=None` takes the smallest cap with P(undecided) <= max(alpha, beta, `planning.UNDECIDED`).
    An observation is an array of booleans, zeros or ones of any shape; a summary is
    [successes, trials].
    """

    p0: float = 0.5
    p1: float = 0.9
    cap: int | None = None
    direction: str = "above"
    name = "bernoulli"

    def __post_init__(self) -> None:
        if self.direction not in ("above", "below"):
            raise ValueError(f"direction={self.direction!r}: it is 'above' or 'below'")
        low, high = sorted((self.p0, self.p1))
        if not 0 < low < high < 1 or (self.p0 < self.p1) != (self.direction == "above"):
            order = "p0 < p1" if self.direction == "above" else "p1 < p0"
            raise ValueError(f"p0={self.p0!r}, p1={self.p1!r}: 0 < {order} < 1 is needed")
        if self.cap is not None and self.cap < 1:
            raise ValueError(f"cap={self.cap!r}: at least one trial is needed")

    @property
    def true_zone(self) -> Interval:
        return (self.p1, 1.0) if self.direction == "above" else (0.0, self.p1)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        return ((0.0, self.p0),) if self.direction == "above" else ((self.p0, 1.0),)

    def summarise(self, observation: Any) -> Summary:
        """[successes, trials] of an array of booleans, zeros and ones."""
        values = np.asarray(observation, dtype=np.float64)
        if not np.all((values == 0) | (values == 1)):
            raise ValueError("a Bernoulli observation is 0 or 1; compare before returning it")
        return np.array([values.sum(), values.size], dtype=np.float64)

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """The log e-values against the zones, and the anytime-valid interval at level alpha."""
        k, n = float(summary[0]), float(summary[1])
        forwards = log_e_below if self.direction == "below" else log_e_above
        confirm = float(forwards(k, n, self.p0, self.p1))
        refute, weaken = self._against(k, n)
        estimate = k / n if n else 0.5
        interval = anytime_interval(k, n, alpha)
        return Evidence(int(n), estimate, interval, confirm, refute, self.name, weaken=weaken)

    def refuting(self, summary: Summary) -> float:
        return self._against(float(summary[0]), float(summary[1]))[0]

    def _against(self, k: float, n: float) -> tuple[float, float]:
        """(refute, weaken) of k successes in n."""
        backwards = log_e_above if self.direction == "below" else log_e_below
        strong = float(backwards(k, n, self.p1, self.p0))
        if not self.three_answers:
            return strong, -math.inf
        return min(strong, float(backwards(k, n, self.p0, self._mirrored))), strong

    def plan(self, alpha: float, beta: float) -> Plan:
        """Expected trials, cap, detectable distance and P(undecided), exact at single looks.

        Above `stopping.PLANNED_LOOKS` trials the looks are spread, which can only add to each.
        """
        return plan_of_counts(self._race(alpha, beta), self.cap)

    def operating(
        self,
        alpha: float,
        beta: float,
        truths: tuple[float, ...],
        *,
        block: int = 1,
        cap: int | None = None,
    ) -> Operating:
        """The exact operating characteristics at `truths`, looking after every `block` trials.

        `high` is the probability of ending above: CONFIRMED if the direction is "above".
        """
        limit = cap or self.cap or self.plan(alpha, beta).cap
        race = self._race(alpha, beta)
        if not (self.three_answers and self.direction == "below"):
            return operating(race, limit, block, truths)
        found = operating(race, limit, block, tuple(1 - p for p in truths))
        return replace(found, high=found.low, low=found.high)

    @property
    def _mirrored(self) -> float:
        if self.direction == "above":
            return mirrored(self.p0, self.p1)
        return 1 - mirrored(1 - self.p0, 1 - self.p1)

    def _race(self, alpha: float, beta: float) -> Race:
        if self.direction == "above":
            return Race(self.p0, self.p1, alpha, beta, self.three_answers)
        if self.three_answers:  # on the failures
            return Race(1 - self.p0, 1 - self.p1, alpha, beta, True)
        return Race(self.p1, self.p0, beta, alpha)
