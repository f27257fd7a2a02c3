"""Dropout's settings: compiled, checkpointed, in 16 bits, with infinities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from harness.metrics import arrays, dropout_masks, tensors

if TYPE_CHECKING:
    import torch
    from torch import Tensor

# Traces and rewrites the layer as every backend does, and then runs it without a compiler of C++.
BACKEND = "aot_eager"


def compiled(dropout: Callable[..., Any]) -> Callable[..., Any]:
    """The same role compiled: an object on trial by its guard, the reference as a whole.

    A function that draws from the generator it is given is traced up to that draw.
    """
    import torch

    tensors.needs_torch(dropout)
    torch.compiler.reset()  # no other layer's graphs, and none of an earlier block's
    if hasattr(dropout, "compiled"):
        return cast(Callable[..., Any], dropout.compiled(BACKEND))
    made: Callable[..., Any] = torch.compile(dropout, backend=BACKEND)
    return made


def checkpointed(
    dropout: Callable[..., Any], h: Tensor, p: float, generator: torch.Generator
) -> Any:
    """The layer behind a checkpoint: the backward pass computes it again from the same state."""
    import torch
    from torch.utils.checkpoint import checkpoint

    state = generator.get_state()

    def layer(values: Tensor) -> Any:
        again = torch.Generator(device=h.device)
        again.set_state(state)
        return dropout(values, p, again)

    result = checkpoint(layer, h, use_reentrant=False)
    torch.rand(1, generator=generator, device=h.device)  # the next call has a state of its own
    return result


def rounded_once(dropped: Tensor, h: Tensor, p: float) -> Tensor:
    """True where a 16-bit value is 0 or h / (1 - p) with constant and product rounded once each.

    The constant may be 1 / (1 - p) (torch) or 1 - p (flax), or not be rounded at all; the quotient
    may come by way of single precision (Keras), which rounds one in some thousands otherwise.
    """
    import torch

    keep_rate = torch.tensor(1.0 - p, dtype=torch.float64).to(h.dtype).to(torch.float64)
    by_division = (h.to(torch.float64) / keep_rate).to(h.dtype)
    by_single = (h.to(torch.float32) / (1.0 - p)).to(h.dtype)
    exact, by_product = dropout_masks.honestly_rescaled(h, p)
    right = dropped == 0
    for value in (exact, by_product, by_division, by_single):
        right |= dropped == value
    return right


def infinite(
    shape: Sequence[int], generator: Any, *, dtype: str, layout: str, device: str
) -> tuple[Tensor, npt.NDArray[np.float64]]:
    """Values of both signs, a third of them infinite and some zero, and the signs."""
    import torch

    values = tensors.activations_like(
        shape, generator, dtype=dtype, layout=layout, device=device
    ).clone()
    kind = torch.rand(tuple(shape), generator=generator, device=device)
    signs = torch.sign(values)
    values[kind < 1 / 3] = torch.inf * signs[kind < 1 / 3]
    values[kind > 0.9] = 0.0
    return values, arrays.as_array(signs)
