"""Do two training runs behave the same? Pairs of runs, a margin, three answers, at any time.

The parameter of a statistic is the median of the paired difference (of logarithms for a ratio):
losses have no bound and few moments, and a sign has both. SAME shows that it lies inside the
margin, CHANGED that it lies outside, and neither needs a law of the runs: each is an e-process on
counts of signs, read after every pair.
"""

import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.statistics.comparison.margins import Margin
from harness.statistics.evidence import Floats, Interval
from harness.statistics.planning import more_observations
from harness.statistics.tests.counts import log_e_above

HALF = 0.5
SURE = 1.0  # the alternative that half of the wealth is bet on: without noise each pair is ln 2


class Answer(enum.StrEnum):
    """What a comparison says; the value is the word that records and reports print."""

    SAME = "SAME"
    CHANGED = "CHANGED"
    UNDECIDED = "UNDECIDED"


@dataclass(frozen=True)
class Rates:
    """The probability, at every number of pairs together, of a wrong SAME and a wrong CHANGED."""

    same: float = 1e-3
    changed: float = 1e-3

    def __post_init__(self) -> None:
        """Refuse what is no probability of an error."""
        if not (0 < self.same < 1 and 0 < self.changed < 1):
            raise ValueError(
                f"{self.same!r}, {self.changed!r}: a rate of errors lies between 0 and 1"
            )


@dataclass(frozen=True)
class Signs:
    """How the pairs of one statistic lie, in numbers of pairs.

    `apart` are pairs of which one run diverged, `lost` those of which both did.
    """

    inside: int
    above: int
    below: int
    apart: int
    lost: int


@dataclass(frozen=True)
class Part:
    """The answer on one statistic, or on one point of a curve.

    `way` is 1 where after is above before, -1 below, 0 where neither is known or runs diverged.
    `estimate` and `interval` are of the median difference; all intervals of a comparison together
    cover their medians with probability 1 - rates.changed at least, at every number of pairs.
    `same` and `changed` are the largest evidence so far, in nats, of what is `needed` of each.
    """

    margin: Margin
    answer: Answer
    way: int
    decided: int | None
    estimate: float | None
    interval: Interval
    signs: Signs
    same: float
    changed: float


@dataclass(frozen=True)
class Found:
    """The answer on all statistics: SAME if each is, CHANGED if any is."""

    answer: Answer
    pairs: int
    parts: tuple[Part, ...]
    needed: tuple[float, float]  # nats of `Part.same` and of `Part.changed`

    @property
    def forecast(self) -> int | None:
        """About how many more pairs decide; None if the evidence hardly grows."""
        same = min(part.same for part in self.parts)
        changed = max(part.changed for part in self.parts)
        return more_observations(self.pairs, (same, self.needed[0]), (changed, self.needed[1]))


Pairs = tuple[Sequence[float], Sequence[float]]  # the numbers before and after, pair by pair


def compared(pairs: Mapping[Margin, Pairs], rates: Rates) -> Found:
    """The answer from all pairs so far, the first of which it was reached counting.

    SAME: each statistic at the full rate, since "some statistic is outside" is a union of nulls
    (Berger 1982, Theorem 1); of each, "the median is at the upper edge or above" and "at the lower
    edge or below" are both rejected (two one-sided tests, Schuirmann 1987).
    CHANGED: either side of any statistic, at the rate over their number (Bonferroni).
    By Ville's inequality the largest evidence so far keeps both rates.
    """
    needed = math.log(1 / rates.same), math.log(2 * len(pairs) / rates.changed)
    parts = tuple(_part(margin, *sides, needed) for margin, sides in pairs.items())
    changed = [part.decided or 0 for part in parts if part.answer is Answer.CHANGED]
    same = [part.decided or 0 for part in parts if part.answer is Answer.SAME]
    answer = Answer.UNDECIDED
    if len(same) == len(parts):
        answer = Answer.SAME
    elif changed:
        answer = Answer.CHANGED
    return Found(answer, len(next(iter(pairs.values()))[0]), parts, needed)


def fewest(rates: Rates, parts: int) -> tuple[int, int]:
    """The pairs that decide where all agree: on SAME, and on CHANGED, of so many statistics."""
    n = np.arange(1, 200)
    evidence = log_e_above(n, n, HALF, SURE)
    return (
        int(n[np.argmax(evidence >= math.log(1 / rates.same))]),
        int(n[np.argmax(evidence >= math.log(2 * parts / rates.changed))]),
    )


def _part(
    margin: Margin, before: Sequence[float], after: Sequence[float], needed: tuple[float, float]
) -> Part:
    d = margin.differences(before, after)
    low, high = margin.zone
    lost = ~(np.isfinite(np.asarray(before, float)) | np.isfinite(np.asarray(after, float)))
    apart = np.isnan(d) & ~lost
    # A pair of which one run diverged lies beyond both edges; one of which both did is no evidence
    # of either answer. Comparisons with NaN are false, so that neither is inside.
    above, below = (d > high) | apart, (d < low) | apart
    n = np.arange(1, len(d) + 1)
    not_high, not_low, up, down = (
        np.maximum.accumulate(log_e_above(np.cumsum(which), n, HALF, SURE))
        for which in (d < high, d > low, above, below)
    )
    same, changed = np.minimum(not_high, not_low), np.maximum(up, down)
    first_same, first_changed = (
        int(n[np.argmax(evidence >= enough)]) if evidence[-1] >= enough else None
        for evidence, enough in zip((same, changed), needed, strict=True)
    )
    answer, decided = Answer.UNDECIDED, None
    if first_changed is not None and (first_same is None or first_changed <= first_same):
        answer, decided = Answer.CHANGED, first_changed
    elif first_same is not None:
        answer, decided = Answer.SAME, first_same
    known = d[~np.isnan(d)]
    return Part(
        margin=margin,
        answer=answer,
        way=_way(int((d > high).sum()), int((d < low).sum()), int(apart.sum()), answer),
        decided=decided,
        estimate=float(np.median(known)) if len(known) else None,
        interval=median_interval(d, needed[1]),
        signs=Signs(
            inside=int(((d >= low) & (d <= high)).sum()),
            above=int((d > high).sum()),
            below=int((d < low).sum()),
            apart=int(apart.sum()),
            lost=int(lost.sum()),
        ),
        same=float(same[-1]),
        changed=float(changed[-1]),
    )


def _way(above: int, below: int, apart: int, answer: Answer) -> int:
    if answer is not Answer.CHANGED or apart >= max(above, below):
        return 0
    return 1 if above > below else -1


def median_interval(differences: Floats, nats: float) -> Interval:
    """All medians that the signs of the differences do not reject with so much evidence, each way.

    "The median is at most x" is rejected by e-processes on the number of differences above x, as
    in `log_e_above`; what it does not reject ends at an order statistic (Howard & Ramdas 2022,
    Section 3, invert a binomial's confidence sequence so). NaN counts against both ends.
    """
    n = len(differences)
    evidence = log_e_above(np.arange(n + 1), n, HALF, SURE)
    k = int(np.argmax(evidence >= nats)) if n and evidence[-1] >= nats else n + 1
    if k > n:
        return -math.inf, math.inf
    low = np.sort(np.where(np.isnan(differences), -math.inf, differences))[::-1]
    high = np.sort(np.where(np.isnan(differences), math.inf, differences))
    return float(low[k - 1]), float(high[k - 1])
