"""Exact identities: one violation is proof, and clean instances are counted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Interval, Plan, StatisticalTest, Summary
from harness.statistics.instances import (
    Share,
    affordable_share,
    check_instances,
    instances_for,
    nats_of,
    part_of,
)
from harness.statistics.planning import undecided_target
from harness.statistics.tests.counts import anytime_interval


@dataclass(frozen=True)
class IdentityTest(StatisticalTest):
    """Whether every error stays within its derived bound (`float_error.gamma`), never a tuned one.

    An observation is an array of ratios error / bound: at most 1 is equal up to rounding. A ratio
    of +inf (an error where the bound is 0) is a violation, NaN an error. One violation refutes.
    With a `share` the parameter is the part of independent instances that fail: the claim is
    false from that share on, and clean instances speak against it (`instances.py`). An instance is
    an entry along the observation's first axis, (instances, ...), clean if all of it is; `cap` is
    the most instances that a plan may ask for.
    Without, the parameter is the ratio, of an observation of any shape, and `comparisons` of them
    without a violation confirm, whatever the error rate.
    A summary is [instances or comparisons, largest ratio, violations].
    """

    comparisons: int = 1
    share: Share | None = None
    cap: int | None = None
    name = "identity"

    def __post_init__(self) -> None:
        if self.share is not None:
            nats_of(self.share)
        if self.cap is not None and self.cap < 1:
            raise ValueError(f"cap={self.cap!r}: at least one instance is needed")

    @property
    def true_zone(self) -> Interval:
        return (0.0, 1.0 if self.share is None else 0.0)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        if self.share is None:
            return ((math.nextafter(1.0, 2.0), math.inf),)  # no gap, because there is no noise
        return ((part_of(self.share), 1.0),)

    def summarise(self, observation: Any) -> Summary:
        """[instances or comparisons, largest ratio, violations] of an array of ratios."""
        ratios = np.asarray(observation, dtype=np.float64)
        if ratios.size == 0:
            raise ValueError("an identity needs at least one comparison; the observation is empty")
        if np.isnan(ratios).any() or (ratios < 0).any():
            raise ValueError("an identity's ratios error / bound are numbers >= 0, without NaN")
        instances = ratios.size if self.share is None else len(np.atleast_1d(ratios))
        violated = (ratios > 1).reshape(instances, -1).any(axis=1)
        largest = min(float(ratios.max()), float(np.finfo(np.float64).max))
        return np.array([instances, largest, np.count_nonzero(violated)], dtype=np.float64)

    def combine(self, first: Summary, second: Summary) -> Summary:
        """Counts add up, the largest ratio is the larger one."""
        with np.errstate(over="ignore"):  # the sum of two largest ratios is not used
            joined = first + second
        joined[1] = max(first[1], second[1])
        return joined

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """Infinite against after a violation; for, what clean instances have come to.

        n clean ones have the e-value (1 - share)^-n: each multiplies it by at most 1 on average
        where a part of `share` or more fails. The interval for that part covers at every stopping
        time, [0, 1 - alpha^(1/n)] while all are clean. Without a share it is what was observed.
        """
        count, largest, violations = (float(value) for value in summary)
        refute = math.inf if violations else 0.0
        if self.share is None:
            confirm = math.inf if violations == 0 and count >= max(1, self.comparisons) else 0.0
            return Evidence(int(count), largest, (largest, largest), confirm, refute, self.name)
        return Evidence(
            observations=int(count),
            estimate=violations / count,
            interval=anytime_interval(violations, count, alpha)
            if violations
            else (0.0, affordable_share(int(count), alpha)),
            confirm=0.0 if violations else count * nats_of(self.share),
            refute=refute,
            name=self.name,
            share=part_of(self.share),
        )

    def plan(self, alpha: float, beta: float) -> Plan:
        """The clean instances that exclude the share; without one the comparisons asked for.

        `detectable` is the part that shows with a violation as surely as a plan promises.
        Raises ValueError with the affordable share where the cap is too small.
        """
        if self.share is None:
            return Plan(self.comparisons, self.comparisons, 0.0, 0.0)
        needed = instances_for(self.share, alpha)
        if self.cap is not None:
            check_instances(self.cap, self.share, alpha)
        return Plan(needed, needed, affordable_share(needed, undecided_target(alpha, beta)), 0.0)
