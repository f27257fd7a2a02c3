import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from harness.statistics.evidence import Verdict, decide
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.counts import anytime_interval, log_e_above, log_e_below
from harness.statistics.tests.exact import Region, walk
from harness.statistics.tests.stopping import stopping_region
from tests.harness.statistics.roundings import rate_where

RATE = 1e-6
TEST = BernoulliTest(0.5, 0.9)
UNCAPPED = 1000  # trials, after which less than 1e-40 is undecided at every truth below


def test_expected_trials_at_one_in_a_million_are_those_of_the_dynamic_programme() -> None:
    found = TEST.operating(RATE, RATE, (0.9, 0.5, 0.7), cap=UNCAPPED)

    expected = [39.015764586031906, 29.0783556464981, 93.72924935271301]
    assert found.expected == pytest.approx(expected, rel=1e-12)
    assert np.round(found.expected[:2], 1).tolist() == [39.0, 29.1]
    assert found.expected[2] == pytest.approx(94, abs=0.5)


def test_expected_trials_are_close_to_walds_bound() -> None:
    bounds = [walds_bound(0.9, 0.5), walds_bound(0.5, 0.9)]

    found = TEST.operating(RATE, RATE, (0.9, 0.5), cap=UNCAPPED)

    assert np.round(bounds, 2).tolist() == [37.54, 27.05]
    assert np.all(found.expected >= bounds)
    assert np.all(found.expected <= 1.08 * np.array(bounds))


def walds_bound(truth: float, null: float) -> float:
    """Wald (1945): no test with these two error rates has a smaller expected sample."""
    divergence = truth * math.log(truth / null) + (1 - truth) * math.log((1 - truth) / (1 - null))
    gain = (1 - RATE) * math.log((1 - RATE) / RATE) + RATE * math.log(RATE / (1 - RATE))
    return gain / divergence


def test_error_rates_are_below_nominal_and_above_half_of_it() -> None:
    found = TEST.operating(RATE, RATE, (0.5, 0.9), cap=UNCAPPED)
    false_confirmations, false_refutations = found.high[0], found.low[1]

    assert false_confirmations == pytest.approx(6.513519321e-07, rel=1e-8)
    assert false_refutations == pytest.approx(5.129738450e-07, rel=1e-8)
    assert min(false_confirmations, false_refutations) > RATE / 2
    assert max(false_confirmations, false_refutations) < RATE


@pytest.mark.parametrize("truth", [0.05, 0.3, 0.45])
def test_inside_the_false_zone_false_confirmations_are_rarer(truth: float) -> None:
    found = TEST.operating(RATE, RATE, (truth, 0.5), cap=UNCAPPED)
    assert found.high[0] < found.high[1]


def test_unbroken_success_confirms_after_23_runs_and_unbroken_failure_refutes_after_7() -> None:
    region = stopping_region(0.5, 0.9, RATE, RATE, range(1, 40))
    assert int(region.looks[region.high <= region.looks][0]) == 23
    assert int(region.looks[region.low >= 0][0]) == 7


def test_a_cap_of_128_leaves_two_in_ten_million_undecided() -> None:
    found = TEST.operating(RATE, RATE, (0.5, 0.9), cap=128)
    assert found.undecided == pytest.approx([1.894e-7, 1.813e-7], rel=1e-3)


def test_the_exact_fixed_sample_test_needs_103_runs() -> None:
    def enough(n: int) -> bool:
        critical = int(stats.binom.isf(RATE, n, 0.5)) + 1  # the smallest k that confirms
        return bool(stats.binom.cdf(critical - 1, n, 0.9) <= RATE)

    assert next(n for n in range(1, 200) if all(enough(m) for m in range(n, n + 5))) == 103


@pytest.mark.parametrize(
    ("block", "at_truth", "at_null"), [(4, 1.022, 1.093), (8, 1.078, 1.162), (32, 1.382, 1.592)]
)
def test_blocks_cost_a_few_more_than_looks(block: int, at_truth: float, at_null: float) -> None:
    single = TEST.operating(RATE, RATE, (0.9, 0.5), cap=960).expected
    blocks = TEST.operating(RATE, RATE, (0.9, 0.5), cap=960, block=block).expected
    assert blocks / single == pytest.approx([at_truth, at_null], abs=1e-3)


def test_the_planned_cap_leaves_what_it_promises_at_both_edges() -> None:
    plan = BernoulliTest(0.5, 0.75).plan(1e-9, 1e-9)

    found = BernoulliTest(0.5, 0.75).operating(1e-9, 1e-9, (0.5, 0.75), cap=plan.cap)
    earlier = BernoulliTest(0.5, 0.75).operating(1e-9, 1e-9, (0.5, 0.75), cap=plan.cap - 1)

    assert plan.undecided == pytest.approx(found.undecided.max(), rel=1e-12)
    assert found.undecided.max() <= 1e-6 < earlier.undecided.max()


