import math
import warnings
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from harness.statistics import bounded
from harness.statistics.bounded import (
    BETS,
    SHARES,
    BoundedEquivalenceKind,
    BoundedMeanKind,
    BoundedZonesKind,
    betting_interval,
    histogram,
    log_wealth,
    stakes,
)
from harness.statistics.exact import Region, walk
from harness.statistics.kind import Verdict, decide
from tests.statistics.roundings import rate_where

RATE = 1e-6
LAWS = {
    "Bernoulli(.6)": stats.bernoulli(0.6),
    "Beta(.6, .4)": stats.beta(0.6, 0.4),
    "Beta(6, 4)": stats.beta(6, 4),
    "Beta(30, 20)": stats.beta(30, 20),
}
# The mean of 300 runs over ln(1/a) / KL_inf; each has a standard error of at most 0.025.
RATIOS = {"Bernoulli(.6)": 1.11, "Beta(.6, .4)": 1.12, "Beta(6, 4)": 1.12, "Beta(30, 20)": 1.14}
HORIZONS = {"Bernoulli(.6)": 4500, "Beta(.6, .4)": 2500, "Beta(6, 4)": 400, "Beta(30, 20)": 200}


@pytest.mark.parametrize("law", LAWS)
def test_the_expected_sample_is_within_a_fifth_of_the_best_possible(law: str) -> None:
    rng = np.random.default_rng(11)
    bets = stakes(0.5, 0.6)[:, None]
    needed = math.log(1 / RATE)
    taken = []
    for _ in range(300):
        x = LAWS[law].rvs(HORIZONS[law], random_state=rng)
        gains = np.cumsum(np.log1p(bets * (2 * x - 1)), axis=1)
        top = gains.max(axis=0)
        wealth = top + np.log(SHARES @ np.exp(gains - top))
        assert wealth.max() >= needed
        taken.append(int(np.argmax(wealth >= needed)) + 1)
    best = needed / divergence_from_mean(LAWS[law], 0.5)

    ratio = np.mean(taken) / best
    error = np.std(taken) / math.sqrt(len(taken)) / best

    assert error < 0.025
    assert ratio == pytest.approx(RATIOS[law], abs=4 * 0.025)
    assert 1.0 < ratio < 1.22


def divergence_from_mean(law: Any, mean: float) -> float:
    """KL_inf(law, mean <= m): the growth rate of the best bet, sup_l E ln(1 + l (X - m))."""
    x = law.ppf((np.arange(20_000) + 0.5) / 20_000)
    best = optimize.minimize_scalar(
        lambda bet: -np.log1p(bet * (x - mean)).mean(),
        bounds=(0, 1.999 / 2 / mean),
        method="bounded",
    )
    return float(-best.fun)


def test_error_rates_on_zero_or_one_are_exact() -> None:
    # On {0, 1} the wealth depends on (n, k) only, so the walk gives the error at 1e-6.
    kind, cap = BoundedMeanKind(0.0, 1.0, null=0.5, alternative=0.7), 400
    looks = np.arange(1, cap + 1)

    region = stopping_region(kind, looks, RATE)
    found = walk(region, [0.5, 0.7])

    assert RATE / 3 < found.high[0] <= RATE
    assert RATE / 3 < found.low[1] <= RATE


def stopping_region(kind: BoundedMeanKind, looks: np.ndarray, rate: float) -> Region:
    needed = math.log(1 / rate)

    def first(name: str, n: int, *, upward: bool) -> int:
        inside, outside = (-1, n + 1) if upward else (n + 1, -1)
        while abs(outside - inside) > 1:
            k = (inside + outside) // 2
            counts = np.zeros(1025)
            counts[[0, -1]] = n - k, k
            reached = log_e(kind, name, counts) >= needed
            inside, outside = (inside, k) if reached else (k, outside)
        return outside

    high = np.array([first("confirm", int(n), upward=True) for n in looks])
    low = np.array([first("refute", int(n), upward=False) for n in looks])
    return Region(looks, high, low)


