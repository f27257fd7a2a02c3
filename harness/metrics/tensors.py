"""Tensors as users have them: dtypes, memory orders, activations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.declaration.not_applicable import NotApplicableError

if TYPE_CHECKING:
    from torch import Tensor


def needs_torch(primitive: Any) -> None:
    """Raise NotApplicableError for a primitive whose operations are not torch's to count."""
    if getattr(primitive, "arrays", "torch") not in ("torch", "keras"):
        raise NotApplicableError("its operations are not torch's, and cannot be counted")


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
