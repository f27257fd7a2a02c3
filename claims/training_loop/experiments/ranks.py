"""Gradients as ranks have them: of their own examples, the last rank's lying by columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.metrics.arrays import Array
from harness.metrics.gradient_steps import normal, wide
from harness.metrics.tensors import dtype_of

SHAPES = ((6, 5), (5,), ())


def examples(count: int, stream: Stream) -> list[Array]:
    """The gradient of each example's loss, (count, *shape) for each parameter."""
    return [
        stream.child("examples", place).numpy().standard_normal((count, *shape))
        for place, shape in enumerate(SHAPES)
    ]


def shards(
    each: Sequence[Array], counts: Sequence[int], dtype: str, device: str
) -> list[list[Any]]:
    """The gradients of every rank's mean loss; zeros where it has no examples."""
    import torch

    ends = np.cumsum(counts)
    found = [
        [
            torch.as_tensor(part[end - n : end].sum(0) / max(1, n)).to(dtype_of(dtype)).to(device)
            for part in each
        ]
        for n, end in zip(counts, ends, strict=True)
    ]
    found[-1][0] = found[-1][0].t().contiguous().t()
    return found


def gradients(
    ranks: int, dtype: str, stream: Stream, device: str, size: float = 1.0
) -> list[list[Any]]:
    """The gradients of every rank, N(0, size²) rounded to the dtype."""
    return [
        [
            (normal(stream.child(rank, place), shape, "float64", "cpu") * size)
            .to(dtype_of(dtype))
            .to(device)
            for place, shape in enumerate(SHAPES)
        ]
        for rank in range(ranks)
    ]


def weighted_means(
    given: Sequence[Sequence[Any]], counts: Sequence[int]
) -> list[tuple[Array, Array]]:
    """Of each parameter Σ n_r g_r / Σ n_r, and the same of |g_r|, in double precision."""
    weight = np.array(counts) / sum(counts)
    parts = [np.stack([wide(g) for g in each], axis=-1) for each in zip(*given, strict=True)]
    return [(part @ weight, np.abs(part) @ weight) for part in parts]


def operations(counts: Sequence[int]) -> int:
    """Roundings of a weighted mean: of weights, products and sums, on either side."""
    return 2 * len(counts) + 4
