import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from harness.statistics.evidence import Verdict, decide
from harness.statistics.tests.binomial import (
    RateTest,
    clopper_pearson,
    critical_count,
    log_tail_above,
    log_tail_below,
    misses,
    probability_between,
)

RATE = 1e-6
COUNTS = [(7, 20, 0.2), (0, 20, 0.2), (20, 20, 0.999), (5100, 10_000, 0.5), (3, 10_000, 1e-3)]


def test_one_percent_of_a_half_needs_930_251_draws() -> None:
    test = RateTest(0.5, within=0.005, inside=0.0)
    assert test.plan(RATE, RATE).observations == 930_251


@pytest.mark.parametrize(("k", "n", "p"), COUNTS)
def test_tails_agree_with_scipys_exact_test(k: int, n: int, p: float) -> None:
    above = stats.binomtest(k, n, p, alternative="greater").pvalue
    below = stats.binomtest(k, n, p, alternative="less").pvalue

    assert math.exp(log_tail_above(k, n, p)) == pytest.approx(above, rel=1e-10)
    assert math.exp(log_tail_below(k, n, p)) == pytest.approx(below, rel=1e-10)


def test_beyond_the_smallest_float_the_tail_is_bounded_from_above() -> None:
    counts = np.arange(6000, 10_001)
    exact = float(np.logaddexp.reduce(stats.binom.logpmf(counts, 10_000, 0.3)))

    assert exact < -1900  # nats: far below the smallest float
    assert exact <= log_tail_above(6000, 10_000, 0.3) <= 0.99 * exact


@pytest.mark.parametrize(("k", "n"), [(0, 30), (30, 30), (11, 30), (50_000, 100_000)])
def test_the_interval_is_clopper_and_pearsons(k: int, n: int) -> None:
    oracle = stats.binomtest(k, n).proportion_ci(confidence_level=1 - 1e-4, method="exact")
    assert clopper_pearson(k, n, 1e-4) == pytest.approx((oracle.low, oracle.high), rel=1e-9)


@pytest.mark.parametrize("test", [
    pytest.param(RateTest(0.5, 0.01), id="half"), pytest.param(RateTest(1e-3, 2e-4), id="tiny"),
    pytest.param(RateTest(1 - 2**-10, 2e-4), id="near one"),
    pytest.param(RateTest(0.0, 1e-3), id="zero"), pytest.param(RateTest(1.0, 1e-3), id="one"),
    pytest.param(RateTest(0.3, 0.01, inside=0.0), id="exact law"),
])  # fmt: skip
def test_error_rates_and_power_are_exact_at_the_zones_edges(test: Any) -> None:
    alpha, beta = 1e-6, 1e-7
    n = test.plan(alpha, beta).observations
    confirmed, refuted = acceptance(test, alpha, n), rejection(test, beta, n)

    for edge in false_edges(test):
        error = mass(confirmed, n, edge)
        assert alpha / 3 < error <= alpha
        assert 1 - mass(refuted, n, edge) <= 1e-6
    for edge in test.true_zone:
        assert mass(refuted, n, edge) <= beta
        assert 1 - mass(confirmed, n, edge) <= 1e-6
    assert misses(test, alpha, beta, n) <= 1e-6
    assert misses(test, alpha, beta, int(0.99 * n)) > 1e-6


def false_edges(test: RateTest) -> list[float]:
    return [edge for zone in test.false_zone for edge in zone if 0 < edge < 1]


def evidence_at(test: RateTest, k: int, n: int) -> tuple[float, float]:
    found = test.evidence(np.array([float(k), float(n)]), 1e-6, 1e-6)
    return found.confirm, found.refute


def acceptance(test: RateTest, alpha: float, n: int) -> list[tuple[int, int]]:
    """The range of counts that confirm, found from the evidence alone by bisection."""
    centre = round(test.rate * n)
    needed = math.log(1 / alpha)
    low = boundary(lambda k: evidence_at(test, k, n)[0] >= needed, centre, -1)
    high = boundary(lambda k: evidence_at(test, k, n)[0] >= needed, centre, n + 1)
    return [(low, high)]


def rejection(test: RateTest, beta: float, n: int) -> list[tuple[int, int]]:
    centre = round(test.rate * n)
    needed = math.log(1 / beta)
    low = boundary(lambda k: evidence_at(test, k, n)[1] < needed, centre, -1)
    high = boundary(lambda k: evidence_at(test, k, n)[1] < needed, centre, n + 1)
    return [(0, low - 1), (high + 1, n)]


