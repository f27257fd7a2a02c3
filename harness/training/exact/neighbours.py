"""The rote learner: it keeps the training set and answers with the nearest example's label."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def nearest_neighbour(
    X: npt.NDArray[Any], y: npt.NDArray[Any], X_new: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Return the labels (R, m) of the training examples nearest to X_new (R, m, d).

    X is (R, n, d) and y (R, n), whole or boolean labels, whose dtype the result has. The distance
    is Euclidean, unscaled and in double precision; the first of equally near ones wins, and an
    example of X that is in X_new counts as nearest to itself.
    """
    # Far from the origin the squares would hide the differences.
    origin = X[:, :1].astype(np.float64)  # what is subtracted from bytes is no byte
    near, near_new = X - origin, X_new - origin
    # |a - b|^2 less |a|^2, which is the same for every b.
    products = np.matmul(near_new, near.swapaxes(-1, -2))
    distances = (near**2).sum(axis=-1)[:, None, :] - 2 * products
    labels: npt.NDArray[Any] = np.take_along_axis(y, distances.argmin(axis=-1), axis=-1)
    return labels
