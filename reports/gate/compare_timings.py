"""`python -m reports compare-timings BASE HEAD`: both work trees timed in turn, in one job."""

import argparse
import sys
from pathlib import Path

from harness.statistics.comparison.confirmation import smallest_first
from harness.statistics.comparison.slowdown import Margins
from reports.benchmark_json import TimingsError
from reports.gate.finding import status_of
from reports.gate.slowdowns import judge_pair
from reports.gate.tell import tell
from reports.options import add_file
from reports.statuses import GATE, told
from reports.timing.rounds import BUDGET, CONFIRM_STARTS, rounds
from reports.timing.work_trees import described, work_tree
from reports.timings_file import write_timings

HELP = "time two revisions side by side and tell which benchmarks became slower"
DESCRIPTION = f"""{HELP}.
Processes of BASE and of HEAD run side by side and take turns on each row every few milliseconds.
They are forked from starts that have loaded the libraries and serve both sides.
All rows are screened; those that the screen cannot let go as ok are timed at new starts.
A row is a regression when a permutation test within the new starts excludes the tolerance, with
false discoveries controlled over these rows; ok when it excludes the slowdown; else undecided.

{told(GATE)}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("base", metavar="BASE", help="a branch, tag, commit or folder")
    parser.add_argument(
        "head", metavar="HEAD", nargs="?", default=".", help="the same (default: .)"
    )
    parser.add_argument(
        "--rounds",
        type=_rounds,
        default=BUDGET,
        metavar="N",
        help="new processes a side at most, for what the screen leaves (default: %(default)s)",
    )
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="benchmarks to time, as pytest's -k takes them"
    )
    add_margins(parser)
    logs = "the raw logs, for `python -m reports gate --timings`"
    add_file(parser, "--output", logs, Path("out/timings.json"))


def add_margins(parser: argparse.ArgumentParser) -> None:
    """The options that say what counts as slower."""
    usual = Margins()
    for name, text in (
        ("tolerance", "a ratio up to 1 plus this is never red"),
        ("slowdown", "a ratio of 1 plus this must be found"),
    ):
        parser.add_argument(
            f"--{name}",
            type=_share,
            default=getattr(usual, name),
            metavar="SHARE",
            help=f"{text} (default: %(default)s)",
        )


def margins_of(options: argparse.Namespace) -> Margins:
    """The margins that were asked for. Raises TimingsError where they state no test."""
    try:
        return Margins(options.tolerance, options.slowdown)
    except ValueError as error:
        raise TimingsError(f"{error}; give --tolerance and --slowdown so") from error


def run(options: argparse.Namespace) -> int:
    """Time, write the raw logs, and print the verdicts. Raises TimingsError and OSError."""
    here, margins = Path.cwd(), margins_of(options)
    with work_tree(options.base, here) as base, work_tree(options.head, here) as head:
        say(f"base: {described(options.base, here)}")
        say(f"head: {described(options.head, here)}")
        timed = rounds(base, head, options.only, margins, options.rounds, say)
    write_timings(options.output, timed)
    least = CONFIRM_STARTS * smallest_first(1, margins, CONFIRM_STARTS)
    if options.rounds < least:
        say(f"no slow row can be found below --rounds {least}")
    found = judge_pair(timed, margins, again(options))
    tell(found, options.output.with_name("timings.md"))
    return status_of(found)


def say(text: str) -> None:
    """Progress, beside what is printed as the result."""
    print(text, file=sys.stderr, flush=True)


def again(options: argparse.Namespace) -> str:
    """The command that goes on with more rounds."""
    only = f" --only {options.only!r}" if options.only else ""
    more = 2 * options.rounds
    return f"python -m reports compare-timings {options.base} {options.head}{only} --rounds {more}"


def _rounds(text: str) -> int:
    value = int(text)
    if not CONFIRM_STARTS <= value <= 120:
        raise argparse.ArgumentTypeError(f"{text} rounds; give {CONFIRM_STARTS} to 120")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text} is no share; give 0.1 for 10 %")
    return value
