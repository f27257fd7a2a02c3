"""The baseline: what was accepted, in a small file that a person can read, diff and edit.

One line per verdict, per claim's statistics and per benchmark, sorted by key, so that a changed
verdict is one changed line. A verdict's key is all that it may depend on and no more: claim,
device, profile, implementation. Neither salt nor estimate is part of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reports.atomic import write_whole
from reports.records import RecordsError
from reports.text import clean_all

NAME = "chapter-and-verse baseline"
SCHEMA_VERSION = 1
DEFAULT = Path("baseline.json")
LARGEST = 32 * 2**20  # bytes; a suite of a hundred claims has some 100 kB

Entry = dict[str, Any]


class BaselineError(RecordsError):
    """The baseline cannot be used; the message is one sentence with the next step."""


@dataclass(frozen=True)
class Baseline:
    """What was accepted: verdicts, statistics, and timings of machines, each by its key."""

    verdicts: Mapping[str, Entry] = field(default_factory=dict)
    statistics: Mapping[str, Entry] = field(default_factory=dict)
    timings: Mapping[str, Mapping[str, list[float]]] = field(default_factory=dict)
    accepted: str = ""


def key_of(record: Mapping[str, Any]) -> str:
    """What a verdict depends on, readable: 'do-unbiased [cpu, ci]'."""
    return f"{record['claim']} [{group_of(record)}]"


def group_of(record: Mapping[str, Any]) -> str:
    """What a run's records have in common: device, profile and what replaced the reference."""
    replaced = record.get("implementation") or {}
    shown = [f"{role}={target}" for role, target in sorted(replaced.items())]
    return ", ".join([record["device"], record.get("profile") or "ci", *shown])


def split_key(key: str) -> tuple[str, str]:
    """Claim and group of a key."""
    claim, _, group = key.partition(" [")
    return claim, group.removesuffix("]")


def meaning_of(record: Mapping[str, Any]) -> str:
    """A short name for what the claim says: another sentence or relation has another one."""
    relation = record.get("relation") or {}
    said = [(record.get("sentence") or {}).get("en"), relation.get("en"), record.get("formula")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]


def shortened(value: float | None) -> float | None:
    """A statistic's value as the baseline keeps it: four digits, far below any spread."""
    return None if value is None else float(f"{value:.4g}")


def read_baseline(path: Path) -> Baseline:
    """The baseline in the file. Raises BaselineError for whatever is not one."""
    again = "restore it, or write a new one with `python -m reports accept`"
    try:
        if path.stat().st_size > LARGEST:
            raise BaselineError(f"{path} is larger than {LARGEST >> 20} MiB: no baseline; {again}")
        text = path.read_bytes().decode("utf-8")
        content = clean_all(json.loads(text, parse_constant=_refuse, parse_float=_number))
    except OSError as error:
        raise BaselineError(f"{path} cannot be read ({error.strerror}); {again}") from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{path} is cut short or no JSON ({_short(error)}); {again}") from error
    if not isinstance(content, dict) or content.get("baseline") != NAME:
        raise BaselineError(f"{path} is no baseline of this suite (no {NAME!r} in it); {again}")
    if content.get("schema_version") != SCHEMA_VERSION:
        raise BaselineError(
            f"{path} has schema_version={content.get('schema_version')!r} and this gate reads "
            f"{SCHEMA_VERSION}: use the checkout that wrote it, or accept the records anew"
        )
    try:
        return _checked(content)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise BaselineError(f"{path} is damaged ({_short(error)}); {again}") from error


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Replace the file in one step. Raises OSError, and then the old file stands."""
    lines = [
        f'"baseline": {json.dumps(NAME)}',
        f'"schema_version": {SCHEMA_VERSION}',
        f'"accepted": {json.dumps(baseline.accepted, ensure_ascii=False)}',
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
    shown = []
    for key in sorted(rows):
        value = rows[key]
        text = _table(value, depth - 1) if depth > 1 else json.dumps(value, ensure_ascii=False)
        shown.append(f"{json.dumps(key, ensure_ascii=False)}: {text}")
    return "{\n" + ",\n".join(shown) + "\n}"


def _checked(content: Mapping[str, Any]) -> Baseline:
    verdicts = {key: _verdict(entry) for key, entry in content["verdicts"].items()}
    statistics = {
        key: {name: _statistic(one) for name, one in entry.items()}
        for key, entry in content["statistics"].items()
    }
    timings = {
        machine: {name: [_number(value) for value in values] for name, values in rows.items()}
        for machine, rows in content["timings"].items()
    }
    return Baseline(verdicts, statistics, timings, str(content.get("accepted", "")))


def _verdict(entry: Any) -> Entry:
    return {name: str(entry[name]) for name in ("verdict", "expected", "meaning")}


def _statistic(entry: Any) -> Entry:
    values = [None if value is None else _number(value) for value in entry["values"]]
    margin, block = _number(entry["margin"]), int(entry["block"])
    if not (margin > 0 and block > 0 and values):
        raise ValueError(f"margin={margin!r}, block={block!r}, {len(values)} values")
    return {
        "margin": margin,
        "setting": entry["setting"],
        "salt": str(entry["salt"]),
        "block": block,
        "values": values,
    }


def _number(value: Any) -> float:
    """The value as a float; JSON's 1e999 is no number that can be computed with."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is past the largest number")
    return number


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _short(error: BaseException) -> str:
    return str(clean_all(f"{type(error).__name__}: {error}", 120))
