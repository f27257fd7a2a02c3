"""Base and head timed together: all rows screened, then the rows that are left on fresh processes.

Also one process of benchmarks by itself, for what is timed without a base at hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from harness.statistics.confirmation import Row, let_go, look_sizes, paces
from harness.statistics.slowdown import Margins, Pace
from harness.statistics.stratified import Stratum
from reports.timing.lockstep import FOLDER, Enough, Plan, Together, timed_together

SHORT = "0.03"  # seconds of rounds for a row: many short processes tell more than one long one
# Time of the processor, not of the wall: other people's work on a shared machine is not counted.
# The benchmarks run in one thread; rows on a GPU bring a clock of their own, which waits for it.
CLOCK = "time.process_time"
QUIET = ["-q", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-W", "default"]
LONGEST_PROCESS = 1800  # seconds
SCREEN_STARTS = 2  # processes a side that screen all rows
SCREEN = Plan(children=3, stages=(0.005, 0.01, 0.015))
CONFIRM = Plan(children=3, stages=(0.03,))

# Times the rows of the trees that pytest's words choose, all trees together.
Measure = Callable[[Sequence[Path], Sequence[str], Plan, Enough], Together]
Say = Callable[[str], None]


@dataclass
class Timed:
    """What a comparison measured: the rows of both sides, and those that only one side has."""

    rows: dict[str, Row] = field(default_factory=dict)
    only_base: list[str] = field(default_factory=list)
    only_head: list[str] = field(default_factory=list)


def rounds(
    base: Path, head: Path, selected: str, margins: Margins, budget: int, say: Say,
    measure: Measure = timed_together,
) -> Timed:  # fmt: skip
    """Screen what pytest's -k `selected` chooses, then confirm with `budget` processes a side."""
    chosen = [FOLDER, *(["-k", selected] if selected else [])]
    timed = Timed()
    together = measure(
        _trees(base, head, SCREEN_STARTS),
        chosen,
        SCREEN,
        lambda _, logs: let_go(Row(_sides(logs)), margins),
    )
    there = [frozenset.intersection(*together.listed[side::2]) for side in (0, 1)]
    timed.only_base = sorted(there[0] - there[1])
    timed.only_head = sorted(there[1] - there[0])
    timed.rows = {name: Row(_sides(logs)) for name, logs in together.logs.items()}
    waiting = _waiting(timed, margins)
    say(f"{len(timed.rows)} benchmarks screened: {len(waiting)} are left to confirm")
    for size in look_sizes(len(waiting), margins, budget):
        if not waiting:
            break
        together = measure(_trees(base, head, size), waiting, CONFIRM, lambda *_: False)
        for name in waiting:
            row, least = timed.rows[name], [[min(c)] for c in together.logs[name]]
            timed.rows[name] = Row(row.screen, (*row.looks, _sides(least)))
        waiting = _waiting(timed, margins)
        say(f"{size} fresh processes a side: {len(waiting)} benchmarks are left")
    return timed


def _waiting(timed: Timed, margins: Margins) -> list[str]:
    found = paces(timed.rows, margins)
    return [name for name, pace in found.items() if pace is Pace.UNDECIDED]


def _trees(base: Path, head: Path, starts: int) -> list[Path]:
    """Base and head in turn, so many of each."""
    return [base, head] * starts


def _sides(processes: Sequence[Sequence[float]]) -> Stratum:
    base, head = (list(chain.from_iterable(processes[side::2])) for side in (0, 1))
    return np.asarray(base), np.asarray(head)


def run_benchmarks(
    tree: Path, chosen: Sequence[str], file: Path, clock: str = CLOCK
) -> subprocess.CompletedProcess[str]:
    """One process of a work tree's benchmarks, its JSON in the file; `chosen` is pytest's own."""
    return subprocess.run(
        [
            sys.executable, "-m", "pytest", *chosen, "--benchmark-only", "--benchmark-disable-gc",
            f"--benchmark-timer={clock}", "--benchmark-min-rounds=7", f"--benchmark-json={file}",
            *QUIET,
        ],
        cwd=tree,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=LONGEST_PROCESS,
        check=False,
    )  # fmt: skip


def _environment() -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    left_out = ("PYTHONHASHSEED", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    short = kept.get("CLAIMS_BENCHMARK_SECONDS", SHORT)
    return {**kept, **threads, "CLAIMS_BENCHMARK_SECONDS": short}
