"""The order in which every replica meets its examples, epoch by epoch.

Orders are a function of the generator alone: replicas draw in fixed groups of GROUP, each from its
own stream, so that neither the kernel nor the size of its blocks can change them.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

GROUP = 32  # replicas that share one stream of random words
_CHUNK = 400_000  # bytes of keys that are drawn and sorted at once
_NARROW = 256  # up to here 24 random bits and the index share one 32-bit key

Order = npt.NDArray[np.integer[Any]]


class Orders(Protocol):
    """A source of orders for one block of replicas.

    `chunk` is how many epochs it prefers to draw at once.
    """

    chunk: int

    def draw(self, epochs: int) -> Order:
        """Return the next epochs' orders, (epochs, replicas, n), each row a permutation."""


class OwnOrders:
    """Fresh orders, independent over replicas and epochs.

    An order sorts random keys that carry the example's index in their low bits.
    Two of n keys tie with probability below n^2 / 2^25 (n <= 256) or n^2 / 2^41 (n < 2^24), and
    a tie falls back on the examples' own order: the law is uniform up to that probability.
    """

    def __init__(self, seeds: npt.NDArray[np.uint64], replicas: int, n: int) -> None:
        self._streams = [np.random.SFC64(np.random.SeedSequence(words.tolist())) for words in seeds]
        self._replicas = replicas
        self._n = n
        self._key = np.dtype(np.uint32 if n <= _NARROW else np.uint64)
        self.chunk = max(1, _CHUNK // (replicas * n * self._key.itemsize))
        self._low = self._key.type((1 << max(n - 1, 1).bit_length()) - 1)
        self._high = np.invert(self._low)
        self._index = np.arange(n, dtype=self._key)

    def draw(self, epochs: int) -> Order:
        """Return the next epochs' orders, (epochs, replicas, n)."""
        keys = np.empty((epochs, self._replicas, self._n), dtype=self._key)
        for group, stream in enumerate(self._streams):
            part = keys[:, group * GROUP : (group + 1) * GROUP]
            part[...] = self._words(stream, epochs, part.shape[1])
        np.bitwise_and(keys, self._high, out=keys)
        np.bitwise_or(keys, self._index, out=keys)
        keys.sort(axis=2)
        np.bitwise_and(keys, self._low, out=keys)
        # Signed, for numpy adds uint64 and int64 in floating point.
        return keys.view(np.int32 if self._key == np.uint32 else np.int64)

    def _words(
        self, stream: np.random.SFC64, epochs: int, replicas: int
    ) -> npt.NDArray[np.unsignedinteger[Any]]:
        """Return random keys; every epoch takes whole words, so epochs may be drawn in any cut."""
        keys = replicas * self._n
        per_word = 8 // self._key.itemsize
        words = -(-keys // per_word)
        raw = stream.random_raw(epochs * words).view(self._key)
        return raw.reshape(epochs, words * per_word)[:, :keys].reshape(epochs, replicas, self._n)


class GivenOrders:
    """Orders that the caller fixed, (epochs, n) for all replicas or (replicas, epochs, n)."""

    def __init__(self, orders: Order, replicas: int) -> None:
        orders = np.asarray(orders)
        if orders.ndim == 2:
            orders = np.broadcast_to(orders, (replicas, *orders.shape))
        self.chunk = orders.shape[1]
        self._orders = orders
        self._done = 0

    def draw(self, epochs: int) -> Order:
        """Return the next epochs' orders, (epochs, replicas, n)."""
        chunk = self._orders[:, self._done : self._done + epochs]
        self._done += epochs
        return chunk.transpose(1, 0, 2)


def seeds_for(replicas: int, rng: np.random.Generator) -> npt.NDArray[np.uint64]:
    """Return two seed words for every group of replicas, drawn from rng."""
    groups = -(-replicas // GROUP)
    return rng.integers(0, 2**63, size=(groups, 2), dtype=np.uint64)


def source_for(
    seeds: npt.NDArray[np.uint64] | None, orders: Order | None, cut: slice, n: int
) -> Orders:
    """Return the orders of the replicas in `cut`, which starts at a whole group."""
    if orders is not None:
        return GivenOrders(orders if orders.ndim == 2 else orders[cut], cut.stop - cut.start)
    if seeds is None:
        raise ValueError("rng=None and orders=None leave the order open; give one of the two")
    groups = seeds[cut.start // GROUP : -(-cut.stop // GROUP)]
    return OwnOrders(groups, cut.stop - cut.start, n)