def test_a_horizon_that_leaves_exactly_the_target_is_long_enough() -> None:
    # 3 ln(2 / beta) / drift is 439, and at 439 trials the rarer error's target is just met.
    test, beta = BernoulliTest(0.25, 0.5), 1e-8
    left = test.operating(3e-6, beta, (0.25, 0.5), cap=439).survival.max(axis=0)

    plan = test.plan(float(left[-1]), beta)

    assert left[-1] < left[-2]
    assert (plan.cap, plan.undecided) == (439, left[-1])


@pytest.mark.parametrize(("p0", "p1"), [(0.1, 0.3), (0.7, 0.9)])
def test_a_distance_missed_as_often_as_the_target_is_not_detectable(p0: float, p1: float) -> None:
    test = BernoulliTest(p0, p1, cap=23)
    step = (p1 - p0) * 1.4
    truth = p0 + step if p0 < 0.5 else p1 - step  # the harder side
    found = test.operating(0.1, 0.1, (truth,))
    target = 1 - float(max(found.high[0], found.low[0]))

    at_it = test.plan(target, target)
    above_it = test.plan(target + 1e-15, target)

    assert at_it.detectable == pytest.approx(1.7 * (p1 - p0))
    assert above_it.detectable == pytest.approx(1.4 * (p1 - p0))


def test_the_walk_agrees_with_exact_fractions() -> None:
    looks = list(range(3, 31, 3))
    region = stopping_region(0.5, 0.9, 0.05, 0.05, looks)
    p = Fraction(0.7)
    alive, high, low, expected = {0: Fraction(1)}, Fraction(0), Fraction(0), Fraction(0)
    for n in range(1, 31):
        step: dict[int, Fraction] = {}
        for k, mass in alive.items():
            step[k] = step.get(k, Fraction(0)) + mass * (1 - p)
            step[k + 1] = step.get(k + 1, Fraction(0)) + mass * p
        alive = step
        if n in looks:
            top, bottom = region.high[looks.index(n)], region.low[looks.index(n)]
            ends_high = sum((m for k, m in alive.items() if k >= top), Fraction(0))
            ends_low = sum((m for k, m in alive.items() if k <= bottom), Fraction(0))
            alive = {k: m for k, m in alive.items() if bottom < k < top}
            high, low = high + ends_high, low + ends_low
            expected += n * (ends_high + ends_low)
    left = sum(alive.values(), Fraction(0))

    found = walk(region, 0.7)

    exact = [float(high), float(low), float(left), float(expected + 30 * left)]
    measured = [found.high[0], found.low[0], found.undecided[0], found.expected[0]]
    assert measured == pytest.approx(exact, rel=1e-12)


def test_a_region_that_never_stops_keeps_all_probability() -> None:
    looks = np.arange(1, 11)

    found = walk(Region(looks, looks + 1, np.full(10, -1)), [0.3, 0.8])

    assert found.undecided == pytest.approx([1.0, 1.0], rel=1e-14)
    assert found.expected == pytest.approx([10.0, 10.0], rel=1e-14)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (3, 4), (20, 20), (17, 40), (0, 9)])
def test_the_e_process_is_the_integral_it_stands_for(k: int, n: int) -> None:
    def likelihood(q: float) -> float:
        return float((q / 0.5) ** k * ((1 - q) / 0.5) ** (n - k))

    prior = stats.beta(0.5, 0.5)
    # With q = sin^2 t the prior is flat in t, which quadrature likes.
    ends = math.asin(math.sqrt(0.5)), math.pi / 2
    mixture = integrate.quad(lambda t: likelihood(math.sin(t) ** 2), *ends, epsabs=0)[0]
    mixture *= 2 / math.pi / prior.sf(0.5)

    found = float(log_e_above(k, n, 0.5, 0.9))

    assert found == pytest.approx(math.log((likelihood(0.9) + mixture) / 2), abs=1e-9)


@pytest.mark.parametrize("p", [0.5, 0.3, 0.01])
def test_the_e_process_has_mean_at_most_one_under_its_null(p: float) -> None:
    n = 25
    k = np.arange(n + 1)

    mean = float(stats.binom.pmf(k, n, p) @ np.exp(log_e_above(k, n, 0.5, 0.9)))

    assert mean <= 1 + 1e-12
    assert p < 0.5 or mean == pytest.approx(1, rel=1e-12)


def test_the_two_sides_mirror_each_other() -> None:
    below, above = float(log_e_below(3, 20, 0.9, 0.5)), float(log_e_above(17, 20, 0.1, 0.5))
    assert below == pytest.approx(above, rel=1e-14)


