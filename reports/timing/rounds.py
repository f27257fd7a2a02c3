"""Base and head timed together: all rows screened, then the rows that are left at new starts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from harness.statistics.comparison.confirmation import Row, Strata, let_go, look_sizes, paces
from harness.statistics.comparison.slowdown import Margins, Pace
from reports.timing.fork_server import FOLDER
from reports.timing.interleaved import Enough, Logs, Measured, Plan, interleaved_timer
from reports.timings_file import Timed

SCREEN = Plan(starts=(0,), children=6, stages=(0.005, 0.01, 0.015), few=4)
CONFIRM_STARTS = 2  # others than the screen's, the same for all looks
BUDGET = 24  # workers a side for all looks, unless --rounds says otherwise
CONFIRM_STAGES = (0.03,)

# Times the rows of the trees that pytest's words choose, all trees together.
Measure = Callable[[Sequence[Path], Sequence[str], Plan, Enough], Measured]
Say = Callable[[str], None]


def rounds(
    base: Path, head: Path, selected: str, margins: Margins, budget: int, say: Say,
    measure: Measure | None = None,
) -> Timed:  # fmt: skip
    """Screen what pytest's -k `selected` chooses, then confirm with `budget` workers a side."""
    if measure is None:
        with interleaved_timer() as timer:
            return rounds(base, head, selected, margins, budget, say, timer)
    chosen = [FOLDER, *(["-k", selected] if selected else [])]
    trees = (base, head)
    measured = measure(trees, chosen, SCREEN, lambda _, logs: let_go(Row(_strata(logs)), margins))
    rows = {name: Row(_strata(logs)) for name, logs in measured.logs.items()}
    waiting = _waiting(rows, margins)
    say(f"{len(rows)} benchmarks screened: {len(waiting)} are left to confirm")
    for size in look_sizes(len(waiting), margins, budget, CONFIRM_STARTS):
        if not waiting:
            break
        plan = Plan(range(1, 1 + CONFIRM_STARTS), size, CONFIRM_STAGES)
        confirmed = measure(trees, waiting, plan, lambda *_: False)
        for name in waiting:
            row = rows[name]
            rows[name] = Row(row.screen, (*row.looks, _strata(confirmed.logs[name])))
        waiting = _waiting(rows, margins)
        say(f"{CONFIRM_STARTS * size} new processes a side: {len(waiting)} benchmarks are left")
    of_base, of_head = measured.listed
    return Timed(rows, sorted(of_base - of_head), sorted(of_head - of_base))


def _waiting(rows: dict[str, Row], margins: Margins) -> list[str]:
    return [name for name, pace in paces(rows, margins).items() if pace is Pace.UNDECIDED]


def _strata(logs: Logs) -> Strata:
    return tuple((np.asarray(base), np.asarray(head)) for base, head in logs)
