"""`record`: runs of one side as a file, which takes the place of golden values."""

import argparse
import sys
from pathlib import Path

import msgspec

from chapter_and_verse.same_command import add_function, how_of
from harness.records.compared_runs import RunsError
from harness.same.places import opened
from harness.same.returned import numbers
from harness.same.seeds import seeds
from harness.text import counted
from reports.atomic import write_whole
from reports.commands import Command
from reports.statuses import GREEN, UNUSABLE

RUNS = 32


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is run, how often, and where it is written."""
    parser.add_argument("side", metavar="SIDE", nargs="?", default=".", help="as `same` takes it")
    add_function(parser)
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help="default 32")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE.jsonl")


def run(options: argparse.Namespace) -> int:
    """Run, and write a line of JSON for each."""
    try:
        lines = list(recorded(options))
    except ValueError as error:
        print(f"record: {error}", file=sys.stderr)
        return UNUSABLE
    write_whole(options.output, "".join(lines))
    print(f"{counted(len(lines), 'run')} in {options.output}")
    return GREEN


def recorded(options: argparse.Namespace) -> list[str]:
    """The lines. Raises RunsError."""
    if options.output.suffix != ".jsonl" or options.runs < 1:
        raise RunsError(
            f"--output {str(options.output)!r}, --runs {options.runs}: give a name that ends in "
            ".jsonl, and at least one run; a comparison takes 11 or more"
        )
    lines = []
    with opened(options.side, how_of(options, Path.cwd())) as side:
        for pair, (seed, _) in enumerate(
            seeds((side, side), options.salt, options.runs, paired=True)
        ):
            values = numbers(side.run(pair, seed), f"{side.name}, seed {seed}")
            lines.append(msgspec.json.encode({"seed": seed, **values}).decode() + "\n")
    return lines


DESCRIPTION = """Write runs of SIDE (default: this folder) to a file that `same` takes as a side.

Commit it in place of golden values: a later comparison gives its function the same seeds.
Each line is a run: its seed, and the numbers and curves that the function returned."""
COMMAND = Command("store runs to compare with later", DESCRIPTION, add_arguments, run)
