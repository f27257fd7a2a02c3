"""The kernel for few features: one plane (n, R) a feature, replicas innermost.

Every operation then runs along replicas, in unit stride, whatever d and the batch size are.
"""

import inspect
import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from harness.training.linear.kernels.task import Array, Task, first_places, without_subnormals
from harness.training.orders import Order

_TOGETHER = 4  # planes gathered at once
_einsum: Any = inspect.unwrap(np.einsum)  # without its look for foreign arrays: 0.3 us a call


class _Batch(NamedTuple):
    """Views of the shuffled planes, made once: a view costs as much as a small product."""

    planes: Array
    features: Array
    error: Array
    correction: float  # what a ragged batch's step is larger than a full one's


class _Group:
    """Up to four planes, side by side: one random access fetches them all."""

    def __init__(self, planes: Array, targets: list[Array]) -> None:
        m, n, R = planes.shape
        # Powers of two, for numpy copies 4, 8 and 16 bytes in one move.
        self._packed = np.zeros((R * n, 1 << (m - 1).bit_length()), dtype=planes.dtype)
        self._packed[:, :m] = planes.transpose(2, 1, 0).reshape(R * n, m)
        self._fetched = np.empty((n, R, self._packed.shape[1]), dtype=planes.dtype)
        self._targets = targets

    def gather(self, index: npt.NDArray[np.int64]) -> None:
        """Put the examples index (n, R), counted through all replicas, into the targets."""
        # No place is out of range; of the modes that need no copy, "wrap" looks least.
        self._packed.take(index, axis=0, mode="wrap", out=self._fetched)
        for j, target in enumerate(self._targets):
            np.copyto(target, self._fetched[:, :, j])


def grouped(planes: Array, shuffled: Array) -> list[_Group]:
    """Return the groups that shuffle planes (m, n, R); the constant ones are their own shuffle."""
    shuffled[...] = planes
    varying = [j for j, plane in enumerate(planes) if (plane != plane[0]).any()]
    chunks = [varying[at : at + _TOGETHER] for at in range(0, len(varying), _TOGETHER)]
    return [_Group(planes[chunk], [shuffled[j] for j in chunk]) for chunk in chunks]


class Planes:
    """Closed-form steps on planes; the last plane is y, with the fixed weight -1.

    Everything is scaled by the root of a full batch's factor 2 scale lr / B, so that the product
    of two planes comes out as the step itself.
    """

    def __init__(self, task: Task) -> None:
        R, n, d = task.X.shape
        self._d = d
        self._shrink = task.shrink()
        batches = task.batches()
        largest = batches[0][1]
        self._root = math.sqrt(largest) or 1.0
        self._scale = task.scale / self._root**2
        self._train = _stacked(task.X, task.y, task.b is not None, self._root)
        self._test = _stacked(task.X_test, task.y_test, task.b is not None, self._root)
        columns = len(self._train)
        self._w = np.empty((columns, R), dtype=task.X.dtype)
        self._w[:d] = task.w.T
        if task.b is not None:
            self._w[d] = task.b
        self._w[-1] = -1
        self._first = first_places(R, n)
        self._rows = np.empty_like(self._first)
        self._index = np.empty((n, R), dtype=np.int64)
        shuffled, error = np.empty_like(self._train), np.empty((n, R), dtype=task.X.dtype)
        self._groups = grouped(self._train, shuffled)
        self._batches = [
            _Batch(shuffled[:, c], shuffled[:-1, c], error[: c.stop - c.start], f / self._root**2)
            for c, f in batches
        ]
        self._step = np.empty((columns - 1, R), dtype=task.X.dtype)

    def train(self, orders: Order) -> None:
        """Take one step per batch of every epoch's orders, (epochs, R, n)."""
        for order in orders:
            self.gather(order)
            self.step()

    def gather(self, order: Order) -> None:
        """Bring every plane into an epoch's order (R, n)."""
        # First along the rows, then turned: a turning sum would go through a buffer.
        np.add(order, self._first, out=self._rows, casting="same_kind")
        np.copyto(self._index, self._rows.T)
        for group in self._groups:
            group.gather(self._index)

    def step(self) -> None:
        """Step through the batches of what was gathered."""
        moving, decaying, step = self._w[:-1], self._w[: self._d], self._step
        for planes, features, error, correction in self._batches:
            _einsum("dbr,dr->br", planes, self._w, out=error)
            _einsum("dbr,br->dr", features, error, out=step)
            if correction != 1.0:
                np.multiply(step, correction, out=step)
            if self._shrink != 1.0:
                np.multiply(decaying, self._shrink, out=decaying)
            np.subtract(moving, step, out=moving)

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


def _stacked(X: Array, y: Array, bias: bool, root: float) -> Array:
    """Return root times the features, 1 for a bias, and y, as planes: (d + 1 or 2, n, R)."""
    R, n, d = X.shape
    X = without_subnormals(X)
    planes = np.empty((d + 1 + bias, n, R), dtype=X.dtype)
    np.multiply(X.transpose(2, 1, 0), root, out=planes[:d])
    if bias:
        planes[d] = root
    np.multiply(y.T, root, out=planes[-1])
    return planes
