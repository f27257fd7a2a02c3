"""The kernel for many features: one row of features an example, a matrix-vector product a step."""

import math
from typing import NamedTuple

import numpy as np

from harness.training.linear.kernels.task import Array, Task, first_places, without_subnormals
from harness.training.orders import Order

_WHOLE = 4  # columns; products of other widths take up to a fifth longer


class _Batch(NamedTuple):
    """Views of the shuffled rows, and what a ragged batch's step is larger than a full one's."""

    rows: Array
    error: Array
    correction: float


class Rows:
    """Closed-form steps on rows of whole fours; the last column is y, with the fixed weight -1.

    Everything is scaled by the root of a full batch's factor 2 scale lr / B, so that the product
    of two rows comes out as the step itself, as in `Planes`.
    """

    def __init__(self, task: Task) -> None:
        R, n, d = task.X.shape
        self._d = d
        batches = task.batches()
        root = math.sqrt(batches[0][1]) or 1.0
        self._scale = task.scale / root**2
        self._biased = task.b is not None
        columns = -(-(d + 1 + self._biased) // _WHOLE) * _WHOLE
        self._train = side_by_side(task.X, task.y, columns, self._biased, root)
        self._test = side_by_side(task.X_test, task.y_test, columns, self._biased, root)
        self._flat = self._train.reshape(R * n, columns)
        self._w = np.zeros((R, columns), dtype=task.X.dtype)
        self._w[:, :d] = task.w
        if task.b is not None:
            self._w[:, d] = task.b
        self._w[:, -1] = -1
        self._decays = task.shrink() != 1.0
        self._shrink = np.ones(columns, dtype=task.X.dtype)
        self._shrink[:d] = task.shrink()
        self._first = first_places(R, n)
        self._places = np.empty_like(self._first)
        self._index = np.empty((R, n), dtype=np.int64)
        self._shuffled = np.empty_like(self._train)
        self._batches = [
            _Batch(
                self._shuffled[:, cut],
                np.empty((R, cut.stop - cut.start), dtype=task.X.dtype),
                factor / root**2,
            )
            for cut, factor in batches
        ]
        self._step = np.empty((R, columns), dtype=task.X.dtype)

    def train(self, orders: Order) -> None:
        """Take one step per batch of every epoch's orders, (epochs, R, n)."""
        for order in orders:
            self.gather(order)
            self.step()

    def gather(self, order: Order) -> None:
        """Bring all rows into an epoch's order (R, n)."""
        np.add(order, self._first, out=self._places, casting="same_kind")
        np.copyto(self._index, self._places)
        self._flat.take(self._index, axis=0, mode="wrap", out=self._shuffled)

    def step(self) -> None:
        """Step through the batches of what was gathered."""
        y_weight = self._w[:, -1]
        for rows, error, correction in self._batches:
            np.matvec(rows, self._w, out=error)
            np.vecmat(error, rows, out=self._step)
            if correction != 1.0:
                np.multiply(self._step, correction, out=self._step)
            if self._decays:
                np.multiply(self._w, self._shrink, out=self._w)
            # Whole rows, y's too, are faster than parts of them; then its weight is put right.
            np.subtract(self._w, self._step, out=self._w)
            y_weight.fill(-1)

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        return self._loss(self._train), self._loss(self._test)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        bias = self._w[:, self._d].copy() if self._biased else None
        return self._w[:, : self._d].copy(), bias

    def _loss(self, rows: Array) -> Array:
        error = np.matvec(rows, self._w)
        loss: Array = np.vecdot(error, error) * (self._scale / error.shape[1])
        return loss


def side_by_side(X: Array, y: Array, width: int, bias: bool, root: float = 1.0) -> Array:
    """Return rows of that width, root times the features, 1 for a bias, zeros, and y at the end."""
    R, n, d = X.shape
    rows = np.zeros((R, n, width), dtype=X.dtype)
    np.multiply(without_subnormals(X), root, out=rows[:, :, :d])
    if bias:
        rows[:, :, d] = root
    np.multiply(y, root, out=rows[:, :, -1])
    return rows
