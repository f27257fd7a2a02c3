"""Stand-ins for tests of the plugin and of the door."""

from __future__ import annotations

import time

import torch
from torch import Tensor


def nothing(x: Tensor) -> Tensor:
    """The identity."""
    return x


def raises(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
    """A primitive that fails."""
    raise RuntimeError("the kernel is not compiled")


def returns_nan(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
    """A primitive that returns NaN."""
    return h * float("nan")


def returns_a_wrong_shape(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that flattens."""
    return h.reshape(-1)[:-1]


def returns_a_wrong_dtype(
    h: Tensor, p: float, generator: torch.Generator, training: bool = True
) -> Tensor:
    """A primitive that widens."""
    return h.to(torch.float64) if h.dtype != torch.float64 else h.to(torch.float32)


def returns_nothing(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> None:
    """A primitive without a return."""


def never_returns(h: Tensor, p: float, generator: torch.Generator, training: bool = True) -> Tensor:
    """A primitive that hangs."""
    time.sleep(3600)
    return h


def two_arguments(h: Tensor, p: float) -> Tensor:
    """A signature that does not fit."""
    return h


not_callable = 3
