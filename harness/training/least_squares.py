"""Exact empirical risk minimisers: polynomials in a stable basis, and linear models.

A least-squares fit in the columns x^i / i! loses all digits near degree 19 (condition number
1e33); fitted in a basis that is orthonormal on the sample itself it is exact and monotone.
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
    """A polynomial for each replicate, in the basis that its own sample made orthonormal.

    `recurrence` (R, degree + 1, degree + 1) holds the Hessenberg numbers of the basis and
    `coefficients` (R, degree + 1) the weights; `predict` runs the recurrence.
    """

    recurrence: Array
    coefficients: Array

    def predict(self, x: npt.NDArray[Any]) -> Array:
        """Return the polynomials' values (R, m) at x (R, m)."""
        x = np.asarray(x, dtype=np.float64)
        columns = [np.ones_like(x)]
        for j in range(self.coefficients.shape[1] - 1):
            column = x * columns[j]
            for i, earlier in enumerate(columns):
                column -= self.recurrence[:, i, j, None] * earlier
            columns.append(column / self.recurrence[:, j + 1, j, None])
        values: Array = np.einsum("krm,rk->rm", np.stack(columns), self.coefficients)
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

    Needs n > degree distinct x. The basis comes from Vandermonde with Arnoldi (Brubeck, Nakatsukasa
    and Trefethen 2021), orthogonalised twice. With `ridge` > 0 the fit minimises
    mean (y_hat - y)^2 / 2 + ridge ||w||^2 / 2 over the features x^i / i!, i >= 1 penalised.
    """
    x = np.asarray(x, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    if degree >= x.shape[1]:
        raise ValueError(f"degree={degree!r} needs more than {x.shape[1]} points; lower it")
    if ridge > 0.0:
        features = polynomial_features(x, degree)[..., 1:]
        w, b = ridge_regression(features, y, ridge)
        return RidgeFit(np.concatenate([b[:, None], w], axis=1))
    basis, recurrence = _arnoldi(x, degree)
    return Fit(recurrence, np.einsum("krn,rn->rk", basis, y) / x.shape[1])


def ordinary_least_squares(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """Return w (R, d) with the least ||y - Xw|| for X (R, n, d) of full column rank, n >= d."""
    q, r = np.linalg.qr(np.asarray(X, dtype=np.float64))
    solved: Array = np.linalg.solve(r, np.vecmat(y, q)[..., None])[..., 0]
    return solved


def minimum_norm(X: npt.NDArray[Any], y: npt.NDArray[Any]) -> Array:
    """Return the shortest w (R, d) among those with the least ||y - Xw||, whatever n and d."""
    solved: Array = np.matvec(np.linalg.pinv(np.asarray(X, dtype=np.float64)), y)
    return solved


def ridge_regression(
    X: npt.NDArray[Any], y: npt.NDArray[Any], weight_decay: float, intercept: bool = True
) -> tuple[Array, Array]:
    """Return w (R, d) and b (R,) least in mean (Xw + b - y)^2 / 2 + weight_decay ||w||^2 / 2.

    It is the limit of the chapter's training loop; in the statistician's ||y - Xw||^2 + l ||w||^2
    l is n weight_decay. The intercept is not penalised, and 0 if there is none.
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


def _arnoldi(x: Array, degree: int) -> tuple[Array, Array]:
    """Return columns (degree + 1, R, n) of mean square 1, orthogonal on x, and their recurrence."""
    R, n = x.shape
    basis = np.ones((degree + 1, R, n))
    recurrence = np.zeros((R, degree + 1, degree + 1))
    for j in range(degree):
        column = x * basis[j]
        for _ in range(2):  # once leaves errors that grow with the degree; twice is enough
            overlap = np.einsum("krn,rn->rk", basis[: j + 1], column) / n
            column -= np.einsum("krn,rk->rn", basis[: j + 1], overlap)
            recurrence[:, : j + 1, j] += overlap
        recurrence[:, j + 1, j] = np.sqrt(np.vecdot(column, column) / n)
        basis[j + 1] = column / recurrence[:, j + 1, j, None]
    return basis, recurrence
