"""Least squares with an L1 penalty, solved by coordinate descent, which reaches exact zeros."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# A correlation this close to the penalty is equal to it up to rounding, and earns no weight.
_SLACK = 1e-10


def lasso(
    X: npt.NDArray[Any], y: npt.NDArray[Any], penalty: float, *, sweeps: int = 5000,
    tolerance: float = 1e-10,
) -> Array:  # fmt: skip
    """Return w (R, d) least in mean (Xw - y)^2 / 2 + penalty ||w||_1, for X (R, n, d), y (R, n).

    Cyclic coordinate descent from zero (Friedman, Hastie and Tibshirani 2010, Eq. 5): each weight
    is soft-thresholded in turn, so that zeros are exact. Any split
    of the weight over two equal columns is optimal; here the first takes all, side by side.
    There is no intercept. The reference stops after a sweep that moved no weight by more than
    `tolerance`, and raises ArithmeticError if `sweeps` did not suffice.
    """
    X = np.asarray(X, dtype=np.float64)
    columns = np.ascontiguousarray(X.transpose(2, 0, 1))
    n = X.shape[1]
    size = (columns * columns).sum(axis=2) / n
    size = np.where(size > 0, size, 1.0)  # a column of zeros keeps its weight of 0
    residual = np.array(y, dtype=np.float64)
    w = np.zeros(size.shape)
    for _ in range(sweeps):
        moved = 0.0
        for x, s, weight in zip(columns, size, w, strict=True):
            pull = np.vecdot(x, residual) / n + s * weight
            shrunk = np.sign(pull) * (np.abs(pull) - penalty)
            updated = np.where(np.abs(pull) > penalty * (1 + _SLACK), shrunk, 0.0) / s
            residual -= (updated - weight)[:, None] * x
            moved = max(moved, float(np.abs(updated - weight).max()))
            weight[...] = updated
        if moved <= tolerance:
            return np.ascontiguousarray(w.T)
    raise ArithmeticError(f"{sweeps} sweeps left a weight moving by {moved:g}; raise `sweeps`")
