"""Exact fits against numpy's least squares, algebra, and the order that nesting imposes."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from harness.data.synthetic import noisy_cubic
from harness.primitives.polynomials import polynomial_features
from harness.training.exact.least_squares import (
    fit_least_squares,
    minimum_norm,
    ordinary_least_squares,
    ridge_regression,
)
from tests.draws import rng

Array = npt.NDArray[np.float64]


@pytest.mark.parametrize("degree", range(6))
def test_low_degrees_agree_with_numpys_fit(degree: int) -> None:
    x, y = noisy_cubic(4, 60, rng())
    grid = np.linspace(-2, 2, 9)

    predicted = fit_least_squares(x, y, degree).predict(np.broadcast_to(grid, (4, 9)))

    expected = [np.polynomial.Polynomial.fit(a, b, degree)(grid) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(predicted, expected, rtol=1e-9, atol=1e-9)


def test_a_polynomial_of_degree_19_is_recovered_through_noise_free_data() -> None:
    x = rng().uniform(-1, 1, (3, 200))
    y = np.polynomial.Chebyshev(np.ones(20))(x)
    grid = np.linspace(-0.9, 0.9, 50)

    fit = fit_least_squares(x, y, 19)

    expected = np.polynomial.Chebyshev(np.ones(20))(grid)
    predicted = fit.predict(np.broadcast_to(grid, (3, 50)))
    np.testing.assert_allclose(predicted, np.broadcast_to(expected, (3, 50)), atol=1e-8)


def projected(x: Array, y: Array, degree: int) -> list[Any]:
    """The values of the exact projection on polynomials, in 40 digits by Gram and Schmidt."""
    mpmath: Any = pytest.importorskip("mpmath", reason="mpmath, which torch brings, is not here")
    with mpmath.workdps(40):
        points, found = [mpmath.mpf(float(v)) for v in x], [mpmath.mpf(0)] * len(x)
        left, basis = [mpmath.mpf(float(v)) for v in y], list[list[Any]]()
        for _ in range(degree + 1):
            column = (
                [a * b for a, b in zip(points, basis[-1], strict=True)] if basis else [1] * len(x)
            )
            for other in 2 * basis:
                part = mpmath.fdot(other, column)
                column = [a - part * b for a, b in zip(column, other, strict=True)]
            length = mpmath.sqrt(mpmath.fdot(column, column))
            basis.append([a / length for a in column])
            part = mpmath.fdot(basis[-1], left)
            found = [a + part * b for a, b in zip(found, basis[-1], strict=True)]
        return found


def test_fitted_values_are_those_of_the_exact_projection_as_conditioned() -> None:
    """In 200 draws the error was 0.55 of unit roundoff times condition number times max |y|."""
    x, y = noisy_cubic(10, 100, rng(3))
    fitted = fit_least_squares(x, y, 19).predict(x)
    middle, half = (x.max(axis=1) + x.min(axis=1)) / 2, np.ptp(x, axis=1) / 2
    errors, bounds = [], []
    for at in range(10):
        exact = projected(x[at], y[at], 19)
        errors.append(
            float(max(abs(a - b) for a, b in zip(fitted[at].tolist(), exact, strict=True)))
        )
        columns = np.polynomial.chebyshev.chebvander((x[at] - middle[at]) / half[at], 19)
        bounds.append(2.0**-53 * np.linalg.cond(columns) * np.linalg.norm(y[at]))

    assert (np.array(errors) <= bounds).all()
    assert np.median(errors) <= 1e-12


def test_training_error_never_rises_with_the_degree() -> None:
    """A theorem for nested exact minimisers; solving in the raw columns breaks it in 60 %."""
    x, y = noisy_cubic(1000, 100, rng(1))

    errors = [np.mean((fit_least_squares(x, y, d).predict(x) - y) ** 2, axis=1) for d in range(20)]

    assert (np.diff(errors, axis=0) <= 0).all()


def test_residuals_are_orthogonal_to_the_features() -> None:
    x, y = noisy_cubic(5, 100, rng(2))
    features = polynomial_features(x, 12)

    residual = y - fit_least_squares(x, y, 12).predict(x)

    overlap = np.vecmat(residual, features)
    scale = np.abs(y).sum(axis=1, keepdims=True) * np.abs(features).max(axis=1)
    assert (np.abs(overlap) < 1e-12 * scale).all()


def test_twenty_points_are_interpolated_by_degree_19() -> None:
    x = np.broadcast_to(np.cos(np.pi * np.arange(20) / 19), (2, 20))
    y = rng(2).standard_normal((2, 20))
    np.testing.assert_allclose(fit_least_squares(x, y, 19).predict(x), y, atol=1e-12)


def test_one_point_is_fitted_by_its_value() -> None:
    fit = fit_least_squares(np.ones((1, 1)), np.full((1, 1), 7.0), 0)
    assert fit.predict(np.array([[1.0, 5.0]])).tolist() == [[7.0, 7.0]]


def test_a_tiny_ridge_is_nearly_none_and_a_huge_one_leaves_the_mean() -> None:
    x, y = noisy_cubic(3, 50, rng(3))

    near = fit_least_squares(x, y, 3, ridge=1e-12).predict(x)
    far = fit_least_squares(x, y, 3, ridge=1e9).predict(x)

    np.testing.assert_allclose(near, fit_least_squares(x, y, 3).predict(x), atol=1e-7)
    np.testing.assert_allclose(far, np.repeat(y.mean(axis=1, keepdims=True), 50, axis=1), atol=1e-6)


def test_too_high_a_degree_is_refused() -> None:
    with pytest.raises(ValueError, match="degree=5"):
        fit_least_squares(np.zeros((1, 5)), np.zeros((1, 5)), 5)


def test_ordinary_least_squares_is_numpys() -> None:
    X, y = rng().standard_normal((4, 30, 6)), rng(1).standard_normal((4, 30))

    expected = [np.linalg.lstsq(a, b)[0] for a, b in zip(X, y, strict=True)]

    np.testing.assert_allclose(ordinary_least_squares(X, y), expected, rtol=1e-10)
    np.testing.assert_allclose(minimum_norm(X, y), expected, rtol=1e-10)


def test_the_minimum_norm_solution_interpolates_and_is_the_shortest() -> None:
    X, y = rng().standard_normal((4, 10, 40)), rng(1).standard_normal((4, 10))

    w = minimum_norm(X, y)

    expected = [np.linalg.lstsq(a, b)[0] for a, b in zip(X, y, strict=True)]
    np.testing.assert_allclose(np.matvec(X, w), y, atol=1e-10)
    np.testing.assert_allclose(w, expected, atol=1e-10)


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("shape", [(3, 30, 5), (3, 8, 20)], ids=["tall", "wide"])
def test_the_gradient_of_the_ridge_vanishes(shape: tuple[int, int, int], intercept: bool) -> None:
    X, y = rng().standard_normal(shape), rng(1).standard_normal(shape[:2]) + 2

    w, b = ridge_regression(X, y, 0.3, intercept)

    residual = np.matvec(X, w) + b[:, None] - y
    np.testing.assert_allclose(np.vecmat(residual, X) / shape[1] + 0.3 * w, 0, atol=1e-12)
    np.testing.assert_allclose(residual.mean(axis=1) if intercept else b, 0, atol=1e-12)
