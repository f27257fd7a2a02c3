"""Polynomial features, batches, folds and synthetic tasks against closed forms."""

import itertools
import math

import numpy as np
import pytest
from scipy import special, stats

from harness.data.synthetic import gaussian_noise, linear_200, noisy_cubic
from harness.primitives.batches import minibatches, permutation
from harness.primitives.folds import k_fold
from harness.primitives.polynomials import polynomial_features
from tests.draws import rng


def test_polynomial_features_are_powers_over_factorials() -> None:
    x = np.linspace(-4, 4, 33).reshape(3, 11)

    features = polynomial_features(x, 19)

    powers = np.arange(20)
    expected = x[..., None] ** powers / special.gamma(powers + 1)
    np.testing.assert_allclose(features, expected, rtol=1e-13)
    assert (features[..., 0] == 1).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_polynomial_features_keep_shape_and_dtype(dtype: type) -> None:
    features = polynomial_features(np.zeros((2, 3), dtype=dtype), 0)
    assert features.shape == (2, 3, 1)
    assert features.dtype == np.dtype(dtype)


def test_high_powers_do_not_overflow_on_the_way() -> None:
    assert polynomial_features(np.array([50.0]), 300)[0, -1] == pytest.approx(
        math.exp(300 * math.log(50) - math.lgamma(301))
    )


def test_a_negative_degree_is_refused() -> None:
    with pytest.raises(ValueError, match="degree=-1"):
        polynomial_features(np.zeros(1), -1)


def test_all_orders_of_three_are_equally_likely() -> None:
    stream, draws = rng(), 12_000
    orders = list(itertools.permutations(range(3)))

    counts = np.zeros(6)
    for _ in range(draws):
        counts[orders.index(tuple(permutation(3, stream).tolist()))] += 1

    assert stats.chisquare(counts).pvalue > 1e-6


@pytest.mark.parametrize(("n", "size"), [(10, 3), (9, 3), (1, 5), (7, 1)])
def test_minibatches_cover_every_example_once(n: int, size: int) -> None:
    batches = minibatches(n, size, rng())
    assert sorted(np.concatenate(batches)) == list(range(n))
    assert [len(b) for b in batches] == [size] * (n // size) + [n % size] * (n % size > 0)


def test_epochs_differ() -> None:
    stream = rng()
    assert not np.array_equal(permutation(50, stream), permutation(50, stream))


@pytest.mark.parametrize("stream", [None, rng(1)], ids=["in order", "shuffled"])
@pytest.mark.parametrize(("n", "k"), [(10, 3), (10, 10), (9, 2), (5, 5)])
def test_folds_validate_each_one_once(n: int, k: int, stream: np.random.Generator | None) -> None:
    folds = k_fold(n, k, stream)

    sizes = [len(valid) for _, valid in folds]
    assert sorted(np.concatenate([valid for _, valid in folds])) == list(range(n))
    assert max(sizes) - min(sizes) <= 1
    for train, valid in folds:
        assert sorted(np.concatenate([train, valid])) == list(range(n))


@pytest.mark.parametrize("k", [0, 1, 6])
def test_folds_that_cannot_be_are_refused(k: int) -> None:
    with pytest.raises(ValueError, match="folds"):
        k_fold(5, k)


def test_the_cubic_has_its_coefficients_and_its_noise() -> None:
    x, y = noisy_cubic(50, 400, rng())

    cubic = 5 + 1.2 * x - 3.4 * x**2 / 2 + 5.6 * x**3 / 6
    assert x.shape == y.shape == (50, 400)
    assert stats.kstest(x.ravel(), stats.norm.cdf).pvalue > 1e-6
    assert stats.kstest((y - cubic).ravel() / 0.1, stats.norm.cdf).pvalue > 1e-6


def test_the_linear_task_has_its_coefficients_and_its_noise() -> None:
    X, y = linear_200(20, 50, rng())

    residual = (y - 0.05 - 0.01 * X.sum(axis=2)) / 0.01
    assert X.shape == (20, 50, 200)
    assert {X.dtype, y.dtype} == {np.dtype(np.float32)}
    assert stats.kstest(residual.ravel(), stats.norm.cdf).pvalue > 1e-6
    assert stats.kstest(X[0].ravel(), stats.norm.cdf).pvalue > 1e-6


def test_noise_takes_a_standard_deviation() -> None:
    noise = gaussian_noise((300, 100), 3.0, rng())
    assert 1e-6 < stats.chi2(30_000).cdf((noise**2).sum() / 9) < 1 - 1e-6
