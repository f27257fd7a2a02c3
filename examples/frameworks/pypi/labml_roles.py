"""labml-nn behind the adapters."""

from __future__ import annotations

from functools import partial
from typing import Any

from labml_nn.normalization.batch_norm import BatchNorm
from labml_nn.normalization.layer_norm import LayerNorm
from labml_nn.optimizers import WeightDecay
from labml_nn.optimizers.adam import Adam
from torch.func import functional_call

from harness.adapters.adapter import adapter


def _adam(groups: Any, lr: float, decoupled: bool, **options: Any) -> Any:
    """Adam with its decay told by an object, as this library has it."""
    for group in groups:
        group["weight_decay"] = float(group["weight_decay"])
    decay = WeightDecay(weight_decouple=decoupled)
    # Its optimised update adds eps before the correction of the bias, as it documents.
    return Adam(
        groups, lr=lr, weight_decay=decay, optimized_update=False, **{"eps": 1e-8, **options}
    )


adam = adapter("adam", partial(_adam, decoupled=False))
adamw = adapter("adamw", partial(_adam, decoupled=True))


def layer_norm(x: Any, gain: Any, bias: Any, eps: float) -> Any:
    """LayerNorm over the last axis."""
    made = LayerNorm(x.shape[-1], eps=eps).to(x.dtype)
    return functional_call(made, {"gain": gain, "bias": bias}, (x,))


def batch_norm(
    x: Any, gain: Any, bias: Any, running: Any, eps: float, momentum: float = 0.1,
    training: bool = True,
) -> Any:  # fmt: skip
    """BatchNorm over the first axis; its buffers are kept."""
    made = BatchNorm(x.shape[1], eps=eps, momentum=momentum).to(x.dtype)
    mean, var = (made.exp_mean, made.exp_var) if running is None else running
    held = {"exp_mean": mean.clone(), "exp_var": var.clone()}
    made.train(training)
    made.exp_mean, made.exp_var = held.values()
    found = functional_call(made, {"scale": gain, "shift": bias}, (x,))
    return found, (made.exp_mean, made.exp_var)
