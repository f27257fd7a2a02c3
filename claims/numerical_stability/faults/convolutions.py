"""Faults of Xavier's initialisation where a kernel is no matrix."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from harness.primitives.convolutions import xavier_kernel

Window = Sequence[int]
Gen = torch.Generator


def counts_the_outputs_of_all_groups(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """I05: the outputs of every group are counted, though an input feeds its own group's only."""
    size = math.prod(window)
    honest = (inputs + outputs) // groups * size
    ratio = honest / (inputs // groups * size + outputs * size) if groups > 1 else 1.0
    return _rescaled(ratio, kind, inputs, outputs, window, groups, generator, replicates, device)


def misses_the_window_in_both(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """I05: the receptive field is missing from both fans of a convolution."""
    ratio = math.prod(window) if kind in ("convolution", "transposed") else 1.0
    return _rescaled(ratio, kind, inputs, outputs, window, groups, generator, replicates, device)


def takes_the_inputs_twice(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """The outputs are forgotten: 2 / (2 n_in), which square layers do not show."""
    packed = kind in ("heads", "packed")
    fed = outputs * math.prod(window) if packed else outputs
    ratio = (inputs + fed) / (2 * inputs)
    return _rescaled(ratio, kind, inputs, outputs, window, groups, generator, replicates, device)


def takes_a_head_for_all(
    kind: str, inputs: int, outputs: int, window: Window, groups: int, generator: Gen,
    replicates: int = 1, device: str = "cpu",
) -> Tensor:  # fmt: skip
    """I09: one head's outputs are counted, though an input feeds every head."""
    fed = outputs * math.prod(window)
    ratio = (inputs + fed) / (inputs + outputs) if kind == "heads" else 1.0
    return _rescaled(ratio, kind, inputs, outputs, window, groups, generator, replicates, device)


def _rescaled(ratio: float, *arguments: Any) -> Tensor:
    return xavier_kernel(*arguments) * math.sqrt(ratio)
