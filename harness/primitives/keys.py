"""Random generators that are split and folded: independent streams from one seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Uniforms = npt.NDArray[np.float64]


def split_uniforms(seed: int, children: int, size: int) -> Uniforms:
    """Return (children, size) uniforms in [0, 1): each row by a generator split off the seed's.

    The rows are those of the workers, replicas or layers that the generator is split for: they
    are independent of one another and of another seed's (0 <= seed < 2^31), and the same seed, 0
    included, gives the same rows.
    A child that is asked for alone is the same as among others: more children change no row.
    """
    sequences = np.random.SeedSequence(seed).spawn(children)
    return np.stack([_generator(one).random(size) for one in sequences])


def folded_uniforms(seed: int, numbers: Sequence[int], size: int) -> Uniforms:
    """Return (size,) uniforms in [0, 1) by the seed's generator with whole numbers folded in.

    The numbers, 0 <= number < 2^32 and any count of them, none included, are folded in one after
    another, as (epoch, step) are: any other numbers, fewer of them, zeros more or another order
    give an independent stream, any other seed (0 <= seed < 2^31) as well, and the same ones give
    the same.
    """
    return _generator(np.random.SeedSequence(seed, spawn_key=tuple(numbers))).random(size)


def _generator(sequence: np.random.SeedSequence) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(sequence))
