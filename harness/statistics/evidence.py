"""What every statistical test of the suite offers: a summary that adds up, evidence, and a plan.

A test states a parameter, the zone in which a claim about it is true, the zone in which it is
false, and the indifference gap between the two.
It turns blocks of observations into a summary, the summary into evidence for and against, and
two error rates into the number of observations that are needed.
"""

from __future__ import annotations

import enum
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Summary = Floats
Interval = tuple[float, float]


class Verdict(enum.Enum):
    """What a trial ends with; the value is the word that records and reports print."""

    CONFIRMED = "CONFIRMED"
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"
    ERROR = "ERROR"
    NOT_APPLICABLE = "NOT APPLICABLE"  # the implementation lacks what the claim examines


@dataclass(frozen=True)
class Evidence:
    """What a summary says about the parameter.

    `confirm` is the evidence against the false zone and `refute` the evidence against the true
    zone, both in nats: the logarithm of an e-value for a sequential test, minus the logarithm of
    a p-value for a fixed-sample test, infinite for an exact decision.
    `interval` covers the parameter with probability at least 1 - alpha, at every stopping time
    for a sequential test and at the planned sample for a fixed-sample one.
    """

    observations: int
    estimate: float
    interval: Interval
    confirm: float
    refute: float
    name: str = ""
    parts: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How many observations a test needs at two error rates.

    `observations` is the fixed sample, or for a sequential test the expected sample in the worse
    of the two zones' nearest laws; `cap` is where an undecided trial stops.
    `detectable` is the smallest distance between truth and zone edge, in the parameter's units,
    that is decided with probability at least 1 - max(alpha, beta, `planning.UNDECIDED`) at `cap`.
    `undecided` bounds the probability of ending undecided at the edges of the two zones.
    """

    observations: int
    cap: int
    detectable: float
    undecided: float


@dataclass(frozen=True)
class StatisticalTest(ABC):
    """A statistical test of one parameter (or, for a composite, of several).

    `name` is the word of records; a test that is not `sequential` is read once, at its planned
    size. Arguments that state no test raise ValueError with one clear sentence.
    """

    name = ""

    @property
    def sequential(self) -> bool:
        """True if the evidence may be read after every block; False: only at the planned size."""
        return True

    @property
    @abstractmethod
    def true_zone(self) -> Interval:
        """The closed interval of parameter values for which the claim is true."""

    @property
    @abstractmethod
    def false_zone(self) -> tuple[Interval, ...]:
        """The closed intervals of parameter values for which the claim is false."""

    @abstractmethod
    def summarise(self, observation: Any) -> Summary:
        """The sufficient statistics of one block, a float64 vector of fixed length.

        Raises ValueError with one clear sentence if the observation has the wrong shape, lies
        outside the declared support in a way that is not evidence, or is not finite.
        """

    def combine(self, first: Summary, second: Summary) -> Summary:
        """The summary of two sets of observations together; associative and commutative."""
        return first + second

    @abstractmethod
    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """The evidence in a summary; alpha also sets the level of the interval."""

    @abstractmethod
    def plan(self, alpha: float, beta: float) -> Plan:
        """The observations needed for false confirmations <= alpha, false refutations <= beta."""


def decide(evidence: Evidence, alpha: float, beta: float) -> Verdict:
    """The verdict: CONFIRMED at 1/alpha against the false zone, REFUTED at 1/beta against the true.

    Ville's inequality (Ville 1939): P(an e-process ever reaches 1/a under its null) <= a.
    """
    if evidence.confirm >= math.log(1 / alpha):
        return Verdict.CONFIRMED
    if evidence.refute >= math.log(1 / beta):
        return Verdict.REFUTED
    return Verdict.UNDECIDED
