"""Exact operating characteristics of a sequential test that depends on (n, k) only.

The state after n trials is the number k of successes, so the law of the stopping time is a sum
over a triangle: no simulation, no approximation, only rounding.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import Floats

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Region:
    """Where a sequential Bernoulli test stops, look by look.

    At `looks[i]` trials it ends "high" from `high[i]` successes on and "low" up to `low[i]`;
    the last look is the cap. `high[i] > looks[i]` and `low[i] < 0` mean "not yet".
    What would end "high" with at most `weaker[i]` successes ends "weaker"; None is nothing.
    """

    looks: Integers
    high: Integers
    low: Integers
    weaker: Integers | None = None


@dataclass(frozen=True)
class Operating:
    """What a test does at each of T truths: probabilities and expected trials, all of shape (T,).

    `survival` of shape (T, looks) is the probability of being undecided after each look.
    """

    high: Floats
    low: Floats
    weaker: Floats
    undecided: Floats
    expected: Floats
    survival: Floats


def walk(region: Region, truths: npt.ArrayLike) -> Operating:
    """The exact operating characteristics at the success probabilities `truths`.

    Forward recursion from look to look over the states that have not stopped:
    P(n + m, k) = sum_j P(Bin(m, p) = j) P(n, k - j). Every term is non-negative, so the relative
    error is about n roundings.
    """
    p = np.atleast_1d(np.asarray(truths, dtype=np.float64))[:, None]
    cap = int(region.looks[-1])
    mass = np.zeros((p.shape[0], cap + 2))
    mass[:, 0] = 1.0
    first, last = 0, 0
    high, low, weaker, expected = np.zeros((4, len(p)))
    survival = np.zeros((len(p), len(region.looks)))
    trials, kernels = 0, dict[int, Floats]()
    for index, look in enumerate(region.looks.tolist()):
        step = look - trials
        if step not in kernels:
            kernels[step] = _successes(step, p)
        width = last - first + 1
        old = mass[:, first : last + 1].copy()
        mass[:, first : last + step + 1] = 0.0
        for successes, chance in enumerate(kernels[step].T[:, :, None]):
            mass[:, first + successes : first + successes + width] += old * chance
        last += step
        trials = look
        top, bottom = int(region.high[index]), int(region.low[index])
        weak = -1 if region.weaker is None else int(region.weaker[index])
        strong = max(top, first, min(weak, last) + 1)
        stopped_high = mass[:, strong : last + 1].sum(axis=1)
        stopped_weaker = mass[:, max(top, first) : strong].sum(axis=1)
        stopped_low = mass[:, first : min(bottom, last) + 1].sum(axis=1)
        high, low, weaker = high + stopped_high, low + stopped_low, weaker + stopped_weaker
        expected += look * (stopped_high + stopped_low + stopped_weaker)
        first, last = max(first, bottom + 1), min(last, top - 1)
        if first > last:
            first, last = 0, 0
            mass[:] = 0.0
        survival[:, index] = mass[:, first : last + 1].sum(axis=1)
    undecided = survival[:, -1]
    return Operating(high, low, weaker, undecided, expected + cap * undecided, survival)


def _successes(trials: int, p: Floats) -> Floats:
    """P(Bin(trials, p) = j), j = 0 .. trials, for a column of p: one trial after the other."""
    law = np.ones((len(p), 1))
    for _ in range(trials):
        law = np.pad(law * (1 - p), ((0, 0), (0, 1))) + np.pad(law * p, ((0, 0), (1, 0)))
    return law
