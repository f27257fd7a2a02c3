"""Scaled dot-product attention with masks and dropout of its weights."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from harness.primitives.dropout import dropout


def attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False,
    p: float = 0.0, generator: torch.Generator | None = None, training: bool = True,
) -> Tensor:  # fmt: skip
    """Return softmax(q k^T / sqrt(d)) v, (n, h, t, d): Vaswani et al. 2017, Eq. 1.

    q (n, h, t, d), k and v (n, h, s, d). `mask` (n, 1, t, s) is True where row i may look at
    column j; `causal` besides lets row i look at columns j <= i alone (for t = s: where they
    differ, sources disagree about the corner). What a row may not look at, if it is finite,
    has no influence on it, and a row that may look at nothing gives zeros.
    In training every weight is dropped with probability p by the generator, and kept ones are
    divided by 1 - p, independently over examples, heads, rows, columns and calls; in evaluation p
    has no effect and nothing is drawn.
    """
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    seen = torch.ones(scores.shape[-2:], dtype=torch.bool, device=q.device)
    if causal:
        seen = seen.tril()
    if mask is not None:
        seen = seen & mask
    weights = torch.softmax(scores.masked_fill(~seen, -math.inf), dim=-1)
    weights = weights.masked_fill(~seen.any(dim=-1, keepdim=True), 0.0)
    if generator is not None and p > 0:
        weights = dropout(weights, p, generator, training)
    return weights @ v
