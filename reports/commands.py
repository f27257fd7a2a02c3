"""The command line of `python -m reports`: one room per command, listed here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.gate import accept
from reports.gate import command as gate
from reports.gate import compare_timings as timing
from reports.history import command as history
from reports.html import command as html
from reports.records import RecordsError


@dataclass(frozen=True)
class Command:
    """A subcommand: its one-line help, its options and what it does; it returns the exit status."""

    help: str
    description: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


COMMANDS = {
    "html": Command(html.HELP, html.DESCRIPTION, html.add_arguments, html.run),
    "gate": Command(gate.HELP, gate.DESCRIPTION, gate.add_arguments, gate.run),
    "accept": Command(accept.HELP, accept.DESCRIPTION, accept.add_arguments, accept.run),
    "add": Command(history.HELP, history.DESCRIPTION, history.add_arguments, history.run),
    "compare-timings": Command(timing.HELP, timing.DESCRIPTION, timing.add_arguments, timing.run),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every foreseeable failure is one sentence on stderr and exit status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m reports", description="Reports and gates from the records of a run."
    )
    choices = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, command in COMMANDS.items():
        chosen = choices.add_parser(
            name,
            help=command.help,
            description=command.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(chosen)
    options = parser.parse_args(arguments)
    try:
        return COMMANDS[options.command].run(options)
    except RecordsError as error:
        print(f"reports {options.command}: {error}", file=sys.stderr)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(
            f"reports {options.command}: nothing was written ({place}{error.strerror}); "
            "name another place with --output",
            file=sys.stderr,
        )
    return 2
