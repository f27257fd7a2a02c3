"""Claims with several parts: true if every part is true, false if any part is false."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from harness.statistics.evidence import Evidence, Interval, Plan, StatisticalTest, Summary


def intersection_union(
    parts: Sequence[Evidence], estimate: float, interval: Interval, name: str
) -> Evidence:
    """The evidence of "every part holds" from the evidence of its parts.

    Confirm: the smallest of the parts, each at full alpha, since "some part is false" is a union
    of nulls (Berger 1982, Theorem 1: max p-value; for e-values the minimum).
    Refute: the largest less ln(number of parts), since "every part is true" is in every null and
    an average of e-values is an e-value: mean e >= max e / parts (Vovk & Wang 2021, Prop. 3.1);
    for p-values it is Bonferroni's inequality. Weaken: likewise, some part is not as declared.
    """
    return Evidence(
        observations=min(part.observations for part in parts),
        estimate=estimate,
        interval=interval,
        confirm=min(part.confirm for part in parts),
        refute=max(part.refute for part in parts) - math.log(len(parts)),
        name=name,
        parts=tuple(parts),
        weaken=max(part.weaken for part in parts) - math.log(len(parts)),
    )


@dataclass(frozen=True)
class AllOf(StatisticalTest):
    """Every part holds: an intersection-union test of tests, by name.

    The parameter is the number of false parts: true zone {0}, false zone [1, parts].
    An observation is a mapping from part name to that part's observation.
    A summary is the lengths of the parts' summaries, then the summaries themselves.
    Sequential only if every part is; if one is not, all are read once, at the planned size.
    """

    tests: tuple[tuple[str, StatisticalTest], ...]
    name = "all of"
    true_zone = (0.0, 0.0)

    def __post_init__(self) -> None:
        if not self.tests:
            raise ValueError("AllOf.of() needs at least one part: AllOf.of(mean=..., variance=...)")

    @classmethod
    def of(cls, **tests: StatisticalTest) -> AllOf:
        """The test that all of these hold, each under its name."""
        return cls(tuple(tests.items()))

    @property
    def sequential(self) -> bool:
        return all(test.sequential for _, test in self.tests)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        return ((1.0, float(len(self.tests))),)

    def with_three_answers(self) -> AllOf:
        """Each part with three answers."""
        return AllOf(tuple((name, test.with_three_answers()) for name, test in self.tests))

    def summarise(self, observation: Any) -> Summary:
        """The parts' summaries, packed; the mapping must hold exactly the declared parts."""
        names = [name for name, _ in self.tests]
        if not isinstance(observation, Mapping) or set(observation) != set(names):
            given = sorted(observation) if isinstance(observation, Mapping) else type(observation)
            raise ValueError(f"an observation is a mapping with the parts {names}, not {given}")
        return _pack([test.summarise(observation[name]) for name, test in self.tests])

    def combine(self, first: Summary, second: Summary) -> Summary:
        """Each part combines its own."""
        pairs = zip(self._unpack(first), self._unpack(second), strict=True)
        return _pack(
            [test.combine(a, b) for (_, test), (a, b) in zip(self.tests, pairs, strict=True)]
        )

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """Intersection-union of the parts; the interval is for the number of false parts.

        The parts' intervals are at alpha / parts, so that they cover together.
        """
        count = len(self.tests)
        parts = [
            replace(test.evidence(vector, alpha / count, beta / count), name=name)
            for (name, test), vector in zip(self.tests, self._unpack(summary), strict=True)
        ]
        tests = [test for _, test in self.tests]
        pairs = list(zip(tests, parts, strict=True))
        surely_false = sum(_inside(part.interval, test.false_zone) for test, part in pairs)
        surely_true = sum(_inside(part.interval, (test.true_zone,)) for test, part in pairs)
        estimate = sum(not _inside((part.estimate,) * 2, (test.true_zone,)) for test, part in pairs)
        interval = (float(surely_false), float(count - surely_true))
        return intersection_union(parts, float(estimate), interval, self.name)

    def refuting(self, summary: Summary) -> float:
        """The largest of the parts less ln(number of parts), as the evidence has it."""
        parts = zip(self.tests, self._unpack(summary), strict=True)
        return max(test.refuting(part) for (_, test), part in parts) - math.log(len(self.tests))

    def plan(self, alpha: float, beta: float) -> Plan:
        """The largest of the parts' plans; undecided if any part is (union bound)."""
        plans = [test.plan(alpha, beta / len(self.tests)) for _, test in self.tests]
        pause, cap = max(plan.pause for plan in plans), max(plan.cap for plan in plans)
        if not self.sequential:  # one look, for which a sequential part waits up to its pause
            cap = pause
        return Plan(
            observations=max(plan.observations for plan in plans) if self.sequential else pause,
            cap=cap,
            detectable=1.0,
            undecided=min(1.0, sum(plan.undecided for plan in plans)),
            pause=pause,
        )

    def _unpack(self, summary: Summary) -> list[Summary]:
        count = len(self.tests)
        return np.split(summary[count:], np.cumsum(summary[: count - 1].astype(int)))


def _pack(vectors: Sequence[Summary]) -> Summary:
    lengths = np.array([len(vector) for vector in vectors], dtype=np.float64)
    return np.concatenate([lengths, *vectors])


def _inside(interval: Interval, zones: tuple[Interval, ...]) -> bool:
    return any(low <= interval[0] and interval[1] <= high for low, high in zones)
