"""The concise net: `nn.Sequential` with `nn.Dropout`, trained by `torch.optim.SGD`.

It is the measure that a net from scratch is held against, so it is torch's own throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.blocks.streams import Stream
from harness.metrics.arrays import Array
from harness.training.solver import Solver, Split

if TYPE_CHECKING:
    from torch import Tensor, nn


def sequential(sizes: Sequence[int], rates: Sequence[float]) -> nn.Sequential:
    """Linear layers with ReLU and dropout between them, as torch makes them."""
    from torch import nn

    layers: list[nn.Module] = []
    for layer, rate in enumerate(rates):
        layers += [nn.Linear(sizes[layer], sizes[layer + 1]), nn.ReLU(), nn.Dropout(rate)]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


def trained(
    task: Split[Tensor], sizes: Sequence[int], rates: Sequence[float], solver: Solver,
    stream: Stream, device: str = "cpu", init: Callable[[nn.Module], None] | None = None,
) -> Array:  # fmt: skip
    """The training loss in evaluation mode after every epoch, (R, epochs), one net a replicate.

    `init` is applied to every module first. The generators of torch are left as they were.
    """
    losses = []
    for r, (X, y) in enumerate(zip(task.X, task.y, strict=True)):
        with stream.child("concise", r).in_place_of_the_process(device):
            net = sequential(sizes, rates).to(device)
            if init is not None:
                net.apply(init)
            losses.append(_losses(net, X.to(device), y.to(device), solver))
    return np.array(losses)


def _losses(net: nn.Sequential, X: Tensor, y: Tensor, solver: Solver) -> list[float]:
    import torch

    loss, step = torch.nn.CrossEntropyLoss(), torch.optim.SGD(net.parameters(), lr=solver.lr)
    found = []
    for _ in range(solver.epochs):
        net.train()
        for rows in torch.randperm(len(X), device=X.device).split(solver.batch_size):
            step.zero_grad()
            loss(net(X[rows]), y[rows]).backward()
            step.step()
        net.eval()
        with torch.no_grad():
            found.append(float(loss(net(X), y)))
    return found
