"""Least squares whose solutions are rational and known exactly, however bad the condition.

Features are B C of whole numbers, B (n, r) of full column rank and C (r, d) of full row rank, so
that the shortest least-squares solution is C'(CC')^-1 (B'B)^-1 B'y.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.metrics.arrays import Array, gamma

Whole = npt.NDArray[np.int64]

LARGEST = 8  # of the entries that are drawn


def full_rank(rows: int, columns: int, rng: np.random.Generator) -> Whole:
    """Whole numbers (rows, columns) whose upper square is dominated by its diagonal."""
    numbers = rng.integers(-LARGEST, LARGEST + 1, (rows, columns))
    for i in range(min(rows, columns)):
        numbers[i, i] = 2 * LARGEST * min(rows, columns)
    return numbers


def nearly_collinear(columns: int, bits: int) -> Whole:
    """C (columns, columns) that adds 2^bits times the first feature to every other one."""
    mixed = np.eye(columns, dtype=np.int64)
    mixed[0, 1:] = 2**bits if bits else 0
    return mixed


def shortest(B: Whole, C: Whole, y: Whole) -> Array:
    """The shortest w (d,) of the least ||y - BCw||, exact but for its own rounding."""
    inner = solved(B.T @ B, B.T @ y)
    outer = solved(C @ C.T, inner)
    sums = (sum(int(c) * z for c, z in zip(row, outer, strict=True)) for row in C.T)
    return np.array([float(one) for one in sums])


def penalised(X: Whole, y: Whole, weight_decay: Fraction, intercept: bool) -> tuple[Array, float]:
    """w (d,) and b of ridge regression, exact but for their own rounding."""
    n, d = X.shape
    sums, total = (X.sum(axis=0), int(y.sum())) if intercept else (np.zeros(d, dtype=np.int64), 0)
    gram = [
        [
            Fraction(int(X[:, i] @ X[:, j])) - Fraction(int(sums[i]) * int(sums[j]), n)
            + (n * weight_decay if i == j else 0)
            for j in range(d)
        ]
        for i in range(d)
    ]  # fmt: skip
    right = [Fraction(int(X[:, i] @ y)) - Fraction(int(sums[i]) * total, n) for i in range(d)]
    w = solved(gram, right)
    b = (total - sum(int(s) * one for s, one in zip(sums, w, strict=True))) / Fraction(n)
    return np.array([float(one) for one in w]), float(b)


def solved(A: Any, b: Any) -> list[Fraction]:
    """The x of Ax = b for a positive definite A, by elimination in rational numbers."""
    rows = [[_rational(one) for one in (*row, right)] for row, right in zip(A, b, strict=True)]
    for i, pivot in enumerate(rows):
        for row in rows[i + 1 :]:
            factor = row[i] / pivot[i]
            for j in range(i, len(row)):
                row[j] -= factor * pivot[j]
    x: list[Fraction] = []
    for i in reversed(range(len(rows))):
        known = sum(a * one for a, one in zip(rows[i][i + 1 : -1], x, strict=True))
        x.insert(0, (rows[i][-1] - known) / rows[i][i])
    return x


def _rational(number: Any) -> Fraction:
    return number if isinstance(number, Fraction) else Fraction(int(number))


def allowed_error(X: Array, y: Array, w: Array, rank: int) -> float:
    """How far a backward stable solution of rank `rank` may be from w (d,), in norm.

    X and y are those of a problem that differs by gamma ||X|| and gamma ||y|| (Higham 2002,
    Theorem 20.3), and w moves as Theorem 20.1 says: the residual alone meets the condition squared.
    """
    singular = np.linalg.svd(X, compute_uv=False)
    largest, least = float(singular[0]), float(singular[rank - 1])
    rounding = gamma(8 * X.size)
    size, residual = np.linalg.norm(w), np.linalg.norm(y - X @ w)
    moved = largest * size + np.linalg.norm(y)
    return float(rounding * (2 * moved / least + largest * residual / least**2))


def allowed_penalised_error(X: Whole, y: Whole, w: Array, weight_decay: float) -> float:
    """How far w (d,) of ridge regression may err, by the normal equations too (they are usual).

    The problem is least squares on d more rows, sqrt(n weight_decay) I; features are rounded once
    more where they are centred.
    """
    n, d = X.shape
    rows = np.vstack([X - X.mean(axis=0), (n * weight_decay) ** 0.5 * np.eye(d)])
    singular = np.linalg.svd(rows, compute_uv=False)
    largest = float(np.linalg.norm(X)) + float(singular[0])
    moved = largest * np.linalg.norm(w) + np.linalg.norm(y)
    return float(gamma(8 * X.size + 64) * moved * largest / singular[-1] ** 2)
