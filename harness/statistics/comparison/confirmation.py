"""Which rows became slower? All are screened cheaply; the few that are left are confirmed.

Processes are forked from a few starts, base and head from each: a start is a stratum, within
which the labels are exchangeable when nothing has changed. Confirmation uses new starts only. So
whatever chance brought a row through the screen has no part in its verdict, and only the rows
that were let through share the rate of false alarms.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from harness.statistics.comparison.multiplicity import discoveries
from harness.statistics.comparison.slowdown import Comparison, Margins, Pace, aa_floor
from harness.statistics.comparison.stratified import (
    Stratum,
    differences,
    log_p_above,
    shift_interval,
)

SCREENINGS = 3  # looks of the screen at a row, each longer than the one before
SCREEN_SHARE = 0.75  # of the misses: the screen looks at every row, confirmation at a few
LOOKS = 3  # at new starts
# The screen has few starts, and a change may suit one memory layout and not another: it lets go
# only where a smaller slowdown than the one to find is excluded.
CAUTION = 0.8
SPARE = 2  # orders of the processes, of all equally likely ones, that must be able to tell

Strata = tuple[Stratum, ...]


@dataclass(frozen=True)
class Row:
    """ln(seconds) of one row: (base, head) of the screen's starts, then of each look's."""

    screen: Strata
    looks: tuple[Strata, ...] = ()


def let_go(row: Row, margins: Margins) -> bool:
    """Whether the screen excludes "slower by four fifths of `slowdown`" by a rank test.

    Its looks share what the screen may miss; so few processes that a share would be out of their
    reach are looked at once, for all of it.
    """
    level = SCREEN_SHARE * margins.misses
    if orders(row.screen) * level >= SCREENINGS:
        level /= SCREENINGS
    return _log_p_harmless(row.screen, CAUTION * margins.slowdown) <= math.log(level)


def orders(strata: Strata) -> int:
    """Equally likely ways to deal the processes of each stratum to base and head."""
    return math.prod(math.comb(len(x) + len(y), len(x)) for x, y in strata)


def paces(rows: Mapping[str, Row], margins: Margins) -> dict[str, Pace]:
    """The verdict on every row, from all looks so far; a row that waits for more is UNDECIDED.

    At each look the rows still waiting are discoveries at a third of `false_alarms`, over all rows
    that the screen let through; a row is ok once "slower by `slowdown`" is excluded.
    """
    found = dict.fromkeys(rows, Pace.OK)
    missed = (1 - SCREEN_SHARE) * margins.misses / LOOKS
    waiting = [name for name, row in rows.items() if not let_go(row, margins)]
    found.update(dict.fromkeys(waiting, Pace.UNDECIDED))
    family = len(waiting)
    for look in range(1, LOOKS + 1):
        here = [name for name in waiting if len(rows[name].looks) >= look]
        seen = {name: tuple(chain.from_iterable(rows[name].looks[:look])) for name in here}
        p_slower = [math.exp(_log_p_slower(seen[name], margins)) for name in here]
        none = [1.0] * (family - len(here))
        slower = discoveries([*p_slower, *none], margins.false_alarms / LOOKS)
        for name, red in zip(here, slower, strict=False):
            if red:
                found[name] = Pace.REGRESSION
            elif _log_p_harmless(seen[name], margins.slowdown) <= math.log(missed):
                found[name] = Pace.OK
        waiting = [name for name in here if found[name] is Pace.UNDECIDED]
    return found


def look_sizes(family: int, margins: Margins, budget: int, starts: int) -> list[int]:
    """Processes a side from each of a look's starts, `budget` in all: the first can already tell.

    Where the budget is too small for a look that can tell, there is one look at all of it.
    """
    first, each = smallest_first(family, margins, starts), max(1, budget // starts)
    if each <= first:
        return [each]
    second = math.ceil((each - first) / (LOOKS - 1))
    return [size for size in (first, second, each - first - second) if size > 0]


def smallest_first(family: int, margins: Margins, starts: int) -> int:
    """Processes a side of each start whose best orders are rare enough for one of `family` rows."""
    level, size = margins.false_alarms / LOOKS / max(family, 1), 1
    while math.comb(2 * size, size) ** starts * level < SPARE:
        size += 1
    return size


def compared(row: Row, margins: Margins) -> Comparison:
    """The ratio with its interval, from the looks' processes where there are any.

    The ratio is Hodges and Lehmann's (1963) within the looks; the floor is what the base's
    processes differ by among themselves.
    """
    strata = tuple(chain.from_iterable(row.looks)) or row.screen
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
    return log_p_above([(y, x + math.log1p(slowdown)) for x, y in strata])
