"""The orders of `orders.OwnOrders`, number for number, drawn and sorted by compiled loops.

Eight groups draw their words side by side, one stream a lane, and sixteen replicas sort side by
side by a network, whose exchanges do not depend on the keys.
"""

import sys
from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from harness.training.orders import GROUP, NARROW, Order, OwnOrders, low_bits, stream_of
from harness.training.vectors import every, larger, load, narrowed, smaller, store

_CHUNK = 512_000  # bytes of orders that are drawn at once
_STREAMS = 8  # that draw side by side; each gives the keys of two replicas before they are sorted
_LANES = 2 * _STREAMS
_ENOUGH = 3  # streams from which on empty lanes are cheaper than numpy's calls


class Lanes(NamedTuple):
    """Orders of replicas side by side.

    `places` is (epochs, sets, n, lanes): the examples of the replica that has the lane.
    `replicas` is (sets, lanes), with -1 for a lane that is empty.
    """

    places: npt.NDArray[Any]
    replicas: npt.NDArray[np.int64]


def in_lanes(orders: Order | list[Lanes]) -> list[Lanes]:
    """Return the orders (epochs, replicas, n) with one lane a set; those in lanes as they are."""
    if isinstance(orders, list):
        return orders
    _, replicas, n = orders.shape
    # Two types and no more, for every type is compiled anew.
    places = np.require(orders, np.uint8 if n <= NARROW else np.int32, ["C", "W"])
    return [Lanes(places[..., None], np.arange(replicas)[:, None])]


class CompiledOrders:
    """Fresh orders of a block of replicas, in lanes; what fills no lanes comes from `OwnOrders`."""

    def __init__(self, seeds: npt.NDArray[np.uint64], replicas: int, n: int) -> None:
        groups = replicas // GROUP
        if n > NARROW or sys.byteorder != "little":
            groups = 0
        elif groups % _STREAMS < _ENOUGH:
            groups -= groups % _STREAMS
        self._n = n
        self._states = np.zeros((-(-groups // _STREAMS), 4, _STREAMS), dtype=np.uint64)
        for group, words in enumerate(seeds[:groups]):
            state = stream_of(words).state["state"]["state"]
            self._states[group // _STREAMS, :, group % _STREAMS] = state
        self._replicas = _replicas(len(self._states), groups)
        self._done = groups * GROUP
        rest = replicas - self._done
        self._rest = OwnOrders(seeds[groups:], rest, n) if rest else None
        epoch = max(1, replicas * n)
        self.chunk = max(1, _CHUNK // epoch) if groups or not self._rest else self._rest.chunk

    def draw(self, epochs: int) -> list[Lanes]:
        """Return the next epochs' orders."""
        drawn = []
        if len(self._states):
            places = np.empty((epochs, len(self._replicas), self._n, _LANES), dtype=np.uint8)
            _draw(self._states, np.uint32(low_bits(self._n)), network(self._n), places)
            drawn.append(Lanes(places, self._replicas))
        if self._rest is not None:
            for places, replicas in in_lanes(self._rest.draw(epochs)):
                drawn.append(Lanes(places, replicas + self._done))
        return drawn


def _replicas(octets: int, groups: int) -> npt.NDArray[np.int64]:
    """Return the replica of every set and lane: a set has two replicas of each of its groups."""
    octet, pair, half, stream = np.ogrid[:octets, : GROUP // 2, :2, :_STREAMS]
    group = octet * _STREAMS + stream
    found = np.where(group < groups, group * GROUP + 2 * pair + half, -1)
    return found.reshape(octets * GROUP // 2, _LANES)


@lru_cache(maxsize=64)
def network(n: int) -> npt.NDArray[np.int64]:
    """Return the exchanges (count, 2) of Batcher's odd-even merge sort (1968) of n keys."""
    pairs = []
    merged = 1
    while merged < n:
        apart = merged
        while apart:
            for start in range(apart % merged, n - apart, 2 * apart):
                for i in range(start, min(start + apart, n - apart)):
                    if i // (2 * merged) == (i + apart) // (2 * merged):
                        pairs.append((i, i + apart))
            apart //= 2
        merged *= 2
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


@numba.njit(cache=True)
def _draw(states: Any, low: Any, exchanges: Any, places: Any) -> None:
    """Draw and sort the orders of all epochs; the states (octets, 4, streams) go on."""
    epochs, sets, n, _ = places.shape
    pairs = GROUP // 2
    keys = np.empty((n + 1) * _LANES, dtype=np.uint32)
    keys = keys[-keys.ctypes.data % 64 // 4 :]  # vectors then lie within lines of the cache
    high = every(np.uint32(~low), _STREAMS)
    one, half = every(np.uint64(1), _STREAMS), every(np.uint64(32), _STREAMS)
    s11, s3 = every(np.uint64(11), _STREAMS), every(np.uint64(3), _STREAMS)
    s24, s40 = every(np.uint64(24), _STREAMS), every(np.uint64(40), _STREAMS)
    for octet in range(len(states)):
        at = octet * 4 * _STREAMS
        a, b = load(states, at, _STREAMS), load(states, at + _STREAMS, _STREAMS)
        c = load(states, at + 2 * _STREAMS, _STREAMS)
        counter = load(states, at + 3 * _STREAMS, _STREAMS)
        for epoch in range(epochs):
            for pair in range(pairs):
                for word in range(n):  # of two keys each: the low half is the first
                    drawn = a + b + counter
                    counter = counter + one
                    a = b ^ (b >> s11)
                    b = c + (c << s3)
                    c = ((c << s24) | (c >> s40)) + drawn
                    _put(keys, 2 * word, n, narrowed(drawn, np.uint32) & high)
                    _put(keys, 2 * word + 1, n, narrowed(drawn >> half, np.uint32) & high)
                _sort(keys, exchanges)
                first = ((epoch * sets) + octet * pairs + pair) * n * _LANES
                for place in range(0, n * _LANES, _LANES):
                    found = load(keys, place, _LANES) & every(np.uint32(low), _LANES)
                    store(places, first + place, narrowed(found, np.uint8))
        store(states, at, a)
        store(states, at + _STREAMS, b)
        store(states, at + 2 * _STREAMS, c)
        store(states, at + 3 * _STREAMS, counter)


@numba.njit
def _put(keys: Any, number: Any, n: Any, bits: Any) -> None:
    """Store the keys of a given number in their streams: n of one replica, n of the next."""
    second = number >= n
    index = number - n if second else number
    place = index * _LANES + (_STREAMS if second else 0)
    store(keys, place, bits | every(np.uint32(index), _STREAMS))


@numba.njit
def _sort(keys: Any, exchanges: Any) -> None:
    """Sort every lane."""
    for i in range(len(exchanges)):
        a, b = exchanges[i, 0] * _LANES, exchanges[i, 1] * _LANES
        x, y = load(keys, a, _LANES), load(keys, b, _LANES)
        store(keys, a, smaller(x, y))
        store(keys, b, larger(x, y))
