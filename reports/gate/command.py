"""`python -m reports gate`: verdicts, behaviour and timings against the baseline."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.records.record import Record
from harness.text import counted
from reports.benchmark_json import read_process
from reports.gate import drift, worse_verdicts
from reports.gate.baseline import DEFAULT, EMPTY, Baseline, BaselineError, read_baseline
from reports.gate.compare_timings import add_margins, margins_of
from reports.gate.finding import Finding, Level, status_of
from reports.gate.slowdowns import judge_pair, judge_relative
from reports.gate.tell import tell
from reports.keys import split_key
from reports.options import add_file, add_processes, add_records
from reports.records import Reading, read_records
from reports.statuses import GATE
from reports.statuses import told as statuses
from reports.timings_file import read_timings

HELP = "say whether a run is worse than expected or than the baseline; the exit status tells"
DESCRIPTION = f"""{HELP}.

{statuses(GATE)}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    add_records(parser)
    accepted = f"what was accepted (default: {DEFAULT}; without that file everything is new)"
    add_file(parser, "--baseline", accepted)
    parser.add_argument(
        "--partial",
        action="store_true",
        help="the run examined a part of the claims: what is missing has not vanished",
    )
    add_file(parser, "--timings", "what `python -m reports compare-timings` wrote")
    add_processes(parser, "judged relative to its yardsticks")
    add_margins(parser)
    output = "the findings as Markdown (default: gate.md beside the records)"
    add_file(parser, "--output", output)


def run(options: argparse.Namespace) -> int:
    """Judge, tell, and return the exit status. Raises RecordsError and OSError."""
    margins = margins_of(options)
    reading, baseline = read_records(options.records), baseline_of(options.baseline)
    told = judge(reading, baseline, not options.partial, named=options.baseline is not None)
    if options.timings:
        again = "python -m reports compare-timings BASE HEAD --rounds 48"
        told += judge_pair(read_timings(options.timings), margins, again)
    if options.benchmarks:
        processes = [read_process(file) for file in options.benchmarks]
        told += judge_relative(processes, baseline, margins, options.benchmarks)
    for notice in reading.notices[:1]:  # what was lost is a finding too
        print(notice.en, file=sys.stderr)
    tell(told, options.output or options.records.with_name("gate.md"))
    return status_of(told)


def judge(reading: Reading, baseline: Baseline, whole: bool, named: bool) -> list[Finding]:
    """The findings about verdicts and behaviour. Raises BaselineError for a foreign baseline.

    A baseline that was `named` has to hold something of the run's kind.
    """
    records = reading.records
    _check_kinship(records, baseline)
    found = worse_verdicts.judge(records, baseline, whole) + drift.judge(records, baseline)
    found += worse_verdicts.nothing_judged(records)
    if named:
        found += worse_verdicts.nothing_compared(records, baseline)
    if reading.lost:
        lines = counted(reading.lost, "line")
        said = f"{lines} of the records cannot be read, so that verdicts may be missing"
        found.append(Finding(Level.RED, "records", said, worse_verdicts.RUN_ALL))
    return found


def baseline_of(named: Path | None) -> Baseline:
    """The baseline; an empty one where none was named and none is there."""
    if named is None and not DEFAULT.exists():
        print(
            f"there is no {DEFAULT}, so everything is new; "
            "write it with `python -m reports accept` and commit it"
        )
        return EMPTY
    return read_baseline(named or DEFAULT)


def _check_kinship(records: Sequence[Record], baseline: Baseline) -> None:
    claims = {split_key(key)[0] for key in baseline.verdicts}
    if claims and not claims & {record.claim for record in records}:
        raise BaselineError(
            f"the baseline is of another suite: none of its {len(claims)} claims is in the "
            "records; name this suite's with --baseline, or write it with "
            "`python -m reports accept`"
        )
