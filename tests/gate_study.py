"""How often the timing gate cries wolf, what it finds and costs: `python -m tests.gate_study`.

Real processes were timed together, as `compare-timings` does it, without any change, and are
resampled: a suite draws its processes from a session and deals them to base and head. What is
measured together stays together. Writes docs/gate.md.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.confirmation import Row, let_go, look_sizes, paces
from harness.statistics.slowdown import Margins, Pace
from reports.atomic import write_whole
from reports.timing.lockstep import FOLDER, Plan, timed_together
from reports.timing.rounds import CONFIRM, SCREEN, SCREEN_STARTS, rounds

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(__file__).parent / "gate" / "data" / "recorded_processes.json"
PAGE = ROOT / "docs" / "gate.md"
BUDGET = 16  # the command's own
BUDGETS = (7, 10, 13, 16, 20)
STARTS = 14  # processes of a session: a look has 7 a side at most
SLOWER = 1.10
SEED = 20
CHOSEN = (
    "not cuda and not 1024 and not 4096 and not 784 and not chapter and not 256-cpu "
    "and not test_deep_chain and not (test_initialization and not normal)"
)  # every kind of row that takes milliseconds; large ones only take longer
LIMIT = math.log(1.05)  # --benchmark-compare-fail=mean:5%

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Recording:
    """Sessions of ln(seconds), (rows, stages, processes, children), and single runs' means."""

    machine: str
    names: list[str]
    sessions: list[Floats]
    loads: list[float]
    means: Mapping[str, Floats]
    costs: Sequence[Mapping[str, float]]


@dataclass(frozen=True)
class Outcome:
    """A suite's verdicts, the rows left to confirm, and the processes a side that this took."""

    paces: Mapping[str, Pace]
    family: int
    processes: int


def recording() -> Recording:
    """What `--record` wrote."""
    content = json.loads(DATA.read_text(encoding="utf-8"))
    names = list(content["sessions"][0]["rows"])
    return Recording(
        content["machine"],
        names,
        [np.array([one["rows"][name] for name in names]) for one in content["sessions"]],
        [load for one in content["sessions"] for load in one["load"]],
        {clock: np.array(list(rows.values())) for clock, rows in content["means"].items()},
        content["costs"],
    )


