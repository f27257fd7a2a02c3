"""`python -m reports compare-timings BASE HEAD`: both work trees timed in turn, in one job."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from harness.statistics.slowdown import Margins, smallest_processes
from reports.atomic import write_whole
from reports.gate.finding import STATUSES, status_of
from reports.gate.tell import tell
from reports.gate.timings import judge_pair
from reports.text import clean_all
from reports.timing.processes import Rows, TimingsError
from reports.timing.rounds import Pair, benchmark_process, rounds
from reports.timing.trees import described, work_tree

HELP = "time two revisions side by side and tell which benchmarks became slower"
DESCRIPTION = f"""{HELP}.
Each round runs the benchmarks of BASE and of HEAD in a process of their own, in alternating order.
A row is a regression when a permutation test on the processes excludes the tolerance, with false
discoveries controlled over all rows; ok when it excludes the slowdown; else it gets more rounds.

{STATUSES}"""
NAME = "chapter-and-verse timings"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("base", metavar="BASE", help="a branch, tag, commit or folder")
    parser.add_argument(
        "head", metavar="HEAD", nargs="?", default=".", help="the same (default: .)"
    )
    parser.add_argument(
        "--rounds",
        type=_rounds,
        default=24,
        metavar="N",
        help="processes a side at most; rows that are decided drop out before (default: 24)",
    )
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="benchmarks to time, as pytest's -k takes them"
    )
    add_margins(parser)
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("out/timings.json"),
        metavar="FILE",
        help="the raw medians, for `python -m reports gate --timings` (default: %(default)s)",
    )


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
    """Time, write the raw medians, and print the verdicts. Raises TimingsError and OSError."""
    here, margins = Path.cwd(), margins_of(options)
    with work_tree(options.base, here) as base, work_tree(options.head, here) as head:
        say(f"base: {described(options.base, here)}")
        say(f"head: {described(options.head, here)}")
        measure = benchmark_process(options.only)
        pair = rounds(base, head, measure, margins, options.rounds, say)
    write_timings(options.output, pair)
    least = smallest_processes(margins, len(pair.head))
    if options.rounds < least:
        say(f"a single slow row among {len(pair.head)} can be found from --rounds {least} on")
    told = judge_pair(pair.base, pair.head, margins, again(options))
    tell(told, options.output.with_name("timings.md"))
    return status_of(told)


def say(text: str) -> None:
    """Progress, beside what is printed as the result."""
    print(text, file=sys.stderr, flush=True)


def again(options: argparse.Namespace) -> str:
    """The command that goes on with more rounds."""
    only = f" --only {options.only!r}" if options.only else ""
    more = 2 * options.rounds
    return f"python -m reports compare-timings {options.base} {options.head}{only} --rounds {more}"


def write_timings(path: Path, pair: Pair) -> None:
    """Both sides' raw logs, a line a row. Raises OSError."""
    names = sorted({*pair.base, *pair.head})
    lines = [
        f"{json.dumps(name)}: "
        + json.dumps({"base": _rounded(pair.base, name), "head": _rounded(pair.head, name)})
        for name in names
    ]
    body = ",\n".join(lines)
    write_whole(
        path, f'{{"timings": {json.dumps(NAME)}, "schema_version": 1, "rows": {{\n{body}\n}}}}\n'
    )


def read_timings(path: Path) -> Pair:
    """What `write_timings` wrote. Raises TimingsError for anything else."""
    try:
        content: Any = clean_all(json.loads(path.read_bytes()))
        if content["timings"] != NAME or content["schema_version"] != 1:
            raise ValueError("it has another name or schema_version")
        pair = Pair()
        for name, sides in content["rows"].items():
            for side, rows in (("base", pair.base), ("head", pair.head)):
                if sides[side]:
                    rows[name] = [float(value) for value in sides[side]]
    except OSError as error:
        raise TimingsError(
            f"{path} cannot be read ({error.strerror}); "
            "write it with `python -m reports compare-timings BASE HEAD`"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TimingsError(
            f"{path} holds no timings of compare-timings ({type(error).__name__}); write it again"
        ) from error
    return pair


def _rounded(rows: Rows, name: str) -> list[float]:
    return [round(value, 6) for value in rows.get(name, [])]


def _rounds(text: str) -> int:
    value = int(text)
    if not 2 <= value <= 200:
        raise argparse.ArgumentTypeError(f"{text} rounds; give 2 to 200")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 10:
        raise argparse.ArgumentTypeError(f"{text} is no share; give 0.1 for 10 %")
    return value
