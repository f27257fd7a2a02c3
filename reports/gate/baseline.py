"""The baseline: what was accepted, in a small file that a person can read, diff and edit.

One line per verdict, per claim's statistics and per benchmark, sorted by key, so that a changed
verdict is one changed line. Neither salt nor estimate is part of a verdict's key.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from reports.atomic import write_whole
from reports.cleaning import clean, clean_all
from reports.records import RecordsError

NAME = "chapter-and-verse baseline"
SCHEMA_VERSION = 1
DEFAULT = Path("baseline.json")
LARGEST = 32 * 2**20  # bytes; a suite of a hundred claims has some 100 kB
AGAIN = "restore it, or write a new one with `python -m reports accept`"


class BaselineError(RecordsError):
    """The baseline cannot be used; the message is one sentence with the next step."""


@dataclass(frozen=True)
class Accepted:
    """A claim's verdict, the expected one, and a short name for what the claim says."""

    verdict: str
    expected: str
    meaning: str


@dataclass(frozen=True)
class Statistic:
    """A training statistic's values, by which margin they may move, and where they are from."""

    margin: Annotated[float, Meta(gt=0)]
    setting: dict[str, Any]
    salt: str
    block: Annotated[int, Meta(gt=0)]
    values: Annotated[tuple[float | None, ...], Meta(min_length=1)]


@dataclass(frozen=True)
class Baseline:
    """What was accepted: verdicts, statistics, and timings of machines, each by its key."""

    verdicts: Mapping[str, Accepted]
    statistics: Mapping[str, Mapping[str, Statistic]]
    timings: Mapping[str, Mapping[str, tuple[float, ...]]]
    accepted: str = ""


EMPTY = Baseline({}, {}, {})


def shortened(value: float | None) -> float | None:
    """A statistic's value as the baseline keeps it: four digits, far below any spread."""
    return None if value is None else float(f"{value:.4g}")


def read_baseline(path: Path) -> Baseline:
    """The baseline in the file. Raises BaselineError for whatever is not one."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
        content = clean_all(msgspec.json.decode(path.read_bytes()))
    except OSError as error:
        raise BaselineError(f"{path} cannot be read ({error.strerror}); {AGAIN}") from error
    except (ValueError, RecursionError) as error:
        why = clean(str(error), 120)
        raise BaselineError(f"{path} is cut short or no JSON ({why}); {AGAIN}") from error
    if not isinstance(content, dict) or content.get("baseline") != NAME:
        raise BaselineError(f"{path} is no baseline of this suite (no {NAME!r} in it); {AGAIN}")
    if content.get("schema_version") != SCHEMA_VERSION:
        raise BaselineError(
            f"{path} has schema_version={content.get('schema_version')!r} and this gate reads "
            f"{SCHEMA_VERSION}: use the checkout that wrote it, or accept the records anew"
        )
    try:
        return msgspec.convert(content, Baseline)
    except msgspec.ValidationError as error:
        raise BaselineError(f"{path} is damaged ({clean(str(error), 120)}); {AGAIN}") from error


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Replace the file in one step. Raises OSError, and then the old file stands."""
    lines = [
        f'"baseline": {_json(NAME)}',
        f'"schema_version": {SCHEMA_VERSION}',
        f'"accepted": {_json(baseline.accepted)}',
        f'"verdicts": {_table(baseline.verdicts, 1)}',
        f'"statistics": {_table(baseline.statistics, 2)}',
        f'"timings": {_table(baseline.timings, 2)}',
    ]
    write_whole(path, "{\n" + ",\n".join(lines) + "\n}\n")


@contextlib.contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold the file's folder, so that of two who read, change and write neither loses a change.

    The lock dies with its process. Where the system has none, the last writer wins.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _table(rows: Mapping[str, Any], depth: int) -> str:
    """A line per entry; with a depth of 2, a line per entry of each entry's own table."""
    if not rows:
        return "{}"
    shown = (
        f"{_json(key)}: {_table(rows[key], depth - 1) if depth > 1 else _json(rows[key])}"
        for key in sorted(rows)
    )
    return "{\n" + ",\n".join(shown) + "\n}"


def _json(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False)
