"""Base and head timed together: all rows screened, then the rows that are left at new starts.

Also one process of benchmarks by itself, for what is timed without a base at hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harness.statistics.comparison.confirmation import Row, Strata, let_go, look_sizes, paces
from harness.statistics.comparison.slowdown import Margins, Pace
from reports.timing.interleaved import FOLDER, Enough, Logs, Plan, Together, conductor

SHORT = "0.03"  # seconds of rounds for a row: many short processes tell more than one long one
# Time of the processor, not of the wall: other people's work on a shared machine is not counted.
# The benchmarks run in one thread; rows on a GPU bring a clock of their own, which waits for it.
CLOCK = "time.process_time"
QUIET = ["-q", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-W", "default"]
LONGEST_PROCESS = 1800  # seconds
SCREEN = Plan(starts=(0,), children=6, stages=(0.005, 0.01, 0.015), few=4)
CONFIRM_STARTS = 2  # others than the screen's, the same for all looks
BUDGET = 24  # processes a side for all looks, unless --rounds says otherwise
CONFIRM_STAGES = (0.03,)

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
    measure: Measure | None = None,
) -> Timed:  # fmt: skip
    """Screen what pytest's -k `selected` chooses, then confirm with `budget` processes a side."""
    if measure is None:
        with conductor() as conducted:
            return rounds(base, head, selected, margins, budget, say, conducted)
    chosen = [FOLDER, *(["-k", selected] if selected else [])]
    timed = Timed()
    trees = (base, head)
    together = measure(trees, chosen, SCREEN, lambda _, logs: let_go(Row(_strata(logs)), margins))
    there = together.listed
    timed.only_base = sorted(there[0] - there[1])
    timed.only_head = sorted(there[1] - there[0])
    timed.rows = {name: Row(_strata(logs)) for name, logs in together.logs.items()}
    waiting = _waiting(timed, margins)
    say(f"{len(timed.rows)} benchmarks screened: {len(waiting)} are left to confirm")
    for size in look_sizes(len(waiting), margins, budget, CONFIRM_STARTS):
        if not waiting:
            break
        plan = Plan(range(1, 1 + CONFIRM_STARTS), size, CONFIRM_STAGES)
        together = measure(trees, waiting, plan, lambda *_: False)
        for name in waiting:
            row = timed.rows[name]
            timed.rows[name] = Row(row.screen, (*row.looks, _strata(together.logs[name])))
        waiting = _waiting(timed, margins)
        say(f"{CONFIRM_STARTS * size} new processes a side: {len(waiting)} benchmarks are left")
    return timed


def _waiting(timed: Timed, margins: Margins) -> list[str]:
    found = paces(timed.rows, margins)
    return [name for name, pace in found.items() if pace is Pace.UNDECIDED]


def _strata(logs: Logs) -> Strata:
    return tuple((np.asarray(base), np.asarray(head)) for base, head in logs)


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
