"""How often the timing gate cries wolf, and what it finds: `python -m tests.gate_study`.

Real processes were timed one after the other, without any change in between, and are resampled:
a suite is 2 x 24 of them, dealt to base and head. Rows of a process stay together, so that what
slows a whole process slows all its rows. Writes docs/gate.md.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.statistics.slowdown import Margins, Pace, compare, passed, schedule, verdicts
from reports.atomic import write_whole
from reports.timing.rounds import CLOCK, run_benchmarks

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(__file__).parent / "gate" / "data" / "recorded_processes.json"
PAGE = ROOT / "docs" / "gate.md"
BUDGET = 24
STARTUP = 3.0  # seconds of a process before its first row: imports
PLAIN = 35.4  # seconds of one run of these rows as `tox -e bench` times them, on that machine
SLOWER = 1.10
CHOSEN = (
    "not cuda and not 1024 and not 4096 and not 784 and not chapter and not 256-cpu "
    "and not test_deep_chain and not (test_initialization and not normal)"
)  # every kind of row that takes milliseconds; large ones only take longer
LIMIT = math.log(1.05)  # --benchmark-compare-fail=mean:5%

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Recording:
    """ln(seconds), (rows, processes), of medians and of means, in the order of measurement."""

    names: list[str]
    median: Floats
    mean: Floats
    seconds: float
    rows_seconds: float


@dataclass(frozen=True)
class Outcome:
    """A suite's verdicts, and how many rows were timed in how many processes."""

    paces: Mapping[str, Pace]
    row_timings: int
    processes: int


def recordings() -> tuple[str, dict[str, Recording]]:
    """The machine, and its recordings by clock."""
    content = json.loads(DATA.read_text(encoding="utf-8"))
    found = {}
    for clock, one in content["clocks"].items():
        rows = one["rows"]
        found[clock] = Recording(
            list(rows),
            np.array([row["median"] for row in rows.values()]),
            np.array([row["mean"] for row in rows.values()]),
            one["seconds"],
            one["seconds"] - STARTUP,
        )
    return content["machine"], found


def gated(names: list[str], base: Floats, head: Floats, margins: Margins) -> Outcome:
    """What `compare-timings` would say, with its looks and the rows that drop out."""
    waiting = list(range(len(names)))
    seen = dict.fromkeys(names, 0)
    row_timings = processes = before = 0
    for look in schedule(margins, base.shape[1]):
        row_timings += 2 * (look - before) * len(waiting)
        processes += 2 * (look - before)
        before = look
        for i in waiting:
            seen[names[i]] = look
        waiting = [
            i
            for i in waiting
            if not passed(compare(base[i, :look], head[i, :look], margins), margins)
        ]
        if not waiting:
            break
    last = {
        name: compare(base[i, : seen[name]], head[i, : seen[name]], margins)
        for i, name in enumerate(names)
    }
    return Outcome(verdicts(last, margins), row_timings, processes)


