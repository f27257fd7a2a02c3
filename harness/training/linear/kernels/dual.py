"""The kernel for more features than examples: the weights never leave the span of the data.

After t steps w = shrink^t w0 + X' a (the representer theorem), so that a step needs only the
predictions u = X w and the n x n products X X', not the d features.
The products lie in planes, replicas innermost, as in the kernel for few features.
"""

from typing import NamedTuple

import numpy as np

from harness.training.linear.kernels.planes import grouped
from harness.training.linear.kernels.task import Array, Task
from harness.training.orders import Order


class _Batch(NamedTuple):
    """Views of the epoch's buffers, (n, B, R) and (B, R), and the batch's factor."""

    products: Array
    y: Array
    where: Order
    error: Array
    factor: float
    later: float  # shrink to the power of the steps that follow in the epoch


class Dual:
    """Closed-form steps on u = X w, with the coefficients a and the decay of w0 kept beside it."""

    def __init__(self, task: Task) -> None:
        R, n, _ = task.X.shape
        dtype = task.X.dtype
        self._task = task
        self._shrink = task.shrink()
        batches = task.batches()
        self._epoch_shrink = self._shrink ** len(batches)
        gram = np.ascontiguousarray((task.X @ task.X.transpose(0, 2, 1)).transpose(1, 2, 0))
        self._y = np.ascontiguousarray(task.y.T)
        data = np.concatenate([gram, self._y[None]])
        shuffled = np.empty_like(data)
        self._groups = grouped(data, shuffled)
        self._u = np.ascontiguousarray(np.matvec(task.X, task.w).T)
        self._test = Tests(task)
        self._bias = np.zeros(R, dtype=dtype) if task.b is None else task.b.copy()
        self._a = np.zeros((n, R), dtype=dtype)
        self._kept = 1.0  # shrink^t, in double precision: 400 roundings would show
        self._first = np.arange(R) * n
        self._lane = np.arange(R)
        self._index = np.empty((n, R), dtype=np.int64)
        self._place = np.empty((n, R), dtype=np.int64)
        self._error = np.empty((n, R), dtype=dtype)
        self._pull = np.empty((n, R), dtype=dtype)
        self._batches = [
            _Batch(
                shuffled[:-1, cut],
                shuffled[-1, cut],
                self._place[cut],
                self._error[cut],
                factor,
                self._shrink ** (len(batches) - 1 - step),
            )
            for step, (cut, factor) in enumerate(batches)
        ]

    def train(self, orders: Order) -> None:
        """Take one step per batch of every epoch's orders, (epochs, R, n)."""
        for order in orders:
            self._train_epoch(order)

    def _train_epoch(self, order: Order) -> None:
        """Gather the products into the epoch's order, then step through its slices."""
        np.add(order.T, self._first, out=self._index)
        np.multiply(order.T, len(self._lane), out=self._place)
        np.add(self._place, self._lane, out=self._place)
        for group in self._groups:
            group.gather(self._index)
        for batch in self._batches:
            self._train_batch(batch)
        self._a *= self._epoch_shrink
        self._kept *= self._epoch_shrink
        self._a.reshape(-1)[self._place] -= self._error

    def _train_batch(self, batch: _Batch) -> None:
        error, u = batch.error, self._u
        u.take(batch.where, mode="clip", out=error)
        np.subtract(error, batch.y, out=error)
        if self._task.b is not None:
            np.add(error, self._bias, out=error)
        np.multiply(error, batch.factor, out=error)
        np.einsum("jbr,br->jr", batch.products, error, out=self._pull)
        if self._shrink != 1.0:
            np.multiply(u, self._shrink, out=u)
        np.subtract(u, self._pull, out=u)
        if self._task.b is not None:
            self._bias -= error.sum(axis=0)
        if batch.later != 1.0:
            np.multiply(error, batch.later, out=error)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        error = self._u.T + self._bias[:, None] - self._task.y
        train: Array = np.vecdot(error, error) * (self._task.scale / error.shape[1])
        return train, self._test.loss(self._kept, self._a.T, self._bias)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        w = weights(self._task, self._kept, self._a.T)
        return w, None if self._task.b is None else self._bias.copy()


def weights(task: Task, kept: float, a: Array) -> Array:
    """Return w (R, d) from what is left of w0 and the coefficients a (R, n)."""
    w: Array = (kept * task.w + np.vecmat(a, task.X)).astype(a.dtype)
    return w


class Tests:
    """Losses on the test data, by the weights at first, and by X_test X' if they are asked again.

    The products cost as much as d matrix-vector products of the n coefficients save.
    """

    _FEW = 2  # losses; from the next on the products pay

    def __init__(self, task: Task) -> None:
        self._task = task
        self._asked = 0
        self._cross: Array | None = None
        self._u0: Array | None = None

    def loss(self, kept: float, a: Array, bias: Array) -> Array:
        """Return the mean test loss (R,) at coefficients a (R, n) and bias (R,)."""
        task = self._task
        self._asked += 1
        if self._asked <= self._FEW:
            u = np.matvec(task.X_test, weights(task, kept, a))
        else:
            if self._cross is None or self._u0 is None:
                self._cross = task.X_test @ task.X.transpose(0, 2, 1)
                self._u0 = np.matvec(task.X_test, task.w)
            u = kept * self._u0 + np.matvec(self._cross, a)
        error = u + bias[:, None] - task.y_test
        loss: Array = np.vecdot(error, error) * (task.scale / error.shape[1])
        return loss