def log_e(kind: BoundedMeanKind, name: str, counts: np.ndarray) -> float:
    null, alternative = kind.null, kind.alternative
    if name == "confirm":
        return log_wealth(counts, null, stakes(null, alternative))
    return log_wealth(counts[::-1], 1 - alternative, stakes(1 - alternative, 1 - null))


def test_false_confirmations_at_one_in_a_million_by_importance_sampling() -> None:
    # The null is Beta(5, 5). Each run draws a gambler and is sampled under the law that he bets
    # on, density 1 + f (2x - 1) times the null's: (1 - f) Beta(5, 5) + f Beta(6, 5). The
    # likelihood ratio of the null to this mixture is 1 / wealth, so runs are weighted by that.
    rng, runs, cap = np.random.default_rng(13), 1500, 3000
    bets = stakes(0.5, 0.6)
    f = rng.choice(bets, runs, p=SHARES)
    gains, weights = np.zeros((runs, BETS)), []
    for _ in range(cap):
        x = np.where(rng.random(len(f)) < f, rng.beta(6, 5, len(f)), rng.beta(5, 5, len(f)))
        gains += np.log1p(np.outer(2 * x - 1, bets))
        top = gains.max(axis=1)
        wealth = top + np.log(np.exp(gains - top[:, None]) @ SHARES)
        stopped = wealth >= math.log(1 / RATE)
        weights.extend(np.exp(-wealth[stopped]))
        gains, f = gains[~stopped], f[~stopped]
    sampled = np.append(weights, np.zeros(len(f)))

    measured, error = sampled.mean(), sampled.std() / math.sqrt(runs)

    assert error < 0.02 * RATE
    assert measured - 4 * error > RATE / 3
    assert measured + 4 * error <= RATE


def test_the_histogram_keeps_count_and_mean_and_never_adds_wealth() -> None:
    x = np.random.default_rng(14).beta(0.4, 0.6, 500)
    bets = stakes(0.5, 0.6)

    counts = histogram(x)
    exact = math.log(SHARES @ np.exp(np.log1p(bets[:, None] * (2 * x - 1)).sum(axis=1)))

    assert counts.sum() == pytest.approx(500)
    assert counts @ np.linspace(0, 1, 1025) == pytest.approx(x.sum(), rel=1e-12)
    assert log_wealth(counts, 0.5, bets) <= exact
    assert log_wealth(counts, 0.5, bets) == pytest.approx(exact, abs=0.05)


