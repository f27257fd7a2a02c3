"""Which examples each of several processes reads in an epoch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int64]


def distributed_sampler(
    n: int, rank: int, ranks: int, epoch: int, seed: int = 0, shuffle: bool = True,
    drop_last: bool = False,
) -> Indices:  # fmt: skip
    """Return the indices, out of 0 ... n - 1, that process `rank` of `ranks` reads in an epoch.

    0 <= rank < ranks, n >= 1, and seed and epoch are whole numbers from 0 on.
    Every rank reads as many: n / ranks, rounded up, or down with `drop_last`.
    Together they read every example, and some once more than others only where the order is gone
    through again to fill the last places; with `drop_last` none twice, and those at the end of the
    order are left out.
    Shuffled, all ranks share one order, and every order is equally likely, independently in every
    epoch: seed and epoch decide it, whatever else was asked for, and another one of either gives
    another order.
    Not shuffled, every rank reads in the order of the data, the same in every epoch.
    Ranks may take turns, as in the reference, or read stretches of the order.
    (d2l, "Training on Multiple GPUs", "Data Parallelism"; torch's DistributedSampler.)
    """
    order = np.random.default_rng((seed, epoch)).permutation(n) if shuffle else np.arange(n)
    size = n // ranks if drop_last else -(-n // ranks)
    return np.resize(order, size * ranks)[rank::ranks]
