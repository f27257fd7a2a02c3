"""How often the timing gate cries wolf, what it finds and costs: `python -m studies.gate.study`.

Real processes were timed together, as `compare-timings` does it, without any change, and are
resampled (`studies.gate.resampling`). Writes docs/studies/gate.md.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.statistics.comparison.slowdown import Margins, Pace
from reports.atomic import write_whole
from reports.timing.rounds import BUDGET, CONFIRM_STARTS, SCREEN
from studies.gate.recording import CHILDREN, CHOSEN, ROOT, STARTS, record
from studies.gate.resampling import (
    SLOWER,
    Floats,
    Outcome,
    Recording,
    Slowed,
    is_red,
    noise_of,
    recording,
    slowed_suites,
    suite,
    threshold_finds,
    threshold_reds,
)

PAGE = ROOT / "docs" / "studies" / "gate.md"
BUDGETS = (8, 16, 24, 32)
SEED = 20


def study(suites: int) -> str:
    """The page."""
    one, margins = recording(), Margins()
    rng = np.random.default_rng(SEED)
    same = [suite(one, rng) for _ in range(suites)]
    slowed = slowed_suites(one, rng, suites, BUDGET)
    found = sum(pace is Pace.REGRESSION for _, pace, _ in slowed)
    noise = noise_of(one)
    open_rows = sum(pace is Pace.UNDECIDED for outcome in same for pace in outcome.paces.values())
    lines = [
        "# What the timing gate finds, how often it cries wolf, and what it costs",
        "",
        "Written by `python -m studies.gate.study`.",
        "",
        f"Recorded on {one.machine}, shared with other work (load {_range(one.loads)}): "
        f"{len(one.sessions)} sessions of {STARTS} starts with {CHILDREN} processes each, of "
        f"{len(one.names)} benchmarks, all processes of a session in lockstep, without a change in "
        "between. No suite was run twice for this page: suites are resampled. One draws a session "
        "for the screen and one for each look, and within each start deals the processes to base "
        "and head, all rows of a process together. "
        f"The thresholds beside it are judged on {next(iter(one.means.values())).shape[1]} single "
        "processes of the same machine at a load of 4 to 10.",
        f"Margins: tolerance {100 * margins.tolerance:g} %, slowdown {100 * margins.slowdown:g} %, "
        f"false alarms {100 * margins.false_alarms:g} % a suite, misses {100 * margins.misses:g} % "
        f"a row; {SCREEN.children} processes a side of one start screen all rows, {BUDGET} a side "
        f"at most, of {CONFIRM_STARTS} other starts, confirm what is left, in three looks.",
        "",
        *_choice(suites),
        f"## Without a change ({suites} suites)",
        "",
        "| Gate | Red suites |",
        "|---|---|",
        f"| this gate | {_share(sum(is_red(outcome) for outcome in same), suites)} |",
        *[
            f"| `--benchmark-compare-fail=mean:5%`, one process against the next, `{clock}` | "
            f"{_share(threshold_reds(means, rng, suites), suites)} |"
            for clock, means in one.means.items()
        ],
        "",
        f"The screen leaves {np.mean([o.family for o in same]):.1f} of {len(one.names)} rows; "
        f"{open_rows / suites:.2f} rows a suite stay undecided: they are named, and the exit "
        "status says so.",
        "",
        *_real(one),
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
            f"{_share(threshold_finds(means, rng, suites), suites)} |"
            for clock, means in one.means.items()
        ],
        "",
        "The spread is that of a process's shortest rounds around the others of its start.",
        "",
        "| Spread of the row's processes | Rows | Found | Undecided | Passed as ok |",
        "|---|---|---|---|---|",
        *_by_noise(slowed, noise),
        "",
        "## What a start adds",
        "",
        *_starts(one),
        "",
        "## Power against cost",
        "",
        "`--rounds` says how many processes a side may be forked for what the screen leaves.",
        "",
        "| `--rounds` | Found | Processes a side, mean | Red without a change |",
        "|---|---|---|---|",
        *_curve(one, rng, suites),
        "",
        *_time(one, same, slowed),
    ]
    return "\n".join(lines)


def _choice(suites: int) -> list[str]:
    """Which sessions the design was chosen on, and what it comes to there."""
    one, rng = recording("choice"), np.random.default_rng(SEED)
    red = sum(is_red(suite(one, rng)) for _ in range(suites))
    slowed = slowed_suites(one, rng, suites, BUDGET)
    found = sum(pace is Pace.REGRESSION for _, pace, _ in slowed)
    return [
        "The numbers of starts, processes, stages and looks, and the shares of the error rates, "
        f"were chosen on {len(one.sessions)} other sessions (load {_range(one.loads)}), which have "
        f"no part in the tables below; there {_share(red, suites)} suites are red without a change "
        f"and {_share(found, suites)} slowdowns are found.",
        "",
    ]


def _starts(one: Recording) -> list[str]:
    """How far starts differ beyond what their processes do: it is the same for base and head."""
    within = noise_of(one)
    means = [session[:, -1].mean(axis=2) for session in one.sessions]
    between = np.mean([m.var(axis=1, ddof=1) for m in means], axis=0) - within**2 / CHILDREN
    beyond = np.sqrt(np.maximum(between, 0.0))
    middle, largest = (100 * f(beyond) for f in (np.median, np.max))
    above = int((beyond > within).sum())
    return [
        "Where libraries lie in memory is a start's; what a process allocates is its own, since "
        "each moves its heap, pages and stack by random amounts before it loads a work tree. "
        f"Processes of one start spread by {100 * np.median(within):.1f} % in the middle row; "
        f"starts differ by {middle:.1f} % beyond that in the middle row and {largest:.1f} % in the "
        f"worst, and by more than their processes do in {above} of {len(within)} rows. Base and "
        "head have their starts in common, so that this difference is in neither's favour. Were "
        "they forked from starts of their own, it would count as a change; then a start, not a "
        "process, would be the unit of the test.",
    ]


def _curve(one: Recording, rng: np.random.Generator, suites: int) -> list[str]:
    lines = []
    for budget in BUDGETS:
        slowed = slowed_suites(one, rng, suites, budget)
        found = sum(pace is Pace.REGRESSION for _, pace, _ in slowed)
        red = sum(is_red(suite(one, rng, budget=budget)) for _ in range(suites))
        spent = float(np.mean([processes for _, _, processes in slowed]))
        lines.append(f"| {budget} | {_share(found, suites)} | {spent:.1f} | {red} of {suites} |")
    return lines


def _real(one: Recording) -> list[str]:
    """The comparisons that were run as a whole, between work trees that differ in no work."""
    runs = [cost for cost in one.costs if cost["trees"] == "neutral"]
    if not runs:
        return []
    red, undecided, rows = (sum(run[key] for run in runs) for key in ("red", "undecided", "rows"))
    return [
        f"Beside the resampled suites, {len(runs)} comparisons were run as a whole, between two "
        "copies of the work tree in folders of other lengths, each module of the head's "
        "`harness` with 8 more functions that nobody calls: code that lies elsewhere and does "
        f"the same. Of {rows} rows {red} were called slower and {undecided} left undecided.",
        "",
    ]


def _time(one: Recording, same: Sequence[Outcome], slowed: Slowed) -> list[str]:
    """What the command took beside a plain run, both measured in turn."""
    lines = [
        "## Time",
        "",
        "The plain run is the head timed by itself, once; it says nothing about noise. "
        "`tox -e bench` gives each row 0.3 s of rounds, pytest-benchmark's own defaults give it "
        "1 s (`CLAIMS_BENCHMARK_SECONDS=1`); rounds are counted by the processor's clock, so that "
        "other work does not shorten the run. Comparisons were run in turn with them; medians of "
        "seconds, and of the ratios to the plain run beside them. Processes in lockstep wait for "
        "whoever is slowest: on the wall other work delays them more than a run by itself.",
        "",
        "| Rows | Runs | Load | Clock | Plain | Plain, 1 s | `compare-timings` | Ratio | To 1 s |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for rows in dict.fromkeys(cost["rows"] for cost in one.costs):
        runs = [cost for cost in one.costs if cost["rows"] == rows]
        load = _range([load for run in runs for load in run["load"]])
        for key, clock in (("cpu", "processor"), ("wall", "wall")):
            plain, usual, gate = (_median(runs, f"{k} {key}") for k in ("plain", "default", "gate"))
            ratios = [
                _times([r[f"gate {key}"] / r[f"{k} {key}"] for r in runs if f"{k} {key}" in r])
                for k in ("plain", "default")
            ]
            cells = [str(rows), str(len(runs)), load, clock, plain, usual, gate, *ratios]
            lines.append(f"| {' | '.join(cells)} |")
    largest = max((cost["rows"] for cost in one.costs), default=0)
    if largest > len(one.names):
        lines += [
            "",
            f"The {largest} rows are all that run on the CPU, those of tens of megabytes and of "
            "hundreds of milliseconds a call included: a process of these costs nearly as much as "
            "a plain run's row, some of them differ by a third from process to process, and what "
            "stays undecided goes through all looks. There the comparison costs more than twice "
            "the shorter plain run; `--only` leaves them out.",
        ]
    a_a = float(np.mean([outcome.processes for outcome in same]))
    hurt = float(np.mean([processes for _, _, processes in slowed]))
    lines += [
        "",
        f"The resampled suites fork {a_a:.1f} processes a side without a change and {hurt:.1f} "
        "with one, beyond the screen's.",
        "",
        "What makes it cheap: a start loads the libraries once, for both sides, and what is forked "
        "from it loads the work tree alone. What makes it exact all the same: within a start the "
        "labels are dealt at random to processes that draw their own memory layout, so that "
        "without a change every dealing is equally likely; the test permutes within starts.",
        "",
    ]
    return lines


def _median(runs: Sequence[Mapping[str, Any]], key: str) -> str:
    there = [run[key] for run in runs if key in run]
    return f"{np.median(there):.0f}" if there else "–"


def _times(ratios: Sequence[float]) -> str:
    if not ratios:
        return "–"
    return f"{np.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


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


def _share(count: int, total: int) -> str:
    return f"{count} of {total} ({100 * count / max(total, 1):.1f} %)"


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.0f} to {max(values):.0f}"


def main() -> int:
    """Write the page, after adding to the data what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m studies.gate.study")
    parser.add_argument("--suites", type=int, default=200)
    parser.add_argument("--output", type=Path, default=PAGE)
    parser.add_argument("--record", type=int, default=0, metavar="N", help="sessions to add first")
    parser.add_argument("--use", choices=("choice", "verdict"), default="verdict")
    parser.add_argument("--costs", type=int, default=0, metavar="N", help="comparisons to time")
    parser.add_argument(
        "--rows", default=CHOSEN, metavar="WORDS", help="for --costs, as pytest's -k"
    )
    parser.add_argument("--defaults", action="store_true", help="and plain runs of 1 s a row")
    options = parser.parse_args()
    if options.record or options.costs:
        record(options)
    write_whole(options.output, study(options.suites))
    print(options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
