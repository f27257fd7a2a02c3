"""The loss of a net on a whole data set, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn


def evaluate_loss(
    net: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor],
) -> float:
    """Return the mean of loss(net(X), y) over all examples of all batches (X, y).

    loss returns one number per example, (n,); batches may differ in size, and every example weighs
    the same (the book's `evaluate_loss` sums and counts, too).
    The net runs in evaluation mode and without gradients; afterwards all its parts are in the modes
    they were in, its parameters and buffers unchanged. There is an example; the reference raises
    ValueError where there is none.
    """
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    total, examples = 0.0, 0
    try:
        with torch.no_grad():
            for X, y in batches:
                losses = loss(net(X), y)
                total += float(losses.cpu().sum(dtype=torch.float64))  # a device may have none
                examples += losses.numel()
    finally:
        for module, mode in modes:
            module.training = mode
    if examples == 0:
        raise ValueError("the batches hold no example, and their mean loss is undefined; give one")
    return total / examples
