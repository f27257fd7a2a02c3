"""Dropout's masks as its results show them: on the support or off it, and how often they agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from harness.metrics.arrays import Array, as_array, gamma
from harness.metrics.mismatches import note_mismatch

if TYPE_CHECKING:
    from torch import Tensor


LAGS = tuple(range(1, 9))


def honestly_rescaled(h: Tensor, p: float) -> tuple[Tensor, Tensor]:
    """Both honest roundings of h / (1 - p): round(h * round(1 / (1 - p))), and round(h / (1 - p)).

    In 16 bits they differ, and a correct implementation may return either; a float32 or float64
    one may also divide by round(1 - p), which is within one unit of the last place of these.
    """
    import torch

    exact = (h.to(torch.float64) / (1.0 - p)).to(h.dtype)
    scale = torch.tensor(1.0 / (1.0 - p), dtype=torch.float64)
    if h.dtype in (torch.float16, torch.bfloat16):
        return exact, (h.to(torch.float64) * scale.to(h.dtype).to(torch.float64)).to(h.dtype)
    return exact, (h * scale.to(h.dtype)).to(h.dtype)


def off_support(dropped: Tensor, h: Tensor, p: float) -> Array:
    """Ratios error / bound of each value to the nearer of 0 and h / (1 - p); at most 1 is on it.

    The bound is 2 units of rounding (the scale's and the product's) in h's dtype, none for 0.
    """
    import torch

    exact, other = honestly_rescaled(h, p)
    kept = (dropped == exact) | (dropped == other)
    settled = kept | (dropped == 0)
    if bool(settled.all()):
        return np.zeros(1)
    wide = dropped.to(torch.float64)
    target = h.to(torch.float64) / (1.0 - p)
    name = str(h.dtype).removeprefix("torch.")
    bound = gamma(3, name) * target.abs()
    ratio = as_array(torch.where(settled, 0.0, (wide - target).abs() / bound))
    note_mismatch(as_array(wide), as_array(target), as_array(bound), ratio)
    return ratio.ravel()


def agreements(mask: Any, axis: int, lag: int) -> tuple[int, int]:
    """(agreements, disjoint pairs) of a boolean mask with itself `lag` further along an axis.

    Pairs are disjoint, so that under independence their agreements are independent too.
    """
    array = np.moveaxis(np.asarray(mask, dtype=bool), axis, 0)
    length = array.shape[0] // (2 * lag) * (2 * lag)
    if length == 0:
        return 0, 0
    pairs = array[:length].reshape(-1, 2, lag, *array.shape[1:])
    return pairs_agree(pairs[:, 0], pairs[:, 1])


def pairs_agree(first: Any, second: Any) -> tuple[int, int]:
    """(agreements, pairs) of two boolean masks, element by element."""
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    return int(np.count_nonzero(first == second)), int(first.size)


def agreement_rate(p: float) -> float:
    """The probability that two independent mask elements agree: p^2 + (1 - p)^2."""
    return p * p + (1 - p) * (1 - p)
