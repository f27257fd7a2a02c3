"""Inverted dropout: h' is 0 with probability p and h / (1 - p) otherwise."""

from __future__ import annotations

import torch
from torch import Tensor

# Beyond these the lattice 2**-24 of float32 uniforms is coarser than 2**-14 of p or of 1 - p.
_FINE = 2.0**-10


def dropout(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
    """Return h with every element dropped independently with probability p and the rest rescaled.

    h has any shape, layout and floating dtype; the result has the same shape, dtype and device,
    and its gradient is mask / (1 - p).
    p is the DROP probability, in [0, 1] (flax and the first papers speak of the keep rate).
    Out of training, and at p = 0, h itself comes back; at p = 1 all zeros, whatever h holds.
    A kept value is h / (1 - p) but for two roundings in its dtype, of constant and product;
    the reference takes 16-bit values in float64 and rounds once.
    """
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"p={p!r} is no drop probability; give a number from 0 to 1")
    if not training or p == 0.0:
        return h
    keep = _kept(h, p, generator)
    return torch.where(keep, rescaled(h, 1.0 if p == 1.0 else 1.0 / (1.0 - p)), 0.0)


def _kept(h: Tensor, p: float, generator: torch.Generator) -> Tensor:
    """Return a boolean mask in the memory order of h, True with probability 1 - p.

    The uniforms are never drawn in h's own 16-bit dtype: bfloat16 knows 256 of them.
    """
    dtype = torch.float32 if _FINE <= p <= 1.0 - _FINE else torch.float64
    u = torch.rand(h.shape, generator=generator, dtype=dtype, device=h.device)
    keep = u >= p
    if h.is_contiguous():
        return keep
    return torch.empty_like(h, dtype=torch.bool).copy_(keep)


def rescaled(h: Tensor, scale: float) -> Tensor:
    """Return h * scale; 16-bit values are multiplied in float64 and rounded once."""
    if h.dtype in (torch.float16, torch.bfloat16):
        return (h.to(torch.float64) * scale).to(h.dtype)
    return h * scale
