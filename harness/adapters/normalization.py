"""Layers of torch that normalise, as roles."""

import copy
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from harness.adapters.conventions import Conventions


def _normalised(thing: Any, x: Tensor, gain: Tensor, bias: Tensor | None, eps: float) -> Tensor:
    made = thing(x.shape[-1], eps=eps, device=x.device, dtype=x.dtype)
    with torch.no_grad():
        made.weight.copy_(gain)
        if bias is not None:
            made.bias.copy_(bias)
        found: Tensor = made(x)
    return found


def rms_norm(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A class that takes (width, eps=, device=, dtype=) and has a weight, as nn.RMSNorm."""
    return lambda x, gain, eps: _normalised(thing, x, gain, None, eps)


def layer_norm(thing: Any, conventions: Conventions) -> Callable[..., Tensor]:
    """A class that takes (width, eps=, device=, dtype=), has weight and bias, as nn.LayerNorm."""
    return lambda x, gain, bias, eps: _normalised(thing, x, gain, bias, eps)


def batch_norm(thing: Any, conventions: Conventions) -> Callable[..., Any]:
    """A class (width, eps=, momentum=, device=, dtype=) as nn.BatchNorm1d; its buffers are kept."""

    def call(
        x: Tensor, gain: Tensor, bias: Tensor, running: Any, eps: float, momentum: float = 0.1,
        training: bool = True,
    ) -> tuple[Tensor, Any]:  # fmt: skip
        made = thing(x.shape[1], eps=eps, momentum=momentum, device=x.device, dtype=x.dtype)
        with torch.no_grad():
            made.weight.copy_(gain)
            made.bias.copy_(bias)
            if running is not None:
                made.running_mean.copy_(running[0])
                made.running_var.copy_(running[1])
            found = made.train(training)(x)
        return found, copy.deepcopy((made.running_mean, made.running_var))

    return call
