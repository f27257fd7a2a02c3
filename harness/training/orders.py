"""The order in which every replica meets its examples, epoch by epoch.

Orders are a function of the generator alone: replicas draw in fixed groups of GROUP, each from its
own stream, so that neither the kernel nor the size of its blocks can change them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

GROUP = 32  # replicas that share one stream of random words
_CHUNK = 400_000  # bytes of keys that are drawn and sorted at once, if that is enough epochs
_EPOCHS = 4  # below it the calls for every group's words show
_LARGEST = 4_000_000  # bytes; beyond it even these are too many
NARROW = 256  # up to here 24 random bits and the index share one 32-bit key

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
        self._streams = [stream_of(words) for words in seeds]
        self._replicas = replicas
        self._n = n
        self._key = np.dtype(np.uint32 if n <= NARROW else np.uint64)
        epoch = max(1, replicas * n * self._key.itemsize)
        self.chunk = max(1, _CHUNK // epoch, min(_EPOCHS, _LARGEST // epoch))
        self._low = self._key.type(low_bits(n))
        self._high = np.invert(self._low)
        self._index = np.tile(np.arange(n, dtype=self._key), (min(GROUP, replicas), 1))

    def draw(self, epochs: int) -> Order:
        """Return the next epochs' orders, (epochs, replicas, n)."""
        keys = np.empty((epochs, self._replicas, self._n), dtype=self._key)
        for group, stream in enumerate(self._streams):
            part = keys[:, group * GROUP : (group + 1) * GROUP]
            words = self._words(stream, epochs, part.shape[1])
            np.bitwise_and(words, self._high, out=words)
            np.bitwise_or(words, self._index[: part.shape[1]], out=part)
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


def low_bits(n: int) -> int:
    """Return the bits of a key that carry its index, all set."""
    return (1 << max(n - 1, 1).bit_length()) - 1


def stream_of(words: npt.NDArray[np.uint64]) -> np.random.SFC64:
    """Return a group's stream of random words from its seed words."""
    return np.random.SFC64(np.random.SeedSequence(words.tolist()))


def seeds_for(replicas: int, rng: np.random.Generator) -> npt.NDArray[np.uint64]:
    """Return two seed words for every group of replicas, drawn from rng."""
    groups = -(-replicas // GROUP)
    return rng.integers(0, 2**63, size=(groups, 2), dtype=np.uint64)


@dataclass(frozen=True)
class Shuffles:
    """The orders of a whole run: fresh ones from seed words, or those that the caller fixed."""

    n: int
    seeds: npt.NDArray[np.uint64] | None
    fixed: Order | None

    @classmethod
    def of(cls, orders: np.random.Generator | Order, replicas: int, n: int) -> Shuffles:
        """Return those of `replicas` replicas of n examples; a generator gives seed words."""
        if isinstance(orders, np.random.Generator):
            return cls(n, seeds_for(replicas, orders), None)
        fixed = np.asarray(orders)
        if fixed.shape[-1] != n or fixed.min(initial=0) < 0 or fixed.max(initial=0) >= n:
            raise ValueError(f"an order of {n} examples has {n} places, each from 0 to {n - 1}")
        return cls(n, None, fixed)

    def part(self, cut: slice) -> Orders:
        """Return the orders of the replicas in `cut`, which starts at a whole group."""
        replicas = cut.stop - cut.start
        if self.seeds is not None:
            return OwnOrders(groups_of(self.seeds, cut), replicas, self.n)
        assert self.fixed is not None
        return GivenOrders(self.fixed if self.fixed.ndim == 2 else self.fixed[cut], replicas)


def groups_of(seeds: npt.NDArray[np.uint64], cut: slice) -> npt.NDArray[np.uint64]:
    """Return the seed words of the replicas in `cut`, which starts at a whole group."""
    return seeds[cut.start // GROUP : -(-cut.stop // GROUP)]
