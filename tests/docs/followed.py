"""Follows a page of docs: writes its files, runs its commands, reads what it says they print."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
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
    words = [sys.executable if word == "python" else word for word in command.words]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CLAIMS"))}
    done = subprocess.run(
        words, cwd=folder, env={**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    text = done.stdout + done.stderr
    assert done.returncode == command.status, text[-3000:]
    return text
