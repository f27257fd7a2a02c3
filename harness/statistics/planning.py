"""How many observations a trial needs, and what it could miss: arithmetic before any sample."""

import math
from collections.abc import Callable

from harness.statistics.evidence import Evidence, Plan

UNDECIDED = 1e-6
"""The planned probability of ending undecided at the edges of the two zones, for one setting.

An undecided trial is not a wrong one, so this is no part of the error budget: it costs replicates
and a second look, and it is of the size of the budget so that it is as rare."""

REACH = 4
"""Three answers may take so many times the sample of two: a gap has room for a verdict on both of
its edges only if half of it can be told, which takes four times as much as all of it.
"""


FAR = 50  # times the observations so far: a forecast beyond that says nothing


def undecided_target(alpha: float, beta: float) -> float:
    """The planned probability of ending undecided at two error rates: never below them."""
    return max(alpha, beta, UNDECIDED)


def smallest_integer(enough: Callable[[int], bool], guess: int) -> int:
    """The smallest n >= 1 for which `enough(n)` holds, where `enough` is monotone in n.

    `guess` is where the search begins; it changes the work, not the answer.
    For a predicate with the saw teeth of a discrete law the answer is a tooth near the smallest.
    """
    low, high = 0, max(1, guess)
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def smallest_distance(enough: Callable[[float], bool], largest: float) -> float:
    """The smallest distance in (0, largest] for which `enough` holds, to one part in 1000.

    `enough` is monotone; where even `largest` is not enough the answer is infinite.
    """
    if not enough(largest):
        return math.inf
    low, high = 0.0, largest
    while high - low > 1e-3 * high and high > 1e-12 * largest:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def goes_on(plan: Plan, evidence: Evidence, alpha: float, beta: float) -> bool:
    """Whether an undecided trial goes on: up to the plan's pause, then if it will be decided.

    Evidence may be left at any time without an error (Ville 1939); of a truth at the very edge of
    a zone no sample decides, and no more than that of the pause is spent on it.
    """
    if evidence.observations < plan.pause:
        return True
    sides = (evidence.confirm, math.log(1 / alpha)), (evidence.refute, math.log(1 / beta))
    more = more_observations(evidence.observations, *sides)
    return more is not None and evidence.observations + more <= plan.cap


def more_observations(observations: int, *sides: tuple[float | None, float]) -> int | None:
    """How many more are predicted to decide: None if the evidence hardly grows.

    A side is the nats that it has reached (None where that is infinite) and those that it needs.
    Evidence grows linearly, so that a side is decided after `observations` times
    (needed / reached - 1) more; the nearer side counts. A forecast of more than `FAR` times what
    was seen is none: the truth may lie between the two zones.
    """
    forecasts = [
        0.0 if reached is None or reached >= needed else observations * (needed - reached) / reached
        for reached, needed in sides
        if reached is None or reached > needed / FAR
    ]
    return math.ceil(min(forecasts)) if forecasts else None
