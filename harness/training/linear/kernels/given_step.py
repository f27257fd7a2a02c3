"""The kernel of the role under test: exact gradients, the caller's update."""

import numpy as np
import torch
from torch import Tensor

from harness.primitives import optimizers
from harness.training.linear.kernels.task import Array, Task
from harness.training.orders import Order


class GivenStep:
    """Closed-form gradients of all replicas, then one call of the solver's `sgd` for each batch.

    The step sees w (R, d) and, if it is trained, b (R, 1), with decays = [True, False].
    Without `l2_penalty` the decay is the step's own affair; with it the gradient of
    weight_decay l2_penalty(w), by autograd, joins the loss and the step's own decay is 0.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self._sgd = optimizers.sgd if task.solver.sgd is None else task.solver.sgd
        self._penalty = task.solver.l2_penalty
        self._batches = [cut for cut, _ in task.batches()]
        R, n, d = task.X.shape
        self._X = _tensor(task.X)
        self._y = _tensor(task.y)
        self._flat = (self._X.reshape(R * n, d), self._y.reshape(R * n))
        self._test = (_tensor(task.X_test), _tensor(task.y_test))
        self._first = torch.arange(R).unsqueeze(1) * n
        self._params = [_tensor(task.w)]
        if task.b is not None:
            self._params.append(_tensor(task.b).unsqueeze(1))

    def train(self, orders: Order) -> None:
        """Take one step per batch of every epoch's orders, (epochs, R, n)."""
        for order in orders:
            self._train_epoch(order)

    def _train_epoch(self, order: Order) -> None:
        """Step through the slices of the epoch's order."""
        rows = torch.from_numpy(order.astype(np.int64)) + self._first
        for cut in self._batches:
            X, y = (data[rows[:, cut]] for data in self._flat)
            self._params = list(
                self._sgd(
                    self._params,
                    self._gradients(X, y),
                    self._task.solver.lr,
                    weight_decay=self._task.solver.weight_decay if self._penalty is None else 0.0,
                    decays=[True, False][: len(self._params)],
                )
            )

    def losses(self) -> tuple[Array, Array]:
        """Return the mean training and test loss of every replica."""
        return self._loss(self._X, self._y), self._loss(*self._test)

    def parameters(self) -> tuple[Array, Array | None]:
        """Return the weights (R, d) and the bias (R,) or None."""
        w, *b = (p.detach().numpy() for p in self._params)
        return w, b[0].reshape(-1) if b else None

    def _gradients(self, X: Tensor, y: Tensor) -> list[Tensor]:
        error = self._error(X, y) * (2 * self._task.scale / y.shape[1])
        grads = [torch.bmm(error.unsqueeze(1), X).squeeze(1)]
        if len(self._params) == 2:
            grads.append(error.sum(dim=1, keepdim=True))
        if self._penalty is not None and self._task.solver.weight_decay != 0.0:
            w = self._params[0].detach().requires_grad_()
            (slope,) = torch.autograd.grad(self._penalty(w).sum(), w)
            grads[0] = grads[0] + self._task.solver.weight_decay * slope
        return grads

    def _error(self, X: Tensor, y: Tensor) -> Tensor:
        w, *b = self._params
        predicted = torch.bmm(X, w.unsqueeze(2)).squeeze(2)
        return predicted + (b[0] if b else 0.0) - y

    def _loss(self, X: Tensor, y: Tensor) -> Array:
        loss: Array = (self._error(X, y).square().mean(dim=1) * self._task.scale).detach().numpy()
        return loss


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(np.array(array))
