import math
import warnings

import numpy as np
import pytest

from harness.statistics.evidence import Verdict, decide
from harness.statistics.tests.betting import Side
from harness.statistics.tests.bounded import (
    BoundedEquivalenceTest,
    BoundedMeanTest,
    BoundedZonesTest,
)
from studies.calibration.four_laws import LAWS

RATE = 1e-6


@pytest.mark.parametrize("law", LAWS)
def test_the_plan_bounds_what_is_missed_for_every_law(law: str) -> None:
    # 200 runs of the planned cap at a miss rate of at most 0.05: more than 32 with P < 1e-8.
    test = BoundedMeanTest(0.0, 1.0, null=0.5, alternative=0.6)
    plan = test.plan(0.05, 0.05)
    rng = np.random.default_rng(15)

    missed = sum(
        test.evidence(test.summarise(LAWS[law].rvs(plan.cap, random_state=rng)), 0.05, 0.05).confirm
        < math.log(20)
        for _ in range(200)
    )

    assert plan.undecided <= 0.05
    assert missed <= 32


@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_plans_scale_with_the_support(scale: float) -> None:
    unit = BoundedMeanTest(0.0, 1.0, null=0.5, alternative=0.6).plan(RATE, RATE)

    plan = BoundedMeanTest(-scale, scale, null=0.0, alternative=0.2 * scale).plan(RATE, RATE)

    assert plan.cap == pytest.approx(unit.cap, abs=1)
    assert plan.detectable == pytest.approx(2 * scale * unit.detectable, rel=1e-3)
    assert plan.detectable == pytest.approx(0.2 * scale, rel=0.01)


def test_a_distance_that_is_missed_as_often_as_the_target_is_detectable() -> None:
    null, alternative, alpha, cap = 0.1, 0.2, 1e-3, 50
    half = (1 - null) * (1 - 1e-9) / 2  # what the search for the distance tries first
    target = math.exp(Side(null, alternative).log_miss(null + half, alpha, cap))

    plan = BoundedMeanTest(0.0, 1.0, null, alternative, cap).plan(alpha, target)

    assert plan.detectable == half


@pytest.mark.parametrize(("mean", "verdict"), [(0.7, "CONFIRMED"), (0.5, "REFUTED")])
@pytest.mark.parametrize("mirrored", [False, True])
def test_one_sided_means_of_each_zone(mean: float, verdict: str, mirrored: bool) -> None:
    test = BoundedMeanTest(0.0, 1.0, null=0.5, alternative=0.7)
    x = np.random.default_rng(16).beta(10 * mean, 10 * (1 - mean), test.plan(RATE, RATE).cap)
    if mirrored:
        test, x = BoundedMeanTest(0.0, 1.0, null=0.5, alternative=0.3), 1 - x

    found = test.evidence(test.summarise(x), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict[verdict]  # errs with probability below 2e-6


@pytest.mark.parametrize(
    ("keep", "verdict"), [(0.5, "CONFIRMED"), (0.52, "REFUTED"), (0.48, "REFUTED")]
)
def test_equivalence_of_a_dropout_mean(keep: float, verdict: str) -> None:
    test = BoundedEquivalenceTest(0.0, 2.0, target=1.0, within=0.04)
    x = 2.0 * (np.random.default_rng(17).random(test.plan(RATE, RATE).cap) < keep)

    found = test.evidence(test.summarise(x), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict[verdict]  # errs with probability below 2e-6
    assert found.interval[0] < 2 * keep < found.interval[1]


def test_at_the_end_of_the_support_one_side_remains() -> None:
    test = BoundedEquivalenceTest(0.0, 1.0, target=0.0, within=0.1)

    found = test.evidence(test.summarise(np.zeros(400)), RATE, RATE)

    assert test.false_zone == ((0.1, 1.0),)
    assert decide(found, RATE, RATE) is Verdict.CONFIRMED


def test_zones_need_not_be_symmetric() -> None:
    test = BoundedZonesTest(0.0, 1.0, true=(0.4, 0.5), false=(0.2, 0.9))

    assert test.true_zone == (0.4, 0.5)
    assert test.false_zone == ((0.0, 0.2), (0.9, 1.0))
    assert test.plan(RATE, RATE).cap > 0


def test_nothing_observed_is_no_evidence() -> None:
    test = BoundedMeanTest(-1.0, 3.0, null=0.0, alternative=1.0)

    found = test.evidence(test.summarise([]), RATE, RATE)

    assert (found.confirm, found.refute) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert found.interval == (-1.0, 3.0)


@pytest.mark.parametrize(("value", "words"), [(1.5, "support"), (math.nan, "finite")])
def test_values_outside_the_support_are_refused(value: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        BoundedMeanTest(0.0, 1.0, null=0.5, alternative=0.6).summarise([0.5, value])


@pytest.mark.parametrize(("null", "alternative"), [(0.5, 0.5), (0.0, 0.5), (0.5, 1.0)])
def test_a_test_without_a_gap_or_room_is_refused(null: float, alternative: float) -> None:
    with pytest.raises(ValueError, match="null"):
        BoundedMeanTest(0.0, 1.0, null=null, alternative=alternative)


def test_an_equivalence_without_a_false_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="that far away"):
        BoundedEquivalenceTest(0.0, 1.0, target=0.5, within=0.6)
    with pytest.raises(ValueError, match="inside"):
        BoundedZonesTest(0.0, 1.0, true=(0.1, 0.5), false=(0.2, 0.9))


@pytest.mark.parametrize("gap", [1.01e-7, -1.01e-7])
@pytest.mark.parametrize("null", [0.25, 0.5, 1 - 1e-3])
def test_the_cap_is_right_down_to_the_nearest_zones(null: float, gap: float) -> None:
    # The cap of zones this near is as the inverse square of the gap, but for rounding.
    near = BoundedMeanTest(0.0, 1.0, null, null + gap).plan(1e-6, 1e-6)
    far = BoundedMeanTest(0.0, 1.0, null, null + gap * 1.01).plan(1e-6, 1e-6)

    assert near.cap / far.cap == pytest.approx(1.01**2, rel=0.01)
    assert near.undecided <= 2e-6


@pytest.mark.parametrize("scale", [1.0, 1e20])
@pytest.mark.parametrize(
    ("null", "alternative"), [(0.5, 0.5 + 9e-8), (0.5 + 9e-8, 0.5), (1e-9, 1e-8)]
)
def test_zones_too_near_to_be_told_apart_are_refused_in_a_sentence(
    null: float, alternative: float, scale: float
) -> None:
    test = BoundedMeanTest(0.0, scale, null * scale, alternative * scale)
    with pytest.raises(ValueError, match=r"of the support .* apart; no test tells .* wider margin"):
        test.plan(1e-6, 1e-6)


def test_zones_at_the_nearest_distance_are_planned() -> None:
    assert 1e7 < BoundedMeanTest(0.0, 1.0, null=1e-7, alternative=2e-7).plan(1e-6, 1e-6).cap < 1e10


def test_a_mean_near_an_end_of_the_support_is_planned_without_a_warning() -> None:
    test = BoundedMeanTest(0.0, 1.0, null=1e-300, alternative=1e-6)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 1e6 < test.plan(1e-6, 1e-6).cap < 1e9
