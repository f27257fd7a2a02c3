"""Model selection: losses on held-out parts, and the hyper-parameter that they choose.

The systems of the chapter: k-fold cross-validation, and the choice among candidates with the loop
over hyper-parameters outside the loop over folds. A single pair (train, valid) is a validation
split, so that both systems serve it as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.primitives.batches import Indices

Array = npt.NDArray[np.float64]
Folds = Sequence[tuple[Indices, Indices]]


@dataclass(frozen=True)
class Selection:
    """Scores (C, R) of C candidates, lower is better, and the place of the best one (R,)."""

    scores: Array
    chosen: Indices


def cross_validate(
    X: npt.NDArray[Any], y: npt.NDArray[Any], folds: Folds, create: Callable[[], Any],
    train: Callable[[Any, npt.NDArray[Any], npt.NDArray[Any]], Any],
    loss: Callable[[Any, npt.NDArray[Any], npt.NDArray[Any]], Any],
) -> Array:  # fmt: skip
    """Return the validation losses (k, R): one model a fold, made afresh, trained on the rest.

    X is (R, n, d) and y (R, n): R samples of n examples; `folds` are k pairs (train, valid) of
    indices into the n, the same for every sample.
    `create()` gives an untrained model, `train(model, X, y)` the trained one (it may work in
    place and return the same object), `loss(model, X, y)` one number for each sample (R,). Each is
    called once a fold, in the order of the folds, train on X[:, train] and loss on X[:, valid].
    The mean over the folds estimates the expected loss of models trained on the smaller samples.
    """
    losses = []
    for training, validation in folds:
        model = train(create(), X[:, training], y[:, training])
        losses.append(loss(model, X[:, validation], y[:, validation]))
    return np.array(losses, dtype=np.float64)


def select_model(
    candidates: Sequence[Any], X: npt.NDArray[Any], y: npt.NDArray[Any], folds: Folds,
    create: Callable[[], Any], train: Callable[[Any, npt.NDArray[Any], npt.NDArray[Any], Any], Any],
    loss: Callable[[Any, npt.NDArray[Any], npt.NDArray[Any]], Any],
) -> Selection:  # fmt: skip
    """Return each candidate's mean validation loss, and which candidate has the least.

    A candidate is a setting of the hyper-parameters, handed to `train(model, X, y, candidate)`;
    it stays as it is through the whole loop over the folds. Among equal scores the first wins.
    The other arguments are `cross_validate`'s. The result has `scores` (C, R), the means over the
    folds, each fold weighing the same, and `chosen` (R,), the place of each sample's least score.
    """
    scores = []
    for candidate in candidates:

        def fit(model: Any, X: Any, y: Any, candidate: Any = candidate) -> Any:
            return train(model, X, y, candidate)

        scores.append(cross_validate(X, y, folds, create, fit, loss).mean(axis=0))
    table = np.array(scores)
    return Selection(table, table.argmin(axis=0))
