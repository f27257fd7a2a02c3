"""The kernel of the extra `fast`: one replica at a time in loops that Numba compiles.

A replica's data stay in the first cache, its weights in registers, and a step needs no
intermediate arrays. The first use compiles for some seconds; the result is kept beside the loops'
files, or in the user's cache where that cannot be written.
"""

import numpy as np

from harness.training.linear.compiled.orders import Lanes, in_lanes
from harness.training.linear.compiled.steps import FEW, LANES, WIDE, few, mean_losses, steps_for
from harness.training.linear.kernels.rows import side_by_side
from harness.training.linear.kernels.task import Array, Task
from harness.training.orders import Order


class Compiled:
    """Closed-form steps on rows of features, 1 for a bias, zeros, and y with the weight -1."""

    def __init__(self, task: Task) -> None:
        R, _, d = task.X.shape
        self._task = task
        columns = d + (task.b is not None)
        width = FEW + 1 if columns <= FEW else whole(columns + 1)
        self._rows = side_by_side(task.X, task.y, width, task.b is not None)
        test = side_by_side(task.X_test, task.y_test, width, task.b is not None)
        self._planes, self._test_planes = _planes(self._rows), _planes(test)
        self._w = np.zeros((R, width), dtype=task.X.dtype)
        self._w[:, :d] = task.w
        if task.b is not None:
            self._w[:, d] = task.b
        self._w[:, -1] = -1
        self._shrink = np.ones(width, dtype=task.X.dtype)
        self._shrink[:d] = task.shrink()
        self._rates = np.full(width, 2.0 * task.scale * task.solver.lr, dtype=task.X.dtype)
        self._rates[-1] = 0
        self._steps = few if width == FEW + 1 else steps_for(width)

    def train(self, orders: Order | list[Lanes]) -> None:
        """Take one step per batch of every order (epochs, R, n), or of orders in lanes."""
        size = self._task.solver.batch_size
        for places, replicas in in_lanes(orders):
            self._steps(self._rows, places, replicas, self._w, self._shrink, self._rates, size)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        scale = self._task.X.dtype.type(self._task.scale)
        train, test = self._task.y.shape[1], self._task.y_test.shape[1]
        return (
            mean_losses(self._planes, train, self._w, scale),
            mean_losses(self._test_planes, test, self._w, scale),
        )

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        d = self._task.X.shape[2]
        bias = None if self._task.b is None else self._w[:, d].copy()
        return self._w[:, :d].copy(), bias


def _planes(rows: Array) -> Array:
    """Return the columns of rows (R, n, width) one after another, each of whole vectors."""
    R, n, width = rows.shape
    planes = np.zeros((R, width, -(-n // WIDE) * WIDE), dtype=rows.dtype)
    planes[:, :, :n] = rows.transpose(0, 2, 1)
    return planes


def whole(width: int) -> int:
    """Return the width in whole vectors."""
    return -(-width // LANES) * LANES
