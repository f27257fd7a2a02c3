"""The rulers: what claims measure with. None of them comes from the implementation under test."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.declaration.exhibits import as_array as as_array
from harness.declaration.not_applicable import NotApplicableError
from harness.statistics.float_error import gamma as gamma

if TYPE_CHECKING:
    from torch import Tensor

Array = npt.NDArray[np.float64]

LAGS = tuple(range(1, 9))


# ---- comparing replicates -------------------------------------------------------------------


def exceeds(worse: Any, better: Any, margin: float = 0.0) -> npt.NDArray[np.bool_]:
    """True where `worse` lies above `better` by more than `margin`, replicate by replicate (n,).

    A loss that is not finite is the largest there is: a diverged arm loses, and where both arms
    diverged neither lies above the other.
    """
    return _lossy(worse) > _lossy(better) + margin


def ratio_exceeds(worse: Any, better: Any, factor: float) -> npt.NDArray[np.bool_]:
    """True where `worse` > factor * `better`, replicate by replicate; diverged arms as above."""
    return _lossy(worse) > factor * _lossy(better)


def _lossy(values: Any) -> Array:
    array = as_array(values)
    return np.where(np.isfinite(array), array, np.inf)


def relative_error(found: Any, exact: Any) -> Array:
    """|found - exact| / |exact| in the Euclidean norm over the last axis, one per replicate."""
    found, exact = as_array(found), as_array(exact)
    difference = np.linalg.norm(found - exact, axis=-1)
    return np.asarray(difference / np.linalg.norm(np.broadcast_to(exact, found.shape), axis=-1))


# ---- rounding -------------------------------------------------------------------------------


def rounding_ratio(
    found: Any, exact: Any, scale: Any, operations: int, dtype: str = "float64"
) -> Array:
    """|found - exact| over the error that `operations` roundings may make on terms of size `scale`.

    The bound is gamma_k * scale, gamma_k = k u / (1 - k u) (Higham 2002, Lemma 3.1); `scale` is
    the sum of the absolute values of the terms. 0 / 0 counts as equal.
    """
    error = np.abs(as_array(found) - as_array(exact))
    bound = gamma(operations, dtype) * np.broadcast_to(np.abs(as_array(scale)), error.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(error == 0, 0.0, error / bound))


def mismatch(found: Any, expected: Any) -> Array:
    """0 where two arrays are equal bit for bit in value (NaN equals NaN), infinity elsewhere."""
    found, expected = as_array(found), as_array(expected)
    if found.shape != expected.shape:
        return np.array([math.inf])
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    return np.where(same, 0.0, np.inf)


def truth(*facts: Any) -> Array:
    """0 for each true fact and infinity for each false one: an identity's ratios for booleans."""
    return np.concatenate(
        [np.where(np.asarray(as_array(fact), dtype=bool).ravel(), 0.0, np.inf) for fact in facts]
    )


def needs_torch(primitive: Any) -> None:
    """Raise NotApplicableError for a primitive whose operations are not torch's to count."""
    if getattr(primitive, "arrays", "torch") not in ("torch", "keras"):
        raise NotApplicableError("its operations are not torch's, and cannot be counted")


# ---- tensors as users have them ---------------------------------------------------------------


def dtype_of(name: str) -> Any:
    """The torch dtype of that name."""
    import torch

    return getattr(torch, name)


def laid_out(values: Tensor, layout: str) -> Tensor:
    """The same values in another memory order; the shape does not change.

    contiguous; transposed (the last two axes swapped in memory); strided (every other element of
    a larger buffer); reversed (all axes swapped in memory); channels_last (axis 1 innermost).
    """
    import torch

    if layout == "strided":
        buffer = torch.zeros((*values.shape, 2), dtype=values.dtype, device=values.device)
        buffer[..., 0] = values
        return buffer[..., 0]
    orders: Mapping[str, Callable[[int], list[int]]] = {
        "contiguous": lambda rank: list(range(rank)),
        "transposed": lambda rank: [*range(rank - 2), rank - 1, rank - 2],
        "reversed": lambda rank: list(range(rank))[::-1],
        "channels_last": lambda rank: [0, *range(2, rank), 1],
    }
    rank = values.dim()
    if rank < 2:
        return values.contiguous()
    order = orders[layout](rank)
    inverse = sorted(range(rank), key=order.__getitem__)
    return values.permute(order).contiguous().permute(inverse)


def activations_like(
    shape: Sequence[int], generator: Any, *, dtype: str, layout: str, device: str
) -> Tensor:
    """Distinct values of both signs away from 0, |h| in [1/2, 2): no product of two is lost.

    Powers of two are rare among them, so that a wrong scale cannot hide.
    """
    import torch

    options: dict[str, Any] = {"generator": generator, "device": device}
    size = torch.rand(tuple(shape), **options) * 1.5 + 0.5
    sign = torch.randint(0, 2, tuple(shape), **options) * 2 - 1
    return laid_out((size * sign).to(dtype_of(dtype)), layout)


# ---- dropout masks ----------------------------------------------------------------------------


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
    ratio = (wide - target).abs() / (gamma(3, name) * target.abs())
    return as_array(torch.where(settled, 0.0, ratio)).ravel()


def kept_mask(dropped: Tensor, h: Tensor) -> Tensor:
    """Where a value survived; h has no zeros."""
    return dropped != 0


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
