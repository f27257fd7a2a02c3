"""Suites of the timing gate resampled from real processes: what each would have said.

A suite draws its processes from a recorded session and deals them to base and head within each
start; what was measured together stays together.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.comparison.confirmation import Row, Strata, let_go, look_sizes, paces
from harness.statistics.comparison.slowdown import Margins, Pace
from reports.timing.rounds import BUDGET, CONFIRM_STARTS, SCREEN
from studies.gate.recording import CHILDREN, DATA, STARTS

SLOWER = 1.10
LIMIT = math.log(1.05)  # --benchmark-compare-fail=mean:5%

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Recording:
    """Sessions of ln(seconds), (rows, stages, starts, processes), and single runs' means."""

    machine: str
    names: list[str]
    sessions: list[Floats]
    loads: list[float]
    means: Mapping[str, Floats]
    costs: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """A suite's verdicts, the rows left to confirm, and the processes a side that this took."""

    paces: Mapping[str, Pace]
    family: int
    processes: int


def recording(use: str = "verdict") -> Recording:
    """What `--record` wrote, of the sessions that were kept for this use."""
    content = json.loads(DATA.read_text(encoding="utf-8"))
    sessions = [one for one in content["sessions"] if one["use"] == use]
    names = list(content["sessions"][0]["rows"])
    return Recording(
        content["machine"],
        names,
        [np.array([one["rows"][name] for name in names]) for one in sessions],
        [load for one in sessions for load in one["load"]],
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
    screen = _dealt(one, rng, len(SCREEN.starts), SCREEN.children)
    rows = {}
    for i, name in enumerate(one.names):
        for stage in range(len(SCREEN.stages)):
            rows[name] = Row(_strata(screen, i, stage, shift[i]))
            if let_go(rows[name], margins):
                break
    waiting = _waiting(rows)
    family, processes = len(waiting), 0
    for size in look_sizes(family, margins, budget, CONFIRM_STARTS):
        if not waiting:
            break
        size = min(size, CHILDREN // 2)
        processes += CONFIRM_STARTS * size
        look = _dealt(one, rng, CONFIRM_STARTS, size)
        for name in waiting:
            i = one.names.index(name)
            strata = _strata(look, i, -1, shift[i])
            rows[name] = Row(rows[name].screen, (*rows[name].looks, strata))
        waiting = _waiting(rows)
    return Outcome(paces(rows, margins), family, processes)


Dealt = tuple[Floats, list[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.int64]]]]


def _dealt(one: Recording, rng: np.random.Generator, starts: int, size: int) -> Dealt:
    """A session, and of some of its starts the processes of base and of head."""
    session = one.sessions[rng.integers(len(one.sessions))]
    order = [(int(s), rng.permutation(CHILDREN)) for s in rng.permutation(STARTS)[:starts]]
    return session, [(start, dealt[:size], dealt[size : 2 * size]) for start, dealt in order]


def _strata(dealt: Dealt, row: int, stage: int, shift: float) -> Strata:
    session, starts = dealt
    values = session[row, stage]
    return tuple((values[start, base], values[start, head] + shift) for start, base, head in starts)


def _waiting(rows: Mapping[str, Row]) -> list[str]:
    return [name for name, pace in paces(rows, Margins()).items() if pace is Pace.UNDECIDED]


Slowed = list[tuple[int, Pace, int]]


def slowed_suites(one: Recording, rng: np.random.Generator, suites: int, budget: int) -> Slowed:
    """The slow row of each suite, its verdict, and the processes a side."""
    found = []
    for turn in range(suites):
        row = turn % len(one.names)
        outcome = suite(one, rng, row, budget)
        found.append((row, outcome.paces[one.names[row]], outcome.processes))
    return found


def is_red(outcome: Outcome) -> bool:
    return Pace.REGRESSION in outcome.paces.values()


def noise_of(one: Recording) -> Floats:
    """Standard deviation of a row's processes around their start, as ln(seconds)."""
    apart = np.concatenate(
        [s[:, -1] - s[:, -1].mean(axis=2, keepdims=True) for s in one.sessions], axis=1
    )
    spread: Floats = np.sqrt((apart**2).mean(axis=(1, 2)) * CHILDREN / (CHILDREN - 1))
    return spread


def threshold_reds(means: Floats, rng: np.random.Generator, suites: int) -> int:
    """Suites that a threshold of 5 % on the mean of one process against the next turns red."""
    starts = rng.integers(0, means.shape[1] - 1, suites)
    return sum(bool((means[:, s + 1] - means[:, s] > LIMIT).any()) for s in starts)


def threshold_finds(means: Floats, rng: np.random.Generator, suites: int) -> int:
    starts = rng.integers(0, means.shape[1] - 1, suites)
    rows = np.arange(suites) % len(means)
    apart = means[rows, starts + 1] - means[rows, starts] + math.log(SLOWER)
    return int((apart > LIMIT).sum())
