"""A share that may fail unnoticed: counts, intervals and refusals, by exact computation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.statistics.evidence import Verdict, decide
from harness.statistics.instances import (
    Generic,
    affordable_share,
    check_instances,
    draws_per_call,
    instances_for,
)
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.identity import IdentityTest

LEVEL = 0.05
shares, levels = st.floats(1e-6, 0.999), st.floats(1e-12, 0.5)


@given(shares, levels)
def test_the_count_is_the_smallest_that_misses_the_share_rarely_enough(
    share: float, alpha: float
) -> None:
    n = instances_for(share, alpha)
    test = IdentityTest(share=share)

    def confirms(count: int) -> bool:
        return decide(test.evidence(np.array([count, 0.5, 0]), alpha, alpha), alpha, alpha) is (
            Verdict.CONFIRMED
        )

    assert n * math.log1p(-share) <= math.log(alpha) * (1 - 1e-12)
    assert confirms(n)
    assert n == 1 or not confirms(n - 1)
    assert affordable_share(n, alpha) <= share * (1 + 1e-9)
    assert test.plan(alpha, alpha).observations == n


def test_one_in_a_hundred_takes_2062_instances_and_one_in_a_thousand_20713() -> None:
    assert instances_for(0.01, 1e-9) == 2062
    assert instances_for(0.001, 1e-9) == 20713
    assert draws_per_call(930_000, 0.01, 1e-9) == 451


def test_a_sentence_false_in_the_share_is_confirmed_at_the_rate_and_not_after_one_block() -> None:
    # Before, one clean block confirmed: 18 comparisons pass in .99^18 = 83 % of runs.
    runs, share = 2000, 0.01
    rng = np.random.default_rng(1)

    confirmed = sum(_verdict(rng, share, LEVEL) is Verdict.CONFIRMED for _ in range(runs))
    passed = sum(_verdict(rng, share, 1e-9) is Verdict.CONFIRMED for _ in range(runs))

    assert stats.binom.ppf(1e-7, runs, 0.049) <= confirmed <= stats.binom.isf(1e-7, runs, LEVEL)
    assert passed == 0


def _verdict(rng: np.random.Generator, failing: float, alpha: float) -> Verdict:
    """The verdict on a sentence false in a part `failing`, looked at after every 16 instances."""
    test, summary = IdentityTest(share=0.01), np.zeros(3)
    while True:
        ratios = np.where(rng.random(16) < failing, 2.0, 0.5)
        summary = test.combine(summary, test.summarise(ratios))
        verdict = decide(test.evidence(summary, alpha, alpha), alpha, alpha)
        if verdict is not Verdict.UNDECIDED:
            return verdict


@given(shares, st.floats(0, 1))
def test_a_clean_instance_multiplies_the_e_value_by_at_most_one_on_average(
    share: float, more: float
) -> None:
    failing = share + more * (1 - share)
    test = IdentityTest(share=share)

    factor = math.exp(test.evidence(np.array([1, 0.0, 0]), LEVEL, LEVEL).confirm)

    assert (1 - failing) * factor <= 1 + 1e-12


@pytest.mark.parametrize("failing", [0.001, 0.02, 0.3])
def test_the_interval_of_clean_instances_covers_at_every_stopping_time(failing: float) -> None:
    test = IdentityTest(share=0.01)
    counts = np.arange(1, 5000)
    ends = [test.evidence(np.array([n, 0.5, 0]), LEVEL, LEVEL).interval[1] for n in counts]

    missed = counts[np.array(ends) < failing]

    assert (1 - failing) ** missed[0] <= LEVEL  # all are clean until the first that would miss
    assert (1 - failing) ** (missed[0] - 1) > LEVEL * (1 - 1e-9)


def test_an_instance_is_a_row_and_violated_if_any_of_it_is() -> None:
    ratios = np.full((6, 2, 3), 0.5)
    ratios[2, 1, 1] = ratios[2, 0, 0] = ratios[4, 0, 2] = 1.5

    assert IdentityTest(share=0.01).summarise(ratios).tolist() == [6, 1.5, 2]
    assert IdentityTest(share=0.01).summarise(0.5).tolist() == [1, 0.5, 0]
    assert IdentityTest().summarise(ratios).tolist() == [36, 1.5, 3]


def test_one_violation_refutes_however_many_were_clean() -> None:
    test = IdentityTest(share=0.01)

    found = test.evidence(np.array([5000, 1.5, 1]), 1e-9, 1e-9)

    assert decide(found, 1e-9, 1e-9) is Verdict.REFUTED
    assert found.estimate == 1 / 5000
    assert 0 < found.interval[0] < 1 / 5000 < found.interval[1]


def test_evidence_says_the_share_and_a_composite_the_largest_of_its_parts() -> None:
    both = AllOf.of(a=IdentityTest(share=0.01), b=IdentityTest(share=0.02), c=IdentityTest())

    found = both.evidence(both.summarise({"a": [0.5], "b": [0.5], "c": [0.5]}), LEVEL, LEVEL)

    assert found.share == 0.02
    assert [part.share for part in found.parts] == [0.01, 0.02, None]


def test_a_false_polynomial_identity_survives_as_rarely_as_its_degree_says() -> None:
    # p(x) = x (x - 1) (x - 2) over the integers modulo 67 is 0 at 3 of 67 points.
    generic, values = Generic(3, 67), np.arange(67)
    zero = (values * (values - 1) * (values - 2) % 67) == 0
    test = IdentityTest(share=generic)

    n = test.plan(1e-9, 1e-9).observations

    assert zero.mean() == generic.degree / generic.range
    assert n == 7
    assert zero.mean() ** n <= 1e-9 < zero.mean() ** (n - 1)
    assert test.false_zone == ((1 - 3 / 67, 1.0),)
    assert IdentityTest(share=Generic(3, 2**53)).plan(1e-9, 1e-9).observations == 1


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.5, math.nan])
def test_a_share_that_is_no_part_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1; write"):
        IdentityTest(share=share)


def test_what_costs_more_than_there_is_names_the_share_that_is_affordable() -> None:
    with pytest.raises(ValueError, match=r"takes 20713 instances .* the 5000 .* 0\.0041"):
        IdentityTest(share=0.001, cap=5000).plan(1e-9, 1e-9)
    with pytest.raises(ValueError, match=r"takes 2062 calls .* the 16 .* afford, 0\.73"):
        check_instances(16, 0.01, 1e-9, "calls")
    with pytest.raises(ValueError, match="2062 draws"):
        draws_per_call(100, 0.01, 1e-9)
    assert IdentityTest(share=0.01, cap=2062).plan(1e-9, 1e-9).cap == 2062
    with pytest.raises(ValueError, match="cap=0"):
        IdentityTest(share=0.01, cap=0)


@pytest.mark.parametrize(("degree", "size"), [(0, 5), (5, 5), (6, 5)])
def test_a_degree_that_vouches_for_nothing_is_refused(degree: int, size: int) -> None:
    with pytest.raises(ValueError, match="draw each coordinate from more values"):
        Generic(degree, size)


def test_a_plan_says_which_part_it_would_see() -> None:
    plan = IdentityTest(share=0.01).plan(1e-9, 1e-9)

    assert (1 - plan.detectable) ** plan.observations == pytest.approx(1e-6, rel=1e-9)
    assert plan.undecided == 0.0
