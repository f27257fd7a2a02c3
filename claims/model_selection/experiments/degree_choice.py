"""The choice of a degree: candidates on the noisy cubic, the selection, its errors."""

from collections.abc import Callable
from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.metrics.arrays import Array

Role = Callable[..., Any]
DEGREES = tuple(range(1, 13))


def candidates(
    noisy_cubic: Role, fit_least_squares: Role, replicates: int, stream: Stream, n: int = 200
) -> tuple[Array, Array, Role]:
    """The noisy cubic, x (R, n, 1) and y (R, n), and the fit of a given degree."""
    x, y = noisy_cubic(replicates, n, stream.child("data").numpy())

    def train(model: Any, X: Any, y: Any, degree: int) -> Any:
        return fit_least_squares(X[..., 0], y, degree)

    return x[..., None], y, train


def selected(select_model: Role, x: Array, y: Array, folds: Any, train: Role) -> Any:
    """What the selection of a degree by the mean squared error on the folds comes to."""

    def loss(fit: Any, X: Any, y: Any) -> Array:
        return np.asarray(((fit.predict(X[..., 0]) - y) ** 2).mean(axis=1))

    return select_model(DEGREES, x, y, folds, lambda: None, train, loss)


def fresh_errors(
    train: Role, x: Array, y: Array, part: Any, chosen: Any, size: int, noisy_cubic: Role,
    stream: Stream,
) -> Array:  # fmt: skip
    """The errors (R,) of the chosen degrees, fitted on the part, on `size` fresh examples."""
    fresh, labels = noisy_cubic(len(y), size, stream.child("fresh").numpy())
    errors = np.zeros(len(y))
    for place in np.unique(chosen):
        rows = np.flatnonzero(chosen == place)
        fit = train(None, x[rows][:, part], y[rows][:, part], DEGREES[place])
        errors[rows] = ((fit.predict(fresh[rows]) - labels[rows]) ** 2).mean(axis=1)
    return errors
