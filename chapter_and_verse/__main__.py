"""The command: objects on trial, what there is to judge them by, and what a run came to."""

import argparse
import sys
from collections.abc import Sequence

from chapter_and_verse import (
    __version__,
    bisect_command,
    judge_command,
    lists,
    record_command,
    same_command,
)
from reports import commands as reports

COMMANDS = {
    "judge": judge_command.COMMAND,
    "roles": lists.ROLES,
    "claims": lists.CLAIMS,
    "same": same_command.COMMAND,
    "bisect": bisect_command.COMMAND,
    "record": record_command.COMMAND,
    "report": reports.COMMANDS["html"],
    **{name: command for name, command in reports.COMMANDS.items() if name != "html"},
}


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; 2 where it cannot use what it was given."""
    given = list(sys.argv[1:] if words is None else words)
    place = given.index("--") if "--" in given else len(given)
    parser = argparse.ArgumentParser(
        prog=judge_command.program(),
        description="Puts your dropout, initialiser or optimiser on trial: every claim of a "
        "deep-learning chapter about it, by statistical tests with stated error rates.",
    )
    parser.add_argument("--version", action="version", version=f"chapter-and-verse {__version__}")
    reports.add_commands(parser, COMMANDS)
    _complete(parser)
    # As pytest has them, and as a run names them.
    own = [word.replace("--claims-", "--", 1) for word in given[:place]]
    options = parser.parse_args(own)
    options.pytest = given[place + 1 :]
    if options.pytest and options.command != "judge":
        parser.error(f"what follows `--` is for pytest, which {options.command} does not run")
    return reports.run(options, f"{parser.prog} {options.command}")


def _complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell that asks how a word goes on, where argcomplete is installed."""
    try:
        import argcomplete
    except ImportError:
        return
    argcomplete.autocomplete(parser)


if __name__ == "__main__":
    sys.exit(main())
