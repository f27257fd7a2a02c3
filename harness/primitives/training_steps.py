"""One step of training a net: accumulated over micro-batches, clipped, skipped if it diverged."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn


def train_step(
    net: nn.Module, optimizer: torch.optim.Optimizer, schedule: Any,
    microbatches: Sequence[tuple[Tensor, Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor], *,
    max_norm: float = math.inf, scale: float = 1.0, skip_nonfinite: bool = False,
) -> float:  # fmt: skip
    """Train `net` by one step on all micro-batches together; return the loss before the step.

    A micro-batch is (X, y, weight): loss(net(X), y) and weight are (n,), n differs from part to
    part, and the objective is sum(weight * loss) / sum(weight) over all examples of all parts.
    A weight of 0 is padding; a part may have no other. The whole has some weight above 0.
    optimizer.step() and schedule.step() are called once each, in this order (torch's since 1.1).
    `net` arrives in training mode and is left in it; gradients of earlier steps do not count, and
    parameters without a gradient stay where they are.
    The loss is multiplied by `scale` before it is differentiated, which changes nothing else; the
    whole gradient is then clipped to the norm max_norm over all parameters (Pascanu et al. 2013;
    a denominator of norm + 1e-6, as torch's, is the same).
    If skip_nonfinite, a step whose gradient is not finite moves neither parameters nor the state
    of optimizer and schedule, and nothing of it joins the next step.
    The chapter's loops (`train`, `train_concise`, `train_ch3`) are this with one micro-batch.
    """
    total = sum(float(weight.sum()) for _, _, weight in microbatches)
    optimizer.zero_grad()
    mean = 0.0
    for X, y, weight in microbatches:
        part = (weight * loss(net(X), y)).sum() / total
        (scale * part).backward()  # type: ignore[no-untyped-call]
        mean += float(part.detach())
    for w in net.parameters():
        if w.grad is not None:
            w.grad /= scale
    norm = nn.utils.clip_grad_norm_(net.parameters(), max_norm)
    if not skip_nonfinite or bool(norm.isfinite()):
        optimizer.step()
        schedule.step()
    optimizer.zero_grad()
    return mean
