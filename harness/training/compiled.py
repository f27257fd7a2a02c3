"""The kernels of the extra `fast`: one replica at a time in loops that Numba compiles.

Rows are padded to whole vectors; a replica's data stay in the first cache and a step needs no
intermediate arrays. The first use compiles for a second or two; the result is kept beside this
file, or in the user's cache where that cannot be written.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from harness.training.dual import Tests, weights
from harness.training.kernels import Array, Task, without_subnormals
from harness.training.orders import Order

# Sums may be taken in another order and products fused; NaN and infinity keep their meaning.
_FAST = {"contract", "reassoc", "nsz"}
_NARROW = 4  # up to here the width is a constant and the loops over it are unrolled
_VECTOR = 8  # numbers; wider rows are padded to whole vectors


class Compiled:
    """Closed-form steps on rows of features, 1 for a bias, and zeros up to the padded width."""

    def __init__(self, task: Task) -> None:
        R, n, d = task.X.shape
        self._task = task
        bias = task.b is not None
        width = _NARROW if d + bias <= _NARROW else _whole(d + bias)
        self._rows = _padded(task.X, width, bias)
        self._y = _plain(task.y)
        self._test = _padded(task.X_test, width, bias)
        self._y_test = _plain(task.y_test)
        self._w = np.zeros((R, width), dtype=task.X.dtype)
        self._w[:, :d] = task.w
        if task.b is not None:
            self._w[:, d] = task.b
        shrink = np.ones(width)
        shrink[:d] = task.shrink()
        self._shrink = shrink.astype(task.X.dtype)
        self._factor = task.X.dtype.type(task.batches()[0][1] * min(task.batch_size, n))
        self._steps = _narrow_steps if width == _NARROW else _wide_steps

    def train(self, orders: Order) -> None:
        """Take one step per batch of every order (epochs, R, n)."""
        size = self._task.batch_size
        order = _plain(orders, np.int32)
        self._steps(self._rows, self._y, order, self._w, self._shrink, self._factor, size)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        scale = self._task.X.dtype.type(self._task.scale)
        train: Array = _means(self._rows, self._y, self._w, scale)
        return train, _means(self._test, self._y_test, self._w, scale)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        d = self._task.X.shape[2]
        bias = None if self._task.b is None else self._w[:, d].copy()
        return self._w[:, :d].copy(), bias


def _padded(X: Array, width: int, bias: bool) -> Array:
    R, n, d = X.shape
    rows = np.zeros((R, n, width), dtype=X.dtype)
    rows[:, :, :d] = without_subnormals(X)
    if bias:
        rows[:, :, d] = 1
    return rows


def _plain(array: npt.NDArray[Any], dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
    """Return the array in C order and writable: every other kind would be compiled for anew."""
    return np.require(array, dtype, ["C", "W"])


def _whole(width: int) -> int:
    """Return the width in whole vectors."""
    return -(-width // _VECTOR) * _VECTOR


class CompiledDual:
    """Steps on u = X w for more features than examples: see `dual.Dual`, whose sums these are."""

    def __init__(self, task: Task) -> None:
        R, n, _ = task.X.shape
        dtype = task.X.dtype
        self._task = task
        self._gram = np.zeros((R, n, _whole(n)), dtype=dtype)
        np.matmul(task.X, task.X.transpose(0, 2, 1), out=self._gram[:, :, :n])
        self._y = _plain(task.y)
        self._u = np.zeros((R, _whole(n)), dtype=dtype)
        self._u[:, :n] = np.matvec(task.X, task.w)
        self._a = np.zeros((R, n), dtype=dtype)
        self._bias = np.zeros(R, dtype=dtype) if task.b is None else task.b.copy()
        self._kept = 1.0  # shrink^t, in double precision: 400 roundings would show
        self._shrink = task.shrink()
        batches = task.batches()
        self._factors = np.array([factor for _, factor in batches], dtype=dtype)
        later = self._shrink ** np.arange(len(batches) - 1.0, -1.0, -1.0)
        self._later = later.astype(dtype)
        self._test = Tests(task)

    def train(self, orders: Order) -> None:
        """Take one step per batch of every order (epochs, R, n)."""
        steps, number = len(self._factors), self._task.X.dtype.type
        _dual_steps(
            self._gram,
            self._y,
            _plain(orders, np.int32),
            self._u,
            self._a,
            self._bias,
            self._task.b is not None,
            (number(self._shrink), number(self._shrink**steps)),
            self._factors,
            self._later,
            self._task.batch_size,
        )
        self._kept *= self._shrink ** (steps * len(orders))

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        error = self._u[:, : self._y.shape[1]] + self._bias[:, None] - self._y
        train: Array = np.vecdot(error, error) * (self._task.scale / error.shape[1])
        return train, self._test.loss(self._kept, self._a, self._bias)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        w = weights(self._task, self._kept, self._a)
        return w, None if self._task.b is None else self._bias.copy()


def _steps(
    rows: Any, y: Any, orders: Any, weights: Any, shrink: Any, factor: Any, size: int, width: int
) -> None:
    """Train every replica through all epochs; `factor` is a batch's rate times its size."""
    epochs, R, n = orders.shape
    w = np.empty(width, dtype=rows.dtype)
    g = np.empty(width, dtype=rows.dtype)
    for r in range(R):
        for j in range(width):
            w[j] = weights[r, j]
        for epoch in range(epochs):
            for start in range(0, n, size):
                stop = min(start + size, n)
                rate = factor / rows.dtype.type(stop - start)
                for j in range(width):
                    g[j] = 0
                for place in range(start, stop):
                    i = orders[epoch, r, place]
                    x = rows[r, i]
                    error = -y[r, i]
                    for j in range(width):
                        error += x[j] * w[j]
                    for j in range(width):
                        g[j] += error * x[j]
                for j in range(width):
                    w[j] = shrink[j] * w[j] - rate * g[j]
        for j in range(width):
            weights[r, j] = w[j]


