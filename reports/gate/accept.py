"""`python -m reports accept`: what a run found becomes the baseline that later runs are held to."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from harness.records.record import Record
from reports.benchmark_json import read_process, relative
from reports.gate import coverage
from reports.gate.baseline import (
    DEFAULT,
    EMPTY,
    Accepted,
    Baseline,
    Statistic,
    only_writer,
    read_baseline,
    shortened,
    write_baseline,
)
from reports.keys import key_of, meaning_of
from reports.options import add_file, add_processes, add_records
from reports.records import read_records, some_judged
from reports.statuses import ACCEPT, GREEN, RED, told

HELP = "write the baseline that the gate compares with"
DESCRIPTION = f"""{HELP}.
Verdicts, statistics and timings of other devices, profiles and machines stay as they are, and so
do those of claims whose verdict is not the expected one. Of its own kind a run replaces everything:
one that lacks claims, statistics or benchmarks of the baseline is refused, unless --partial keeps
them as they are or --drop takes them out.
Run the claims with a salt of the baseline's own (--claims-salt=baseline), so that later runs are
independent of it.

{told(ACCEPT)}"""

VALUES = 64  # of a statistic that the baseline keeps
DIGITS = 4
SHARE_OF_MEDIAN = 0.01  # the margin is the larger of these two; edit it in the file where it
SHARE_OF_SPREAD = 0.25  # should be another one
NORMAL_IQR = 1.349  # interquartile range of a normal law with standard deviation 1

Entry = TypeVar("Entry")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    add_records(parser)
    add_file(parser, "--baseline --output", "the file to write or bring up to date", DEFAULT)
    parser.add_argument(
        "--partial",
        action="store_true",
        help="the run covers a part: what it lacks stays in the baseline as it was",
    )
    parser.add_argument(
        "--drop",
        nargs="+",
        default=[],
        metavar="NAME",
        help="claims (by id) and benchmarks that are no more: take them out of the baseline",
    )
    add_processes(parser, "eight or more of them, yardsticks included")
    parser.add_argument("--reason", default="", help="a sentence to keep in the file")


def run(options: argparse.Namespace) -> int:
    """Write the baseline and say what is another than before. Raises RecordsError and OSError."""
    reading = some_judged(read_records(options.records), "nothing was accepted")
    timings = relative([read_process(file) for file in options.benchmarks])
    with only_writer(options.baseline):
        before = read_baseline(options.baseline) if options.baseline.exists() else EMPTY
        kept = coverage.without(before, options.drop)
        after = accepted(kept, reading.records, _rounded(timings), options.reason)
        if not options.partial:
            coverage.check(kept, reading.records, timings)
        write_baseline(options.baseline, after)
    for notice in reading.notices:
        print(notice.en, file=sys.stderr)
    for line in _changes(before, after):
        print(line)
    refused = [record for record in reading.records if not record.as_expected]
    for record in refused:
        expected = f"{record.verdict}, expected {record.expected}"
        print(f"not accepted: {key_of(record)} is {expected}; next: {record.rerun}")
    print(options.baseline)
    return RED if refused else GREEN


def accepted(
    before: Baseline,
    records: Sequence[Record],
    timings: Mapping[str, Mapping[str, tuple[float, ...]]],
    reason: str,
) -> Baseline:
    """The baseline with what is as expected and the timings put in; what else it holds stays."""
    good = [record for record in records if record.as_expected and record.verdict.judged]
    verdicts = {key_of(record): _accepted(record) for record in good}
    statistics = {key_of(record): found for record in good if (found := _statistics(record))}
    return Baseline(
        verdicts={**before.verdicts, **verdicts},
        statistics=_merged(before.statistics, statistics),
        timings=_merged(before.timings, timings),
        accepted=reason,
    )


def _merged(
    before: Mapping[str, Mapping[str, Entry]], after: Mapping[str, Mapping[str, Entry]]
) -> dict[str, Mapping[str, Entry]]:
    return {**before, **{key: {**before.get(key, {}), **rows} for key, rows in after.items()}}


def margin_of(values: Sequence[float]) -> float:
    """A hundredth of the median or a quarter of a deviation, whichever is larger."""
    low, middle, high = np.quantile(np.asarray(values, dtype=np.float64), [0.25, 0.5, 0.75])
    spread = (high - low) / NORMAL_IQR
    margin = max(SHARE_OF_MEDIAN * abs(middle), SHARE_OF_SPREAD * spread)
    return float(f"{margin:.2g}") or 1e-9  # all values are zero: whatever is not, has drifted


def _accepted(record: Record) -> Accepted:
    meaning = meaning_of(record.sentence.en, record.relation.en, record.formula)
    return Accepted(record.verdict, record.expected, meaning)


def _statistics(record: Record) -> dict[str, Statistic]:
    found = {}
    for name, values in record.statistics.items():
        finite = [value for value in values if value is not None]
        if finite and record.block:
            found[name] = Statistic(
                margin=margin_of(finite),
                setting=record.settings[0].setting if record.settings else {},
                salt=record.salt,
                block=record.block,
                values=tuple(shortened(value) for value in values[:VALUES]),
            )
    return found


def _rounded(
    timings: Mapping[str, Mapping[str, list[float]]],
) -> dict[str, dict[str, tuple[float, ...]]]:
    return {
        machine: {name: tuple(round(v, DIGITS) for v in logs) for name, logs in rows.items()}
        for machine, rows in timings.items()
    }


def _changes(before: Baseline, after: Baseline) -> list[str]:
    old, new = before.verdicts, after.verdicts
    lines = [
        f"{key}: {old[key].verdict} -> {new[key].verdict}"
        for key in sorted(new)
        if key in old and old[key].verdict != new[key].verdict
    ]
    lines += [f"{key}: gone, was {old[key].verdict}" for key in sorted(old) if key not in new]
    fresh = sum(key not in old for key in new)
    return [*lines, f"{fresh} new verdicts, {len(new)} in all"]
