import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from harness.statistics.evidence import Evidence, Summary, Verdict, decide
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.binomial import RateTest
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.identity import IdentityTest

RATE = 1e-6
BOTH = AllOf.of(often=BernoulliTest(0.5, 0.9), equal=IdentityTest())


def evidence(test: AllOf, **observation: Any) -> Evidence:
    return test.evidence(test.summarise(observation), RATE, RATE)


def test_confirmed_when_every_part_is() -> None:
    found = evidence(BOTH, often=np.ones(30), equal=[0.2])

    assert decide(found, RATE, RATE) is Verdict.CONFIRMED
    assert found.confirm == found.parts[0].confirm
    assert (found.estimate, found.interval[0]) == (0.0, 0.0)
    assert [part.name for part in found.parts] == ["often", "equal"]


def test_refuted_when_one_part_is() -> None:
    found = evidence(BOTH, often=np.ones(30), equal=[1.2])
    assert decide(found, RATE, RATE) is Verdict.REFUTED
    assert (found.estimate, found.interval) == (1.0, (1.0, 1.0 + 1.0 * (found.interval[1] > 1)))


def test_undecided_while_one_part_is() -> None:
    found = evidence(BOTH, often=np.ones(10), equal=[0.2])
    assert decide(found, RATE, RATE) is Verdict.UNDECIDED


def test_refuting_costs_the_logarithm_of_the_number_of_parts() -> None:
    test = AllOf.of(a=BernoulliTest(), b=BernoulliTest(), c=BernoulliTest())
    found = evidence(test, a=np.zeros(9), b=np.ones(9), c=np.ones(9))
    assert found.refute == pytest.approx(found.parts[0].refute - math.log(3))


def test_false_refutations_of_two_independent_parts_stay_below_nominal() -> None:
    # Exact on a small case: both parts at the edge of truth, one look at n = 12, level .05.
    from scipy import stats

    test, n, level = AllOf.of(a=BernoulliTest(), b=BernoulliTest()), 12, 0.05
    mass = stats.binom.pmf(np.arange(n + 1), n, 0.9)
    rows = [np.array([2.0, 2.0, k, n]) for k in range(n + 1)]
    total = 0.0
    for i, first in enumerate(rows):
        for j, second in enumerate(rows):
            summary = np.concatenate([first[:2], first[2:], second[2:]])
            if test.evidence(summary, level, level).refute >= math.log(1 / level):
                total += mass[i] * mass[j]

    assert 0 < total <= level


def test_sequential_only_if_every_part_is() -> None:
    fixed = AllOf.of(rate=RateTest(0.5, 0.1), often=BernoulliTest())
    assert BOTH.sequential
    assert not fixed.sequential


def test_a_fixed_part_makes_the_sequential_ones_wait_for_their_cap() -> None:
    often = BernoulliTest()
    fixed = AllOf.of(rate=RateTest(0.5, 0.4), often=often)

    plan = fixed.plan(RATE, RATE)

    assert plan.observations == plan.cap >= often.plan(RATE, RATE / 2).cap


def test_the_plan_is_the_largest_of_the_parts() -> None:
    plan = BOTH.plan(RATE, RATE)
    assert plan.cap == BernoulliTest().plan(RATE, RATE / 2).cap
    assert plan.undecided <= 1e-6


def test_composites_nest() -> None:
    outer = AllOf.of(inner=BOTH, more=IdentityTest())
    observation = {"inner": {"often": np.ones(30), "equal": [0.1]}, "more": [0.1]}

    found = outer.evidence(outer.summarise(observation), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict.CONFIRMED
    assert found.parts[0].parts[0].estimate == 1.0


def test_missing_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="parts"):
        BOTH.summarise({"often": [1]})
    with pytest.raises(ValueError, match="parts"):
        BOTH.summarise([1])
    with pytest.raises(ValueError, match="at least one part"):
        AllOf.of()


@dataclass(frozen=True)
class Levels(IdentityTest):
    """Says at which levels it was asked."""

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        return replace(super().evidence(summary, alpha, beta), confirm=alpha, refute=beta)


def test_each_of_three_parts_is_asked_at_a_third_of_both_levels() -> None:
    test = AllOf.of(a=Levels(), b=Levels(), c=Levels())

    found = test.evidence(test.summarise({"a": [0.0], "b": [0.0], "c": [0.0]}), 3e-6, 6e-6)

    assert [part.confirm for part in found.parts] == pytest.approx([1e-6] * 3)
    assert [part.refute for part in found.parts] == pytest.approx([2e-6] * 3)
