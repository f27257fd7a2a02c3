"""The compiled kernel for more features than examples: see `dual.Dual`, whose sums these are."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from harness.training.linear.compiled.orders import Lanes, in_lanes
from harness.training.linear.compiled.rows import whole
from harness.training.linear.kernels.dual import Tests, weights
from harness.training.linear.kernels.task import Array, Task
from harness.training.orders import Order


class CompiledDual:
    """Steps on u = X w; sums may be taken in another order, and products fused."""

    def __init__(self, task: Task) -> None:
        R, n, _ = task.X.shape
        dtype = task.X.dtype
        self._task = task
        self._gram = np.zeros((R, n, whole(n)), dtype=dtype)
        np.matmul(task.X, task.X.transpose(0, 2, 1), out=self._gram[:, :, :n])
        self._y = _plain(task.y)
        self._u = np.zeros((R, whole(n)), dtype=dtype)
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

    def train(self, orders: Order | list[Lanes]) -> None:
        """Take one step per batch of every order (epochs, R, n)."""
        steps, number = len(self._factors), self._task.X.dtype.type
        shrinks = number(self._shrink), number(self._shrink**steps)
        epochs = 0
        for places, replicas in in_lanes(orders):
            epochs = len(places)
            _steps(
                self._gram,
                self._y,
                places,
                replicas,
                self._u,
                self._a,
                self._bias,
                self._task.b is not None,
                shrinks,
                self._factors,
                self._later,
                self._task.batch_size,
            )
        self._kept *= self._shrink ** (steps * epochs)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        error = self._u[:, : self._y.shape[1]] + self._bias[:, None] - self._y
        train: Array = np.vecdot(error, error) * (self._task.scale / error.shape[1])
        return train, self._test.loss(self._kept, self._a, self._bias)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        w = weights(self._task, self._kept, self._a)
        return w, None if self._task.b is None else self._bias.copy()


def _plain(array: npt.NDArray[Any], dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
    """Return the array in C order and writable: every other kind would be compiled for anew."""
    return np.require(array, dtype, ["C", "W"])


@numba.njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _steps(
    gram: Any,
    y: Any,
    places: Any,
    replicas: Any,
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
    epochs, sets, n, lanes = places.shape
    shrink, epoch_shrink = shrinks
    width = u.shape[1]
    error = np.empty(size, dtype=u.dtype)
    v = np.empty(width, dtype=u.dtype)
    for s in range(sets):
        for lane in range(lanes):
            r = replicas[s, lane]
            if r < 0:
                continue
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
                        i = places[epoch, s, start + place, lane]
                        error[place] = factors[step] * (v[i] + b - y[r, i])
                        pull += error[place]
                        a[r, i] -= later[step] * error[place]
                    for j in range(width):
                        v[j] *= shrink
                    for place in range(count):
                        products = gram[r, places[epoch, s, start + place, lane]]
                        e = error[place]
                        for j in range(width):
                            v[j] -= e * products[j]
                    if biased:
                        b -= pull
            u[r] = v
            bias[r] = b
