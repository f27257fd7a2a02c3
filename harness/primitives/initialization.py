"""Initial weights of dense layers, stored as the book's framework does: (fan_out, fan_in).

The entries of all replicates are independent.
The fans are the numbers of inputs and of outputs of the layer; gains are 1 unless the name says
otherwise (He: sqrt(2)).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def xavier_uniform(
    fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
    dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
) -> Tensor:  # fmt: skip
    """Return U(-a, a) with a = sqrt(6 / (fan_in + fan_out)), of variance 2 / (fan_in + fan_out).

    The shape is (replicates, fan_out, fan_in).
    Glorot and Bengio 2010, equation 16.
    """
    a = math.sqrt(6.0 / (fan_in + fan_out))
    return _uniform(a, (replicates, fan_out, fan_in), generator, dtype, device)


def xavier_normal(
    fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
    dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
) -> Tensor:  # fmt: skip
    """Return N(0, 2 / (fan_in + fan_out)); the second argument is the variance.

    The shape is (replicates, fan_out, fan_in).
    Glorot and Bengio 2010, equation 12.
    """
    std = math.sqrt(2.0 / (fan_in + fan_out))
    return _normal(std, (replicates, fan_out, fan_in), generator, dtype, device)


def he_uniform(
    fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
    dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
) -> Tensor:  # fmt: skip
    """Return U(-a, a) with a = sqrt(6 / fan_in), of variance 2 / fan_in (He et al. 2015).

    The shape is (replicates, fan_out, fan_in).
    """
    a = math.sqrt(6.0 / fan_in)
    return _uniform(a, (replicates, fan_out, fan_in), generator, dtype, device)


def he_normal(
    fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
    dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
) -> Tensor:  # fmt: skip
    """Return N(0, 2 / fan_in) (He et al. 2015, equation 10).

    The shape is (replicates, fan_out, fan_in).
    """
    std = math.sqrt(2.0 / fan_in)
    return _normal(std, (replicates, fan_out, fan_in), generator, dtype, device)


def plain_normal(
    fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
    dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu", std: float = 0.01,
) -> Tensor:  # fmt: skip
    """Return N(0, std**2) whatever the fans; the chapter's first choice, std = 0.01.

    The shape is (replicates, fan_out, fan_in).
    """
    return _normal(std, (replicates, fan_out, fan_in), generator, dtype, device)


def default_uniform(
    fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
    dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
) -> Tensor:  # fmt: skip
    """Return U(-a, a) with a = 1 / sqrt(fan_in), of variance 1 / (3 fan_in).

    It is what torch.nn.Linear does when nobody asks, and it is neither Xavier nor He.
    """
    a = 1.0 / math.sqrt(fan_in)
    return _uniform(a, (replicates, fan_out, fan_in), generator, dtype, device)


def default_bias(
    fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
    dtype: torch.dtype = torch.float32, device: str | torch.device = "cpu",
) -> Tensor:  # fmt: skip
    """Return biases (replicates, fan_out) of the same law as `default_uniform`."""
    a = 1.0 / math.sqrt(fan_in)
    return _uniform(a, (replicates, fan_out), generator, dtype, device)


def _normal(
    std: float, shape: tuple[int, ...], generator: torch.Generator, dtype: torch.dtype,
    device: str | torch.device,
) -> Tensor:  # fmt: skip
    z = torch.randn(shape, generator=generator, dtype=_drawn_in(dtype), device=device)
    return z.mul_(std).to(dtype)


def _uniform(
    a: float, shape: tuple[int, ...], generator: torch.Generator, dtype: torch.dtype,
    device: str | torch.device,
) -> Tensor:  # fmt: skip
    u = torch.rand(shape, generator=generator, dtype=_drawn_in(dtype), device=device)
    edge = _largest_not_above(a, dtype)
    return u.mul_(2.0).sub_(1.0).mul_(a).to(dtype).clamp_(-edge, edge)


def _drawn_in(dtype: torch.dtype) -> torch.dtype:
    return torch.float64 if dtype == torch.float64 else torch.float32


def _largest_not_above(a: float, dtype: torch.dtype) -> float:
    """Return the largest number of dtype that is <= a, so that rounding never leaves [-a, a]."""
    rounded = torch.tensor(a, dtype=dtype)
    if rounded.item() > a:
        rounded = torch.nextafter(rounded, torch.zeros_like(rounded))
    return float(rounded.item())
