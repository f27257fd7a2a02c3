"""Averages of weights that move in place, and what they should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from harness.metrics.gradient_steps import wide

if TYPE_CHECKING:
    from torch import Tensor

Array = npt.NDArray[np.float64]
FIRST = 3  # where the whole number that counts the calls begins


class Averaged(NamedTuple):
    """What came back of every call."""

    averages: Array  # (calls, numbers) of all tensors, read when the weights had moved on
    copied: list[bool]  # whether the count of a call was copied
    free: list[bool]  # whether an average is in no graph


def averaged(
    average_weights: Callable[..., Any], weights: Sequence[Tensor], **decay: float
) -> Averaged:
    """Hand over the weights of every call, (calls, ...) each, in tensors that move in place.

    So an optimiser moves them. A count of the calls goes with them, as a normalisation has one.
    """
    import torch

    living = [torch.empty_like(values[0]).requires_grad_() for values in weights]
    state, seen, counts = None, [], []
    for call, values in enumerate(zip(*weights, strict=True)):
        _move(living, values)
        count = torch.tensor(FIRST + call, device=living[0].device)
        averages, state = average_weights([*living, count], state, **decay)
        seen.append(averages[:-1])
        counts.append(int(averages[-1]) == FIRST + call)

    _move(living, [values[0] + 1 for values in weights])
    free = [a.grad_fn is None for averages in seen for a in averages]
    return Averaged(np.stack([flat(averages) for averages in seen]), counts, free)


def right(weights: Array, decay: float, *, corrected: bool) -> Array:
    """The averages of every call, of weights (calls, numbers), as they are or from a start of 0.

    The latter, whose start is corrected for, is the plain mean at decay 1.
    """
    calls = np.arange(len(weights))
    shares = np.tril(decay ** np.maximum(calls[:, None] - calls, 0.0))
    if corrected:
        shares /= shares.sum(axis=1, keepdims=True)
    else:
        shares[:, 1:] *= 1 - decay
    return np.asarray(shares @ weights)


def flat(tensors: Sequence[Tensor], first: int = 0) -> Array:
    """All numbers behind the first so many axes, one tensor after another."""
    return np.concatenate([wide(w).reshape(*w.shape[:first], -1) for w in tensors], axis=-1)


def _move(weights: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    import torch

    with torch.no_grad():
        for w, value in zip(weights, values, strict=True):
            w.copy_(value)