def boundary(holds: Callable[[int], bool], inside: int, outside: int) -> int:
    """The last count from `inside` towards `outside` for which `holds`."""
    assert holds(inside)
    while abs(inside - outside) > 1:
        middle = (inside + outside) // 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside


def mass(ranges: list[tuple[int, int]], n: int, p: float) -> float:
    total = 0.0
    for low, high in ranges:
        if low <= high:
            upper = stats.binom.sf(low - 1, n, p) if low > n * p else None
            if upper is None:
                total += stats.binom.cdf(high, n, p) - (
                    stats.binom.cdf(low - 1, n, p) if low > 0 else 0.0
                )
            else:
                total += upper - stats.binom.sf(high, n, p)
    return float(total)


def test_the_critical_count_is_the_first_whose_tail_is_small_enough() -> None:
    critical = critical_count(1000, 0.4, 1e-4)
    assert stats.binom.sf(critical - 1, 1000, 0.4) <= 1e-4 < stats.binom.sf(critical - 2, 1000, 0.4)
    assert critical_count(10, 0.5, 1e-6) == 11


def test_probability_between_two_counts() -> None:
    assert probability_between(3, 7, 12, 0.4) == pytest.approx(
        stats.binom.cdf(7, 12, 0.4) - stats.binom.cdf(2, 12, 0.4), rel=1e-12
    )
    assert probability_between(8, 7, 12, 0.4) == 0.0


@pytest.mark.parametrize("rate", [0.0, 0.001, 0.5, 1 - 2**-10, 1.0])
def test_the_true_rate_is_confirmed_and_the_neighbour_refuted(rate: float) -> None:
    test = RateTest(rate, within=max(0.02 * min(rate, 1 - rate), 4e-4))
    n = test.plan(RATE, RATE).observations
    rng = np.random.default_rng(7)  # each verdict errs with probability below 2e-6
    wrong = rate + test.within if rate < 0.9 else rate - test.within

    verdicts = [
        decide(test.evidence(test.summarise((int(rng.binomial(n, p)), n)), RATE, RATE), RATE, RATE)
        for p in (rate, wrong)
    ]

    assert verdicts == [Verdict.CONFIRMED, Verdict.REFUTED]


def test_at_rate_zero_one_side_remains_at_full_level() -> None:
    test = RateTest(0.0, within=0.01)

    found = test.evidence(test.summarise((0, 2000)), RATE, RATE)

    assert test.false_zone == ((0.01, 1.0),)
    assert found.confirm == pytest.approx(-2000 * math.log1p(-0.01), rel=1e-9)
    assert found.refute == 0.0


def test_booleans_and_counts_are_the_same_observation() -> None:
    test = RateTest(0.5, 0.1)
    assert test.summarise(np.array([[True, False], [True, True]])).tolist() == [3.0, 4.0]
    assert test.summarise((3, 4)).tolist() == [3.0, 4.0]


@pytest.mark.parametrize("observation", [(5, 4), (0.5, 4), np.array([0.2, 1.0])])
def test_what_is_no_count_is_refused(observation: Any) -> None:
    with pytest.raises(ValueError, match="successes, trials"):
        RateTest(0.5, 0.1).summarise(observation)


@pytest.mark.parametrize(("rate", "within"), [(1.2, 0.1), (0.5, 0.6), (0.5, 0.0)])
def test_a_margin_that_leaves_no_false_zone_is_refused(rate: float, within: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        RateTest(rate, within)


def test_no_success_is_certain_to_be_reached_at_any_rate() -> None:
    # P(X >= 0) = 1, at rate 0 too.
    assert [log_tail_above(0, 10, rate) for rate in (0.0, 0.3, 1.0)] == [0.0, 0.0, 0.0]
    assert log_tail_above(1, 10, 0.0) == -math.inf


def test_a_rate_of_one_or_zero_that_is_false_is_never_confirmed() -> None:
    # The margin reaches just to the end: there every draw agrees, and the claim is false.
    top, bottom = RateTest(0.75, 0.25), RateTest(0.25, 0.25)

    assert top.false_zone[-1] == (1.0, 1.0)
    assert bottom.false_zone[0] == (0.0, 0.0)
    assert top.evidence(np.array([5000.0, 5000.0]), RATE, RATE).confirm == 0
    assert bottom.evidence(np.array([0.0, 5000.0]), RATE, RATE).confirm == 0


@pytest.mark.parametrize("halvings", [8, 10, 12])
def test_a_miss_of_exactly_the_target_is_planned_with(halvings: int) -> None:
    # Rate 0 against a half: n draws miss with probability 2^-n at the false zone's edge.
    level = 2.0**-halvings
    assert RateTest(0.0, 0.5, inside=0.0).plan(level, level).observations == halvings
