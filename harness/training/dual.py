"""The kernel for more features than examples: the weights never leave the span of the data.

After t steps w = shrink^t w0 + X' a (the representer theorem), so that a step needs only the
predictions u = X w and the n x n products X X', not the d features.
"""

from __future__ import annotations

import numpy as np

from harness.training.kernels import Array, Task
from harness.training.orders import Order


class Dual:
    """Closed-form steps on u = X w, with the coefficients a and the decay of w0 kept beside it."""

    def __init__(self, task: Task) -> None:
        R, n, _ = task.X.shape
        self._task = task
        self._shrink = task.shrink()
        self._batches = task.batches()
        self._gram = task.X @ task.X.transpose(0, 2, 1)
        self._flat = self._gram.reshape(R * n, n)
        self._cross = task.X_test @ task.X.transpose(0, 2, 1)
        self._u = np.matvec(task.X, task.w)
        self._u0_test = np.matvec(task.X_test, task.w)
        self._bias = np.zeros(R, dtype=task.X.dtype) if task.b is None else task.b.copy()
        self._a = np.zeros((R, n), dtype=task.X.dtype)
        self._kept = 1.0  # shrink^t, in double precision: 400 roundings would show
        self._first = np.arange(R)[:, None] * n

    def train_epoch(self, order: Order) -> None:
        """Step through the slices of the epoch's order."""
        rows = order + self._first
        for cut, factor in self._batches:
            self._train_batch(rows[:, cut], order[:, cut], factor)

    def _train_batch(self, rows: Order, examples: Order, factor: float) -> None:
        task = self._task
        u = np.take(self._u.reshape(-1), rows)
        y = np.take(task.y.reshape(-1), rows)
        step = (u + self._bias[:, None] - y) * np.asarray(factor, dtype=u.dtype)
        pull = np.vecmat(step, np.take(self._flat, rows, axis=0))
        if self._shrink != 1.0:
            self._u *= self._shrink
            self._a *= self._shrink
            self._kept *= self._shrink
        self._u -= pull
        self._a.reshape(-1)[rows] -= step
        if task.b is not None:
            self._bias -= step.sum(axis=1)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        test = self._kept * self._u0_test + np.matvec(self._cross, self._a)
        return self._loss(self._u, self._task.y), self._loss(test, self._task.y_test)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        w = self._kept * self._task.w + np.vecmat(self._a, self._task.X)
        return w.astype(self._a.dtype), None if self._task.b is None else self._bias.copy()

    def _loss(self, u: Array, y: Array) -> Array:
        error = u + self._bias[:, None] - y
        loss: Array = np.vecdot(error, error) * (self._task.scale / error.shape[1])
        return loss
