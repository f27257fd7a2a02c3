"""What a kernel of the linear engine is given and what it can do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from harness.training.orders import Order
from harness.training.solver import Solver, Split

Array = npt.NDArray[np.floating[Any]]


# Features smaller than this fraction of their column's largest are below float32's resolution
# of every sum that they enter, and their products are subnormal, at many times the cost.
NEGLIGIBLE = 2.0**-40


@dataclass(frozen=True)
class Task(Split[Array]):
    """A block of replicas, with their first weights w (R, d) and biases b (R,).

    All arrays have one dtype and R replicas. The loss of an example is `scale` (X w + b - y)^2;
    the bias is trained only if `b` is given, and never decayed.
    """

    w: Array
    b: Array | None
    solver: Solver
    scale: float

    def batches(self) -> list[tuple[slice, float]]:
        """Return every batch's slice of the order and the factor 2 scale lr / size of its step."""
        n, size = self.X.shape[1], self.solver.batch_size
        cuts = [slice(start, min(start + size, n)) for start in range(0, n, size)]
        return [(cut, 2.0 * self.scale * self.solver.lr / (cut.stop - cut.start)) for cut in cuts]

    def shrink(self) -> float:
        """Return what one step multiplies the weights by: 1 - lr weight_decay."""
        return 1.0 - self.solver.lr * self.solver.weight_decay

    def part(self, cut: slice) -> Task:
        """Return the replicas of `cut`."""
        return replace(
            self, X=self.X[cut], y=self.y[cut], X_test=self.X_test[cut], y_test=self.y_test[cut],
            w=self.w[cut], b=None if self.b is None else self.b[cut],
        )  # fmt: skip


class Kernel(Protocol):
    """Trains one block of replicas in place."""

    def train(self, orders: Order) -> None:
        """Take one step per batch of every epoch's orders, (epochs, R, n)."""

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica, each (R,)."""

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""


def first_places(R: int, n: int) -> npt.NDArray[np.integer[Any]]:
    """Return the place of every replica's first example among those of all, for each (R, n).

    32 bits where they are enough, as orders have them, and a number for each: numpy's sums are
    several times as fast without a cast and without a short row to repeat.
    """
    kind = np.int32 if R * n < 2**31 else np.int64
    return np.repeat(np.arange(0, R * n, n, dtype=kind)[:, None], n, axis=1)


def without_subnormals(X: Array) -> Array:
    """Return X (R, n, d) with the features set to zero that no float32 sum can notice."""
    if X.dtype != np.float32 or X.size == 0:
        return X
    size = np.abs(X)
    if size.min() >= size.max() * NEGLIGIBLE:
        return X
    small = size < _largest(size) * X.dtype.type(NEGLIGIBLE)
    zeroed: Array = X * np.logical_not(small)  # three times as fast as a choice by `where`
    return zeroed


def _largest(size: Array) -> Array:
    """Return the largest of every column, (R, 1, d), by halving: numpy is slow on short rows."""
    while size.shape[1] > 1:
        half = -(-size.shape[1] // 2)
        size = np.maximum(size[:, :half], size[:, -half:])
    return size
