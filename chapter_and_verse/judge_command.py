"""`judge`: pytest on the suite's claims, from the folder where the user is, on the user's objects.

The run has its own settings, whatever those of the user's project are; records and report go to
the user's folder.
"""

import argparse
import contextlib
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chapter_and_verse import HERE, SUITE
from harness.run.command_line import OPTIONS
from reports.commands import Command
from reports.gate import gate_options

GIVEN_BY_PLACE = ("implementation", "implementation-file")
LEFT_TO_PYTEST = "claims_"


class _WithoutPrefix:
    """A group of argparse that takes pytest's options, without the prefix that they have there."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.options: list[Any] = []
        self._parser = parser

    def addoption(self, name: str, *, help: str, **how: Any) -> None:
        """Add `--only` for `--claims-only`."""
        bare = name.removeprefix("--claims-")
        self._parser.add_argument(
            f"--{bare}", dest=LEFT_TO_PYTEST + bare.replace("-", "_"), help=help, **how
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The objects, and the options of a run."""
    parser.add_argument(
        "objects",
        nargs="*",
        metavar="ROLE=MODULE:ATTR",
        help="an object of yours by the role that it fills; or a TOML file with a table "
        "[implementation], or the name of an entry point. None: the suite's own reference",
    )
    group = _WithoutPrefix(parser)
    for name, takes, how, said in OPTIONS:
        if name not in GIVEN_BY_PLACE:
            shape = {} if takes is None else {"metavar": takes}
            plain = {key: value for key, value in how.items() if key != "default"}
            group.addoption(f"--claims-{name}", help=said, **shape, **plain)
    gate_options.add_options(group)


def run(options: argparse.Namespace) -> int:
    """Run pytest, whose exit status it returns."""
    here = Path.cwd()
    command = [sys.executable, "-m", "pytest", *arguments_for(vars(options), here)]
    with subprocess.Popen(command, env=environment(here)) as child, _left_to(child):
        return child.wait()


@contextlib.contextmanager
def _left_to(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Wait for the last words of a run that is cut off.

    Ctrl-C reaches it as well as this process; what asks this process alone to end is passed on.
    """
    presses = itertools.count()

    def end(number: int, _: object) -> None:
        if number == signal.SIGTERM or next(presses):
            child.terminate()

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def arguments_for(options: Mapping[str, Any], here: Path) -> list[str]:
    """What pytest is called with."""
    objects, given = options["objects"], dict(options)
    given["claims_output"] = here / (given.get("claims_output") or "out")
    if baseline := given.get("claims_baseline"):
        given["claims_baseline"] = here / baseline
    if objects and not given.get("claims_profile"):
        given["claims_profile"] = "quick"
    words = [f"--claims-implementation={one}" for one in objects]
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if name.startswith(LEFT_TO_PYTEST) and value:
            values = value if isinstance(value, list) else [value]
            words += [option] if value is True else [f"{option}={one}" for one in values]
    return [
        f"--config-file={HERE / 'pytest.ini'}",
        f"--rootdir={SUITE}",
        *("-p", "no:cacheprovider"),  # nothing is written beside the installed suite
        *("-p", "chapter_and_verse.plugin"),
        *words,
        str(SUITE / "claims"),
        *options["pytest"],
    ]


def environment(here: Path) -> dict[str, str]:
    """This process's, where the user's modules are found, and the command says how to repeat it."""
    before = os.environ.get("PYTHONPATH")
    places = [str(place) for place in (here, here / "src") if place.is_dir()]
    path = os.pathsep.join([*places, *([before] if before else [])])
    return os.environ | {"PYTHONPATH": path, "CLAIMS_COMMAND": f"{program()} judge"}


def program() -> str:
    """What the user has called: the script, or the module where nothing is installed."""
    script = Path(sys.argv[0]).stem
    return script if script == "chapter-and-verse" else "python -m chapter_and_verse"


DESCRIPTION = """Examine every claim about the roles that objects of yours fill.

Modules are looked up in this folder, and in src/ where there is one. What follows `--` is given to
pytest: `-- -n 4 -k variance`. Without --profile, objects are examined in `quick`. The exit status
is pytest's, and 7 where nothing was judged."""
COMMAND = Command("put objects of yours on trial", DESCRIPTION, add_arguments, run)
