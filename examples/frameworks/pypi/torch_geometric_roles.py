"""PyTorch Geometric behind the adapters."""

from __future__ import annotations

from typing import Any

from torch.func import functional_call
from torch_geometric.nn import inits
from torch_geometric.nn.norm import BatchNorm, LayerNorm

from harness.adapters.adapter import adapter

xavier_uniform = adapter("xavier_uniform", inits.glorot)
# Its a is a slope's square root of 5 in the layers; without a slope the gain is that of ReLU.
he_uniform = adapter("he_uniform", lambda w: inits.kaiming_uniform(w, w.shape[1], 0.0))


def layer_norm(x: Any, gain: Any, bias: Any, eps: float) -> Any:
    """LayerNorm over the features of each node."""
    made = LayerNorm(x.shape[-1], eps=eps, mode="node").to(x.dtype)
    return functional_call(made, {"weight": gain, "bias": bias}, (x,))


def batch_norm(
    x: Any, gain: Any, bias: Any, running: Any, eps: float, momentum: float = 0.1,
    training: bool = True,
) -> Any:  # fmt: skip
    """BatchNorm over the nodes; its buffers are kept."""
    made = BatchNorm(x.shape[1], eps=eps, momentum=momentum).to(x.dtype)
    buffers = {name: made.module.get_buffer(name) for name in ("running_mean", "running_var")}
    if running is not None:
        buffers = dict(zip(buffers, running, strict=True))
    held = {f"module.{name}": value.clone() for name, value in buffers.items()}
    told = {"module.weight": gain, "module.bias": bias, **held}
    found = functional_call(made.train(training), told, (x,))
    return found, tuple(held.values())
