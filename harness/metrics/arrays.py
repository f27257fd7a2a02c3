"""Arrays of replicates compared: with one another, and with what rounding may make of them.

Nothing here comes from the implementation under test.
"""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.declaration.comparisons import note_comparison
from harness.declaration.exhibits import as_array as as_array
from harness.metrics.mismatches import note_mismatch
from harness.statistics.float_error import gamma as gamma

Array = npt.NDArray[np.float64]


def exceeds(worse: Any, better: Any, margin: float = 0.0) -> npt.NDArray[np.bool_]:
    """True where `worse` lies above `better` by more than `margin`, replicate by replicate (n,).

    A loss that is not finite is the largest there is: a diverged arm loses, and where both arms
    diverged neither lies above the other.
    """
    note_comparison(as_array(worse), as_array(better), 1.0, margin)
    return _lossy(worse) > _lossy(better) + margin


def ratio_exceeds(worse: Any, better: Any, factor: float) -> npt.NDArray[np.bool_]:
    """True where `worse` > factor * `better`, replicate by replicate; diverged arms as above."""
    note_comparison(as_array(worse), as_array(better), factor, 0.0)
    return _lossy(worse) > factor * _lossy(better)


def one_valley(path: Any) -> npt.NDArray[np.bool_]:
    """True where a path of losses (n, points) falls to one minimum inside it and then rises.

    It falls at the first step, rises at the last, and no fall comes after a rise.
    """
    steps = np.diff(_lossy(path), axis=1)
    # The least value so far has been passed for good once a step has risen.
    risen = np.maximum.accumulate(steps >= 0, axis=1)
    again = (risen[:, :-1] & (steps[:, 1:] < 0)).any(axis=1)
    return np.asarray((steps[:, 0] < 0) & (steps[:, -1] > 0) & ~again)


def _lossy(values: Any) -> Array:
    array = as_array(values)
    return np.where(np.isfinite(array), array, np.inf)


def relative_error(found: Any, exact: Any) -> Array:
    """|found - exact| / |exact| in the Euclidean norm over the last axis, one per replicate."""
    found, exact = as_array(found), as_array(exact)
    difference = np.linalg.norm(found - exact, axis=-1)
    return np.asarray(difference / np.linalg.norm(np.broadcast_to(exact, found.shape), axis=-1))


def rounding_ratio(
    found: Any, exact: Any, scale: Any, operations: int, dtype: str = "float64"
) -> Array:
    """|found - exact| over the error that `operations` roundings may make on terms of size `scale`.

    The bound is gamma_k * scale, gamma_k = k u / (1 - k u) (Higham 2002, Lemma 3.1); `scale` is
    the sum of the absolute values of the terms.
    """
    return bounded_ratio(found, exact, gamma(operations, dtype) * np.abs(as_array(scale)))


def bounded_ratio(found: Any, exact: Any, bound: Any) -> Array:
    """|found - exact| / bound, of the shape of found - exact; `bound` broadcasts to it.

    0 / 0 counts as equal, and NaN as infinitely far.
    """
    error = np.abs(as_array(found) - as_array(exact))
    bound = np.broadcast_to(bound, error.shape)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.where(np.isnan(error), np.inf, error / bound)
        ratio = np.asarray(np.where(error == 0, 0.0, ratio))
    note_mismatch(as_array(found), as_array(exact), bound, ratio)
    return ratio


def mismatch(found: Any, expected: Any) -> Array:
    """0 where two arrays are equal bit for bit in value (NaN equals NaN), infinity elsewhere."""
    found, expected = as_array(found), as_array(expected)
    if found.shape != expected.shape:
        return np.array([math.inf])
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    ratio = np.where(same, 0.0, np.inf)
    note_mismatch(found, expected, 0.0, ratio)
    return ratio


def finely_spread(values: Any, levels: int = 1 << 20) -> bool:
    """Whether random numbers repeat no more often than draws from so many equally likely ones.

    n draws from L levels repeat about n^2 / 2L times, by a Poisson law: twice as often and 40 times
    more has a chance below 1e-9. Single precision has 2^23 levels at least, and half has few.
    """
    found = as_array(values).ravel()
    repeats = found.size - len(np.unique(found))
    return bool(repeats <= found.size**2 / levels + 40)


def truth(*facts: Any) -> Array:
    """0 for each true fact and infinity for each false one: an identity's ratios for booleans."""
    found = [np.asarray(as_array(fact), dtype=bool) for fact in facts]
    ratios = [np.where(fact, 0.0, np.inf) for fact in found]
    for fact, ratio in zip(found, ratios, strict=True):
        note_mismatch(fact, True, 0.0, ratio, fact=True)
    return np.concatenate([ratio.ravel() for ratio in ratios])
