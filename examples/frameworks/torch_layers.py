"""Losses, attention and normalisation as people write them in plain torch."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional


def nanogpt_loss(logits: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
    """One call of cross_entropy over the flattened tokens, with -1 where nothing counts."""
    places = torch.arange(labels.shape[1])[None, :]
    targets = labels.where((places < lengths[:, None]) & (labels >= 0), -1)
    return functional.cross_entropy(
        logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1
    )


def masked_loss(
    logits: Tensor, labels: Tensor, lengths: Tensor, weights: Tensor | None = None
) -> Tensor:
    """The chapter's masked softmax loss, divided by what counts."""
    mask = (torch.arange(labels.shape[1]) < lengths[:, None]) & (labels != -100)
    weight = mask.to(logits.dtype) * (1.0 if weights is None else weights)
    each = functional.cross_entropy(logits.transpose(1, 2), labels.clamp(min=0), reduction="none")
    return (each * weight).sum() / weight.sum()


def gathered_loss(logits: Tensor, labels: Tensor, lengths: Tensor) -> Tensor:
    """Only what counts is kept, and its mean taken."""
    mask = (torch.arange(labels.shape[1]) < lengths[:, None]) & (labels != -100)
    kept = logits[mask]
    return (torch.logsumexp(kept, -1) - kept.gather(1, labels[mask][:, None])[:, 0]).mean()


def nanogpt_attention(
    q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, causal: bool = False,
    p: float = 0.0, generator: torch.Generator | None = None, training: bool = True,
) -> Tensor:  # fmt: skip
    """The slow path of nanoGPT, with its mask filled in and its weights dropped."""
    att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
    hidden = torch.zeros(att.shape[-2:], dtype=torch.bool)
    if causal:
        hidden = torch.ones_like(hidden).triu(1)
    if mask is not None:
        hidden = hidden | ~mask
    att = att.masked_fill(hidden, torch.finfo(att.dtype).min)
    att = functional.softmax(att, dim=-1).masked_fill(hidden, 0.0)
    if training and p > 0:
        kept = torch.rand(att.shape, generator=generator) >= p
        att = att * kept / (1 - p)
    return att @ v


def llama_norm(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    """Normalised in float32, rounded, then multiplied by the gain, as in LLaMA."""
    wide = x.float() if x.dtype.itemsize == 2 else x
    wide = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + eps)
    return gain * wide.to(x.dtype)


def functional_norm(x: Tensor, gain: Tensor, bias: Tensor, eps: float) -> Tensor:
    """torch's function."""
    return functional.layer_norm(x, gain.shape, gain, bias, eps)


def d2l_batch_norm(
    x: Tensor, gain: Tensor, bias: Tensor, running: Any, eps: float, momentum: float = 0.1,
    training: bool = True,
) -> Any:  # fmt: skip
    """torch's function with buffers that are copied before it writes to them."""
    fresh = (torch.zeros_like(gain), torch.ones_like(gain))
    mean, var = (one.clone() for one in running or fresh)
    found = functional.batch_norm(x, mean, var, gain, bias, training, momentum, eps)
    return found, (mean, var)
