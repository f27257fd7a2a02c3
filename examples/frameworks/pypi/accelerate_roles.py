"""accelerate behind the roles: one training step, and clipping."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from accelerate import Accelerator
from accelerate.utils import GradientAccumulationPlugin
from torch import Tensor, nn

from harness.adapters.adapter import adapter


def clip(parameters: Any, max_norm: float) -> Any:
    """Its clip_grad_norm_, on the processor."""
    return Accelerator(cpu=True).clip_grad_norm_(parameters, max_norm)


clip_gradient_norm = adapter("clip_gradient_norm", clip)


def train_step(
    net: nn.Module, optimizer: Any, schedule: Any,
    microbatches: Sequence[tuple[Tensor, Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor], max_norm: float = math.inf,
) -> float:  # fmt: skip
    """Its loop with accumulate(); a part's sum is times the parts that backward divides by."""
    parts = len(microbatches)
    plugin = GradientAccumulationPlugin(num_steps=parts, sync_with_dataloader=False)
    accelerator = Accelerator(cpu=True, gradient_accumulation_plugin=plugin)
    net, stepper, rates = accelerator.prepare(net, optimizer, schedule)
    stepper.zero_grad()
    optimizer.zero_grad()
    total, mean = sum(float(weight.sum()) for _, _, weight in microbatches), 0.0
    for X, y, weight in microbatches:
        with accelerator.accumulate(net):
            part = (weight * loss(net(X), y)).sum() / total
            accelerator.backward(part * parts)
            mean += float(part.detach())
            if accelerator.sync_gradients and max_norm < math.inf:
                accelerator.clip_grad_norm_(net.parameters(), max_norm)
            stepper.step()
            rates.step()
            stepper.zero_grad()
    return mean
