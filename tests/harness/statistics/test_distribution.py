import math

import numpy as np
import pytest
from scipy import special, stats

from harness.statistics.evidence import Verdict, decide
from harness.statistics.tests.distribution import KolmogorovTest, kolmogorov_sample, massart

RATE = 1e-6


def test_a_distance_of_one_percent_needs_257_151_draws() -> None:
    assert kolmogorov_sample(0.01, RATE, RATE) == 257_151


def test_a_tail_of_exactly_alpha_is_small_enough() -> None:
    margin, miss, n = 0.3, 0.01, 82
    x = np.linspace(0.5 - margin, 0.5, 65)
    counts = np.floor(n * (x + massart(math.log(miss), n)))
    tail = float(special.bdtr(counts, n, x + margin).max())

    assert kolmogorov_sample(margin, tail, miss) == n
    assert kolmogorov_sample(margin, math.nextafter(tail, 0.0), miss) == n + 1


def test_massarts_band_contains_the_exact_one() -> None:
    for n in (20, 1000, 200_000):
        band = massart(math.log(RATE), n)
        assert RATE / 2 < stats.kstwo.sf(band, n) <= RATE or n == 20
        assert stats.kstwo.sf(band, n) <= RATE


def test_cells_bracket_the_distance_of_the_sample() -> None:
    u = np.random.default_rng(1).random(5000) ** 1.1
    test = KolmogorovTest(0.05)
    exact = stats.kstest(u, "uniform").statistic

    found = test.evidence(test.summarise(u), RATE, RATE)

    assert found.estimate <= exact <= found.estimate + 1 / test.cells
    band = massart(math.log(RATE), 5000)
    assert found.interval[0] == pytest.approx(found.estimate - band, abs=1e-12)
    assert found.interval[1] >= exact + band


def test_false_confirmations_at_one_in_a_million_at_the_hardest_law() -> None:
    # F(x) = x + d at one x only: there the count alone must lie. Its exact binomial tail at the
    # largest confirming count bounds the error, whatever the rest of the sample does.
    test, n = KolmogorovTest(0.02), 100_000
    for x in (0.2, 0.48, 0.5):
        cells, edge = test.cells, round(x * test.cells)
        largest = 0
        for k in range(int(n * x), int(n * (x + 0.02))):
            # The flattest histogram with k counts up to the edge: nothing else objects.
            counts = np.full(cells, (n - k) / (cells - edge))
            counts[:edge] = k / edge
            if test.evidence(counts, RATE, RATE).confirm < math.log(1 / RATE):
                break
            largest = k
        error = stats.binom.cdf(largest, n, edge / cells + 0.02)
        assert RATE / 10 < error <= RATE


@pytest.mark.parametrize(
    ("power", "verdict"),
    [(1.0, "CONFIRMED"), (1 / (1 - math.e * 0.022), "REFUTED")],  # u^p is p - 1 over e away
)
def test_laws_at_each_distance(power: float, verdict: str) -> None:
    test = KolmogorovTest(0.02)
    u = np.random.default_rng(2).random(test.plan(RATE, RATE).observations)

    found = test.evidence(test.summarise(u**power), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict[verdict]  # errs with probability below 2e-6


def test_an_atom_is_refuted() -> None:
    test = KolmogorovTest(0.02)
    u = np.random.default_rng(3).random(test.plan(RATE, RATE).observations)
    u[: len(u) // 20] = 0.0  # one draw in twenty is zero: a distance of 0.05

    found = test.evidence(test.summarise(u), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict.REFUTED


def test_constant_draws_are_refuted() -> None:
    test = KolmogorovTest(0.02)
    assert test.evidence(test.summarise(np.full(40, 0.5)), RATE, RATE).refute > math.log(1 / RATE)
    assert test.evidence(test.summarise([]), RATE, RATE).confirm == 0.0


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_what_is_no_probability_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        KolmogorovTest().summarise([0.3, value])


@pytest.mark.parametrize("arguments", [(0.0,), (0.7,), (0.01, 1.0)])
def test_a_distance_that_states_no_test_is_refused(arguments: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match=r"within|inside"):
        KolmogorovTest(*arguments)
