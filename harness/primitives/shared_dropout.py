"""Dropout by sharing pattern: whole channels, or the whole path of an example."""

from __future__ import annotations

import torch
from torch import Tensor

from harness.primitives.dropout import dropout, rescaled


def channel_dropout(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """Return h (N, C, ...) with whole channels dropped: one mask element for each of them.

    Every (example, channel) is dropped independently with probability p and otherwise rescaled
    as by `dropout`; out of training, and at p = 0, h itself comes back; at p = 1 all
    zeros, if h is finite.
    Of three axes the second is the channel too: (N, C, L), never (C, H, W).
    """
    return _shared(h, p, generator, training, (*h.shape[:2], *[1] * (h.dim() - 2)))


def path_dropout(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
    """Return h (N, ...) with whole examples dropped: one mask element for each example's path.

    Every example is dropped independently with probability p and otherwise rescaled as by
    `dropout` (stochastic depth by rows); out of training, and at p = 0, h itself comes back;
    at p = 1 all zeros, if h is finite.
    """
    return _shared(h, p, generator, training, (h.shape[0], *[1] * (h.dim() - 1)))


def _shared(
    h: Tensor, p: float, generator: torch.Generator, training: bool, pattern: tuple[int, ...]
) -> Tensor:
    if not training or p == 0.0:
        return h
    ones = torch.ones(pattern, dtype=h.dtype, device=h.device)
    keep = dropout(ones, p, generator) != 0
    return torch.where(keep, rescaled(h, 1.0 if p == 1.0 else 1.0 / (1.0 - p)), 0.0)
