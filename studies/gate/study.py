"""How often the timing gate cries wolf, what it finds and costs: `python -m studies.gate.study`.

Real processes were timed together, as `compare-timings` does it, without any change, and are
resampled (`studies.gate.resampling`). Writes docs/studies/gate.*.
"""

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from harness.statistics.comparison.slowdown import Margins, Pace
from harness.text import Text
from reports.tables import Table, write_tables
from reports.timing.rounds import BUDGET, CONFIRM_STARTS, SCREEN
from studies.gate.recording import CHILDREN, CHOSEN, STARTS, record
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
from studies.tables import DOCS, made, pages, write

BUDGETS = (8, 16, 24, 32)
SEED = 20


def study(suites: int) -> dict[str, Table]:
    """The tables, by key."""
    one = recording()
    rng = np.random.default_rng(SEED)
    same = [suite(one, rng) for _ in range(suites)]
    slowed = slowed_suites(one, rng, suites, BUDGET)
    red = [threshold_reds(means, rng, suites) for means in one.means.values()]
    found = [threshold_finds(means, rng, suites) for means in one.means.values()]
    return {
        "unchanged": _unchanged(one, same, red),
        "slower": _slower(one, slowed, found),
        "spread": made("gate-spread", _by_noise(slowed, noise_of(one)), _starts(one)),
        "cost": made("gate-cost", _curve(one, rng, suites)),
        "time": made("gate-time", _times(one), _forked(same, slowed)),
    }


def _unchanged(one: Recording, same: Sequence[Outcome], red: Sequence[int]) -> Table:
    """Red suites without a change, of this gate and of a threshold on one number."""
    margins, suites = Margins(), len(same)
    waiting = sum(pace is Pace.UNDECIDED for outcome in same for pace in outcome.paces.values())
    whole = [cost for cost in one.costs if cost["trees"] == "neutral"]
    values = {
        "machine": one.machine, "load": _range(one.loads), "sessions": len(one.sessions),
        "starts": STARTS, "children": CHILDREN, "benchmarks": len(one.names),
        "singles": next(iter(one.means.values())).shape[1], "budget": BUDGET,
        "tolerance": 100 * margins.tolerance, "slowdown": 100 * margins.slowdown,
        "false_alarms": 100 * margins.false_alarms, "misses": 100 * margins.misses,
        "screen": SCREEN.children, "confirm": CONFIRM_STARTS,
        "left": float(np.mean([outcome.family for outcome in same])), "open": waiting / suites,
        "whole": len(whole) or None,
        **{f"whole_{key}": sum(run[key] for run in whole) for key in ("red", "undecided", "rows")},
        **_choice(suites),
    }  # fmt: skip
    rows = [("this gate", sum(map(is_red, same)), suites)]
    rows += [(f"`{clock}`", count, suites) for clock, count in zip(one.means, red, strict=True)]
    return made("gate-unchanged", rows, values)


def _slower(one: Recording, slowed: Slowed, found: Sequence[int]) -> Table:
    """Slowed suites that each gate finds."""
    paces = [pace for _, pace, _ in slowed]
    rows = [
        ("this gate", paces.count(Pace.REGRESSION), len(paces)),
        ("this gate, or undecided", len(paces) - paces.count(Pace.OK), len(paces)),
        *((f"`{clock}`", count, len(paces)) for clock, count in zip(one.means, found, strict=True)),
    ]
    return made("gate-slower", rows, {"slower": 100 * (SLOWER - 1)})


def _choice(suites: int) -> dict[str, Any]:
    """Which sessions the design was chosen on, and what it comes to there."""
    one, rng = recording("choice"), np.random.default_rng(SEED)
    red = sum(is_red(suite(one, rng)) for _ in range(suites))
    slowed = slowed_suites(one, rng, suites, BUDGET)
    found = sum(pace is Pace.REGRESSION for _, pace, _ in slowed)
    return {
        "chosen": len(one.sessions), "chosen_load": _range(one.loads), "chosen_red": red,
        "chosen_found": found, "suites": suites,
    }  # fmt: skip


def _starts(one: Recording) -> dict[str, Any]:
    """How far starts differ beyond what their processes do: it is the same for base and head."""
    within = noise_of(one)
    means = [session[:, -1].mean(axis=2) for session in one.sessions]
    between = np.mean([m.var(axis=1, ddof=1) for m in means], axis=0) - within**2 / CHILDREN
    beyond = np.sqrt(np.maximum(between, 0.0))
    return {
        "within": 100 * np.median(within), "middle": 100 * np.median(beyond),
        "largest": 100 * np.max(beyond), "above": int((beyond > within).sum()),
        "rows": len(within),
    }  # fmt: skip


def _curve(one: Recording, rng: np.random.Generator, suites: int) -> Iterator[tuple[Any, ...]]:
    for budget in BUDGETS:
        slowed = slowed_suites(one, rng, suites, budget)
        found = sum(pace is Pace.REGRESSION for _, pace, _ in slowed)
        red = sum(is_red(suite(one, rng, budget=budget)) for _ in range(suites))
        yield budget, found, float(np.mean([spent for _, _, spent in slowed])), red, suites


def _times(one: Recording) -> Iterator[tuple[Any, ...]]:
    """What the command took beside a plain run, both measured in turn: medians of seconds."""
    for rows in dict.fromkeys(cost["rows"] for cost in one.costs):
        runs = [cost for cost in one.costs if cost["rows"] == rows]
        load = _range([load for run in runs for load in run["load"]])
        for key, clock in (("cpu", "processor"), ("wall", "wall")):
            there = [
                [run[f"{k} {key}"] for run in runs if f"{k} {key}" in run]
                for k in ("plain", "default", "gate")
            ]
            ratios = [
                [r[f"gate {key}"] / r[f"{k} {key}"] for r in runs if f"{k} {key}" in r]
                for k in ("plain", "default")
            ]
            medians = (float(np.median(seconds)) if seconds else None for seconds in there)
            yield rows, len(runs), load, clock, *medians, *map(_spread, ratios)


def _forked(same: Sequence[Outcome], slowed: Slowed) -> dict[str, float]:
    """Processes a side beyond the screen's, without a change and with one."""
    return {
        "unchanged": float(np.mean([outcome.processes for outcome in same])),
        "slowed": float(np.mean([processes for _, _, processes in slowed])),
    }


def _spread(ratios: Sequence[float]) -> str | None:
    if not ratios:
        return None
    return f"{np.median(ratios):.2f} ({min(ratios):.2f} – {max(ratios):.2f})"


def _by_noise(slowed: Slowed, noise: Floats) -> Iterator[tuple[Any, ...]]:
    for low, high in ((0.0, 0.01), (0.01, 0.02), (0.02, 0.03), (0.03, 0.05), (0.05, math.inf)):
        here = [pace for row, pace, _ in slowed if low <= noise[row] < high]
        if here:
            spread = f"{100 * low:g} – {100 * high:g}" if high < 1 else f"> {100 * low:g}"
            shown = Text(f"{spread} %", f"{spread}%")
            rows = int(((noise >= low) & (noise < high)).sum())
            counts = (here.count(pace) for pace in (Pace.REGRESSION, Pace.UNDECIDED, Pace.OK))
            yield shown, rows, *counts, len(here)


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.0f} – {max(values):.0f}"


def main() -> int:
    """Write tables and page, after adding to the data what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m studies.gate.study")
    parser.add_argument("--suites", type=int, default=200)
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
    write_tables(DOCS / "gate.json", study(options.suites))
    write(pages(["gate"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
