"""Exact empirical risk minimisers: polynomials in a stable basis, and linear models.

A least-squares fit in the columns x^i / i! loses all digits near degree 19 (condition number
1e33); in Chebyshev polynomials on the sample's own interval, by QR, it keeps ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.primitives.polynomials import polynomial_features

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A polynomial for each replicate, in Chebyshev polynomials on [low, high], each (R, 1).

    `coefficients` is (R, degree + 1).
    """

    low: Array
    high: Array
    coefficients: Array

    def predict(self, x: npt.NDArray[Any]) -> Array:
        """Return the polynomials' values (R, m) at x (R, m)."""
        degree = self.coefficients.shape[1] - 1
        values: Array = np.matvec(_chebyshev(x, self.low, self.high, degree), self.coefficients)
        return values


@dataclass(frozen=True)
class RidgeFit:
    """A polynomial for each replicate in the book's features x^i / i!: `w` is (R, degree + 1)."""

    w: Array

    def predict(self, x: npt.NDArray[Any]) -> Array:
        """Return the polynomials' values (R, m) at x (R, m)."""
        features = polynomial_features(np.asarray(x, dtype=np.float64), self.w.shape[1] - 1)
        values: Array = np.matvec(features, self.w)
        return values


def fit_least_squares(
    x: npt.NDArray[Any], y: npt.NDArray[Any], degree: int, ridge: float = 0.0
) -> Fit | RidgeFit:
    """Return the polynomial of the degree with the least mean squared error on (x, y), each (R, n).

    Needs more than `degree` distinct x. The reference's fitted values miss those of the exact
    projection by about the unit roundoff times ||y|| times the condition number of the Chebyshev
    polynomials on [min x, max x] at x, or less: mostly 1e-13 for n = 100 standard normal x at
    degree 19, and above 1e-9 once in a hundred times; where the polynomial interpolates wild
    points, as at n = 20 and degree 19, rounding may reach the values themselves. With `ridge` > 0
    the fit minimises mean (y_hat - y)^2 / 2 + ridge ||w||^2 / 2 over the features x^i / i!, i >= 1
    penalised.
    """
    x = np.asarray(x, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    if degree >= x.shape[1]:
        raise ValueError(f"degree={degree!r} needs more than {x.shape[1]} points; lower it")
    if ridge > 0.0:
        features = polynomial_features(x, degree)[..., 1:]
        w, b = ridge_regression(features, y, ridge)
        return RidgeFit(np.concatenate([b[:, None], w], axis=1))
    low, high = x.min(axis=1, keepdims=True), x.max(axis=1, keepdims=True)
    return Fit(low, high, ordinary_least_squares(_chebyshev(x, low, high, degree), y))


def ordinary_least_squares(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """Return w (R, d) with the least ||y - Xw|| for X (R, n, d) of full column rank, n >= d.

    No column of ones is added and nothing is centred. As accurate as a backward stable method
    (Higham 2002, Theorems 20.1 and 20.3): where the residual is small, the error grows with the
    condition number and not with its square, as that of the normal equations does.
    """
    q, r = np.linalg.qr(np.asarray(X, dtype=np.float64))
    solved: Array = np.linalg.solve(r, np.vecmat(y, q)[..., None])[..., 0]
    return solved


def minimum_norm(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """Return the shortest w (R, d) among those with the least ||y - Xw||, whatever n and d.

    X (R, n, d) may be of any rank: singular values that are 0 but for rounding (below about 1e-15
    of the largest) count as 0, others as they are, however small X is.
    """
    solved: Array = np.matvec(np.linalg.pinv(np.asarray(X, dtype=np.float64)), y)
    return solved


def ridge_regression(
    X: npt.NDArray[Any], y: npt.NDArray[Any], weight_decay: float, intercept: bool = True
) -> tuple[Array, Array]:
    """Return w (R, d) and b (R,) least in mean (Xw + b - y)^2 / 2 + weight_decay ||w||^2 / 2.

    It is the limit of the chapter's training loop; in the statistician's ||y - Xw||^2 + l ||w||^2
    l is n weight_decay > 0. X is (R, n, d) of any rank, n < d included. The intercept is not
    penalised; without one b is 0 and nothing is centred. Float64 throughout: the normal equations
    are accurate enough.
    """
    X = np.asarray(X, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    R, n, d = X.shape
    x_mean = X.mean(axis=1, keepdims=True) * intercept
    y_mean = y.mean(axis=1, keepdims=True) * intercept
    # The penalty as d further rows: no squared condition number.
    penalty = np.broadcast_to(np.sqrt(n * weight_decay) * np.eye(d), (R, d, d))
    rows = np.concatenate([X - x_mean, penalty], axis=1)
    w = ordinary_least_squares(rows, np.concatenate([y - y_mean, np.zeros((R, d))], axis=1))
    return w, y_mean[:, 0] - np.vecdot(x_mean[:, 0], w)


def _chebyshev(x: npt.NDArray[Any], low: Array, high: Array, degree: int) -> Array:
    """Return T_0 ... T_degree of x mapped from [low, high] to [-1, 1]: (R, m, degree + 1)."""
    # A single point has no interval; its polynomials are constants and any width serves.
    u = (2 * np.asarray(x, dtype=np.float64) - low - high) / np.where(high > low, high - low, 1.0)
    columns = [np.ones_like(u), u]
    for _ in range(2, degree + 1):
        columns.append(2 * u * columns[-1] - columns[-2])
    return np.stack(columns[: degree + 1], axis=-1)
