"""The history: verdicts, effects and timings of many runs in one SQLite file."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.records.record import Record
from harness.statistics.evidence import Verdict
from harness.text import Text
from reports.cleaning import clean
from reports.history.file import HistoryError, opened, rows
from reports.keys import key_of

MOST_RUNS = 500  # that are read, the latest ones
LARGEST_LOG = 100.0  # of a ratio of times: e^100 is 2.7e43, more is damage


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
    sentences: Mapping[str, Text]
    timings: Mapping[tuple[str, str], Sequence[tuple[int, float]]]


def add_run(
    path: Path,
    records: Sequence[Record],
    timings: Mapping[str, Mapping[str, float]],
    label: str,
) -> bool:
    """Add a run in one transaction; False if the same run is there already. Raises HistoryError.

    `timings` are ln(median over the yardsticks), by machine and benchmark.
    """
    digest = hashlib.sha256(msgspec.json.encode([records, timings], order="sorted")).hexdigest()
    started, first = min(record.started for record in records), records[0]
    with opened(path, write=True) as database, database:
        database.execute("BEGIN IMMEDIATE")
        if database.execute("SELECT 1 FROM run WHERE digest = ?", (digest,)).fetchone():
            return False
        row = (digest, started, label, first.salt, json.dumps(first.versions))
        run = database.execute(
            "INSERT INTO run (digest, started, label, salt, versions) VALUES (?, ?, ?, ?, ?)", row
        ).lastrowid
        database.executemany(
            f"INSERT OR REPLACE INTO result VALUES ({', '.join('?' * 11)})",
            [
                (run, *_result(record))
                for record in records
                if record.verdict is not Verdict.NOT_TESTABLE
            ],
        )
        database.executemany(
            "INSERT INTO timing VALUES (?, ?, ?, ?)",
            [(run, m, name, log) for m, found in timings.items() for name, log in found.items()],
        )
    return True


def read_past(path: Path) -> Past:
    """The latest runs of a history, in the order in which they started. Raises HistoryError."""
    if not path.exists():
        raise HistoryError(f"{path} is not there; fill it with `python -m reports add`")
    claims: dict[str, list[Point]] = {}
    sentences: dict[str, Text] = {}
    timings: dict[tuple[str, str], list[tuple[int, float]]] = {}
    with opened(path, write=False) as database:
        query = "SELECT id, started, label FROM run ORDER BY started DESC, id DESC LIMIT ?"
        latest = [*rows(database, query.replace("?", str(MOST_RUNS)), (int, str, str))][::-1]
        numbers = {id: number for number, (id, _, _) in enumerate(latest, start=1)}
        for run, key, sentence, *point in rows(
            database,
            "SELECT run, key, sentence, verdict, as_expected, estimate, seconds FROM result",
            (int, str, str, str, int, float, float),
            empty=("estimate", "seconds"),
        ):
            if run in numbers:
                verdict, as_expected, estimate, seconds = point
                found = Point(numbers[run], verdict, bool(as_expected), estimate, seconds)
                claims.setdefault(clean(key), []).append(found)
                sentences[clean(key)] = _text(sentence, key)
        for run, machine, name, log in rows(
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
    runs = [Run(numbers[id], clean(started), clean(label)) for id, started, label in latest]
    return Past(runs, claims, sentences, timings)


def _result(record: Record) -> tuple[Any, ...]:
    return (
        key_of(record),
        msgspec.json.encode(record.sentence).decode(),
        record.verdict.value,
        record.expected.value,
        int(record.as_expected),
        record.estimate,
        *(record.interval or (None, None)),
        record.replicates,
        record.seconds,
    )


def _text(sentence: str, key: str) -> Text:
    """A sentence as it was kept; the claim's key where it cannot be read."""
    try:
        found = json.loads(sentence)
        en = clean(str(found.get("en") or key))
        return Text(en, clean(str(found.get("zh") or en)))
    except (ValueError, AttributeError):
        return Text(clean(sentence), clean(sentence))
