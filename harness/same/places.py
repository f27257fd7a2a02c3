"""A side as a command names it: a revision, folder, Python, device, variables, or a file."""

import contextlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness.implementation.source import short
from harness.records.compared_runs import RunsError
from harness.same.sides import Side, stored_side
from harness.same.work_tree import commit_of, git, work_tree
from harness.same.worker import LIMIT, Start, Worker

DEVICE = re.compile(r"cpu|cuda|mps|xpu|[a-z]\w*:\d+")  # no revision has a colon and a number
VARIABLES = re.compile(r"[A-Za-z_]\w*=[^,]*(,[A-Za-z_]\w*=[^,]*)*")
STORED = re.compile(r".+\.jsonl(:before|:after)?")


@dataclass(frozen=True)
class How:
    """What is the same for both sides: the function, its limit, and how a revision is built."""

    target: str
    here: Path
    limit: float = LIMIT
    build: str = ""


@contextlib.contextmanager
def opened(word: str, how: How) -> Iterator[Side]:
    """The side that the word names, ready to run. Raises RunsError."""
    start = Start(word, how.here, how.target, limit=how.limit)
    path = how.here / word
    if STORED.fullmatch(word):
        yield replace(stored_side(how.here / word), name=word)
    elif DEVICE.fullmatch(word):
        yield from _running(replace(start, device=word))
    elif VARIABLES.fullmatch(word):
        given = dict(one.split("=", 1) for one in word.split(","))
        yield from _running(replace(start, variables=given))
    elif path.is_dir():
        yield from _running(replace(start, folder=path.resolve()))
    elif path.is_file() and os.access(path, os.X_OK):
        yield from _running(replace(start, python=str(path)))
    else:
        commit = commit_of(word, how.here)
        name = git(how.here, "log", "-1", "--format=%h %s", commit) or commit[:10]
        with work_tree(commit, how.here, how.build, how.limit) as folder:
            yield from _running(replace(start, name=name, folder=folder), commit)


def _running(start: Start, commit: str = "") -> Iterator[Side]:
    with Worker(start) as worker:
        if commit and not worker.file.resolve().is_relative_to(start.folder.resolve()):
            raise RunsError(
                f"{start.name}: {start.target} was loaded from {worker.file}, which is not of that "
                "revision; call from the folder that the module is imported from"
            )
        known = (start.target, start.device, repr(sorted(start.variables.items())), worker.digest)
        yield Side(start.name, short(commit, *known), worker.run)
