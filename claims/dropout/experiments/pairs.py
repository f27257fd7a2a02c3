"""Dropout: agreement of masks along every axis, gradients against the forward mask."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.blocks.streams import Stream
from harness.metrics import arrays, dropout_masks, tensors
from harness.metrics.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor

Counts = Mapping[str, tuple[int, int]]

RANKS = 2  # generators, as two workers or two replicas have them
CALLS = 16  # calls from each: pairs at lags up to 8 are disjoint
OVERLAPS = tuple(range(1, 33))


def of_an_element(share: float) -> Callable[[float], float]:
    """That share of the standard deviation of one mask element, as a function of p."""
    return lambda p: share * math.sqrt(p * (1 - p))


def of_an_agreement(share: float) -> Callable[[float], float]:
    """That share of the deviation of one agreement of two independent elements, likewise."""
    return lambda p: of_an_element(share)(dropout_masks.agreement_rate(p))


def axes(shape: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """The axes of a stack of masks of this shape, by name and length."""
    inner = [(f"axis {i}", side) for i, side in enumerate(shape)]
    return (("replica", RANKS), ("call", CALLS), *inner)


def _lags(shape: Sequence[int]) -> list[tuple[int, int, str]]:
    """Each axis and lag at which a stack of masks of this shape has disjoint pairs, by label."""
    return [
        (axis, lag, f"{name}, lag {lag}")
        for axis, (name, length) in enumerate(axes(shape))
        for lag in dropout_masks.LAGS
        if 2 * lag <= length
    ]


def pair_labels(shape: Sequence[int]) -> tuple[str, ...]:
    """The lags at which each axis of a stack of masks has at least one disjoint pair."""
    return tuple(label for _, _, label in _lags(shape))


def pairs_along_axes(masks: npt.NDArray[np.bool_]) -> dict[str, tuple[int, int]]:
    """{label: (agreements, pairs)} of masks (RANKS, CALLS, *shape)."""
    lags = _lags(masks.shape[2:])
    return {label: dropout_masks.agreements(masks, axis, lag) for axis, lag, label in lags}


def fewest_pairs(shape: Sequence[int]) -> int:
    """The pairs of the label that has the fewest, in one stack of masks of this shape."""
    sides = [length for _, length in axes(shape)]
    size = math.prod(sides)
    return min(
        size // sides[axis] * (sides[axis] // (2 * lag)) * lag for axis, lag, _ in _lags(shape)
    )


def overlap_labels() -> tuple[str, ...]:
    """One label for each number of elements that two consecutive calls might share."""
    return tuple(f"overlap of {size}" for size in OVERLAPS)


def overlaps(first: npt.NDArray[np.bool_], second: npt.NDArray[np.bool_]) -> Counts:
    """{label: (agreements, pairs)} of the tails of masks (m, n) with the heads of the next call's.

    An overlap of s means that the last s random numbers of a call come again as the first s of
    the next.
    """
    width = first.shape[1]
    return {
        label: dropout_masks.pairs_agree(first[:, width - size :], second[:, :size])
        for label, size in zip(overlap_labels(), OVERLAPS, strict=True)
    }


def added(totals: Counts, more: Counts) -> dict[str, tuple[int, int]]:
    """Counts added up label by label."""
    if not totals:
        return dict(more)
    return {
        label: (agree + more[label][0], pairs + more[label][1])
        for label, (agree, pairs) in totals.items()
    }


def gradient_of(leaf: Tensor) -> Tensor:
    """The gradient that a backward pass left on the leaf; zeros where it left none."""
    import torch

    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad


def gradient_off_mask(
    gradient: Tensor, cotangent: Tensor, h: Tensor, dropped: Tensor, p: float
) -> Array:
    """Ratios error / bound of dh = mask * v / (1 - p), with the mask that the forward pass shows.

    Where h is 0 the forward pass shows no mask: there the gradient must be one of the two values.
    """
    near = dropout_masks.off_support(gradient, cotangent, p)
    shown = h != 0
    agrees = (gradient != 0)[shown] == (dropped != 0)[shown]
    return np.concatenate([near, arrays.truth(agrees)])


def with_zeros(h: Tensor, generator: Any) -> Tensor:
    """The same tensor in the same layout, three values in ten replaced by 0, as after a ReLU."""
    import torch

    lost = torch.rand(tuple(h.shape), generator=generator, device=h.device) < 0.3
    return h.clone().masked_fill_(lost, 0.0)  # clone keeps the order in memory


def calls(
    dropout: Any, p: float, shape: Sequence[int], dtype: str, layout: str, units: int,
    stream: Stream, device: str,
) -> Iterator[tuple[Tensor, Tensor]]:  # fmt: skip
    """(h, h') of as many calls as it takes to drop `units` units, from one generator."""
    generator = stream.child("mask").torch(device)
    h = tensors.activations_like(
        shape, stream.child("h").torch(device), dtype=dtype, layout=layout, device=device
    )
    for _ in range(-(-units // h.numel())):
        yield h, dropout(h, p, generator)


def masks_of_replicas(
    dropout: Any, p: float, shape: Sequence[int], dtype: str, layout: str, stream: Stream,
    device: str,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Masks (RANKS, CALLS, *shape): each replica calls with a generator of its own."""
    units = math.prod(shape) * CALLS
    masks = [
        [
            arrays.as_array(dropped) != 0
            for _, dropped in calls(
                dropout, p, shape, dtype, layout, units, stream.child("replica", r), device
            )
        ]
        for r in range(RANKS)
    ]
    return np.array(masks)
