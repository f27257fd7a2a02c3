"""`python -m reports add`: a run becomes a point of the history."""

import argparse
import statistics
import sys
from pathlib import Path

from reports.benchmark_json import read_process, relative
from reports.history.store import add_run
from reports.options import add_file, add_processes, add_records
from reports.records import read_records, some_judged
from reports.statuses import ADD, GREEN, RED, told

HELP = "add a run to the history"
DEFAULT = Path("out/history.sqlite")
DESCRIPTION = f"""{HELP}, an SQLite file that `python -m reports html --history FILE` draws.
The same run is added once.

{told(ADD)}"""


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
    reading = some_judged(read_records(options.records), "nothing was added")
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
    return RED if reading.lost else GREEN