def dealt(
    one: Recording, rng: np.random.Generator, turn: int, drift: bool
) -> tuple[list[int], list[int]]:
    """Processes for base and head: at random, or neighbours in turn as they were measured."""
    n = one.median.shape[1]
    size = min(BUDGET, n // 2)
    if not drift:
        order = list(rng.permutation(n)[: 2 * size])
        return order[:size], order[size:]
    start = turn % (n - 2 * size + 1)
    sides: tuple[list[int], list[int]] = ([], [])
    for pair in range(size):
        first = (pair + turn) % 2
        sides[first].append(start + 2 * pair)
        sides[1 - first].append(start + 2 * pair + 1)
    return sides


def study(suites: int) -> str:
    """The page."""
    machine, recorded = recordings()
    one, margins = recorded["time.process_time"], Margins()
    rng = np.random.default_rng(20)
    red = undecided = 0
    red_in_turn = 0
    outcomes: list[tuple[int, Pace]] = []
    extra: list[float] = []
    for turn in range(suites):
        base, head = dealt(one, rng, turn, drift=False)
        plain = gated(one.names, one.median[:, base], one.median[:, head], margins)
        red += Pace.REGRESSION in plain.paces.values()
        undecided += sum(pace is Pace.UNDECIDED for pace in plain.paces.values())
        a, b = dealt(one, rng, turn, drift=True)
        in_turn = gated(one.names, one.median[:, a], one.median[:, b], margins)
        red_in_turn += Pace.REGRESSION in in_turn.paces.values()
        row = turn % len(one.names)
        slowed = one.median[:, head].copy()
        slowed[row] += math.log(SLOWER)
        hurt = gated(one.names, one.median[:, base], slowed, margins)
        outcomes.append((row, hurt.paces[one.names[row]]))
        extra.append(_cost(hurt, one) / _cost_of(2, len(one.names), one))
    size = min(BUDGET, one.median.shape[1] // 2)
    looks = schedule(margins, size)
    noise = 1.4826 * np.median(
        np.abs(one.median - np.median(one.median, axis=1, keepdims=True)), axis=1
    )
    lines = [
        "# What the timing gate finds, and how often it cries wolf",
        "",
        "Written by `python -m tests.gate_study`.",
        "",
        f"Recorded on {machine}: {one.median.shape[1]} processes of {len(one.names)} benchmarks, "
        "one after the other, without a change in between. No suite was run twice for this page: "
        "suites are resampled from these processes, whole processes at a time, so "
        "that whatever slows a process slows all of its rows.",
        f"Margins: tolerance {100 * margins.tolerance:g} %, slowdown {100 * margins.slowdown:g} %, "
        f"false alarms {100 * margins.false_alarms:g} % a suite, misses {100 * margins.misses:g} % "
        f"a row; at most {size} processes a side, looks at {', '.join(map(str, looks))}.",
        "",
        f"## Without a change ({suites} suites)",
        "",
        "| Gate | Red suites |",
        "|---|---|",
        f"| this gate, processes dealt at random | {_share(red, suites)} |",
        f"| this gate, neighbours in turn (overlapping windows, the machine's drift kept) | "
        f"{_share(red_in_turn, suites)} |",
        *[
            f"| `--benchmark-compare-fail=mean:5%`, one process against the next, `{clock}` | "
            f"{_share(*_compare_fail(other, rng, suites))} |"
            for clock, other in recorded.items()
        ],
        "",
        f"{undecided / suites:.1f} of {len(one.names)} rows a suite stay undecided: they are "
        "named, and the exit status says so.",
        "",
        f"## One benchmark slower by {100 * (SLOWER - 1):.0f} % ({suites} suites)",
        "",
        "Its times in the head are multiplied; each row has its turn.",
        "",
        "| Spread of the row's processes | Rows | Found | Undecided | Passed as ok |",
        "|---|---|---|---|---|",
        *_by_noise(outcomes, noise),
        "",
        "| Gate | Found |",
        "|---|---|",
        f"| this gate | {_share(sum(p is Pace.REGRESSION for _, p in outcomes), suites)} |",
        f"| this gate with --rounds {2 * BUDGET}, drawn with replacement | "
        f"{_share(*_found_with_more(one, margins, rng, suites))} |",
        f"| this gate, or undecided (nobody is told that all is well) | "
        f"{_share(sum(p is not Pace.OK for _, p in outcomes), suites)} |",
        *[
            f"| `--benchmark-compare-fail=mean:5%` for that row, `{clock}` | "
            f"{_share(*_compare_fail_finds(other, rng, suites))} |"
            for clock, other in recorded.items()
        ],
        "",
        "## Time",
        "",
        f"A process of all rows took {one.seconds:.1f} s in the middle, {STARTUP:g} s of it to "
        "start. The later looks time only the rows that are left, so that a comparison costs "
        f"{float(np.mean(extra)):.1f} full processes a side in the mean, of {size} at most.",
        "",
        "| Compared with | Times its time |",
        "|---|---|",
        f"| the head alone, timed in {size} processes | {2 * float(np.mean(extra)) / size:.1f} |",
        f"| the head alone, timed in {looks[0]} processes (the first look) | "
        f"{2 * float(np.mean(extra)) / looks[0]:.1f} |",
        f"| one run of `tox -e bench` over the same rows, {PLAIN:g} s, which says nothing about "
        f"noise | {2 * float(np.mean(extra)) * one.seconds / PLAIN:.1f} |",
        "",
    ]
    return "\n".join(lines)


def _by_noise(outcomes: list[tuple[int, Pace]], noise: Floats) -> list[str]:
    lines = []
    for low, high in ((0.0, 0.02), (0.02, 0.03), (0.03, 0.05), (0.05, 0.1), (0.1, math.inf)):
        here = [pace for row, pace in outcomes if low <= noise[row] < high]
        if not here:
            continue
        shown = f"{100 * low:g} to {100 * high:g} %" if high < 1 else f"above {100 * low:g} %"
        rows = int(((noise >= low) & (noise < high)).sum())
        counts = [
            _share(sum(p is pace for p in here), len(here))
            for pace in (Pace.REGRESSION, Pace.UNDECIDED, Pace.OK)
        ]
        lines.append(f"| {shown} | {rows} | {' | '.join(counts)} |")
    return lines


def _found_with_more(
    one: Recording, margins: Margins, rng: np.random.Generator, suites: int
) -> tuple[int, int]:
    """Slowdowns found with twice the budget; so many processes are drawn with replacement."""
    n, found = one.median.shape[1], 0
    for turn in range(suites):
        row = turn % len(one.names)
        base = one.median[row : row + 1, rng.integers(0, n, 2 * BUDGET)]
        head = one.median[row : row + 1, rng.integers(0, n, 2 * BUDGET)] + math.log(SLOWER)
        name = one.names[row]
        # The family is as large as ever: the other rows have nothing to add.
        last = compare(base[0], head[0], margins)
        let_go = any(
            passed(compare(base[0, :look], head[0, :look], margins), margins)
            for look in schedule(margins, 2 * BUDGET)[:-1]
        )
        harmless = {other: replace(last, p_slower=1.0) for other in one.names if other != name}
        pace = verdicts({name: last, **harmless}, margins)[name]
        found += not let_go and pace is Pace.REGRESSION
    return found, suites


def _compare_fail(one: Recording, rng: np.random.Generator, suites: int) -> tuple[int, int]:
    """Suites that a threshold of 5 % on the mean of one process against the next turns red."""
    n = one.mean.shape[1]
    starts = rng.integers(0, n - 1, suites)
    red = sum(bool((one.mean[:, s + 1] - one.mean[:, s] > LIMIT).any()) for s in starts)
    return red, suites


def _compare_fail_finds(one: Recording, rng: np.random.Generator, suites: int) -> tuple[int, int]:
    n = one.mean.shape[1]
    found = 0
    for turn in range(suites):
        row, s = turn % len(one.names), int(rng.integers(0, n - 1))
        found += one.mean[row, s + 1] + math.log(SLOWER) - one.mean[row, s] > LIMIT
    return found, suites


def _cost(outcome: Outcome, one: Recording) -> float:
    return _cost_of(outcome.processes, outcome.row_timings / max(outcome.processes, 1), one)


def _cost_of(processes: int, rows: float, one: Recording) -> float:
    """Seconds: what a process takes to start, and what it takes for each of its rows."""
    start = one.seconds - one.rows_seconds
    return processes * (start + one.rows_seconds * rows / len(one.names))


def _share(count: int, total: int) -> str:
    return f"{count} of {total} ({100 * count / max(total, 1):.1f} %)"


def record(processes: int) -> None:
    """Time the work tree's own benchmarks anew, process after process, into the data file."""
    import tempfile

    clocks = {}
    with tempfile.TemporaryDirectory() as folder:
        for clock in (CLOCK, "time.perf_counter"):
            logs: dict[str, dict[str, list[float]]] = {}
            times = []
            for number in range(processes if clock == CLOCK else processes // 2):
                file = Path(folder) / f"{clock}-{number}.json"
                started = time.perf_counter()
                done = run_benchmarks(ROOT, ["claims/benchmarks", "-k", CHOSEN], file, clock)
                times.append(time.perf_counter() - started)
                if done.returncode:
                    raise SystemExit(done.stdout[-2000:])
                document = json.loads(file.read_bytes())
                for row in document["benchmarks"]:
                    name = row["fullname"].removeprefix("claims/benchmarks/")
                    kept = logs.setdefault(name, {"median": [], "mean": []})
                    for which, values in kept.items():
                        values.append(round(math.log(row["stats"][which]), 4))
            clocks[clock] = {"seconds": round(float(np.median(times)), 1), "rows": logs}
    about = document["machine_info"]
    machine = (
        f"{about['cpu'].get('brand_raw', 'a processor')}, {about['cpu']['count']} logical cores, "
        f"python {about['python_version']}, torch {about['torch']}, numpy {about['numpy']}"
    )
    write_whole(DATA, json.dumps({"machine": machine, "clocks": clocks}, indent=0) + "\n")


def main() -> int:
    """Write the page, or with --record the data."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.gate_study")
    parser.add_argument("--suites", type=int, default=200)
    parser.add_argument("--output", type=Path, default=PAGE)
    parser.add_argument(
        "--record", type=int, metavar="N", help="time N processes first (an hour for 60)"
    )
    options = parser.parse_args()
    if options.record:
        record(options.record)
    write_whole(options.output, study(options.suites))
    print(options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
