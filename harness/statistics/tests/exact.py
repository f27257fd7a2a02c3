"""Exact operating characteristics of a sequential test that depends on (n, k) only.

The state after n trials is the number k of successes, so the law of the stopping time is a sum
over a triangle: no simulation, no approximation, only rounding.
"""

import math
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

    `survival` of shape (T, looks) is the probability of being undecided after each look, or (T, 1)
    after the last alone.
    """

    high: Floats
    low: Floats
    weaker: Floats
    undecided: Floats
    expected: Floats
    survival: Floats


def walk(region: Region, truths: npt.ArrayLike, *, every_look: bool = True) -> Operating:
    """The exact operating characteristics at the success probabilities `truths`.

    Forward recursion from look to look over the states that have not stopped, at one probability q:
    P_q(n + m, k) = sum_j P_q(Bin(m, q) = j) P_q(n, k - j). A path's probability depends on n and k
    alone, so that P_p(n, k) = P_q(n, k) (p/q)^k ((1-p)/(1-q))^(n-k) at every other p. Every term
    is non-negative: the relative error is about n roundings, and one of the largest logarithm.
    """
    p = np.atleast_1d(np.asarray(truths, dtype=np.float64))
    q = float(np.clip(p.mean(), 0.01, 0.99))
    high, weaker, low, alive = (_States() for _ in range(4))
    mass, first, trials, log_scale = np.ones(1), 0, 0, 0.0
    laws = dict[int, Floats]()
    for index, look in enumerate(region.looks.tolist()):
        step, trials = look - trials, look
        if step not in laws:
            laws[step] = _successes(step, q)
        if len(mass):
            mass = np.convolve(mass, laws[step])
        top, end = int(region.high[index]) - first, int(region.low[index]) + 1 - first
        strong = top if region.weaker is None else max(top, int(region.weaker[index]) + 1 - first)
        for states, part in (
            (low, slice(0, max(0, end))),
            (weaker, slice(max(0, top), max(0, strong))),
            (high, slice(max(0, strong), None)),
        ):
            states.add(index, look, first + part.start, mass[part], log_scale)
        mass, first = mass[max(0, end) : max(0, top)], first + max(0, end)
        if every_look or look == region.looks[-1]:
            alive.add(index, look, first, mass, log_scale)
        largest = mass.max(initial=0.0)
        if 0 < largest < 1e-100:
            mass, log_scale = mass / largest, log_scale + math.log(largest)
    above, below, between, left = (
        states.at_looks(p, q, len(region.looks)) for states in (high, low, weaker, alive)
    )
    undecided = left[:, -1]
    expected = (above + below + between) @ region.looks + region.looks[-1] * undecided
    return Operating(
        above.sum(axis=1), below.sum(axis=1), between.sum(axis=1), undecided, expected,
        left if every_look else left[:, -1:],
    )  # fmt: skip


class _States:
    """States (trials, successes) at looks, with the logarithms of their probabilities under q."""

    def __init__(self) -> None:
        self.parts: list[tuple[int, int, int, Floats, float]] = []

    def add(self, index: int, look: int, first: int, mass: Floats, log_scale: float) -> None:
        """Keep the states from `first` successes on, if there are any."""
        if len(mass):
            self.parts.append((index, look, first, mass, log_scale))

    def at_looks(self, truths: Floats, q: float, looks: int) -> Floats:
        """The probability of being in a state at each look, of shape (T, looks)."""
        found = np.zeros((len(truths), looks))
        if not self.parts:
            return found
        from scipy.special import xlogy

        index, look, first, masses, log_scale = zip(*self.parts, strict=True)
        sizes = [len(mass) for mass in masses]
        k = np.concatenate([np.arange(len(mass)) for mass in masses]) + np.repeat(first, sizes)
        misses = np.repeat(look, sizes) - k
        with np.errstate(divide="ignore"):  # what has underflown is nothing
            logs = np.log(np.concatenate(masses)) + np.repeat(log_scale, sizes)
        places = np.repeat(index, sizes)
        for row, p in zip(found, truths, strict=True):
            weighted = np.exp(logs + xlogy(k, p / q) + xlogy(misses, (1 - p) / (1 - q)))
            row[:] = np.bincount(places, weighted, minlength=looks)
        return found


def _successes(trials: int, q: float) -> Floats:
    """P(Bin(trials, q) = j), j = 0 .. trials: one trial after the other."""
    law = np.ones(1)
    for _ in range(trials):
        law = np.convolve(law, (1 - q, q))
    return law
