import math
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from harness.statistics.tests import betting
from harness.statistics.tests.betting import (
    BETS,
    SHARES,
    Side,
    betting_interval,
    histogram,
    log_wealth,
    stakes,
)
from harness.statistics.tests.exact import Region, walk
from studies.calibration.four_laws import HORIZONS, LAWS
from tests.harness.statistics.roundings import rate_where

RATE = 1e-6
# The mean of 300 runs over ln(1/a) / KL_inf; each has a standard error of at most 0.025.
RATIOS = {"Bernoulli(.6)": 1.11, "Beta(.6, .4)": 1.12, "Beta(6, 4)": 1.12, "Beta(30, 20)": 1.14}


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
    looks = np.arange(1, 401)

    region = stopping_region(Side(0.5, 0.7), Side(0.7, 0.5), looks, RATE)
    found = walk(region, [0.5, 0.7])

    assert RATE / 3 < found.high[0] <= RATE
    assert RATE / 3 < found.low[1] <= RATE


def stopping_region(low: Side, high: Side, looks: np.ndarray, rate: float) -> Region:
    """Where the wealth against `low` or against `high` reaches 1/rate, in successes of n."""
    needed = math.log(1 / rate)

    def first(side: Side, n: int) -> int:
        inside, outside = (-1, n + 1) if side.upward else (n + 1, -1)
        while abs(outside - inside) > 1:
            k = (inside + outside) // 2
            counts = np.zeros(1025)
            counts[[0, -1]] = n - k, k
            inside, outside = (inside, k) if side.log_e(counts) >= needed else (k, outside)
        return outside

    return Region(
        looks,
        np.array([first(low, int(n)) for n in looks]),
        np.array([first(high, int(n)) for n in looks]),
    )


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


@pytest.mark.parametrize("gap", [1e-7, 1e-8, 1e-9, 1e-12])
def test_a_gap_that_floats_can_hardly_tell_needs_more_trials_than_anyone_has(gap: float) -> None:
    side = Side(0.5, 0.5 + gap)
    assert side.trials(side.alternative, 0.05, 0.05) > 1e13


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
    wealth = log_wealth(counts, 0.5, betting._INTERVAL_STAKES, betting._EQUAL_SHARES)
    alpha = rate_where(lambda alpha: math.log(2 / alpha) == wealth, 2 * math.exp(-wealth))

    assert betting_interval(counts, alpha)[0] == 0.5
