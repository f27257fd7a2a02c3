"""The history: verdicts, effects and timings of many runs in one SQLite file."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.cleaning import clean
from reports.keys import key_of
from reports.records import RecordsError
from reports.words import NOT_TESTABLE

VERSION = 1
APPLICATION = 0x43265600  # tells our files from other people's SQLite files
PATIENCE = 20.0  # seconds that a writer waits for another one
MOST_RUNS = 500  # that are read, the latest ones
LARGEST_LOG = 100.0  # of a ratio of times: e^100 is 2.7e43, more is damage
TABLES = """
CREATE TABLE run (
    id INTEGER PRIMARY KEY, digest TEXT UNIQUE NOT NULL, started TEXT NOT NULL,
    label TEXT NOT NULL, salt TEXT NOT NULL, versions TEXT NOT NULL
);
CREATE TABLE result (
    run INTEGER NOT NULL REFERENCES run, key TEXT NOT NULL, sentence TEXT NOT NULL,
    verdict TEXT NOT NULL, expected TEXT NOT NULL, as_expected INTEGER NOT NULL,
    estimate REAL, low REAL, high REAL, replicates INTEGER NOT NULL, seconds REAL,
    PRIMARY KEY (run, key)
);
CREATE TABLE timing (
    run INTEGER NOT NULL REFERENCES run, machine TEXT NOT NULL, name TEXT NOT NULL,
    log_ratio REAL NOT NULL, PRIMARY KEY (run, machine, name)
);
"""


class HistoryError(RecordsError):
    """The history cannot be used; the message is one sentence with the next step."""


@dataclass(frozen=True)
class Point:
    """One claim in one run."""

    run: int
    verdict: str
    as_expected: bool
    estimate: float | None
    seconds: float | None


@dataclass(frozen=True)
class Run:
    """One run: its number in the order in which runs started, when, and what people call it."""

    number: int
    started: str
    label: str


@dataclass(frozen=True)
class Past:
    """All runs, and over them every claim by its key and every benchmark by machine and name."""

    runs: Sequence[Run]
    claims: Mapping[str, Sequence[Point]]
    sentences: Mapping[str, Mapping[str, str]]
    timings: Mapping[tuple[str, str], Sequence[tuple[int, float]]]


def add_run(
    path: Path,
    records: Sequence[Mapping[str, Any]],
    timings: Mapping[str, Mapping[str, float]],
    label: str,
) -> bool:
    """Add a run in one transaction; False if the same run is there already. Raises HistoryError.

    `timings` are ln(median over the yardsticks), by machine and benchmark.
    """
    content = json.dumps([list(records), timings], sort_keys=True, ensure_ascii=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    started = min((str(r["started"]) for r in records if r.get("started")), default="")
    first = records[0]
    with _opened(path, write=True) as database, database:
        database.execute("BEGIN IMMEDIATE")
        if database.execute("SELECT 1 FROM run WHERE digest = ?", (digest,)).fetchone():
            return False
        row = (digest, started, label, first.get("salt") or "", json.dumps(first.get("versions")))
        cursor = database.execute(
            "INSERT INTO run (digest, started, label, salt, versions) VALUES (?, ?, ?, ?, ?)", row
        )
        run = cursor.lastrowid
        database.executemany(
            f"INSERT OR REPLACE INTO result VALUES ({', '.join('?' * 11)})",
            [(run, *_result(record)) for record in records if record["verdict"] != NOT_TESTABLE],
        )
        database.executemany(
            "INSERT INTO timing VALUES (?, ?, ?, ?)",
            [(run, m, name, log) for m, rows in timings.items() for name, log in rows.items()],
        )
    return True


def read_past(path: Path) -> Past:
    """The latest runs of a history, in the order in which they started. Raises HistoryError."""
    if not path.exists():
        raise HistoryError(f"{path} is not there; fill it with `python -m reports add`")
    with _opened(path, write=False) as database:
        latest = [
            *_rows(
                database,
                "SELECT id, started, label FROM run ORDER BY started DESC, id DESC "
                f"LIMIT {MOST_RUNS}",
                (int, str, str),
            )
        ][::-1]
        numbers = {id: number for number, (id, _, _) in enumerate(latest, start=1)}
        runs = [
            Run(number, clean(started), clean(label))
            for number, (_, started, label) in enumerate(latest, start=1)
        ]
        claims: dict[str, list[Point]] = {}
        sentences: dict[str, dict[str, str]] = {}
        for run, key, sentence, verdict, as_expected, estimate, seconds in _rows(
            database,
            "SELECT run, key, sentence, verdict, as_expected, estimate, seconds FROM result",
            (int, str, str, str, int, float, float),
            empty=("estimate", "seconds"),
        ):
            if run in numbers:
                point = Point(numbers[run], verdict, bool(as_expected), estimate, seconds)
                claims.setdefault(clean(key), []).append(point)
                sentences[clean(key)] = _words(sentence)
        timings: dict[tuple[str, str], list[tuple[int, float]]] = {}
        for run, machine, name, log in _rows(
            database, "SELECT run, machine, name, log_ratio FROM timing", (int, str, str, float)
        ):
            if abs(log) > LARGEST_LOG:
                raise sqlite3.DataError("log_ratio is beyond any ratio of times in some row")
            if run in numbers:
                row = timings.setdefault((clean(machine), clean(name)), [])
                row.append((numbers[run], float(log)))
    for points in claims.values():
        points.sort(key=lambda point: point.run)
    for row in timings.values():
        row.sort()
    return Past(runs, claims, sentences, timings)


def _rows(
    database: sqlite3.Connection, query: str, types: tuple[type, ...], empty: Sequence[str] = ()
) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, whose columns have these types and finite values, or null in `empty`.

    SQLite keeps whatever type a value has: a file that was damaged holds text among the numbers.
    """
    found = database.execute(query)
    names = [column[0] for column in found.description]
    for row in found:
        for name, value, kind in zip(names, row, types, strict=True):
            fits = isinstance(value, (int, float) if kind is float else kind)
            if value is None and name in empty:
                continue
            if not fits or (isinstance(value, float) and not math.isfinite(value)):
                raise sqlite3.DataError(f"{name} is no {kind.__name__} in some row")
        yield row


