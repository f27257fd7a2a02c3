"""Faults of dropout, each from the description of a row of the catalogue of shipped bugs."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def forgets_to_rescale(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """D19: the kept values are not divided by 1 - p."""
    if not training:
        return h
    return h * _keep(h, p, generator)


def rescales_by_the_wrong_probability(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """D25: the kept values are divided by p; invisible at one half."""
    if not training or p == 0:
        return h
    return h * _keep(h, p, generator) / p


def takes_p_for_the_keep_rate(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """p is read as the probability to keep; invisible at one half."""
    if not training or p == 0:
        return h
    return h * _keep(h, 1 - p, generator) / p


def drops_on_eight_random_bits(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """D15: keep where 8 random bits <= floor(255 (1 - p)), but rescale by 1 / (1 - p)."""
    if not training or p == 0:
        return h
    bits = torch.randint(0, 256, h.shape, generator=generator, device=h.device)
    keep = bits <= math.floor(255 * (1 - p))
    return torch.where(keep, _rescaled(h, p), torch.zeros_like(h))


def draws_the_mask_in_the_input_dtype(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """D23: the uniforms have h's own dtype, which is coarse in 16 bits."""
    if not training or p == 0:
        return h
    u = torch.rand(h.shape, generator=generator, dtype=h.dtype, device=h.device)
    keep = torch.floor((1 - p) + u).bool()
    return torch.where(keep, _rescaled(h, p), torch.zeros_like(h))


def draws_normal_numbers(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """D27: randn for rand, so that the keep rate is Phi(1 - p)."""
    if not training:
        return h
    keep = torch.randn(h.shape, generator=generator, device=h.device) < 1 - p
    return torch.where(keep, _rescaled(h, p), torch.zeros_like(h))


def keeps_where_u_is_above_p_on_a_coarse_lattice(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """D21: u > p with u in h's dtype, so that u = 0 drops a unit at p = 0."""
    if not training:
        return h
    u = torch.rand(h.shape, generator=generator, dtype=h.dtype, device=h.device)
    return torch.where(u > p, _rescaled(h, p), torch.zeros_like(h))


def divides_zero_by_zero_at_one(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """At p = 1 the mask keeps one unit in a thousand and the scale is guarded by a small number."""
    if not training:
        return h
    u = torch.rand(h.shape, generator=generator, device=h.device)
    return h * (u >= min(p, 0.999)) / max(1 - p, 1e-3)


def _keep(h: Tensor, p: float, generator: torch.Generator) -> Tensor:
    return torch.rand(h.shape, generator=generator, device=h.device) >= p


def _rescaled(h: Tensor, p: float) -> Tensor:
    return (h.double() / (1 - p)).to(h.dtype) if p < 1 else torch.zeros_like(h)
