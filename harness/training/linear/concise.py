"""The chapter's concise weight decay: torch's own layer, loss and optimiser, one replica at a time.

MSELoss has no half, so weight_decay and lr mean other things here than from scratch: the same
run has twice the weight_decay, half the lr, and a bias that starts where the other's does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from harness.training.history import LinearHistory, recorded_epochs
from harness.training.orders import Order
from harness.training.solver import Solver, Split


def train_concise(
    data: Split[npt.NDArray[Any]], solver: Solver, orders: Order, *, initial: npt.NDArray[Any],
    initial_bias: npt.NDArray[Any] | float, dtype: npt.DTypeLike = np.float64,
) -> LinearHistory:  # fmt: skip
    """Train nn.Linear(d, 1) with nn.MSELoss and torch.optim.SGD, the weight alone in the decay.

    All data have R replicas, initial is (R, d), initial_bias a number or (R,), orders
    (R, epochs, n). Losses are MSELoss's, without the half.
    """
    tensors = [_tensor(a, dtype) for a in (data.X, data.y, data.X_test, data.y_test)]
    biases = np.broadcast_to(np.asarray(initial_bias, dtype=dtype), (len(data.X),))
    recorded = recorded_epochs(solver.epochs, solver.record_every)
    nets = [_net(_tensor(w, dtype), float(b)) for w, b in zip(initial, biases, strict=True)]
    losses = [
        _train(net, Split(*(part[r] for part in tensors)), solver, orders[r], recorded)
        for r, net in enumerate(nets)
    ]
    train, test = np.array(losses, dtype=np.float64).transpose(2, 0, 1)
    w = torch.cat([net.weight.detach() for net in nets]).numpy()
    b = torch.cat([net.bias.detach() for net in nets]).numpy()
    return LinearHistory.of(recorded, train, test, w, b, "concise")


def _train(
    net: nn.Linear, data: Split[Tensor], solver: Solver, orders: Order,
    recorded: npt.NDArray[np.int64],
) -> list[tuple[float, float]]:  # fmt: skip
    loss = nn.MSELoss()
    groups: list[dict[str, Any]] = [
        {"params": net.weight, "weight_decay": solver.weight_decay},
        {"params": net.bias},
    ]
    trainer = torch.optim.SGD(groups, lr=solver.lr)
    losses = []
    for epoch, order in enumerate(torch.from_numpy(orders.astype(np.int64)), start=1):
        for batch in torch.split(order, solver.batch_size):
            trainer.zero_grad()
            loss(net(data.X[batch]).squeeze(1), data.y[batch]).backward()
            trainer.step()
        if epoch in recorded:
            with torch.no_grad():
                pairs = ((data.X, data.y), (data.X_test, data.y_test))
                train, test = (float(loss(net(X).squeeze(1), y)) for X, y in pairs)
            losses.append((train, test))
    return losses


def _net(w: Tensor, b: float) -> nn.Linear:
    # skip_init: the default initialisation would draw from the generator of the whole process.
    net: nn.Linear = nn.utils.skip_init(nn.Linear, len(w), 1, dtype=w.dtype)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        net.weight.copy_(w)
        net.bias.fill_(b)
    return net


def _tensor(array: npt.NDArray[Any], dtype: npt.DTypeLike) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=dtype))
