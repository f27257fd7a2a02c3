import math
from typing import Any

import numpy as np
import pytest

from harness.statistics.evidence import Verdict, decide
from harness.statistics.float_error import gamma, unit_roundoff
from harness.statistics.tests.identity import IdentityTest

RATE = 1e-6


def verdict(test: IdentityTest, ratios: Any) -> Verdict:
    return decide(test.evidence(test.summarise(ratios), RATE, RATE), RATE, RATE)


@pytest.mark.parametrize(("ratios", "expected"), [
    ([0.0, 1.0], Verdict.CONFIRMED), ([[0.3], [0.9]], Verdict.CONFIRMED),
    ([0.0, math.nextafter(1.0, 2.0)], Verdict.REFUTED), ([math.inf], Verdict.REFUTED),
])  # fmt: skip
def test_one_ratio_above_one_refutes(ratios: list[float], expected: Verdict) -> None:
    assert verdict(IdentityTest(), ratios) is expected


@pytest.mark.parametrize("ratios", [[], [math.nan], [-0.1]])
def test_what_is_no_ratio_is_refused(ratios: list[float]) -> None:
    with pytest.raises(ValueError, match="ident"):
        IdentityTest().summarise(ratios)


def test_a_false_polynomial_identity_hardly_survives_three_points() -> None:
    # Schwartz (1980), Lemma 1: at most degree / |S| per point, S the 2^53 multiples of 2^-53.
    degree, points = 3, 2.0**53

    survival = (degree / points) ** 3

    assert survival < 3e-17
    assert degree / points == pytest.approx(3.3e-16, rel=0.01)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("n", [10, 200])
def test_sums_stay_within_gamma(dtype: Any, n: int) -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(200, n)).astype(dtype)
    total = np.zeros(200, dtype=dtype)
    for column in x.T:
        total = total + column

    exact = np.array([math.fsum(row) for row in x.astype(np.float64).tolist()])
    ratios = np.abs(total - exact) / (gamma(n, dtype) * np.abs(x.astype(np.float64)).sum(axis=1))

    assert verdict(IdentityTest(), ratios) is Verdict.CONFIRMED


@pytest.mark.parametrize("dtype", [np.float32, np.dtype("float32"), "float32", "torch.float32"])
def test_the_roundoff_is_half_of_numpys_epsilon(dtype: Any) -> None:
    assert unit_roundoff(dtype) == np.finfo(np.float32).eps / 2


def test_gamma_is_highams() -> None:
    assert gamma(3) == 3 * 2.0**-53 / (1 - 3 * 2.0**-53)
    assert gamma(0) == 0.0


@pytest.mark.parametrize(
    ("k", "dtype", "words"), [(-1, "float64", "k="), (3000, "float16", "bits")]
)
def test_a_count_without_a_bound_is_refused(k: int, dtype: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        gamma(k, dtype)
    with pytest.raises(ValueError, match="no known unit roundoff"):
        gamma(1, "int32")
