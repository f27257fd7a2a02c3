"""Follows a page of docs: writes its files, runs its commands, reads what it says they print."""

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.processes import environment, python

BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
TOOLS = ("git", "sed")  # beside Python, what a page's commands begin with
NAMED = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@b",
}  # fmt: skip
STATUS = re.compile(r"\[exit status (\d+)\]")


@dataclass(frozen=True)
class Command:
    """A command of the page, the lines that it is said to print, and how it is said to end."""

    words: list[str]
    prints: list[str]
    status: int


def files_of(page: str) -> dict[str, str]:
    """The files that the page tells to write: blocks whose first line is a comment of the path."""
    found = {}
    for language, text in BLOCK.findall(page):
        name = re.match(r"# ([\w/.]+\.\w+)\n", text)
        if language != "console" and name:
            found[name[1]] = text
    return found


def commands_of(page: str) -> list[Command]:
    """The commands of its console blocks, in order."""
    found = []
    for language, text in BLOCK.findall(page):
        if language != "console":
            continue
        for part in text.split("$ ")[1:]:
            command, *lines = part.strip().splitlines()
            ends = [match for line in lines if (match := STATUS.fullmatch(line))]
            prints = [line for line in lines if not STATUS.fullmatch(line)]
            status = int(ends[0][1]) if ends else 0
            found.append(Command(shlex.split(command), prints, status))
    return found


def run(command: Command, folder: Path) -> str:
    """Run it there and return what it printed; asserts the exit status."""
    first, *words = command.words
    # What an installation brings, in a checkout too: loaded twice it is one plugin.
    changes: dict[str, Any] = {"COLUMNS": "100", "PYTEST_PLUGINS": "chapter_and_verse.plugin"}
    while "=" in first:
        name, _, value = first.partition("=")
        changes[name] = value
        first, *words = words
    assert first in ("python", *TOOLS), command
    if first == "python":
        done = python(*words, folder=folder, **changes)
    else:
        done = subprocess.run(
            command.words, cwd=folder, env=environment(folder, **NAMED), capture_output=True,
            text=True, encoding="utf-8", check=False,
        )  # fmt: skip
    text = done.stdout + done.stderr
    assert done.returncode == command.status, text[-3000:]
    return text