_inlined = numba.njit(inline="always")(_steps)


def _narrow(
    rows: Any, y: Any, orders: Any, weights: Any, shrink: Any, factor: Any, size: int
) -> None:
    _inlined(rows, y, orders, weights, shrink, factor, size, 4)


def _wide(
    rows: Any, y: Any, orders: Any, weights: Any, shrink: Any, factor: Any, size: int
) -> None:
    _inlined(rows, y, orders, weights, shrink, factor, size, rows.shape[2])


def _mean_losses(rows: Any, y: Any, weights: Any, scale: Any) -> Any:
    """Return scale times the mean squared error of every replica."""
    R, n = y.shape
    found = np.empty(R, dtype=rows.dtype)
    for r in range(R):
        total = scale * 0
        for i in range(n):
            x = rows[r, i]
            error = -y[r, i]
            for j in range(rows.shape[2]):
                error += x[j] * weights[r, j]
            total += error * error
        found[r] = total * scale / rows.dtype.type(n)
    return found


def _dual(
    gram: Any,
    y: Any,
    orders: Any,
    u: Any,
    a: Any,
    bias: Any,
    biased: bool,
    shrinks: Any,
    factors: Any,
    later: Any,
    size: int,
) -> None:
    """Train every replica through all epochs: u (R, W) and a (R, n) in place."""
    epochs, R, n = orders.shape
    shrink, epoch_shrink = shrinks
    width = u.shape[1]
    error = np.empty(size, dtype=u.dtype)
    v = np.empty(width, dtype=u.dtype)
    for r in range(R):
        v[:] = u[r]
        b = bias[r]
        for epoch in range(epochs):
            for j in range(n):
                a[r, j] *= epoch_shrink
            for step in range(len(factors)):
                start = step * size
                count = min(size, n - start)
                pull = u.dtype.type(0)
                for place in range(count):
                    i = orders[epoch, r, start + place]
                    error[place] = factors[step] * (v[i] + b - y[r, i])
                    pull += error[place]
                    a[r, i] -= later[step] * error[place]
                for j in range(width):
                    v[j] *= shrink
                for place in range(count):
                    products = gram[r, orders[epoch, r, start + place]]
                    e = error[place]
                    for j in range(width):
                        v[j] -= e * products[j]
                if biased:
                    b -= pull
        u[r] = v
        bias[r] = b


_options = {"cache": True, "fastmath": _FAST, "error_model": "numpy"}
_narrow_steps = numba.njit(**_options)(_narrow)
_wide_steps = numba.njit(**_options)(_wide)
_means = numba.njit(**_options)(_mean_losses)
_dual_steps = numba.njit(**_options)(_dual)