@contextlib.contextmanager
def _opened(path: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    """A connection that is closed; every foreseeable failure is one sentence."""
    try:
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
        address = f"{path.resolve().as_uri()}?mode={'rwc' if write else 'ro'}"
        database = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
        try:
            _check(database, path, write)
            yield database
        finally:
            database.close()
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise HistoryError(
                f"{path} is locked: another process has been writing for {PATIENCE:g} s; "
                "wait for it and add the run again"
            ) from error
        raise HistoryError(
            f"{path} cannot be read or written ({_short(error)}); nothing was added, "
            "name another file with --history or make room"
        ) from error
    except (sqlite3.Error, UnicodeDecodeError) as error:  # its own messages quote damaged names
        raise HistoryError(
            f"{path} is damaged or no history ({_short(error)}); restore it from its artefact, or "
            "move it away and start a new one with `python -m reports add`"
        ) from error
    except MemoryError as error:  # what SQLite says of a row that claims to be of exabytes
        raise HistoryError(
            f"{path} is damaged or too large for the memory here; restore it from its artefact, or "
            "move it away and start a new one with `python -m reports add`"
        ) from error
    except OSError as error:
        raise HistoryError(
            f"{path} cannot be used ({error.strerror}); name another file with --history"
        ) from error


def _short(error: Exception) -> str:
    """SQLite's own words on one line: they may quote a damaged file."""
    return clean(" ".join(str(error).split()), 120)


def _check(database: sqlite3.Connection, path: Path, write: bool) -> None:
    """Make the tables of a new file; refuse a file that is not ours or of another version."""
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if (application, version, tables) == (0, 0, 0) and write:
        with database:
            database.execute("BEGIN IMMEDIATE")
            if database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                for statement in TABLES.split(";"):
                    database.execute(statement)
                database.execute(f"PRAGMA application_id = {APPLICATION}")
                database.execute(f"PRAGMA user_version = {VERSION}")
    elif application != APPLICATION:
        raise HistoryError(f"{path} is another program's file; name a history with --history")
    elif version != VERSION:
        raise HistoryError(
            f"{path} is a history of version {version} and this checkout reads {VERSION}; "
            "use the checkout that wrote it, or start a new file"
        )


def _result(record: Mapping[str, Any]) -> tuple[Any, ...]:
    low, high = record.get("interval") or (None, None)
    return (
        key_of(record),
        json.dumps(record.get("sentence") or {}, ensure_ascii=True),
        record["verdict"],
        record["expected"],
        int(record["as_expected"]),
        record.get("estimate"),
        low,
        high,
        int(record["replicates"]),
        record.get("seconds"),
    )


def _words(sentence: str) -> dict[str, str]:
    try:
        found = json.loads(sentence)
        return {language: clean(str(found.get(language) or "")) for language in ("en", "zh")}
    except (ValueError, AttributeError):
        return {"en": clean(sentence), "zh": ""}
