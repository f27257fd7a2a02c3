"""Random orders of the examples, and their cut into minibatches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


def permutation(n: int, rng: np.random.Generator) -> Indices:
    """Return a uniformly random order of 0 ... n - 1, a new one in each call, n >= 1."""
    return rng.permutation(n)


def minibatches(n: int, batch_size: int, rng: np.random.Generator) -> list[Indices]:
    """Return a fresh random order of n examples, cut into batches; the last may be smaller.

    All others have batch_size examples. Every order of all n is equally likely, the generator moves
    on, and the next call gives another one.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size={batch_size!r} is empty; give 1 or more")
    order = permutation(n, rng)
    return [order[start : start + batch_size] for start in range(0, n, batch_size)]
