"""x-transformers behind the roles.

Its RMSNorm is none of these: a floor of 1e-12 under the norm is its eps, and none can be told.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.func import functional_call
from x_transformers.attend import Attend
from x_transformers.x_transformers import LayerNorm

from harness.adapters.from_torch import global_stream
from harness.declaration.not_applicable import NotApplicableError


def layer_norm(x: Tensor, gain: Tensor, bias: Tensor, eps: float) -> Tensor:
    """LayerNorm, which has no bias; its eps is torch's own, 1e-5."""
    if eps != 1e-5:
        raise NotApplicableError("its eps is 1e-5")
    made = LayerNorm(x.shape[-1]).to(x.dtype)
    found: Tensor = functional_call(made, {"gamma": gain}, (x,))
    return found + bias


def attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False,
    p: float = 0.0, generator: torch.Generator | None = None, training: bool = True,
) -> Tensor:  # fmt: skip
    """Attend, with causal and given masks together."""
    made: Any = Attend(causal=causal, dropout=p).train(training)
    found: Tensor
    if generator is None:
        found = made.train(False)(q, k, v, mask=mask)[0]
    else:
        with global_stream(generator):
            found = made(q, k, v, mask=mask)[0]
    return found


# Its softmax is that of float32, whatever it is given.
attention.dtypes = ("float32",)  # type: ignore[attr-defined]