def test_a_claim_below_mirrors_a_claim_above() -> None:
    above, below = BernoulliTest(0.5, 0.9), BernoulliTest(0.5, 0.1, direction="below")
    successes = np.array([28.0, 30.0])
    failures = np.array([2.0, 30.0])

    first = above.evidence(successes, RATE, RATE)
    second = below.evidence(failures, RATE, RATE)

    assert (second.confirm, second.refute) == pytest.approx((first.confirm, first.refute))
    assert below.plan(RATE, RATE).cap == above.plan(RATE, RATE).cap


def test_the_interval_holds_at_every_look_for_as_often_as_it_says() -> None:
    # P(some look of 200 excludes p) <= alpha, exactly, by the walk over looks that exclude it.
    alpha, p = 0.05, 0.3
    looks = np.arange(1, 201)
    kept = [
        [k for k in range(n + 1) if inside(p, anytime_interval(k, n, alpha))]
        for n in looks.tolist()
    ]
    ends = [max(k) + 1 for k in kept], [min(k) - 1 for k in kept]
    region = Region(looks, *map(np.array, ends))

    found = walk(region, p)

    assert alpha / 5 < found.high[0] + found.low[0] <= alpha


def test_evidence_that_equals_what_is_needed_is_enough() -> None:
    reached = float(log_e_above(9, 10, 0.5, 0.9))
    rate = rate_where(lambda rate: math.log(1 / rate) == reached, math.exp(-reached))

    region = stopping_region(0.5, 0.9, rate, rate, [10])

    assert region.high.tolist() == [9]


def test_a_probability_at_the_limit_itself_is_outside_the_interval() -> None:
    mixture = float(special.betaln(1.5, 1.5) - special.betaln(0.5, 0.5))
    cost = -math.log(0.25) - math.log1p(-0.25)
    alpha = rate_where(lambda a: math.log(1 / a) - mixture == cost, math.exp(-cost - mixture))

    assert anytime_interval(1, 2, alpha)[0] == 0.25


def test_an_end_is_found_in_60_halvings_on_the_rejected_side() -> None:
    n, alpha, unit = 2**30, 0.65 * 2.0**-40, 2.0**-90  # a unit is 2^-60 of the estimate
    mixture = float(special.betaln(1.5, n - 0.5) - special.betaln(0.5, 0.5))
    needed = math.log(1 / alpha) - mixture
    end = math.exp(
        optimize.brentq(lambda x: -x - (n - 1) * math.log1p(-math.exp(x)) - needed, -80, -30)
    )

    assert 5.5 < end / unit < 6
    assert anytime_interval(1, n, alpha)[0] == 5 * unit


def inside(p: float, interval: tuple[float, float]) -> bool:
    return interval[0] < p < interval[1]


def test_nine_in_ten_ends_confirmed_and_one_in_two_refuted() -> None:
    rng = np.random.default_rng(20)  # each verdict errs with probability below 1e-6
    good, coin = rng.random(122) < 0.9, rng.random(122) < 0.5

    evidence = [TEST.evidence(TEST.summarise(x), RATE, RATE) for x in (good, coin)]
    verdicts = [decide(one, RATE, RATE) for one in evidence]

    assert verdicts == [Verdict.CONFIRMED, Verdict.REFUTED]


def test_nothing_observed_is_no_evidence() -> None:
    found = TEST.evidence(TEST.summarise([]), RATE, RATE)
    assert (found.confirm, found.refute, found.interval) == (0.0, 0.0, (0.0, 1.0))


def test_block_and_cap_are_given_by_name() -> None:
    with pytest.raises(TypeError, match="positional"):
        TEST.operating(RATE, RATE, (0.5,), 4)  # type: ignore[call-arg]


def test_an_observation_that_is_not_an_indicator_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or 1"):
        TEST.summarise([0.5])


@pytest.mark.parametrize(("p0", "p1"), [(0.9, 0.5), (0.0, 0.5), (0.5, 1.0)])
def test_zones_in_the_wrong_order_are_refused(p0: float, p1: float) -> None:
    with pytest.raises(ValueError, match="0 < p0 < p1 < 1"):
        BernoulliTest(p0, p1)
    with pytest.raises(ValueError, match="0 < p1 < p0 < 1"):
        BernoulliTest(1 - p0, 1 - p1, direction="below")


def test_a_rare_event_is_planned_with_spread_looks_and_keeps_its_promise() -> None:
    test = BernoulliTest(1e-3, 1e-6, direction="below")

    plan = test.plan(1e-9, 1e-9)
    found = test.operating(1e-9, 1e-9, (1e-6, 1e-3), cap=plan.cap, block=64)

    assert plan.undecided <= 1e-6
    assert found.undecided.max() <= 1e-6
    assert found.low[1] <= 1e-9
    assert found.high[0] <= 1e-9