def test_values_on_the_edges_lose_nothing() -> None:
    x = np.array([0.0, 0.25, 0.5, 1.0, 1.0])
    bets = stakes(0.5, 0.6)

    exact = math.log(SHARES @ np.prod(1 + bets[:, None] * (2 * x - 1), axis=1))

    assert log_wealth(histogram(x), 0.5, bets) == pytest.approx(exact, rel=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_the_plan_bounds_what_is_missed_for_every_law(law: str) -> None:
    # 200 runs of the planned cap at a miss rate of at most 0.05: more than 32 with P < 1e-8.
    kind = BoundedMeanKind(0.0, 1.0, null=0.5, alternative=0.6)
    plan = kind.plan(0.05, 0.05)
    rng = np.random.default_rng(15)

    missed = sum(
        kind.evidence(kind.summarise(LAWS[law].rvs(plan.cap, random_state=rng)), 0.05, 0.05).confirm
        < math.log(20)
        for _ in range(200)
    )

    assert plan.undecided <= 0.05
    assert missed <= 32


@pytest.mark.parametrize("scale", [1.0, 40.0])
def test_plans_scale_with_the_support(scale: float) -> None:
    unit = BoundedMeanKind(0.0, 1.0, null=0.5, alternative=0.6).plan(RATE, RATE)

    plan = BoundedMeanKind(-scale, scale, null=0.0, alternative=0.2 * scale).plan(RATE, RATE)

    assert plan.cap == pytest.approx(unit.cap, abs=1)
    assert plan.detectable == pytest.approx(2 * scale * unit.detectable, rel=1e-3)
    assert plan.detectable == pytest.approx(0.2 * scale, rel=0.01)


@pytest.mark.parametrize("gap", [1e-7, 1e-8, 1e-9, 1e-12])
def test_a_gap_that_floats_can_hardly_tell_needs_more_trials_than_anyone_has(gap: float) -> None:
    side = bounded._Side(0.5, 0.5 + gap)

    assert side.trials(side.alternative, 0.05, 0.05) > 1e13


def test_a_distance_that_is_missed_as_often_as_the_target_is_detectable() -> None:
    null, alternative, alpha, cap = 0.1, 0.2, 1e-3, 50
    half = (1 - null) * (1 - 1e-9) / 2  # what the search for the distance tries first
    target = math.exp(bounded._Side(null, alternative).log_miss(null + half, alpha, cap))

    plan = BoundedMeanKind(0.0, 1.0, null, alternative, cap).plan(alpha, target)

    assert plan.detectable == half


@pytest.mark.parametrize(("mean", "verdict"), [(0.7, "CONFIRMED"), (0.5, "REFUTED")])
@pytest.mark.parametrize("mirrored", [False, True])
def test_one_sided_means_of_each_zone(mean: float, verdict: str, mirrored: bool) -> None:
    kind = BoundedMeanKind(0.0, 1.0, null=0.5, alternative=0.7)
    x = np.random.default_rng(16).beta(10 * mean, 10 * (1 - mean), kind.plan(RATE, RATE).cap)
    if mirrored:
        kind, x = BoundedMeanKind(0.0, 1.0, null=0.5, alternative=0.3), 1 - x

    found = kind.evidence(kind.summarise(x), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict[verdict]  # errs with probability below 2e-6


@pytest.mark.parametrize(
    ("keep", "verdict"), [(0.5, "CONFIRMED"), (0.52, "REFUTED"), (0.48, "REFUTED")]
)
def test_equivalence_of_a_dropout_mean(keep: float, verdict: str) -> None:
    kind = BoundedEquivalenceKind(0.0, 2.0, target=1.0, within=0.04)
    x = 2.0 * (np.random.default_rng(17).random(kind.plan(RATE, RATE).cap) < keep)

    found = kind.evidence(kind.summarise(x), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict[verdict]  # errs with probability below 2e-6
    assert found.interval[0] < 2 * keep < found.interval[1]


def test_at_the_end_of_the_support_one_side_remains() -> None:
    kind = BoundedEquivalenceKind(0.0, 1.0, target=0.0, within=0.1)

    found = kind.evidence(kind.summarise(np.zeros(400)), RATE, RATE)

    assert kind.false_zone == ((0.1, 1.0),)
    assert decide(found, RATE, RATE) is Verdict.CONFIRMED


def test_zones_need_not_be_symmetric() -> None:
    kind = BoundedZonesKind(0.0, 1.0, true=(0.4, 0.5), false=(0.2, 0.9))

    assert kind.true_zone == (0.4, 0.5)
    assert kind.false_zone == ((0.0, 0.2), (0.9, 1.0))
    assert kind.plan(RATE, RATE).cap > 0


def test_the_interval_covers_at_every_look() -> None:
    # The count of runs that ever miss is at most Bin(100, .05): above 21 with P < 1e-8.
    rng, missed = np.random.default_rng(18), 0
    for _ in range(100):
        counts, kept = np.zeros(1025), True
        for _ in range(12):
            counts += histogram(rng.beta(2, 3, 8))
            low, high = betting_interval(counts, 0.05)
            kept &= low < 0.4 < high
        missed += not kept

    assert missed <= 21


def test_a_mean_whose_wealth_is_just_what_is_needed_is_outside_the_interval() -> None:
    counts = histogram(np.full(40, 0.75))
    wealth = log_wealth(counts, 0.5, bounded._INTERVAL_STAKES, bounded._EQUAL_SHARES)
    alpha = rate_where(lambda alpha: math.log(2 / alpha) == wealth, 2 * math.exp(-wealth))

    assert betting_interval(counts, alpha)[0] == 0.5


def test_nothing_observed_is_no_evidence() -> None:
    kind = BoundedMeanKind(-1.0, 3.0, null=0.0, alternative=1.0)

    found = kind.evidence(kind.summarise([]), RATE, RATE)

    assert (found.confirm, found.refute) == pytest.approx((0.0, 0.0), abs=1e-12)
    assert found.interval == (-1.0, 3.0)


def test_what_the_bounded_kinds_share_has_no_zones() -> None:
    shared = bounded._BoundedKind()

    with pytest.raises(NotImplementedError):
        shared.true_zone  # noqa: B018
    with pytest.raises(NotImplementedError):
        shared.false_zone  # noqa: B018


@pytest.mark.parametrize(("value", "words"), [(1.5, "support"), (math.nan, "finite")])
def test_values_outside_the_support_are_refused(value: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        BoundedMeanKind(0.0, 1.0, null=0.5, alternative=0.6).summarise([0.5, value])


@pytest.mark.parametrize(("null", "alternative"), [(0.5, 0.5), (0.0, 0.5), (0.5, 1.0)])
def test_a_test_without_a_gap_or_room_is_refused(null: float, alternative: float) -> None:
    with pytest.raises(ValueError, match="null"):
        BoundedMeanKind(0.0, 1.0, null=null, alternative=alternative)


def test_an_equivalence_without_a_false_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="that far away"):
        BoundedEquivalenceKind(0.0, 1.0, target=0.5, within=0.6)
    with pytest.raises(ValueError, match="inside"):
        BoundedZonesKind(0.0, 1.0, true=(0.1, 0.5), false=(0.2, 0.9))


@pytest.mark.parametrize("gap", [1.01e-7, -1.01e-7])
@pytest.mark.parametrize("null", [0.25, 0.5, 1 - 1e-3])
def test_the_cap_is_right_down_to_the_nearest_zones(null: float, gap: float) -> None:
    # The cap of zones this near is as the inverse square of the gap, but for rounding.
    near = BoundedMeanKind(0.0, 1.0, null, null + gap).plan(1e-6, 1e-6)
    far = BoundedMeanKind(0.0, 1.0, null, null + gap * 1.01).plan(1e-6, 1e-6)

    assert near.cap / far.cap == pytest.approx(1.01**2, rel=0.01)
    assert near.undecided <= 2e-6


@pytest.mark.parametrize("scale", [1.0, 1e20])
@pytest.mark.parametrize(
    ("null", "alternative"), [(0.5, 0.5 + 9e-8), (0.5 + 9e-8, 0.5), (1e-9, 1e-8)]
)
def test_zones_too_near_to_be_told_apart_are_refused_in_a_sentence(
    null: float, alternative: float, scale: float
) -> None:
    kind = BoundedMeanKind(0.0, scale, null * scale, alternative * scale)

    with pytest.raises(ValueError, match=r"of the support .* apart; no test tells .* wider margin"):
        kind.plan(1e-6, 1e-6)


def test_zones_at_the_nearest_distance_are_planned() -> None:
    assert 1e7 < BoundedMeanKind(0.0, 1.0, null=1e-7, alternative=2e-7).plan(1e-6, 1e-6).cap < 1e10


def test_a_mean_near_an_end_of_the_support_is_planned_without_a_warning() -> None:
    kind = BoundedMeanKind(0.0, 1.0, null=1e-300, alternative=1e-6)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert 1e6 < kind.plan(1e-6, 1e-6).cap < 1e9
