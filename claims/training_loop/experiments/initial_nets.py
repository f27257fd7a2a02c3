"""A net of GPT-2's form with nothing to compute: its parameters, and what each of them is to be."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.metrics.arrays import Array
from harness.metrics.gradient_steps import wide
from harness.metrics.tensors import dtype_of

WIDTH, WORDS, PLACES = 64, 96, 32
PADDING = 3  # the row of it: neither the first nor the last
STD = 0.02


@dataclass
class Net:
    """The net, its normal parameters with their share of the deviation 0.02, and the others."""

    module: Any
    normal: list[tuple[Any, float]] = field(default_factory=list)
    padded: Any = None  # the embedding with a row of padding
    ones: list[Any] = field(default_factory=list)
    zeros: list[Any] = field(default_factory=list)

    def drawn(self) -> Iterator[tuple[float, Array]]:
        """Of each normal parameter its factor, and w over its deviation, in a row."""
        for w, factor in self.normal:
            values = wide(w)
            if w is self.padded:
                values = np.delete(values, PADDING, axis=0)
            yield factor, values.ravel() / (factor * STD)

    def fixed(self) -> list[tuple[Array, float]]:
        """What is to be 1 or 0, exactly."""
        rows = [] if self.padded is None else [self.padded[PADDING]]
        return [(wide(w), 1.0) for w in self.ones] + [(wide(w), 0.0) for w in self.zeros + rows]


def net_of(
    layers: int, tied: bool, biases: bool, padding: bool, dtype: str, stream: Stream, device: str
) -> Net:
    """A net as torch's constructors leave it, with draws of the stream."""
    import torch
    from torch import nn

    where: dict[str, Any] = {"dtype": dtype_of(dtype), "device": device}
    found = Net(nn.Module())

    def linear(inputs: int, outputs: int, factor: float = 1.0) -> Any:
        layer = nn.Linear(inputs, outputs, bias=biases, **where)
        found.normal.append((layer.weight, factor))
        found.zeros.extend([layer.bias] if biases else [])
        return layer

    def norm() -> Any:
        layer = nn.LayerNorm(WIDTH, bias=biases, **where)
        found.ones.append(layer.weight)
        found.zeros.extend([layer.bias] if biases else [])
        return layer

    def embedding(rows: int, row: int | None = None) -> Any:
        layer = nn.Embedding(rows, WIDTH, padding_idx=row, **where)
        found.normal.append((layer.weight, 1.0))
        return layer

    def block() -> Any:
        joins = 1 / math.sqrt(2 * layers)
        attention = nn.Module()
        attention.c_attn, attention.c_proj = linear(WIDTH, 3 * WIDTH), linear(WIDTH, WIDTH, joins)
        attention.register_buffer("bias", torch.ones(PLACES, PLACES, device=device).tril())
        mlp = nn.Module()
        mlp.c_fc, mlp.c_proj = linear(WIDTH, 4 * WIDTH), linear(4 * WIDTH, WIDTH, joins)
        return nn.ModuleDict({"ln_1": norm(), "attn": attention, "ln_2": norm(), "mlp": mlp})

    with stream.in_place_of_the_process(device):
        words = embedding(WORDS, PADDING if padding else None)
        found.module.transformer = nn.ModuleDict({
            "wte": words, "wpe": embedding(PLACES),
            "h": nn.ModuleList(block() for _ in range(layers)), "ln_f": norm(),
        })  # fmt: skip
        head = nn.Linear(WIDTH, WORDS, bias=False, **where)
    if tied:
        head.weight = words.weight
    else:
        found.normal.append((head.weight, 1.0))
    found.module.lm_head = head
    found.padded = words.weight if padding else None
    return found


FROZEN: dict[str, Callable[[str], bool]] = {
    "nothing": lambda name: False,
    "word embedding": lambda name: name.endswith("wte.weight"),
    "norms": lambda name: "ln_" in name,
    "everything": lambda name: True,
}


def standard_normal_cdf(z: Array) -> Array:
    """P(Z <= z) of the standard normal law."""
    from scipy.special import ndtr

    return np.asarray(ndtr(z), dtype=np.float64)
