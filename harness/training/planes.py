"""The kernel for few features: one plane (n, R) a feature, replicas innermost.

Every operation then runs along replicas, in unit stride, whatever d and the batch size are.
"""

from __future__ import annotations

import numpy as np

from harness.training.kernels import Array, Task
from harness.training.orders import Order


class Planes:
    """Closed-form steps on planes; the last plane is y, with the fixed weight -1."""

    def __init__(self, task: Task) -> None:
        R, n, d = task.X.shape
        self._d = d
        self._scale = task.scale
        self._shrink = task.shrink()
        self._batches = task.batches()
        self._train = _stacked(task.X, task.y, task.b is not None)
        self._test = _stacked(task.X_test, task.y_test, task.b is not None)
        columns = len(self._train)
        self._w = np.empty((columns, R), dtype=task.X.dtype)
        self._w[:d] = task.w.T
        if task.b is not None:
            self._w[d] = task.b
        self._w[-1] = -1
        self._lane = np.arange(R)
        self._index = np.empty((n, R), dtype=np.int64)
        self._shuffled = np.empty_like(self._train)
        self._step = np.empty((columns - 1, R), dtype=task.X.dtype)
        self._error = np.empty((n, R), dtype=task.X.dtype)

    def train_epoch(self, order: Order) -> None:
        """Gather every plane into the epoch's order, then step through its slices."""
        index = self._index
        np.multiply(order.T, len(self._lane), out=index, casting="unsafe")
        index += self._lane
        for plane, shuffled in zip(self._train, self._shuffled, strict=True):
            np.take(plane.reshape(-1), index, mode="clip", out=shuffled)
        weights, step = self._w[:-1], self._step
        for cut, factor in self._batches:
            batch = self._shuffled[:, cut]
            error = self._error[: cut.stop - cut.start]
            np.einsum("dbr,dr->br", batch, self._w, out=error)
            np.einsum("dbr,br->dr", batch[:-1], error, out=step)
            step *= factor
            if self._shrink != 1.0:
                self._w[: self._d] *= self._shrink
            np.subtract(weights, step, out=weights)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        return self._loss(self._train), self._loss(self._test)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        bias = self._w[self._d].copy() if len(self._w) == self._d + 2 else None
        return self._w[: self._d].T.copy(), bias

    def _loss(self, planes: Array) -> Array:
        error = np.einsum("dnr,dr->nr", planes, self._w)
        loss: Array = np.einsum("nr,nr->r", error, error) * (self._scale / len(error))
        return loss


def _stacked(X: Array, y: Array, bias: bool) -> Array:
    """Return the planes of the features, of 1 for a bias, and of y: (d + 1 or 2, n, R)."""
    R, n, d = X.shape
    planes = np.empty((d + 1 + bias, n, R), dtype=X.dtype)
    planes[:d] = X.transpose(2, 1, 0)
    if bias:
        planes[d] = 1
    planes[-1] = y.T
    return planes
