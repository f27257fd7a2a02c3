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
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Summary = Floats
Interval = tuple[float, float]


class Verdict(enum.StrEnum):
    """What a sentence's record says; the value is the word that records and reports print."""

    CONFIRMED = "CONFIRMED"
    WEAKER = "WEAKER"  # the sentence holds, but less strongly than was declared
    REFUTED = "REFUTED"
    UNDECIDED = "UNDECIDED"
    ERROR = "ERROR"
    NOT_APPLICABLE = "NOT APPLICABLE"  # the implementation lacks what the claim examines
    NOT_TESTABLE = "NOT TESTABLE"  # no experiment can settle the sentence

    @property
    def judged(self) -> bool:
        """Whether a trial was held; the other verdicts say why there was none."""
        return self not in (Verdict.NOT_APPLICABLE, Verdict.NOT_TESTABLE)


@dataclass(frozen=True)
class Evidence:
    """What a summary says about the parameter.

    `confirm` is the evidence against the false zone and `refute` the evidence against the true
    zone, in nats: the logarithm of an e-value for a sequential test, minus the logarithm of a
    p-value for a fixed-sample test, infinite for an exact decision.
    With three answers `refute` is against the whole zone in which the sentence is true, and
    `weaken` against the strong part of it that was declared.
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
    weaken: float = -math.inf


@dataclass(frozen=True)
class Plan:
    """How many observations a test needs at two error rates.

    `observations` is the fixed sample, or for a sequential test the expected sample in the worse
    of the two zones' nearest laws (of three answers, of the true zone's); `cap` is where an
    undecided trial stops. From `pause` on it goes on only while the evidence promises a verdict
    by then (`planning.goes_on`).
    `detectable` is the smallest distance between truth and zone edge, in the parameter's units,
    that is decided with probability at least 1 - max(alpha, beta, `planning.UNDECIDED`) at `cap`.
    `undecided` bounds the probability of ending undecided at the edges of the two zones.
    """

    observations: int
    cap: int
    detectable: float
    undecided: float
    pause: int


@dataclass(frozen=True)
class StatisticalTest(ABC):
    """A statistical test of one parameter (or, for a composite, of several).

    `name` is the word of records; a test that is not `sequential` is read once, at its planned
    size. Arguments that state no test raise ValueError with one clear sentence.
    Between the false zone and the true one lies a gap in which the sentence is true, but weaker
    than declared. With `three_answers` REFUTED excludes the gap as well, and what holds weaker
    than declared is WEAKER; without, REFUTED excludes the true zone alone.
    """

    three_answers: bool = field(default=False, kw_only=True)
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

    @property
    def sentence_zone(self) -> Interval:
        """The parameter values between the false zones: the sentence is true, strong or weaker.

        It is closed, since an edge cannot be told from what lies next to it; an end without a
        false zone beyond it is infinite.
        """
        low, high = self.true_zone
        below = (end for _, end in self.false_zone if end <= low)
        above = (start for start, _ in self.false_zone if start >= high)
        return max(below, default=-math.inf), min(above, default=math.inf)

    def refutations(self, against: Callable[[Interval], float]) -> tuple[float, float]:
        """(refute, weaken) of `Evidence`, from the evidence against a zone.

        To refute is never easier than to weaken, so that together they err at one rate.
        """
        strong = against(self.true_zone)
        if not self.three_answers:
            return strong, -math.inf
        return min(strong, against(self.sentence_zone)), strong

    def with_three_answers(self) -> Self:
        """The same test, of which REFUTED excludes all that makes the sentence true."""
        return replace(self, three_answers=True)

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

    def refuting(self, summary: Summary) -> float:
        """`Evidence.refute` alone, for many small samples."""
        return self.evidence(summary, 0.5, 0.5).refute

    @abstractmethod
    def plan(self, alpha: float, beta: float) -> Plan:
        """The observations needed for false confirmations <= alpha, false refutations <= beta."""


def falls_short(evidence: Evidence, beta: float) -> bool:
    """Whether the strength that was declared is excluded, whatever else is known of the sentence.

    It errs as a refutation does: with probability at most beta where the claim is as declared.
    """
    return max(evidence.refute, evidence.weaken) >= math.log(1 / beta)


def decide(evidence: Evidence, alpha: float, beta: float) -> Verdict:
    """The verdict: CONFIRMED at 1/alpha against the false zone, REFUTED at 1/beta against the true.

    WEAKER is a CONFIRMED of which the declared strength is excluded at 1/beta.
    Ville's inequality (Ville 1939): P(an e-process ever reaches 1/a under its null) <= a.
    """
    if evidence.confirm >= math.log(1 / alpha):
        weaker = evidence.weaken >= math.log(1 / beta)
        return Verdict.WEAKER if weaker else Verdict.CONFIRMED
    if evidence.refute >= math.log(1 / beta):
        return Verdict.REFUTED
    return Verdict.UNDECIDED
