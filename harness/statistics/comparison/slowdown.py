"""Is the head slower than the base? Two samples of processes, one logarithm of a median from each.

Rounds within a process share its memory layout and its moment; processes are the units that are
exchangeable, so that a permutation of them is a fair coin.
"""

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.statistics.comparison.multiplicity import discoveries
from harness.statistics.comparison.stratified import log_p_above, shift_interval
from harness.statistics.evidence import Floats, Interval


class Pace(enum.StrEnum):
    """What the processes say about one row."""

    OK = "ok"
    REGRESSION = "regression"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Margins:
    """What counts as slower, and how often the answer may be wrong.

    A ratio up to 1 + `tolerance` is none of the gate's business, 1 + `slowdown` is what it must
    find. `false_alarms` is the chance that a suite without any change is red; `misses` the chance
    that a row that is slower by `slowdown` passes as ok, over all `looks` at growing samples.
    """

    tolerance: float = 0.02
    slowdown: float = 0.10
    false_alarms: float = 0.01
    misses: float = 0.02
    looks: int = 4

    def __post_init__(self) -> None:
        """Refuse margins that state no test."""
        if not 0 <= self.tolerance < self.slowdown:
            raise ValueError(
                f"tolerance={self.tolerance!r}, slowdown={self.slowdown!r}: "
                "0 <= tolerance < slowdown"
            )


@dataclass(frozen=True)
class Comparison:
    """One row compared: head over base, as a ratio of times, with its interval.

    `floor` is what the base differs by from itself in the same run, as a ratio minus one.
    """

    ratio: float
    interval: Interval
    floor: float
    p_slower: float
    p_harmless: float
    processes: tuple[int, int]


def compare(base: npt.ArrayLike, head: npt.ArrayLike, margins: Margins) -> Comparison:
    """Compare two samples of ln(median seconds), one number a process, by ranks.

    The ratio is Hodges and Lehmann's (1963), its interval the shifts that a permutation test on
    ranks does not reject at 5 %. `p_slower` tests "at most the tolerance, or the floor where that
    is more"; `p_harmless` tests "slower by at least `slowdown`". Both are exact.
    """
    x, y = np.asarray(base, dtype=np.float64), np.asarray(head, dtype=np.float64)
    own = aa_floor(x)
    allowed = math.log1p(max(margins.tolerance, own))
    low, high = shift_interval([(x, y)], 0.05)
    return Comparison(
        ratio=math.exp(float(np.median(y[:, None] - x[None, :]))),
        interval=(math.exp(low), math.exp(high)),
        floor=own,
        p_slower=math.exp(log_p_above([(x + allowed, y)])),
        p_harmless=math.exp(log_p_above([(y, x + math.log1p(margins.slowdown))])),
        processes=(len(x), len(y)),
    )


def aa_floor(base: Floats) -> float:
    """The A/A floor: how far the base's odd processes are from its even ones, as a ratio less 1."""
    odd, even = base[1::2], base[::2]
    if len(odd) == 0:
        return 0.0
    return math.expm1(abs(float(np.median(odd[:, None] - even[None, :]))))


def verdicts(rows: Mapping[str, Comparison], margins: Margins) -> dict[str, Pace]:
    """The family's verdicts at the last look.

    Slower rows are discoveries at the rate `false_alarms` over the whole family; a row is ok once
    "slower by `slowdown`" is rejected at `misses` / `looks`; else it is undecided. Only the last
    look may find anything slower: looks before it let rows go as ok, and spend no false alarm.
    """
    names = list(rows)
    found = discoveries([rows[name].p_slower for name in names], margins.false_alarms)
    return {
        name: Pace.REGRESSION
        if slower
        else (Pace.OK if passed(rows[name], margins) else Pace.UNDECIDED)
        for name, slower in zip(names, found, strict=True)
    }


def passed(row: Comparison, margins: Margins) -> bool:
    """Whether a row can be let go as ok at this look."""
    return row.p_harmless <= margins.misses / margins.looks
