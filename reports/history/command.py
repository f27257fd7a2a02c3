"""`python -m reports add`: a run becomes a point of the history."""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from reports.benchmark_json import read_process, relative
from reports.history.store import add_run
from reports.options import add_file, add_processes, add_records
from reports.records import read_records

HELP = "add a run to the history"
DEFAULT = Path("out/history.sqlite")
DESCRIPTION = f"""{HELP}, an SQLite file that `python -m reports html --history FILE` draws.
The same run is added once.

exit status:
  0  added, or there already
  1  added, but lines of the records could not be read and are left out
  2  not added, with one sentence that says why"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    add_records(parser)
    add_file(parser, "--history --output", "the history", DEFAULT)
    add_processes(parser, "yardsticks included")
    parser.add_argument(
        "--label", default="", metavar="TEXT", help="what people call the run, such as a commit"
    )


def run(options: argparse.Namespace) -> int:
    """Add the run and print the file. Raises RecordsError."""
    reading = read_records(options.records)
    processes = [read_process(file) for file in options.benchmarks]
    timings = {
        machine: {name: statistics.median(logs) for name, logs in rows.items()}
        for machine, rows in relative(processes).items()
    }
    if not add_run(options.history, reading.records, timings, options.label):
        print("this run is in the history already", file=sys.stderr)
    for notice in reading.notices:
        print(notice.en, file=sys.stderr)
    print(options.history)
    return 1 if reading.lost else 0
