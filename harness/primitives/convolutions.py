"""Initial weights of layers whose kernels are no matrices: the fans are declared by kind."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

KINDS = ("convolution", "transposed", "heads", "packed")


def he_kernel(
    kind: str, inputs: int, outputs: int, window: Sequence[int], groups: int,
    generator: torch.Generator, replicates: int = 1, device: str | torch.device = "cpu",
) -> Tensor:  # fmt: skip
    """Return float32 kernels N(0, 2 / fan_in), fan_in being what one output unit sees.

    convolution: (outputs, inputs / groups, *window); fan_in = inputs / groups * size of window.
    transposed (stride 1): (inputs, outputs / groups, *window); the same fan_in.
    heads: (inputs, heads, outputs) with window = [heads]; fan_in = inputs.
    packed: (window[0] * outputs, inputs), as query, key and value in one; fan_in = inputs.
    All behind an axis of replicates; depthwise is groups = inputs.
    """
    shape, fan_in, _ = fans(kind, inputs, outputs, window, groups)
    z = torch.randn((replicates, *shape), generator=generator, device=device)
    return z * math.sqrt(2.0 / fan_in)


def xavier_kernel(
    kind: str, inputs: int, outputs: int, window: Sequence[int], groups: int,
    generator: torch.Generator, replicates: int = 1, device: str | torch.device = "cpu",
) -> Tensor:  # fmt: skip
    """Return float32 kernels N(0, 2 / (fan_in + fan_out)), of the kinds and shapes of `he_kernel`.

    fan_in is what one output unit sees, fan_out what one input unit feeds (Glorot and Bengio 2010,
    Equation 12, whose fan_out is the fan_in of the pass backward):
    convolution and transposed (stride 1): outputs / groups * size of window;
    heads and packed: outputs * size of window.
    """
    shape, fan_in, fan_out = fans(kind, inputs, outputs, window, groups)
    z = torch.randn((replicates, *shape), generator=generator, device=device)
    return z * math.sqrt(2.0 / (fan_in + fan_out))


def fans(
    kind: str, inputs: int, outputs: int, window: Sequence[int], groups: int
) -> tuple[tuple[int, ...], int, int]:
    """Return the kernel's shape, what one output unit sees, and what one input unit feeds."""
    size = math.prod(window)
    seen, fed = inputs // groups * size, outputs // groups * size
    known: dict[str, tuple[tuple[int, ...], int, int]] = {
        "convolution": ((outputs, inputs // groups, *window), seen, fed),
        "transposed": ((inputs, outputs // groups, *window), seen, fed),
        "heads": ((inputs, *window, outputs), inputs, outputs * size),
        "packed": ((size * outputs, inputs), inputs, outputs * size),
    }
    if kind not in known:
        raise ValueError(f"kind={kind!r} is no kernel; there are: {', '.join(KINDS)}")
    return known[kind]
