"""The command line of `python -m reports`: one room per command, listed here."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reports.gate import accept
from reports.gate import command as gate
from reports.gate import compare_timings as timing
from reports.history import command as history
from reports.html import command as html
from reports.records import RecordsError
from reports.statuses import UNUSABLE


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
    """Run one command; every foreseeable failure is one sentence on stderr and its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m reports", description="Reports and gates from the records of a run."
    )
    add_commands(parser, COMMANDS)
    options = parser.parse_args(arguments)
    return run(options, f"reports {options.command}")


def add_commands(parser: argparse.ArgumentParser, commands: Mapping[str, Command]) -> None:
    """Add subcommands; the options that are parsed have the chosen one as `room`."""
    choices = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, command in commands.items():
        chosen = choices.add_parser(
            name,
            help=command.help,
            description=command.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(chosen)
        chosen.set_defaults(room=command)


def run(options: argparse.Namespace, named: str) -> int:
    """Run the chosen command, which is `named` where it fails; the exit status."""
    try:
        status: int = options.room.run(options)
        return status
    except RecordsError as error:
        print(f"{named}: {error}", file=sys.stderr)
        return error.status
    except BrokenPipeError:  # the reader of a long list has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(
            f"{named}: nothing was written ({place}{error.strerror}); "
            "name another place with --output",
            file=sys.stderr,
        )
    return UNUSABLE
