"""Exact identities: one violation is proof, and clean instances are counted."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Interval, Plan, StatisticalTest, Summary


@dataclass(frozen=True)
class IdentityTest(StatisticalTest):
    """Whether every error stays within its derived bound (`float_error.gamma`), never a tuned one.

    An observation is an array of ratios error / bound, any shape: at most 1 is equal up to
    rounding. A ratio of +inf (an error where the bound is 0) is a violation, NaN an error.
    One violation refutes. A comparison without one confirms what was compared, whatever the error
    rate: how much of all instances that covers is the business of a sweep (`instances.py`).
    A summary is [comparisons, largest ratio, violations].
    """

    name = "identity"

    @property
    def true_zone(self) -> Interval:
        return (0.0, 1.0)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        return ((math.nextafter(1.0, 2.0), math.inf),)  # no gap, because there is no noise

    def summarise(self, observation: Any) -> Summary:
        """[comparisons, largest ratio, violations] of an array of ratios."""
        ratios = np.asarray(observation, dtype=np.float64)
        if ratios.size == 0:
            raise ValueError("an identity needs at least one comparison; the observation is empty")
        if np.isnan(ratios).any() or (ratios < 0).any():
            wrong = np.flatnonzero(np.isnan(ratios) | (ratios < 0))
            raise ValueError(
                "an identity's ratios error / bound are numbers >= 0, without NaN; "
                f"got {ratios.flat[wrong[0]]} at {wrong[0]}, {wrong.size} of {ratios.size} are none"
            )
        largest = min(float(ratios.max()), float(np.finfo(np.float64).max))
        return np.array([ratios.size, largest, np.count_nonzero(ratios > 1)], dtype=np.float64)

    def combine(self, first: Summary, second: Summary) -> Summary:
        """Counts add up, the largest ratio is the larger one."""
        with np.errstate(over="ignore"):  # the sum of two largest ratios is not used
            joined = first + second
        joined[1] = max(first[1], second[1])
        return joined

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """Infinite for it while nothing is violated, infinite against it from then on."""
        count, largest, violations = (float(value) for value in summary)
        refute = math.inf if violations else 0.0
        confirm = math.inf if violations == 0 and count >= 1 else 0.0
        return Evidence(int(count), largest, (largest, largest), confirm, refute, self.name)

    def plan(self, alpha: float, beta: float) -> Plan:
        """One comparison."""
        return Plan(1, 1, 0.0, 0.0, 1)
