"""Rounds of processes, base and head in turn, until all rows are ok or the budget is spent."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.statistics.slowdown import Margins, compare, passed, schedule
from reports.timing.processes import Process, Rows, TimingsError, read_process

FOLDER = "claims/benchmarks"
SHORT = "0.03"  # seconds of rounds for a row: many short processes tell more than one long one
# Time of the processor, not of the wall: other people's work on a shared machine is not counted.
# The benchmarks run in one thread; rows on a GPU bring a clock of their own, which waits for it.
CLOCK = "time.process_time"
QUIET = ["-q", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "-W", "default"]
LONGEST_PROCESS = 1800  # seconds

Measure = Callable[[Path, Collection[str]], Process]
Say = Callable[[str], None]


@dataclass
class Pair:
    """The logs of both sides, row by row, in the order of their rounds."""

    base: Rows = field(default_factory=dict)
    head: Rows = field(default_factory=dict)


def benchmark_process(selected: str) -> Measure:
    """Times a work tree's benchmarks in a process of their own; `selected` is pytest's -k."""

    def measure(tree: Path, only: Collection[str]) -> Process:
        with tempfile.TemporaryDirectory(prefix="chapter-and-verse-") as folder:
            file = Path(folder) / "benchmark.json"
            chosen = sorted(only) or [FOLDER, *(["-k", selected] if selected else [])]
            done = run_benchmarks(tree, chosen, file)
            if done.returncode != 0 or not file.exists():
                last = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["no output"]
                raise TimingsError(
                    f"the benchmarks in {tree.name} failed ({last[0]}); run them there by "
                    f"themselves: python -m pytest {FOLDER} --benchmark-only"
                )
            return read_process(file)

    return measure


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


def rounds(
    base: Path, head: Path, measure: Measure, margins: Margins, budget: int, say: Say
) -> Pair:
    """Time both trees in turn, base first in even rounds and head first in odd ones.

    At each look of the schedule the rows that are decided drop out; the others are timed on.
    """
    pair = Pair()
    waiting: list[str] = []
    done = 0
    for look in schedule(margins, budget):
        for turn in range(done, look):
            for tree, side in _order(turn, (base, pair.base), (head, pair.head)):
                for name, value in measure(tree, waiting).logs.items():
                    if done == 0 or name in waiting:
                        side.setdefault(name, []).append(value)
            say(
                f"round {turn + 1} of at most {budget}: {len(waiting) or len(pair.head)} benchmarks"
            )
        done = look
        waiting = undecided(pair, margins)
        if not waiting:
            break
    return pair


def undecided(pair: Pair, margins: Margins) -> list[str]:
    """The rows of both sides that no look has let go as ok yet."""
    both = [name for name in pair.head if name in pair.base]
    return [
        name
        for name in both
        if not passed(compare(pair.base[name], pair.head[name], margins), margins)
    ]


def _order(
    turn: int, first: tuple[Path, Rows], second: tuple[Path, Rows]
) -> Iterator[tuple[Path, Rows]]:
    yield from (first, second) if turn % 2 == 0 else (second, first)


def _environment() -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    # The hash seed moves dictionaries and sets about: another one in each process, so that the
    # processes sample it and the comparison does not rest on one layout. A worker of pytest-xdist
    # would pass its own mark on, and that switches timing off.
    left_out = ("PYTHONHASHSEED", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {
        **kept,
        **threads,
        "CLAIMS_BENCHMARK_SECONDS": kept.get("CLAIMS_BENCHMARK_SECONDS", SHORT),
    }
