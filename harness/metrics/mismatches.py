"""The first comparison that does not hold, kept for whoever has to mend the code: got and right."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.metrics.called_from import called_from

# Of the block that is measured in this thread; nobody asks while the verdict is found.
_kept: ContextVar[list[Mismatch] | None] = ContextVar("_kept", default=None)


@dataclass(frozen=True)
class Mismatch:
    """The element of an array that is furthest off, and how many of them are."""

    got: float
    right: float
    allowed: float  # distance
    place: tuple[int, ...]
    shape: tuple[int, ...]
    off: int
    fact: bool = False  # false, where true is right
    compared: str = field(default="", compare=False)  # by which call of the claim


@contextlib.contextmanager
def kept_mismatches() -> Iterator[list[Mismatch]]:
    """The first mismatch of the comparisons that this thread makes meanwhile, if there is one."""
    kept: list[Mismatch] = []
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)


def note_mismatch(got: Any, right: Any, allowed: Any, ratios: Any, fact: bool = False) -> None:
    """Keep the worst of the elements whose ratio is above 1, if it is the first comparison.

    Numbers take the place of a fact, which says less.
    """
    kept = _kept.get()
    if kept is None or (kept and (fact or not kept[0].fact)):
        return
    off = int(np.count_nonzero(ratios > 1))
    if not off:
        return
    place = np.unravel_index(int(np.argmax(ratios)), ratios.shape)
    one, other, distance = (
        float(np.broadcast_to(values, ratios.shape)[place]) for values in (got, right, allowed)
    )
    where = tuple(int(axis) for axis in place)
    kept[:] = [Mismatch(one, other, distance, where, ratios.shape, off, fact, called_from())]
