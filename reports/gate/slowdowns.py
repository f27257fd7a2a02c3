"""The gate's third part: is a benchmark slower than the base, side by side or by yardsticks?"""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.statistics.comparison.confirmation import compared, paces
from harness.statistics.comparison.slowdown import Comparison, Margins, Pace, compare, verdicts
from reports.benchmark_json import Process, relative
from reports.gate.baseline import Baseline
from reports.gate.finding import Finding, Level
from reports.numbers import number
from reports.timings_file import Timed

FEWEST = 2  # processes a side; of one alone nothing is known
LISTED = "choose benchmarks of `python -m pytest benchmarks --collect-only -q`"


def judge_pair(timed: Timed, margins: Margins, again: str) -> list[Finding]:
    """The verdicts on rows that both sides timed, and the rows that only one side has."""
    rows = {name: compared(row, margins) for name, row in timed.rows.items()}
    told = _told(rows, paces(timed.rows, margins), margins, again)
    if not rows:
        said = "no benchmark was compared: none that was chosen is in both base and head"
        told.append(Finding(Level.NOTHING, "timings", said, f"{LISTED} with --only"))
    if timed.only_head:
        said = f"{len(timed.only_head)} benchmarks have no baseline"
        told.append(Finding(Level.NEW, "timings", said))
    told += [
        Finding(
            Level.RED,
            name,
            "the benchmark has vanished: the base times it and the head does not",
            f"{again}; if it is meant, leave it out with --only",
        )
        for name in timed.only_base
    ]
    return told


def judge_relative(
    processes: Sequence[Process], baseline: Baseline, margins: Margins, files: Sequence[Path]
) -> list[Finding]:
    """The verdicts on rows relative to the yardsticks of their own process."""
    told: list[Finding] = []
    rows: dict[str, Comparison] = {}
    fresh: dict[str, int] = {}
    for machine, found in relative(processes).items():
        before = baseline.timings.get(machine, {})
        for name, logs in found.items():
            if len(before.get(name, ())) < FEWEST:
                fresh[machine] = fresh.get(machine, 0) + 1
            elif len(logs) >= FEWEST:
                rows[name] = compare(before[name], logs, margins)
    told += _told(rows, verdicts(rows, margins), margins, _more_processes(files))
    told += [
        Finding(Level.NEW, "timings", f"{count} benchmarks have no baseline on {machine}")
        for machine, count in fresh.items()
    ]
    if len(processes) < FEWEST:
        said = "one process says nothing about noise, so that no timing was compared"
        told.append(Finding(Level.NOTHING, "timings", said, _more_processes(files)))
    elif not (rows or fresh):
        said = "the files of --benchmarks hold no benchmark but the yardsticks"
        told.append(Finding(Level.NOTHING, "timings", said, LISTED))
    return told


def _more_processes(files: Sequence[Path]) -> str:
    names = " ".join(str(file) for file in files)
    return f"time more processes and name them all: --benchmarks {names} ..."


def _told(
    rows: Mapping[str, Comparison], found: Mapping[str, Pace], margins: Margins, again: str
) -> list[Finding]:
    if not rows:
        return []
    told = [
        Finding(
            Level.RED if pace is Pace.REGRESSION else Level.UNDECIDED,
            name,
            f"{'is slower' if pace is Pace.REGRESSION else 'is UNDECIDED'}: {shown(rows[name])}",
            again,
        )
        for name, pace in found.items()
        if pace is not Pace.OK
    ]
    fine = sum(pace is Pace.OK for pace in found.values())
    if fine:
        floor = statistics.median(row.floor for row in rows.values())
        said = (
            f"{fine} of {len(rows)} benchmarks are not slower by {_percent(margins.slowdown)}; "
            f"the base differs from itself by {_percent(floor)} in the middle row (A/A floor)"
        )
        told.append(Finding(Level.OK, "timings", said))
    return told


def shown(row: Comparison) -> str:
    """The ratio with its interval, the floor and the sample."""
    low, high = (number(end, 3) for end in row.interval)
    base, head = row.processes
    return (
        f"{number(row.ratio, 3)} times the base, 95 % interval [{low}, {high}], A/A floor "
        f"{_percent(row.floor)}, {head} processes against {base}"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
