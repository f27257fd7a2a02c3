"""The chapter's activation functions, element by element."""

from __future__ import annotations

import torch
from torch import Tensor


def relu(x: Tensor) -> Tensor:
    """Return max(x, 0); its derivative at 0 is taken as 0, and a NaN stays a NaN."""
    return torch.threshold(x, 0.0, 0.0)


def sigmoid(x: Tensor) -> Tensor:
    """Return 1 / (1 + exp(-x)), without overflow on either side."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """Return (1 - exp(-2x)) / (1 + exp(-2x)), without overflow on either side.

    Near 0 it is as accurate, relatively, as anywhere: 1 - exp(-2x) is to be had from expm1.
    """
    return torch.tanh(x)


def scaled_sigmoid(x: Tensor) -> Tensor:
    """Return 4 sigmoid(x) - 2 = 2 tanh(x / 2), as written: near 0 it is right only absolutely."""
    return 4 * torch.sigmoid(x) - 2
