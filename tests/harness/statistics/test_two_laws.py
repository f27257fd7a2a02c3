"""Two samples of one law or of two: bounds against exact p-values, and both errors at the plan."""

import math

import numpy as np
import pytest
from scipy import stats

from harness.statistics.comparison.two_laws import FEWEST, SameLawTest
from harness.statistics.evidence import Verdict, decide

RATE = 1e-6


def verdict(test: SameLawTest, shift: float, seed: int, n: int) -> Verdict:
    draw = np.random.default_rng(seed)
    evidence = test.evidence(draw.normal(size=n), draw.normal(shift, size=n), RATE)
    return decide(evidence, RATE, RATE)


def test_the_distance_is_scipys() -> None:
    draw = np.random.default_rng(1)
    x, y = draw.normal(size=600), draw.normal(0.3, size=600)

    found = SameLawTest(0.5).evidence(x, y, RATE)

    assert found.estimate == pytest.approx(stats.ks_2samp(x, y).statistic, rel=1e-12)


@pytest.mark.parametrize("distance", [10, 40, 80, 120])
def test_the_bound_of_the_plan_is_above_the_exact_law(distance: int) -> None:
    """Of two samples of one law: scipy counts the paths."""
    places = np.arange(FEWEST)

    exact = stats.ks_2samp(places, places + distance - 0.5, method="exact").pvalue

    assert 2 * math.exp(-((distance / FEWEST) ** 2) * FEWEST) >= exact


def test_the_evidence_is_never_above_that_of_the_exact_law_of_bits() -> None:
    """Of bits the distance is that of two rates: their law at the edge is a sum of products."""
    test, n = SameLawTest(0.1), FEWEST
    laws = [stats.binom.pmf(np.arange(n + 1), n, p) for p in (0.45, 0.55)]  # 0.1 apart
    differences = np.convolve(laws[0][::-1], laws[1])  # of successes, from -n to n
    for successes in (300, 330, 360):
        x, y = np.zeros(n), (np.arange(n) < successes - 206).astype(float)
        found = test.evidence(x, y, RATE)
        gap = round(found.estimate * n)
        near, far = differences[: n + gap + 1].sum(), differences[n + gap :].sum()

        assert found.confirm <= -math.log(near) + 1e-9
        assert found.refute <= -math.log(far) + 1e-9


def test_at_the_planned_size_one_law_is_confirmed_and_a_far_one_refuted() -> None:
    test = SameLawTest(within=0.1)
    n = test.observations(RATE, RATE)
    shifts = [2 * float(stats.norm.ppf(0.5 + distance / 2)) for distance in (0.0, 0.1, 0.2)]

    found = [[verdict(test, shift, seed, n) for seed in range(5)] for shift in shifts]

    assert found == [[one] * 5 for one in ("CONFIRMED", "UNDECIDED", "REFUTED")]


def test_a_law_of_few_values_is_compared_as_any_other() -> None:
    n = SameLawTest(0.1).observations(RATE, RATE)
    draw = np.random.default_rng(3)
    coins = [draw.random(n) < p for p in (0.5, 0.5, 0.75)]

    same, another = (SameLawTest(0.1).evidence(coins[0], coin, RATE) for coin in coins[1:])

    assert decide(same, RATE, RATE) is Verdict.CONFIRMED
    assert decide(another, RATE, RATE) is Verdict.REFUTED


def test_the_sample_grows_with_the_inverse_square_of_the_margin() -> None:
    sizes = [SameLawTest(within).observations(RATE, RATE) for within in (0.1, 0.05, 0.9)]

    assert sizes[1] == pytest.approx(4 * sizes[0], rel=1e-3)
    assert sizes[2] == FEWEST


@pytest.mark.parametrize("within", [0.0, 1.0, -0.1])
def test_a_margin_that_is_no_distance_is_told(within: float) -> None:
    with pytest.raises(ValueError, match="a distance of laws lies between 0 and 1"):
        SameLawTest(within)


@pytest.mark.parametrize("sizes", [(500, 501), (10, 10)])
def test_samples_of_other_sizes_are_told(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 458"):
        SameLawTest(0.1).evidence(np.zeros(sizes[0]), np.zeros(sizes[1]), RATE)
