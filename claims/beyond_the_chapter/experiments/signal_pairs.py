"""Pairs of signals without noise: are they one template, how far turned, how much louder?"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.metrics.arrays import Array

KNOTS = 12
GAIN = 0.25  # the deviation of a signal's gain about 1
RATIO = 1.25
# P(g > RATIO g') of two gains; that one of them is negative happens once in 16,000.
LOUDER = NormalDist().cdf((1 - RATIO) / (GAIN * (1 + RATIO**2) ** 0.5))
# A turned piecewise linear signal has a kink beside each inner knot, and two where it is joined.
KINKS = 2 * (KNOTS - 2) + 2
DIGITS = 1e-9
NODES = 48  # of the quadrature over the gain


def same_class(X: Any, y: Any) -> tuple[Array, Array]:
    """The first and the second signal of the replicates whose two are of one class."""
    X, same = np.asarray(X, dtype=np.float64), np.asarray(y)[:, 0] == np.asarray(y)[:, 1]
    return X[same, 0], X[same, 1]


def turned_far(one: Array, other: Array) -> npt.NDArray[np.bool_]:
    """Whether the second is the first turned by a quarter to three quarters of its places."""
    places = one.shape[-1]
    turn = np.abs(_agreement(one, other)).argmax(axis=-1)
    return np.asarray((turn >= places // 4) & (turn < 3 * places // 4))


def louder(one: Array, other: Array) -> npt.NDArray[np.bool_]:
    """Whether the first is louder than the second by the ratio."""
    sizes = [np.linalg.norm(signal, axis=-1) for signal in (one, other)]
    return np.asarray(sizes[0] > RATIO * sizes[1])


def structure(X: Any, y: Any) -> Iterator[bool]:
    """Of signals (R, n, places): kinks are few, and those of a class and replicate are alike."""
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y)
    bends = np.roll(X, 1, axis=-1) - 2 * X + np.roll(X, -1, axis=-1)
    size = np.abs(X).max(axis=-1, keepdims=True)
    yield bool(((np.abs(bends) > DIGITS * size).sum(axis=-1) <= KINKS).all())
    firsts = []
    for signals, labels in zip(X, y, strict=True):
        for label in np.unique(labels):
            own = signals[labels == label]
            yield bool((_likeness(own[:1], own) > 1 - DIGITS).all())
            firsts.append(own[0])
    for place, first in enumerate(firsts[:-1]):
        yield bool((_likeness(first[None], np.array(firsts[place + 1 :])) < 1 - DIGITS).all())


def knot_law(x: Any) -> Array:
    """F(x) in [0, 1] of N(0, 1) times an independent N(1, GAIN^2)."""
    from scipy.special import ndtr

    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    gains = np.abs(1 + GAIN * nodes)
    u = ndtr(np.asarray(x, dtype=np.float64)[..., None] / gains)
    return np.asarray(u @ (weights / weights.sum())).clip(0.0, 1.0)


def normal_law(x: Any) -> Array:
    """F(x) in [0, 1] of N(0, 1)."""
    from scipy.special import ndtr

    return np.asarray(ndtr(np.asarray(x, dtype=np.float64)))


def _likeness(one: Array, other: Array) -> Array:
    """The largest |cosine| of two signals over all turns: 1 for one template."""
    sizes = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    return np.asarray(np.abs(_agreement(one, other)).max(axis=-1) / sizes)


def _agreement(one: Array, other: Array) -> Array:
    """Products of the first signal with the second, turned by every number of places."""
    product = np.conj(np.fft.rfft(one)) * np.fft.rfft(other)
    return np.asarray(np.fft.irfft(product, n=one.shape[-1]))
