"""Faults of the activation functions, in the manner of a row of the catalogue of shipped bugs.

A01: a formula that lost a factor, a shift or a sign; each is seen on ten points of a grid.
"""

from __future__ import annotations

import torch
from torch import Tensor


def loses_the_factor_x(x: Tensor) -> Tensor:
    """A01: the gate 1{x > 0} without the factor x that it gates."""
    return (x > 0).to(x.dtype) + 0 * x


def leaks_below_zero(x: Tensor) -> Tensor:
    """A01: a fifth of the negative side comes through."""
    return torch.where(x > 0, x, 0.2 * x)


def caps_at_six(x: Tensor) -> Tensor:
    """A01: relu6 under relu's name; invisible below 6."""
    return x.clamp(0, 6)


def reflects_the_negative_side(x: Tensor) -> Tensor:
    """A01: |x| for max(x, 0)."""
    return x.abs()


def approximates_the_sigmoid(x: Tensor) -> Tensor:
    """A01: the piecewise linear stand-in clip(x / 6 + 1 / 2, 0, 1) under the sigmoid's name."""
    return (x / 6 + 0.5).clamp(0, 1)


def centres_the_sigmoid(x: Tensor) -> Tensor:
    """A01: tanh(x / 2), whose slope at 0 is twice the sigmoid's and whose range is (-1, 1)."""
    return torch.tanh(x / 2)


def steepens_the_sigmoid(x: Tensor) -> Tensor:
    """A01: sigmoid(4 x), whose slope at 0 is 1."""
    return torch.sigmoid(4 * x)


def lets_the_input_through(x: Tensor) -> Tensor:
    """A01: the identity."""
    return x * 1


def halves_the_argument(x: Tensor) -> Tensor:
    """A01: (1 - exp(-x)) / (1 + exp(-x)), the sign of a lost factor 2."""
    return torch.tanh(x / 2)


def stretches_the_tanh(x: Tensor) -> Tensor:
    """A01: the 1.7159 tanh(2 x / 3) of LeCun 1998 under tanh's name."""
    return 1.7159 * torch.tanh(2 * x / 3)


def loses_the_shift(x: Tensor) -> Tensor:
    """A01: 4 sigmoid(x) without the - 2."""
    return 4 * torch.sigmoid(x)


def scales_by_two(x: Tensor) -> Tensor:
    """A01: 2 sigmoid(x) - 1, whose slope at 0 is 1 / 2."""
    return 2 * torch.sigmoid(x) - 1


def forgets_to_scale(x: Tensor) -> Tensor:
    """A01: the plain sigmoid under the scaled one's name."""
    return torch.sigmoid(x)


def mixes_the_units(x: Tensor) -> Tensor:
    """A01: divides by the layer's mean square, so that units depend on one another."""
    return x / (1 + x.square().mean(dim=-1, keepdim=True)).sqrt()
