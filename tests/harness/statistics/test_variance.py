import math
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from harness.statistics.evidence import Verdict, decide
from harness.statistics.tests.variance import (
    GaussianVarianceTest,
    UniformVarianceTest,
    chi_squared_sample,
    log_chi2_above,
    log_chi2_below,
)

RATE = 1e-6


@pytest.mark.parametrize(("ratio", "weights"), [(1.05, 75_938), (1.02, 460_957), (1.01, 1_825_698)])
def test_weights_that_tell_a_variance_ratio_apart(ratio: float, weights: int) -> None:
    assert chi_squared_sample(ratio, RATE, RATE) == weights


@pytest.mark.parametrize(("x", "n"), [(80.0, 100), (130.0, 100), (1e6 + 9000, 1e6), (0.01, 1)])
def test_tails_agree_with_scipys_chi_squared(x: float, n: int) -> None:
    assert log_chi2_below(x, n) == pytest.approx(stats.chi2.logcdf(x, n), rel=1e-8)
    assert log_chi2_above(x, n) == pytest.approx(stats.chi2.logsf(x, n), rel=1e-8)


def test_beyond_the_smallest_float_the_tail_is_bounded_from_above() -> None:
    exponent = -10_000 * (1.5 - 1 - math.log(1.5))  # Chernoff's, n / 2 = 10 000

    assert log_chi2_above(30_000, 20_000) == pytest.approx(exponent, rel=1e-12)
    assert log_chi2_below(0.0, 10_000) == -math.inf
    smallest = math.ulp(0.0)  # half of it is 0
    assert log_chi2_below(smallest, 2) == pytest.approx(1 + math.log(smallest) - math.log(2))


@pytest.mark.parametrize("inside", [0.0, 0.5])
def test_error_rates_are_exact_at_the_zones_edges(inside: float) -> None:
    test = GaussianVarianceTest(1.05, inside)
    alpha, beta = 1e-6, 1e-7
    n = test.plan(alpha, beta).observations

    def excess(total: float, field: str, rate: float) -> float:
        found = test.evidence(np.array([total, float(n)]), alpha, beta)
        return float(getattr(found, field) - math.log(1 / rate))

    largest = optimize.brentq(lambda t: excess(t, "confirm", alpha), n, n * 1.05, xtol=1e-6)
    smallest = optimize.brentq(lambda t: excess(t, "confirm", alpha), n / 1.05, n, xtol=1e-6)
    refuted = optimize.brentq(lambda t: excess(t, "refute", beta), n * 1.001, n * 1.1, xtol=1e-6)
    top = test.true_zone[1]

    assert stats.chi2.cdf(largest / 1.05, n) == pytest.approx(alpha, rel=1e-5)
    assert stats.chi2.sf(smallest * 1.05, n) == pytest.approx(alpha, rel=1e-5)
    assert stats.chi2.sf(refuted / top, n) == pytest.approx(beta / 2, rel=1e-5)
    assert stats.chi2.sf(largest / top, n) + stats.chi2.cdf(smallest / top, n) <= 1e-6
    assert stats.chi2.cdf(refuted / 1.05, n) <= 1e-6


def test_the_gaussian_interval_is_the_chi_squared_one() -> None:
    found = GaussianVarianceTest().evidence(np.array([950.0, 1000.0]), 0.01, 0.01)
    ends = 950 / stats.chi2.isf(0.005, 1000), 950 / stats.chi2.ppf(0.005, 1000)
    assert found.interval == pytest.approx(ends, rel=1e-9)


@pytest.mark.parametrize(
    ("variance", "verdict"), [(1.0, "CONFIRMED"), (1.05, "REFUTED"), (1 / 1.05, "REFUTED")]
)
def test_gaussian_weights_of_each_variance(variance: float, verdict: str) -> None:
    test = GaussianVarianceTest(1.05)
    n = test.plan(RATE, RATE).observations
    weights = np.random.default_rng(3).normal(size=n) * math.sqrt(variance)

    found = test.evidence(test.summarise((float(weights @ weights), n)), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict[verdict]  # errs with probability below 2e-6


@pytest.mark.parametrize(("bound", "verdict"), [
    pytest.param(1.0, "CONFIRMED", id="truth"),
    pytest.param(math.sqrt(1 / 1.08), "REFUTED", id="variance too small"),
    pytest.param(1.001, "REFUTED", id="support too wide"),
])  # fmt: skip
def test_uniform_weights_of_each_bound(bound: float, verdict: str) -> None:
    test = UniformVarianceTest(1.05)
    weights = np.random.default_rng(4).uniform(-bound, bound, 300_000)

    found = test.evidence(test.summarise(weights), RATE, RATE)

    assert decide(found, RATE, RATE) is Verdict[verdict]
    assert found.interval[0] < bound**2 < found.interval[1]


def test_a_law_with_the_right_variance_but_another_support_is_refuted() -> None:
    gaussian = np.random.default_rng(5).normal(size=10_000) / math.sqrt(3)

    test = UniformVarianceTest(1.05)
    found = test.evidence(test.summarise(gaussian), RATE, RATE)

    assert (found.confirm, found.refute) == (0.0, math.inf)


def test_one_rounding_to_float32_stays_within_the_support() -> None:
    test = UniformVarianceTest(1.05)
    bound = math.sqrt(6 / 700)
    edge = float(np.float32(bound)) / bound

    summary = test.summarise([edge, -edge, 1 + 2.0**-23])

    assert summary[-1] == 0


@pytest.mark.parametrize("observation", [(math.nan, 3), (-1.0, 3), (1.0, math.inf)])
def test_sums_that_are_not_finite_are_refused(observation: Any) -> None:
    with pytest.raises(ValueError, match="finite"):
        GaussianVarianceTest().summarise(observation)


def test_weights_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        UniformVarianceTest().summarise([0.1, math.nan])


@pytest.mark.parametrize("test", [GaussianVarianceTest, UniformVarianceTest])
def test_a_ratio_of_one_is_refused(test: Any) -> None:
    with pytest.raises(ValueError, match="ratio"):
        test(1.0)
