"""Faults of initial weights that show in the chapter's net on images."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from harness.primitives.initialization import plain_normal


def forgets_the_deviation(
    fan_in: int, fan_out: int, generator: torch.Generator, *rest: Any, **options: Any
) -> Tensor:
    """The argument std is lost, and the standard normal law is left: the notes' own slip."""
    return plain_normal(fan_in, fan_out, generator, *rest, **{**options, "std": 1.0})


def ten_times_too_wide(
    fan_in: int, fan_out: int, generator: torch.Generator, *rest: Any, **options: Any
) -> Tensor:
    """I13: the root of the variance is taken twice, 0.1 for 0.01."""
    return plain_normal(fan_in, fan_out, generator, *rest, **{**options, "std": 0.1})
