"""`python -m reports html`: the page and the summary from a file of records."""

import argparse
import dataclasses
import sys
from pathlib import Path

from harness.text import Text
from reports.atomic import write_whole
from reports.history.store import read_past
from reports.history.view import history_of
from reports.html.appendix_tables import DEFAULTS, read_appendix
from reports.html.benchmarks import read_benchmarks
from reports.html.changes import changes
from reports.html.render import Names, Pages
from reports.options import add_file, add_records
from reports.records import read_records, some_judged
from reports.statuses import GREEN, HTML, RED, told
from reports.summary import render_summary

HELP = "write the HTML report, and summary.md beside it"
DESCRIPTION = f"""{HELP}.

{told(HTML)}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    add_records(parser)
    add_file(parser, "--output", "the page to write", Path("out/report.html"))
    for name, what in (
        ("--baseline", "records of an earlier run: the page says which verdicts changed"),
        (
            "--benchmarks",
            "pytest-benchmark's JSON (default: benchmark.json beside the records, if it is there)",
        ),
        (
            "--history",
            "the SQLite file that `python -m reports add` fills: the page draws it over the runs",
        ),
    ):
        add_file(parser, name, what)
    parser.add_argument(
        "--tables",
        type=Path,
        nargs="*",
        metavar="FILE",
        help="tables to show after the chapter: power, calibration, peers, compare-timings "
        f"(default: those that are there of {', '.join(DEFAULTS)})",
    )


def run(options: argparse.Namespace) -> int:
    """Write both files and print the page's path last. Raises RecordsError and OSError."""
    reading = read_records(options.records)
    since = None
    if options.baseline is not None:
        since = changes(read_records(options.baseline).records, reading.records)
    timings = read_benchmarks(options.benchmarks or options.records.with_name("benchmark.json"))
    if isinstance(timings, Text):
        reading = dataclasses.replace(reading, notices=(*reading.notices, timings))
        timings = None
    named = options.tables
    if named is None:
        named = [path for path in map(Path, DEFAULTS) if path.is_file()]
    tables, unread = read_appendix(named)
    reading = dataclasses.replace(reading, notices=(*reading.notices, *unread))
    history = history_of(read_past(options.history)) if options.history else None
    names = Names.beside(options.output)
    pages = Pages(reading, since, names)
    for name, text in (
        (names.complete, pages.complete()),
        (names.statistics, pages.statistics(timings, history, tables)),
        (names.page, pages.page()),
    ):
        write_whole(options.output.with_name(name), text)
    write_whole(options.output.with_name("summary.md"), render_summary(reading))
    for notice in reading.notices:
        print(notice.en, file=sys.stderr)
    print(options.output)
    some_judged(reading, "the page says so")
    return RED if reading.lost else GREEN
