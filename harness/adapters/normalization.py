"""Layers of torch that normalise, as roles."""

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.func import functional_call

from harness.adapters.conventions import Conventions


def _normalised(thing: Any, x: Tensor, gain: Tensor, bias: Tensor | None, eps: float) -> Tensor:
    made = thing(x.shape[-1], eps=eps, device=x.device, dtype=x.dtype)
    parameters = {"weight": gain} if bias is None else {"weight": gain, "bias": bias}
    found: Tensor = functional_call(made, parameters, (x,))
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
        mean, var = (made.running_mean, made.running_var) if running is None else running
        held = {"running_mean": mean.clone(), "running_var": var.clone()}
        told = {"weight": gain, "bias": bias, **held}
        found = functional_call(made.train(training), told, (x,))
        return found, (held["running_mean"], held["running_var"])

    return call
