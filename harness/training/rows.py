"""The kernel for many features: one row of features an example, a matrix-vector product a step."""

from __future__ import annotations

import numpy as np

from harness.training.kernels import Array, Task, without_subnormals
from harness.training.orders import Order


class Rows:
    """Closed-form steps on rows; the last column is y, with the fixed weight -1."""

    def __init__(self, task: Task) -> None:
        R, n, d = task.X.shape
        self._d = d
        self._scale = task.scale
        self._shrink = task.shrink()
        self._batches = task.batches()
        self._train = _stacked(task.X, task.y, task.b is not None)
        self._test = _stacked(task.X_test, task.y_test, task.b is not None)
        columns = self._train.shape[2]
        self._flat = self._train.reshape(R * n, columns)
        self._w = np.empty((R, columns), dtype=task.X.dtype)
        self._w[:, :d] = task.w
        if task.b is not None:
            self._w[:, d] = task.b
        self._w[:, -1] = -1
        self._first = np.arange(R)[:, None] * n
        self._shuffled = np.empty_like(self._train)
        self._step = np.empty((R, columns), dtype=task.X.dtype)

    def train(self, orders: Order) -> None:
        """Take one step per batch of every epoch's orders, (epochs, R, n)."""
        for order in orders:
            self._train_epoch(order)

    def _train_epoch(self, order: Order) -> None:
        """Gather all rows into the epoch's order, then step through its slices."""
        np.take(self._flat, order + self._first, axis=0, mode="clip", out=self._shuffled)
        weights, step = self._w[:, :-1], self._step[:, :-1]
        for cut, factor in self._batches:
            batch = self._shuffled[:, cut]
            error = np.matvec(batch, self._w)
            np.vecmat(error, batch, out=self._step)
            step *= factor
            if self._shrink != 1.0:
                self._w[:, : self._d] *= self._shrink
            np.subtract(weights, step, out=weights)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        return self._loss(self._train), self._loss(self._test)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        bias = self._w[:, self._d].copy() if self._w.shape[1] == self._d + 2 else None
        return self._w[:, : self._d].copy(), bias

    def _loss(self, rows: Array) -> Array:
        error = np.matvec(rows, self._w)
        loss: Array = np.vecdot(error, error) * (self._scale / error.shape[1])
        return loss


def _stacked(X: Array, y: Array, bias: bool) -> Array:
    """Return the features, 1 for a bias, and y side by side: (R, n, d + 1 or 2)."""
    R, n, d = X.shape
    X = without_subnormals(X)
    rows = np.empty((R, n, d + 1 + bias), dtype=X.dtype)
    rows[:, :, :d] = X
    if bias:
        rows[:, :, d] = 1
    rows[:, :, -1] = y
    return rows
