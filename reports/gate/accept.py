"""`python -m reports accept`: what a run found becomes the baseline that later runs are held to."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from reports.benchmark_json import read_process, relative
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
from reports.keys import group_of, key_of, meaning_of, split_key
from reports.options import add_file, add_processes, add_records
from reports.records import read_records
from reports.words import NOT_TESTABLE

HELP = "write the baseline that the gate compares with"
DESCRIPTION = f"""{HELP}.
Verdicts, statistics and timings of other devices, profiles and machines stay as they are.
Run the claims with a salt of the baseline's own (--claims-salt=baseline), so that later runs are
independent of it.

exit status:
  0  written
  1  written without the verdicts that are not as expected: those are never accepted
  2  not written, with one sentence that says why"""

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
        help="the run examined a part of the claims: keep what the others came to",
    )
    add_processes(parser, "eight or more of them, yardsticks included")
    parser.add_argument("--reason", default="", help="a sentence to keep in the file")


def run(options: argparse.Namespace) -> int:
    """Write the baseline and say what is another than before. Raises RecordsError and OSError."""
    records = read_records(options.records).records
    timings = relative([read_process(file) for file in options.benchmarks])
    good = [record for record in records if _is_acceptable(record)]
    with only_writer(options.baseline):
        before = read_baseline(options.baseline) if options.baseline.exists() else EMPTY
        after = accepted(before, good, whole=not options.partial)
        after = dataclasses.replace(
            after, timings={**after.timings, **_rounded(timings)}, accepted=options.reason
        )
        write_baseline(options.baseline, after)
    for line in _changes(before, after):
        print(line)
    refused = [record for record in records if not record["as_expected"]]
    for record in refused:
        expected = f"{record['verdict']}, expected {record['expected']}"
        print(f"not accepted: {key_of(record)} is {expected}; next: {record.get('rerun')}")
    print(options.baseline)
    return 1 if refused else 0


def accepted(before: Baseline, records: Sequence[Mapping[str, Any]], whole: bool) -> Baseline:
    """The baseline with the records in it, in place of all that was there of the same groups."""
    here = {key_of(record) for record in records}
    groups = {group_of(record) for record in records} if whole else set()

    def kept(entries: Mapping[str, Entry]) -> dict[str, Entry]:
        return {
            key: entry
            for key, entry in entries.items()
            if key not in here and split_key(key)[1] not in groups
        }

    verdicts = {key_of(r): Accepted(r["verdict"], r["expected"], meaning_of(r)) for r in records}
    statistics = {key_of(r): found for r in records if (found := _statistics(r))}
    return dataclasses.replace(
        before,
        verdicts={**kept(before.verdicts), **verdicts},
        statistics={**kept(before.statistics), **statistics},
    )


def margin_of(values: Sequence[float]) -> float:
    """A hundredth of the median or a quarter of a deviation, whichever is larger."""
    low, middle, high = np.quantile(np.asarray(values, dtype=np.float64), [0.25, 0.5, 0.75])
    spread = (high - low) / NORMAL_IQR
    margin = max(SHARE_OF_MEDIAN * abs(middle), SHARE_OF_SPREAD * spread)
    return float(f"{margin:.2g}") or 1e-9  # all values are zero: whatever is not, has drifted


def _is_acceptable(record: Mapping[str, Any]) -> bool:
    return bool(record["as_expected"]) and record["verdict"] != NOT_TESTABLE


def _statistics(record: Mapping[str, Any]) -> dict[str, Statistic]:
    settings = record.get("settings") or ()
    found = {}
    for name, values in (record.get("statistics") or {}).items():
        finite = [value for value in values if value is not None]
        if finite and record.get("block"):
            found[name] = Statistic(
                margin=margin_of(finite),
                setting=settings[0]["setting"] if settings else {},
                salt=record.get("salt") or "",
                block=record["block"],
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
