"""The two quantities that a sentence sets against each other, kept while a block is measured."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from harness.declaration.exhibits import Array

MOST = 4  # of a block; a sentence that compares more often is no picture

# Of the block that is measured in this thread; a worker's threads may measure several at once.
_kept: ContextVar[list["Comparison"] | None] = ContextVar("_kept", default=None)


@dataclass(frozen=True)
class Comparison:
    """Whether `above` > factor * `below` + margin, replicate by replicate or of one number."""

    above: Array
    below: Array
    factor: float
    margin: float


@contextlib.contextmanager
def kept_comparisons() -> Iterator[list[Comparison]]:
    """The first comparisons that this thread makes meanwhile."""
    kept: list[Comparison] = []
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)


def note_comparison(above: Array, below: Array, factor: float, margin: float) -> None:
    """Keep what is compared, for whoever draws it."""
    kept = _kept.get()
    if kept is not None and len(kept) < MOST:
        kept.append(Comparison(above, below, factor, margin))
