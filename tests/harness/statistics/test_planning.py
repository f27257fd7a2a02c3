import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.statistics.planning import more_observations, smallest_distance, smallest_integer
from harness.statistics.tests.binomial import RateTest

RATE = 1e-6


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_the_smallest_integer_is_found_from_any_guess(answer: Any, guess: int) -> None:
    assert smallest_integer(lambda n: n >= answer, guess) == answer


@given(st.floats(1e-3, 0.99))
def test_the_smallest_distance_is_found_to_a_thousandth(answer: Any) -> None:
    assert smallest_distance(lambda d: d >= answer, 1.0) == pytest.approx(answer, rel=2e-3)


def test_a_distance_is_known_once_it_is_known_to_one_part_in_a_thousand() -> None:
    # Between 999 and 1000 parts of 1024 the bracket is a thousandth of its end: it is not halved.
    assert smallest_distance(lambda d: d >= 0.976, 1.0) == 1000 / 1024


def test_a_distance_that_never_suffices_is_infinite() -> None:
    assert smallest_distance(lambda d: False, 1.0) == math.inf


def test_sample_size_and_detectable_effect_are_inverse_to_each_other() -> None:
    wide, narrow = RateTest(0.5, 0.02), RateTest(0.5, 0.01)

    plans = [test.plan(RATE, RATE) for test in (wide, narrow)]

    assert plans[1].observations / plans[0].observations == pytest.approx(4, rel=0.01)
    assert plans[0].detectable / plans[1].detectable == pytest.approx(2)


def test_more_observations_follow_the_evidence_so_far() -> None:
    assert more_observations(20, (50.0, 100.0), (-5.0, 100.0)) == 20
    assert more_observations(20, (2.5, 100.0), (0.0, 100.0)) == 780
    assert more_observations(20, (2.0, 100.0), (-1.0, 100.0)) is None
    for exact in (None, math.inf, 100.0):
        assert more_observations(20, (exact, 100.0), (0.0, 100.0)) == 0


@pytest.mark.parametrize("confirms", [True, False])
def test_evidence_a_little_short_of_its_threshold_asks_for_more(confirms: bool) -> None:
    # 1 / 0.3 is 3.33: evidence between ln 3 and ln 3.33 is not enough.
    short, needed = math.log(3.2), math.log(1 / 0.3)
    sides = [(short, needed), (0.0, needed)]

    more = more_observations(20, *(sides if confirms else sides[::-1]))

    assert more == math.ceil(20 * (needed / short - 1))
