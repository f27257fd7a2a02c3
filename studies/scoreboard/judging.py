"""Judges listed objects and keeps what came out: a line of JSON an object."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from chapter_and_verse import __version__
from harness.records.record import Record
from reports.atomic import write_whole
from reports.html.scoreboard import Entry, judged
from studies.scoreboard.objects import Listed, version

if TYPE_CHECKING:
    from collections.abc import Callable

PROFILE = "quick"


class BoardError(ValueError):
    """A file of the board cannot be read; the message says which line and why."""


def read(file: Path) -> list[Entry]:
    """The entries of a file, none where there is no file. Raises BoardError."""
    if not file.exists():
        return []
    entries = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        try:
            entries.append(msgspec.json.decode(line, type=Entry))
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BoardError(f"{file.name}, line {number}: {error}") from error
    return entries


def write(file: Path, entries: Iterable[Entry]) -> None:
    """All entries, those of a role together."""
    board = sorted(entries, key=lambda one: (one.role, one.package.lower(), one.target))
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, "".join(f"{msgspec.json.encode(one).decode()}\n" for one in board))


def joined(kept: Sequence[Entry], fresh: Entry) -> list[Entry]:
    """The entries with the fresh one in the place of what was known of its object."""
    key = fresh.role, fresh.target
    return [*(one for one in kept if (one.role, one.target) != key), fresh]


def judge(one: Listed, salts: Sequence[str]) -> Entry:
    """What every claim of the role says of the object, from each salt.

    Raises ImplementationError where the object cannot be loaded.
    """
    from harness.devices import processor
    from harness.environment import versions

    runs = [_records(one, salt) for salt in salts]
    by_claim: dict[str, list[Record]] = {}
    for records in runs:
        for record in records:
            by_claim.setdefault(record.claim, []).append(record)
    return Entry(
        package=one.package,
        version=version(one.package) or "",
        role=one.role,
        shown=one.shown,
        target=one.target,
        findings=list(one.findings),
        salts=list(salts),
        profile=PROFILE,
        processor=processor(),
        versions={"chapter-and-verse": __version__, **versions()},
        started=runs[0][0].started,
        claims=[judged(records) for records in by_claim.values()],
    )


def _records(one: Listed, salt: str) -> list[Record]:
    from harness.run.api import check_implementation
    from harness.run.unjudged import NothingJudgedError

    try:
        return check_implementation(f"{one.role}={one.target}", profile=PROFILE, salt=salt)
    except NothingJudgedError as nothing:
        return list(nothing.records)


def run(
    objects: Sequence[Listed], salts: Sequence[str], file: Path, tell: Callable[[str], None]
) -> int:
    """Judge the objects whose packages are installed; keep each at once. Returns how many."""
    count = 0
    for one in objects:
        if version(one.package) is None:
            tell(f"{one.package} is not installed: {one.shown} keeps what was known of it")
            continue
        began = time.perf_counter()
        entry = judge(one, salts)
        write(file, joined(read(file), entry))
        count += 1
        failing = [claim.claim for claim in entry.claims if claim.outcome in ("fails", "ERROR")]
        took = time.perf_counter() - began
        tell(f"{one.package} {one.role} {one.shown}: {', '.join(failing) or '-'} ({took:.0f} s)")
    return count
