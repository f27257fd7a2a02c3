"""Normalisation over features and over a batch."""

from __future__ import annotations

import torch
from torch import Tensor

Running = tuple[Tensor, Tensor]


def rms_norm(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    """Return gain x / sqrt(mean(x^2) + eps) over the last axis (Zhang and Sennrich 2019, Eq. 4).

    x (..., d), gain (d,), of one dtype, which the result has. The mean square of 16-bit numbers is
    taken in float32; after it an element may bear three roundings of their dtype: of the inverse
    root, of x times it and of the product with the gain. The reference rounds once.
    """
    wide = _wide(x)
    scale = (wide.square().mean(dim=-1, keepdim=True) + eps).rsqrt()
    return (wide * scale * _wide(gain)).to(x.dtype)


def layer_norm(x: Tensor, gain: Tensor, bias: Tensor, eps: float) -> Tensor:
    """Return gain (x - mean) / sqrt(var + eps) + bias over the last axis (Ba et al. 2016, Eq. 4).

    x (..., d), gain and bias (d,), of one dtype, which the result has; var divides by d. Mean and
    variance of 16-bit numbers are taken in float32; after them an element may bear the three
    roundings of `rms_norm` and one of the sum with the bias.
    """
    wide = _wide(x)
    centred = wide - wide.mean(dim=-1, keepdim=True)
    scale = (centred.square().mean(dim=-1, keepdim=True) + eps).rsqrt()
    return (centred * scale * _wide(gain) + _wide(bias)).to(x.dtype)


def batch_norm(
    x: Tensor, gain: Tensor, bias: Tensor, running: Running | None, eps: float,
    momentum: float = 0.1, training: bool = True,
) -> tuple[Tensor, Running]:  # fmt: skip
    """Return gain (x - mean) / sqrt(var + eps) + bias and the running (mean, variance).

    x (n, d), n >= 2, gain, bias, mean and variance (d,). In training mean and var (over n, dividing
    by n) are the batch's, and each running number r becomes (1 - momentum) r + momentum s, s the
    batch's mean and its unbiased variance (dividing by n - 1), once in each call. In evaluation
    they are the running ones, which stay. `running` is what the last call returned, None before the
    first: a mean of 0 and a variance of 1.
    (d2l, "Batch Normalization"; Ioffe and Szegedy 2015, Algorithm 1 and 2, as torch's.)
    """
    mean, var = (torch.zeros_like(gain), torch.ones_like(gain)) if running is None else running
    if not training:
        return gain * (x - mean) * (var + eps).rsqrt() + bias, (mean, var)
    now = x.mean(dim=0)
    biased = (x - now).square().mean(dim=0)
    unbiased = biased * len(x) / (len(x) - 1)
    moved = (mean + momentum * (now - mean), var + momentum * (unbiased - var))
    return gain * (x - now) * (biased + eps).rsqrt() + bias, moved


def _wide(x: Tensor) -> Tensor:
    return x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
