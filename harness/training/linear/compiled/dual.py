"""The compiled kernel for more features than examples: see `dual.Dual`, whose sums these are."""

from typing import Any, NamedTuple

import numba
import numpy as np

from harness.training.linear.compiled.orders import Lanes, in_lanes
from harness.training.linear.compiled.rows import whole
from harness.training.linear.kernels.dual import Tests, weights
from harness.training.linear.kernels.task import Array, Task
from harness.training.orders import Order


class _Examples(NamedTuple):
    """What no step changes: products X X' (R, n, W), W being n in whole vectors, and y (R, n)."""

    gram: Array
    y: Array


class _State(NamedTuple):
    """What the steps change: u = X w (R, W), coefficients a (R, n) and the bias (R,)."""

    u: Array
    a: Array
    bias: Array


class _Rule(NamedTuple):
    """An epoch's steps: what they multiply w by, one and all, their factors, and their number.

    `later` is what the steps that follow in the epoch multiply w by; the bias moves if `biased`.
    """

    shrink: Any
    epoch_shrink: Any
    factors: Array
    later: Array
    size: int
    biased: bool


class CompiledDual:
    """Steps on u = X w; sums may be taken in another order, and products fused."""

    def __init__(self, task: Task) -> None:
        R, n, _ = task.X.shape
        dtype = task.X.dtype
        self._task = task
        gram = np.zeros((R, n, whole(n)), dtype=dtype)
        np.matmul(task.X, task.X.transpose(0, 2, 1), out=gram[:, :, :n])
        self._examples = _Examples(gram, _plain(task.y))
        u = np.zeros((R, whole(n)), dtype=dtype)
        u[:, :n] = np.matvec(task.X, task.w)
        bias = np.zeros(R, dtype=dtype) if task.b is None else task.b.copy()
        self._state = _State(u, np.zeros((R, n), dtype=dtype), bias)
        self._kept = 1.0  # shrink^t, in double precision: 400 roundings would show
        self._shrink = shrink = task.shrink()
        batches = task.batches()
        self._rule = _Rule(
            dtype.type(shrink),
            dtype.type(shrink ** len(batches)),
            np.array([factor for _, factor in batches], dtype=dtype),
            (shrink ** np.arange(len(batches) - 1.0, -1.0, -1.0)).astype(dtype),
            task.solver.batch_size,
            task.b is not None,
        )
        self._test = Tests(task)

    def train(self, orders: Order | list[Lanes]) -> None:
        """Take one step per batch of every order (epochs, R, n)."""
        epochs = 0
        for lanes in in_lanes(orders):
            epochs = len(lanes.places)
            _steps(self._examples, lanes, self._state, self._rule)
        self._kept *= self._shrink ** (len(self._rule.factors) * epochs)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        y, (u, a, bias) = self._examples.y, self._state
        error = u[:, : y.shape[1]] + bias[:, None] - y
        train: Array = np.vecdot(error, error) * (self._task.scale / error.shape[1])
        return train, self._test.loss(self._kept, a, bias)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        w = weights(self._task, self._kept, self._state.a)
        return w, None if self._task.b is None else self._state.bias.copy()


def _plain(array: Array) -> Array:
    """Return the array in C order and writable: every other kind would be compiled for anew."""
    return np.require(array, requirements=["C", "W"])


@numba.njit(cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _steps(examples: Any, orders: Any, state: Any, rule: Any) -> None:
    """Train every replica through all epochs: the state in place."""
    (gram, y), (places, replicas), (u, a, bias) = examples, orders, state
    shrink, epoch_shrink, factors, later, size, biased = rule
    epochs, sets, n, lanes = places.shape
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
