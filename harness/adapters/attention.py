"""Attention of torch and of JAX as the role."""

import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from harness.declaration.not_applicable import NotApplicableError

Seeded = Callable[[torch.Generator], Any]  # a context in which torch draws from the generator


def of_torch(thing: Any, seeded: Seeded) -> Callable[..., Tensor]:
    """A kernel as F.scaled_dot_product_attention, or a class as nn.MultiheadAttention.

    Causal and given masks are joined. The module gets projections that are the identity.
    """
    kernel = _module(thing) if inspect.isclass(thing) else _kernel(thing)

    def call(
        q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False,
        p: float = 0.0, generator: torch.Generator | None = None, training: bool = True,
    ) -> Tensor:  # fmt: skip
        if generator is None or not training or p == 0:
            return kernel(q, k, v, mask, causal, 0.0 if generator is None else p, False)
        with seeded(generator):
            return kernel(q, k, v, mask, causal, p, True)

    return call


def _kernel(thing: Any) -> Callable[..., Tensor]:
    def call(
        q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, causal: bool, p: float, drops: bool
    ) -> Tensor:
        if mask is not None and causal:
            mask, causal = _joined(mask, q, k), False
        rate = p if drops else 0.0
        found: Tensor = thing(q, k, v, attn_mask=mask, dropout_p=rate, is_causal=causal)
        return found

    return call


def _module(thing: Any) -> Callable[..., Tensor]:
    def call(
        q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, causal: bool, p: float, drops: bool
    ) -> Tensor:
        n, h, t, d = q.shape
        made = torch.nn.utils.skip_init(  # type: ignore[no-untyped-call]
            thing, h * d, h, dropout=p, bias=False, batch_first=True, dtype=q.dtype,
            device=q.device,
        ).train(drops)  # fmt: skip
        eye = torch.eye(h * d, dtype=q.dtype, device=q.device)
        with torch.no_grad():
            made.in_proj_weight.copy_(eye.repeat(3, 1))
            made.out_proj.weight.copy_(eye)
        if causal or mask is not None:
            whole = torch.ones(n, 1, t, k.shape[2], dtype=torch.bool, device=q.device)
            seen = whole if mask is None else mask
            seen = _joined(seen, q, k) if causal else seen
            mask = ~seen.expand(n, h, -1, -1).reshape(n * h, t, -1)
        flat = [one.transpose(1, 2).flatten(2) for one in (q, k, v)]
        out, _ = made(*flat, attn_mask=mask, need_weights=False)
        found: Tensor = out.unflatten(2, (h, d)).transpose(1, 2)
        return found

    return call


def _joined(mask: Tensor, q: Tensor, k: Tensor) -> Tensor:
    """What both the mask and the past allow."""
    past = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).tril()
    return mask & past


def of_arrays(thing: Any, there: Any, back: Any, wide: Any) -> Callable[..., Tensor]:
    """A function (q, k, v, mask=, is_causal=) of arrays (n, t, h, d), as JAX's; without dropout."""

    def call(
        q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False,
        p: float = 0.0, generator: torch.Generator | None = None, training: bool = True,
    ) -> Tensor:  # fmt: skip
        if training and p > 0:
            raise NotApplicableError("JAX's attention has no dropout")
        if any(one.requires_grad for one in (q, k, v)):
            raise NotApplicableError("JAX's attention passes no gradients on to torch")
        with wide(q):
            arrays = [there(one.transpose(1, 2)) for one in (q, k, v)]
            told = None if mask is None else there(mask)
            found: Tensor = back(thing(*arrays, mask=told, is_causal=causal)).transpose(1, 2)
        return found

    return call
