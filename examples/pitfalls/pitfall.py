"""A pitfall: a naive test, how often it fails where it should not, and what ours says there."""

from __future__ import annotations

import inspect
import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.blocks.streams import Stream
from harness.statistics.evidence import StatisticalTest, Verdict

Array = npt.NDArray[np.float64]

SALT = "pitfalls"  # of every stream: the page is a function of it, timings apart
ERROR = 1e-6  # of either wrong verdict, as in the suite


@dataclass(frozen=True)
class Figure:
    """What was measured on independent replicates, one value each; booleans are a failure rate."""

    what: str
    values: npt.NDArray[Any]
    catalogue: str = ""
    middle: bool = False  # the median, for laws whose mean says nothing

    @property
    def is_rate(self) -> bool:
        """Whether the values are booleans."""
        return self.values.dtype == np.bool_

    @property
    def estimate(self) -> float:
        """The share of failures, the mean, or the median."""
        return float(np.median(self.values) if self.middle else np.mean(self.values))

    @property
    def standard_error(self) -> float:
        """Of the estimate; of a median, half the distance of the order statistics 1 s.e. around."""
        n = self.values.size
        if self.middle:
            steps = 0.5 / math.sqrt(n)
            low, high = np.quantile(self.values, [max(0.0, 0.5 - steps), min(1.0, 0.5 + steps)])
            return float(high - low) / 2
        return float(np.std(np.asarray(self.values, dtype=np.float64)) / math.sqrt(n))


@dataclass(frozen=True)
class Judged:
    """What one of the suite's kinds says on the same data, at both errors 1e-6."""

    what: str
    verdict: Verdict
    estimate: float
    interval: tuple[float, float]
    observations: int


@dataclass(frozen=True)
class Measurement:
    """The naive test's figures and our verdicts."""

    naive: tuple[Figure, ...]
    ours: tuple[Judged, ...]


@dataclass(frozen=True)
class Pitfall:
    """A naive test, most often of the catalogue's list.

    `row` is that row's first cell, empty for one that was found since; `measure(stream,
    replicates)` runs both tests; `shown` is the naive code; `claims` are the ids of the claims
    that do it our way.
    """

    name: str
    heading: str
    row: str
    shown: tuple[Callable[..., Any], ...]
    measure: Callable[[Stream, int], Measurement]
    replicates: int
    quick: int
    why: str
    ours: str
    claims: tuple[str, ...]
    disagreement: str = ""

    def run(self, replicates: int | None = None) -> Measurement:
        """Measure on this pitfall's own stream."""
        stream = Stream(SALT.encode()).child(self.name)
        return self.measure(stream, replicates or self.replicates)

    @property
    def code(self) -> str:
        """The naive test's source."""
        return "\n\n".join(textwrap.dedent(inspect.getsource(one)).rstrip() for one in self.shown)


def judged(what: str, kind: StatisticalTest, observation: Any, error: float = ERROR) -> Judged:
    """What the kind says about the observation; sequential kinds may be read at any size.

    Where both zones are excluded the truth lies in the gap between them: UNDECIDED.
    """
    evidence = kind.evidence(kind.summarise(observation), error, error)
    needed = math.log(1 / error)
    confirmed, refuted = evidence.confirm >= needed, evidence.refute >= needed
    verdict = Verdict.UNDECIDED
    if confirmed != refuted:
        verdict = Verdict.CONFIRMED if confirmed else Verdict.REFUTED
    return Judged(what, verdict, evidence.estimate, evidence.interval, evidence.observations)
