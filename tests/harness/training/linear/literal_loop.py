"""The literal training loop of the book, one replica at a time by autograd: slow, plainly right.

Only an oracle for the kernels: same data, same orders, same result up to rounding.
"""

import numpy as np
import torch
from torch import Tensor

from harness.training.linear.kernels.task import Array, Task
from harness.training.orders import Order


class LiteralLoop:
    """A kernel of the linear engine that trains `net(X)` with loss, backward and an update."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._data = [torch.from_numpy(np.array(a)) for a in (task.X, task.y)]
        self._test = [torch.from_numpy(np.array(a)) for a in (task.X_test, task.y_test)]
        self._w = [_parameter(w) for w in task.w]
        self._b = None if task.b is None else [_parameter(b) for b in task.b]

    def train(self, orders: Order) -> None:
        """Take one step per batch of every epoch's orders, (epochs, R, n)."""
        for order in orders:
            self._train_epoch(order)

    def _train_epoch(self, order: Order) -> None:
        """Train one replica after the other."""
        for r, row in enumerate(order):
            for batch in torch.split(
                torch.from_numpy(row.astype(np.int64)), self._task.solver.batch_size
            ):
                self._train_batch(r, batch)

    def _train_batch(self, r: int, batch: Tensor) -> None:
        X, y = (data[r, batch] for data in self._data)
        loss = self._losses_of(r, X, y).mean()
        loss = loss + self._task.solver.weight_decay * self._w[r].square().sum() / 2
        loss.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            for parameter in [self._w[r]] + ([] if self._b is None else [self._b[r]]):
                assert parameter.grad is not None
                parameter -= self._task.solver.lr * parameter.grad
                parameter.grad = None

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        return self._means(*self._data), self._means(*self._test)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        w = torch.stack(self._w).detach().numpy()
        return w, None if self._b is None else torch.stack(self._b).detach().numpy()

    def _losses_of(self, r: int, X: Tensor, y: Tensor) -> Tensor:
        predicted = X @ self._w[r]
        if self._b is not None:
            predicted = predicted + self._b[r]
        return (predicted - y).square() * self._task.scale

    def _means(self, X: Tensor, y: Tensor) -> Array:
        with torch.no_grad():
            means = [self._losses_of(r, X[r], y[r]).mean() for r in range(len(self._w))]
        return torch.stack(means).numpy()


def _parameter(values: Array) -> Tensor:
    return torch.from_numpy(np.array(values)).requires_grad_()
