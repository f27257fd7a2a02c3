"""Which rows became slower? All are screened cheaply; the few that are left are confirmed.

Confirmation uses fresh processes only. So whatever chance brought a row through the screen has
no part in its verdict, and only the rows that were let through share the rate of false alarms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.statistics.multiplicity import discoveries
from harness.statistics.slowdown import Comparison, Floats, Margins, Pace, aa_floor
from harness.statistics.stratified import Stratum, differences, log_p_above, shift_interval

SCREENINGS = 3  # looks of the screen at a row, each longer than the one before
LOOKS = 3  # at fresh processes; the rates are shared among all looks
# The screen's processes are forks of a few starts and have more in common than chance: it lets go
# only where a smaller slowdown than the one to find is excluded.
CAUTION = 0.8
SPARE = 2  # orders of the processes, of all equally likely ones, that must be able to tell


@dataclass(frozen=True)
class Row:
    """ln(seconds) of one row: (base, head) of the screen, then of each look's fresh processes."""

    screen: Stratum
    looks: tuple[Stratum, ...] = ()


def let_go(row: Row, margins: Margins) -> bool:
    """Whether the screen excludes "slower by four fifths of `slowdown`" by a rank test."""
    return _log_p_harmless([row.screen], CAUTION * margins.slowdown) <= math.log(
        margins.misses / (SCREENINGS + LOOKS)
    )


def paces(rows: Mapping[str, Row], margins: Margins) -> dict[str, Pace]:
    """The verdict on every row, from all looks so far; a row that waits for more is UNDECIDED.

    At each look the rows still waiting are discoveries at a third of `false_alarms`, over all rows
    that the screen let through; a row is ok once "slower by `slowdown`" is excluded.
    """
    found = dict.fromkeys(rows, Pace.OK)
    waiting = [name for name, row in rows.items() if not let_go(row, margins)]
    found.update(dict.fromkeys(waiting, Pace.UNDECIDED))
    family = len(waiting)
    for look in range(1, LOOKS + 1):
        here = [name for name in waiting if len(rows[name].looks) >= look]
        p_slower = [math.exp(_log_p_slower(rows[name].looks[:look], margins)) for name in here]
        none = [1.0] * (family - len(here))
        slower = discoveries([*p_slower, *none], margins.false_alarms / LOOKS)
        for name, red in zip(here, slower, strict=False):
            harmless = _log_p_harmless(rows[name].looks[:look], margins.slowdown)
            if red:
                found[name] = Pace.REGRESSION
            elif harmless <= math.log(margins.misses / (SCREENINGS + LOOKS)):
                found[name] = Pace.OK
        waiting = [name for name in here if found[name] is Pace.UNDECIDED]
    return found


def look_sizes(family: int, margins: Margins, budget: int) -> list[int]:
    """Fresh processes a side at each look, `budget` in all: the first can already tell."""
    first = smallest_first(family, margins)
    if budget <= first:
        return [budget]
    second = math.ceil((budget - first) / (LOOKS - 1))
    return [size for size in (first, second, budget - first - second) if size > 0]


def smallest_first(family: int, margins: Margins) -> int:
    """Processes a side whose best orders are rare enough for one of `family` rows."""
    level, size = margins.false_alarms / LOOKS / max(family, 1), 2
    while math.comb(2 * size, size) * level < SPARE:
        size += 1
    return size


def compared(row: Row, margins: Margins) -> Comparison:
    """The ratio with its interval, from the fresh processes where there are any.

    The ratio is Hodges and Lehmann's (1963) within the looks; the floor is what the base's
    processes differ by among themselves.
    """
    strata = row.looks or (row.screen,)
    low, high = shift_interval(strata, 0.05)
    base = np.concatenate([x for x, _ in strata])
    return Comparison(
        ratio=math.exp(float(np.median(differences(strata)))),
        interval=(math.exp(low), math.exp(high)),
        floor=aa_floor(base),
        p_slower=math.exp(_log_p_slower(strata, margins)),
        p_harmless=math.exp(_log_p_harmless(strata, margins.slowdown)),
        processes=(len(base), sum(len(y) for _, y in strata)),
    )


def _log_p_slower(strata: Sequence[Stratum], margins: Margins) -> float:
    return log_p_above([(x + math.log1p(margins.tolerance), y) for x, y in strata])


def _log_p_harmless(strata: Sequence[Stratum], slowdown: float) -> float:
    shifted: list[tuple[Floats, Floats]] = [(y, x + math.log1p(slowdown)) for x, y in strata]
    return log_p_above(shifted)