def suite(
    one: Recording, rng: np.random.Generator, slow: int | None = None, budget: int = BUDGET
) -> Outcome:
    """What `compare-timings` would say, row `slow` being slower by a tenth."""
    margins = Margins()
    shift = np.zeros(len(one.names))
    if slow is not None:
        shift[slow] = math.log(SLOWER)
    session, order = _dealt(one, rng)
    first, second = order[:SCREEN_STARTS], order[SCREEN_STARTS : 2 * SCREEN_STARTS]
    rows = {}
    for i, name in enumerate(one.names):
        for stage in range(len(SCREEN.stages)):
            base, head = (session[i, stage, side, : SCREEN.children] for side in (first, second))
            rows[name] = Row((base.ravel(), head.ravel() + shift[i]))
            if let_go(rows[name], margins):
                break
    waiting = _waiting(rows)
    family, processes = len(waiting), 0
    for size in look_sizes(family, margins, budget):
        if not waiting:
            break
        size = min(size, STARTS // 2)
        processes += size
        session, order = _dealt(one, rng)
        for name in waiting:
            i = one.names.index(name)
            least = session[i, -1].min(axis=1)
            base, head = least[order[:size]], least[order[size : 2 * size]] + shift[i]
            rows[name] = Row(rows[name].screen, (*rows[name].looks, (base, head)))
        waiting = _waiting(rows)
    return Outcome(paces(rows, margins), family, processes)


def _dealt(one: Recording, rng: np.random.Generator) -> tuple[Floats, npt.NDArray[np.int64]]:
    session = one.sessions[rng.integers(len(one.sessions))]
    return session, rng.permutation(session.shape[2])


def _waiting(rows: Mapping[str, Row]) -> list[str]:
    return [name for name, pace in paces(rows, Margins()).items() if pace is Pace.UNDECIDED]


def study(suites: int) -> str:
    """The page."""
    one, margins = recording(), Margins()
    rng = np.random.default_rng(SEED)
    same = [suite(one, rng) for _ in range(suites)]
    slowed = _slowed(one, rng, suites, BUDGET)
    found = sum(pace is Pace.REGRESSION for _, pace, _ in slowed)
    noise = _noise(one)
    open_rows = sum(pace is Pace.UNDECIDED for outcome in same for pace in outcome.paces.values())
    lines = [
        "# What the timing gate finds, how often it cries wolf, and what it costs",
        "",
        "Written by `python -m tests.gate_study`.",
        "",
        f"Recorded on {one.machine}, shared with other work (load {_range(one.loads)}): "
        f"{len(one.sessions)} sessions of {STARTS} processes of {len(one.names)} benchmarks, all "
        "processes of a session in lockstep, without a change in between. No suite was run twice "
        "for this page: suites are resampled. One draws a session for the screen and one for each "
        "look, and deals the processes to base and head, all rows of a process together. "
        f"The thresholds beside it are judged on {next(iter(one.means.values())).shape[1]} single "
        "processes of the same machine at a load of 4 to 10.",
        f"Margins: tolerance {100 * margins.tolerance:g} %, slowdown {100 * margins.slowdown:g} %, "
        f"false alarms {100 * margins.false_alarms:g} % a suite, misses {100 * margins.misses:g} % "
        f"a row; {SCREEN_STARTS} processes a side with {SCREEN.children} children each screen all "
        f"rows, {BUDGET} fresh ones a side at most confirm what is left, in three looks.",
        "",
        f"## Without a change ({suites} suites)",
        "",
        "| Gate | Red suites |",
        "|---|---|",
        f"| this gate | {_share(sum(_is_red(outcome) for outcome in same), suites)} |",
        *[
            f"| `--benchmark-compare-fail=mean:5%`, one process against the next, `{clock}` | "
            f"{_share(_compare_fail(means, rng, suites), suites)} |"
            for clock, means in one.means.items()
        ],
        "",
        f"The screen leaves {np.mean([o.family for o in same]):.1f} of {len(one.names)} rows; "
        f"{open_rows / suites:.2f} rows a suite stay undecided: they are named, and the exit "
        "status says so.",
        "",
        f"## One benchmark slower by {100 * (SLOWER - 1):.0f} % ({suites} suites)",
        "",
        "Its times in the head are multiplied; each row has its turn.",
        "",
        "| Gate | Found |",
        "|---|---|",
        f"| this gate | {_share(found, suites)} |",
        "| this gate, or undecided (nobody is told that all is well) | "
        f"{_share(sum(pace is not Pace.OK for _, pace, _ in slowed), suites)} |",
        *[
            f"| `--benchmark-compare-fail=mean:5%` for that row, `{clock}` | "
            f"{_share(_compare_fail_finds(means, rng, suites), suites)} |"
            for clock, means in one.means.items()
        ],
        "",
        "The spread is that of a process's shortest rounds around the others of its session.",
        "",
        "| Spread of the row's processes | Rows | Found | Undecided | Passed as ok |",
        "|---|---|---|---|---|",
        *_by_noise(slowed, noise),
        "",
        "## Power against cost",
        "",
        "Fresh processes a side are what costs. `--rounds` says how many there may be.",
        "",
        "| `--rounds` | Found | Processes a side, mean | Red without a change |",
        "|---|---|---|---|",
        *_curve(one, rng, suites),
        "",
        *_time(one, same, slowed),
    ]
    return "\n".join(lines)


Slowed = list[tuple[int, Pace, int]]


def _slowed(one: Recording, rng: np.random.Generator, suites: int, budget: int) -> Slowed:
    """The slow row of each suite, its verdict, and the processes a side."""
    found = []
    for turn in range(suites):
        row = turn % len(one.names)
        outcome = suite(one, rng, row, budget)
        found.append((row, outcome.paces[one.names[row]], outcome.processes))
    return found


def _is_red(outcome: Outcome) -> bool:
    return Pace.REGRESSION in outcome.paces.values()


def _noise(one: Recording) -> Floats:
    """Standard deviation of a row's processes around their session, as ln(seconds)."""
    least = [session[:, -1].min(axis=2) for session in one.sessions]
    apart = np.concatenate([a - a.mean(axis=1, keepdims=True) for a in least], axis=1)
    spread: Floats = apart.std(axis=1) * math.sqrt(STARTS / (STARTS - 1))
    return spread


def _curve(one: Recording, rng: np.random.Generator, suites: int) -> list[str]:
    lines = []
    for budget in BUDGETS:
        slowed = _slowed(one, rng, suites, budget)
        found = sum(pace is Pace.REGRESSION for _, pace, _ in slowed)
        red = sum(_is_red(suite(one, rng, budget=budget)) for _ in range(suites))
        spent = float(np.mean([processes for _, _, processes in slowed]))
        lines.append(f"| {budget} | {_share(found, suites)} | {spent:.1f} | {red} of {suites} |")
    return lines


def _time(one: Recording, same: Sequence[Outcome], slowed: Slowed) -> list[str]:
    """What the command took beside a plain run, both measured in turn."""
    plain, gate = (
        {key: float(np.median([cost[f"{kind} {key}"] for cost in one.costs])) for key in KEYS}
        for kind in ("plain", "gate")
    )
    starts = float(np.median([cost["processes"] for cost in one.costs]))
    a_a = float(np.mean([outcome.processes for outcome in same]))
    hurt = float(np.mean([processes for _, _, processes in slowed]))
    return [
        "## Time",
        "",
        "The plain run is the head timed by itself, once, as `tox -e bench` times it (0.3 s of "
        "rounds for a row); it says nothing about noise. Base against base was compared in turn "
        f"with it, {len(one.costs)} times each; medians.",
        "",
        "| | Seconds on the wall | Seconds of processor |",
        "|---|---|---|",
        f"| plain run of these rows | {plain['wall']:.0f} | {plain['cpu']:.0f} |",
        f"| `compare-timings`, {starts:g} fresh processes a side | {gate['wall']:.0f} | "
        f"{gate['cpu']:.0f} |",
        f"| ratio | {gate['wall'] / plain['wall']:.1f} | {gate['cpu'] / plain['cpu']:.1f} |",
        "",
        f"The resampled suites need {a_a:.1f} fresh processes a side without a change and "
        f"{hurt:.1f} with one.",
        "",
        "Half of a comparison is the base: it takes twice the time of the head alone in as many "
        "processes, which is the least that tells one side's own noise.",
        "",
        "Why it is not twice a plain run: each fresh process imports the libraries anew, and an "
        "exact test needs processes. Of 2n equally likely processes no order is rarer than 1 / "
        "C(2n, n): with n = 4 that is 1 / 70, with n = 7 it is 1 / 3432, and one false alarm in a "
        "hundred suites, over three looks and a few rows, leaves about 1 / 1000 to each. Processes "
        "that are forked from one start cost milliseconds but share its memory layout, which moves "
        "some rows by several percent: they can let a row go, and must not call one slower. The "
        "larger the suite, the smaller the part of the starts.",
        "",
    ]


def _by_noise(slowed: Slowed, noise: Floats) -> list[str]:
    lines = []
    for low, high in ((0.0, 0.01), (0.01, 0.02), (0.02, 0.03), (0.03, 0.05), (0.05, math.inf)):
        here = [pace for row, pace, _ in slowed if low <= noise[row] < high]
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


def _compare_fail(means: Floats, rng: np.random.Generator, suites: int) -> int:
    """Suites that a threshold of 5 % on the mean of one process against the next turns red."""
    starts = rng.integers(0, means.shape[1] - 1, suites)
    return sum(bool((means[:, s + 1] - means[:, s] > LIMIT).any()) for s in starts)


def _compare_fail_finds(means: Floats, rng: np.random.Generator, suites: int) -> int:
    starts = rng.integers(0, means.shape[1] - 1, suites)
    rows = np.arange(suites) % len(means)
    apart = means[rows, starts + 1] - means[rows, starts] + math.log(SLOWER)
    return int((apart > LIMIT).sum())


def _share(count: int, total: int) -> str:
    return f"{count} of {total} ({100 * count / max(total, 1):.1f} %)"


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.0f} to {max(values):.0f}"


