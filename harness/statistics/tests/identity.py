"""Exact identities: no sampling error, so every comparison is decisive."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Plan, StatisticalTest, Summary


@dataclass(frozen=True)
class IdentityTest(StatisticalTest):
    """Whether every error stays within its derived bound (`float_error.gamma`), never a tuned one.

    An observation is an array of ratios error / bound of any shape: at most 1 is equal up to
    rounding. A ratio of +inf (an error where the bound is 0) is a violation, NaN an error.
    One violation refutes; `comparisons` of them without a violation confirm.
    A summary is [comparisons, largest ratio, violations].
    A false identity between polynomials of degree d survives a random point of a set S with
    probability <= d / |S| (Schwartz 1980, Lemma 1), so few points in float64 are enough.
    """

    comparisons: int = 1
    name = "identity"
    true_zone = (0.0, 1.0)  # the ratios for which the identity holds
    false_zone = ((math.nextafter(1.0, 2.0), math.inf),)  # no gap, because there is no noise

    def summarise(self, observation: Any) -> Summary:
        """[comparisons, largest ratio, violations] of an array of ratios."""
        ratios = np.asarray(observation, dtype=np.float64)
        if ratios.size == 0:
            raise ValueError("an identity needs at least one comparison; the observation is empty")
        if np.isnan(ratios).any() or (ratios < 0).any():
            raise ValueError("an identity's ratios error / bound are numbers >= 0, without NaN")
        largest = min(float(ratios.max()), float(np.finfo(np.float64).max))
        return np.array([ratios.size, largest, np.count_nonzero(ratios > 1)], dtype=np.float64)

    def combine(self, first: Summary, second: Summary) -> Summary:
        """Counts add up, the largest ratio is the larger one."""
        with np.errstate(over="ignore"):  # the sum of two largest ratios is not used
            joined = first + second
        joined[1] = max(first[1], second[1])
        return joined

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """Infinite for or against, or nothing yet; the interval is what was observed."""
        count, largest, violations = (float(value) for value in summary)
        confirm = math.inf if violations == 0 and count >= max(1, self.comparisons) else 0.0
        refute = math.inf if violations else 0.0
        return Evidence(int(count), largest, (largest, largest), confirm, refute, self.name)

    def plan(self, alpha: float, beta: float) -> Plan:
        """The comparisons asked for, whatever the error rates."""
        return Plan(self.comparisons, self.comparisons, 0.0, 0.0)
