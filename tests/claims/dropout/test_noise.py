"""Risks and expansions, against Monte Carlo and against functions that are known by heart."""

import numpy as np
import torch

from claims.dropout.experiments import noise
from harness.training.exact.least_squares import minimum_norm


def test_the_excess_risk_is_that_of_fresh_data() -> None:
    rng = np.random.default_rng(1)
    X, y, w = noise.gaussian_regression(2, 20, 5, rng)
    fitted = minimum_norm(X, y)
    fresh = rng.standard_normal((400_000, 5))

    found = noise.excess_risk(fitted, w)

    np.testing.assert_allclose(found[0], np.mean((fresh @ (fitted[0] - w[0])) ** 2), rtol=0.02)
    np.testing.assert_allclose(np.linalg.norm(w, axis=1), 1.0)


def test_the_least_norm_interpolates_and_a_disturbed_fit_does_not() -> None:
    X, y, _ = noise.gaussian_regression(3, 10, 60, np.random.default_rng(2))
    fitted = minimum_norm(X, y)

    assert noise.interpolation_error(X, y, fitted).max() <= 1
    assert noise.interpolation_error(X, y, fitted * (1 + 1e-8)).max() > 1


def test_the_gaussian_mean_of_a_polynomial_is_exact() -> None:
    x = torch.tensor([[1.0, 2.0], [0.5, -1.0]], dtype=torch.float64)

    found = noise.gaussian_mean(lambda z: z[..., 0] ** 2 * z[..., 1] ** 2, x, 0.3)

    expected = (x[:, 0] ** 2 + 0.09) * (x[:, 1] ** 2 + 0.09)
    torch.testing.assert_close(found, expected)


def test_slope_and_curvature_of_a_known_function() -> None:
    x = torch.tensor([[1.0, 2.0], [0.5, -1.0]], dtype=torch.float64)

    value, slope, curvature = noise.slope_and_curvature(
        lambda z: z[..., 0] ** 3 + z[..., 1].sin(), x
    )

    torch.testing.assert_close(value, x[:, 0] ** 3 + torch.sin(x[:, 1]))
    torch.testing.assert_close(slope, 9 * x[:, 0] ** 4 + torch.cos(x[:, 1]) ** 2)
    torch.testing.assert_close(curvature, 6 * x[:, 0] - torch.sin(x[:, 1]))
