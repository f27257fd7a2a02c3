"""The chapter's two synthetic regression tasks, drawn afresh for every replicate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from harness.primitives.polynomials import polynomial_features

# y = 5 + 1.2 x - 3.4 x^2 / 2! + 5.6 x^3 / 3! + noise, the book's "true_w".
CUBIC = (5.0, 1.2, -3.4, 5.6)
SLOPE = 0.01  # every true weight of the 200-dimensional task
INTERCEPT = 0.05
LINEAR_NOISE = 0.01


def noisy_cubic(
    replicates: int, n: int, rng: np.random.Generator, noise: float = 0.1
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return x ~ N(0, 1) and y = cubic(x) + N(0, noise^2), each (replicates, n), all independent.

    `noise` is a standard deviation. For training and test data draw twice, or draw and cut.
    """
    x = rng.standard_normal((replicates, n))
    y = polynomial_features(x, len(CUBIC) - 1) @ np.array(CUBIC)
    return x, y + gaussian_noise((replicates, n), noise, rng)


def linear_200(
    replicates: int, n: int, rng: np.random.Generator, d: int = 200
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return X (replicates, n, d) ~ N(0, 1) and y = 0.05 + sum 0.01 x + N(0, 0.01^2)."""
    X = rng.standard_normal((replicates, n, d), dtype=np.float32)
    y = INTERCEPT + SLOPE * X.sum(axis=2, dtype=np.float64)
    y += gaussian_noise((replicates, n), LINEAR_NOISE, rng)
    return X, y.astype(np.float32)


def gaussian_noise(
    shape: tuple[int, ...], std: float, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Return independent N(0, std^2) numbers; std is the standard deviation, not its square.

    All from `rng`, which moves on: no two calls share a number. `shape` may be (), std may be 0.
    """
    return std * rng.standard_normal(shape)