KEYS = ("wall", "cpu")


def record(sessions: int, costs: int) -> None:
    """Add sessions and measured costs of this work tree to the data file, one at a time."""
    content = json.loads(DATA.read_text(encoding="utf-8"))
    for _ in range(sessions):
        content["sessions"].append(_session())
        write_whole(DATA, _as_text(content))
    for _ in range(costs):
        content["costs"].append(_costs())
        write_whole(DATA, _as_text(content))


def _session() -> dict[str, Any]:
    rows: dict[str, list[Any]] = {}

    def keep(row: str, logs: list[list[float]]) -> bool:
        name = row.removeprefix("claims/benchmarks/")
        rows.setdefault(name, []).append([[round(v, 4) for v in one] for one in logs])
        return False

    load, chosen = os.getloadavg()[0], [FOLDER, "-k", CHOSEN]
    timed_together([ROOT] * STARTS, chosen, Plan(CONFIRM.children, SCREEN.stages), keep)
    return {"load": [round(load, 1), round(os.getloadavg()[0], 1)], "rows": rows}


def _costs() -> dict[str, float]:
    words = [sys.executable, "-m", "pytest", FOLDER, "-k", CHOSEN, "--benchmark-only", "-q"]
    words += ["--benchmark-disable-gc", "-p", "no:randomly", "-p", "no:xdist", "-W", "default"]
    plain = _timed(lambda: subprocess.run(words, cwd=ROOT, check=True, capture_output=True))
    said: list[str] = []
    gate = _timed(lambda: rounds(ROOT, ROOT, CHOSEN, Margins(), BUDGET, said.append))
    fresh = sum(int(line.split()[0]) for line in said if "fresh" in line)
    return {
        **{f"plain {key}": value for key, value in plain.items()},
        **{f"gate {key}": value for key, value in gate.items()},
        "processes": fresh,
    }


def _timed(what: Callable[[], object]) -> dict[str, float]:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    what()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": round(wall, 1), "cpu": round(cpu, 1)}


def _as_text(content: Mapping[str, Any]) -> str:
    """A line a row of a session."""
    text = json.dumps(content, separators=(",", ":"))
    return text.replace('},{"load"', '},\n{"load"').replace(']]],"test', ']]],\n"test') + "\n"


def main() -> int:
    """Write the page, after adding to the data what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.gate_study")
    parser.add_argument("--suites", type=int, default=200)
    parser.add_argument("--output", type=Path, default=PAGE)
    parser.add_argument("--record", type=int, default=0, metavar="N", help="sessions to add first")
    parser.add_argument("--costs", type=int, default=0, metavar="N", help="comparisons to time")
    options = parser.parse_args()
    if options.record or options.costs:
        record(options.record, options.costs)
    write_whole(options.output, study(options.suites))
    print(options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
