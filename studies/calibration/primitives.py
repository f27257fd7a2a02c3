"""Primitives on the edge: where a relation's false zone begins, or where its true zone ends.

They fill the roles of the reference, and `edge_claims.py` judges them with small margins.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Noise = Callable[[tuple[int, ...], float, np.random.Generator], npt.NDArray[np.float64]]
Dropout = Callable[..., Tensor]
STEP = 2.0**-52
FAR = 40.0  # standard deviations, where the normal distribution function is 0 or 1


def noise_positive_with(probability: float) -> Noise:
    """Unit noise whose mean is such that it is positive with that probability."""
    from scipy.special import ndtri

    shift = float(ndtri(probability))

    def gaussian_noise(shape: tuple[int, ...], std: float, rng: np.random.Generator) -> Any:
        return std * (rng.standard_normal(shape) + shift)

    return gaussian_noise


def noise_of_variance(factor: float) -> Noise:
    """Noise whose variance is `factor` times what it should be."""

    def gaussian_noise(shape: tuple[int, ...], std: float, rng: np.random.Generator) -> Any:
        return std * math.sqrt(factor) * rng.standard_normal(shape)

    return gaussian_noise


def noise_of_level(mean: float) -> Noise:
    """Noise z with E F(z) = mean, where F is the normal distribution function: F(z) = u^a."""

    def gaussian_noise(shape: tuple[int, ...], std: float, rng: np.random.Generator) -> Any:
        from scipy.special import ndtri

        return std * ndtri(rng.random(shape) ** ((1 - mean) / mean))

    return gaussian_noise


def noise_at_distance(distance: float) -> Noise:
    """Noise whose Kolmogorov distance from the normal law is `distance`, at 0."""

    def gaussian_noise(shape: tuple[int, ...], std: float, rng: np.random.Generator) -> Any:
        from scipy.special import ndtri

        lower = rng.random(shape) < 0.5 + distance
        return std * ndtri(rng.random(shape) / 2 + np.where(lower, 0.0, 0.5))

    return gaussian_noise


def dropout_keeping(keep: float) -> Dropout:
    """Dropout that keeps with a rate of its own and rescales by the rate that it was asked for."""

    def dropout(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        kept = torch.rand(h.shape, generator=generator) < keep
        return torch.where(kept, h / (1 - p), 0.0)

    return dropout


def dropout_copying(share: float) -> Dropout:
    """Dropout in which every second element copies its neighbour's fate with probability `share`.

    At p = 1/2 neighbours agree with probability (1 + share) / 2.
    """

    def dropout(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
        kept = torch.rand(h.shape, generator=generator) >= p
        copies = torch.rand(h.shape, generator=generator) < share
        copies[..., ::2] = False
        kept = torch.where(copies, kept.roll(1, -1), kept)
        return torch.where(kept, h / (1 - p), 0.0)

    return dropout


def uniform_of_variance(factor: float) -> Callable[..., Tensor]:
    """Weights on {-a, 0, a}, inside the bound, whose variance is `factor` times a^2 / 3."""

    def xavier_uniform(
        fan_in: int, fan_out: int, generator: torch.Generator, replicates: int = 1,
        dtype: torch.dtype = torch.float32, device: str = "cpu",
    ) -> Tensor:  # fmt: skip
        a = math.sqrt(6.0 / (fan_in + fan_out))
        u = torch.rand((replicates, fan_out, fan_in), generator=generator, dtype=dtype)
        sign = torch.where(u < factor / 6, -a, a)
        return torch.where(u < factor / 3, sign, 0.0).to(dtype)

    return xavier_uniform


def relu_off_by(steps: int) -> Callable[[Tensor], Tensor]:
    """A relu whose result is `steps` steps of float64 too large."""

    def relu(x: Tensor) -> Tensor:
        return torch.clamp(x, min=0.0) * (1 + steps * STEP)

    return relu


half_positive = noise_positive_with(0.5)
mostly_positive = noise_positive_with(0.9)
rarely_positive = noise_positive_with(0.1)
sometimes_positive = noise_positive_with(0.3)
level_low = noise_of_level(0.4)
level_high = noise_of_level(0.6)
variance_too_large = noise_of_variance(1.2)
variance_just_right = noise_of_variance(1.2**0.1)
law_too_far = noise_at_distance(0.1)
law_just_near = noise_at_distance(0.01)
keeps_six_in_ten = dropout_keeping(0.6)
keeps_seven_in_ten = dropout_keeping(0.7)
keeps_just_enough = dropout_keeping(0.51)
neighbours_too_close = dropout_copying(0.2)
neighbours_just_free = dropout_copying(0.1)
uniform_too_wide = uniform_of_variance(1.5)
uniform_just_right = uniform_of_variance(1.5**0.1)
relu_too_large = relu_off_by(1025)
relu_just_right = relu_off_by(1024)
