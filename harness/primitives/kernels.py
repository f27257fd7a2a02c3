"""Initial weights of layers whose kernels are no matrices: the fans are declared by kind."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

KINDS = ("convolution", "transposed", "heads", "packed")


def he_kernel(
    kind: str,
    inputs: int,
    outputs: int,
    window: Sequence[int],
    groups: int,
    generator: torch.Generator,
    replicates: int = 1,
    device: str | torch.device = "cpu",
) -> Tensor:
    """Return float32 kernels N(0, 2 / fan_in), fan_in being what one output unit sees.

    convolution: (outputs, inputs / groups, *window); fan_in = inputs / groups * size of window.
    transposed (stride 1): (inputs, outputs / groups, *window); the same fan_in.
    heads: (inputs, heads, outputs) with window = [heads]; fan_in = inputs.
    packed: (window[0] * outputs, inputs), as query, key and value in one; fan_in = inputs.
    All behind an axis of replicates; depthwise is groups = inputs.
    """
    size = math.prod(window)
    shape, fan_in = {
        "convolution": ((outputs, inputs // groups, *window), inputs // groups * size),
        "transposed": ((inputs, outputs // groups, *window), inputs // groups * size),
        "heads": ((inputs, *window, outputs), inputs),
        "packed": ((size * outputs, inputs), inputs),
    }[kind]
    z = torch.randn((replicates, *shape), generator=generator, device=device)
    return z * math.sqrt(2.0 / fan_in)
