"""The history's SQLite file: its tables, and every foreseeable failure as one sentence."""

import contextlib
import math
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from reports.cleaning import clean, one_line
from reports.records import RecordsError

VERSION = 1
APPLICATION = 0x43265600  # tells our files from other people's SQLite files
PATIENCE = 20.0  # seconds that a writer waits for another one
AGAIN = (
    "restore it from its artefact, or move it away and start a new one with `python -m reports add`"
)
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


@contextlib.contextmanager
def opened(path: Path, *, write: bool) -> Iterator[sqlite3.Connection]:
    """A connection that is closed afterwards. Raises HistoryError."""
    try:
        if write:
            path.parent.mkdir(parents=True, exist_ok=True)
        address = f"{path.resolve().as_uri()}?mode={'rwc' if write else 'ro'}"
        database = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
        with contextlib.closing(database):
            _check(database, path, write)
            yield database
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
        raise HistoryError(f"{path} is damaged or no history ({_short(error)}); {AGAIN}") from error
    except MemoryError as error:  # what SQLite says of a row that claims to be of exabytes
        raise HistoryError(f"{path} is damaged or too large for the memory; {AGAIN}") from error
    except OSError as error:
        raise HistoryError(
            f"{path} cannot be used ({error.strerror}); name another file with --history"
        ) from error


def rows(
    database: sqlite3.Connection, query: str, types: Sequence[type], empty: Sequence[str] = ()
) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, whose columns have these types and finite values, or null in `empty`.

    SQLite keeps whatever type a value has: a file that was damaged holds text among the numbers.
    """
    found = database.execute(query)
    names = [column[0] for column in found.description]
    for row in found:
        for name, value, wanted in zip(names, row, types, strict=True):
            fits = isinstance(value, (int, float) if wanted is float else wanted)
            if value is None and name in empty:
                continue
            if not fits or (isinstance(value, float) and not math.isfinite(value)):
                raise sqlite3.DataError(f"{name} is no {wanted.__name__} in some row")
        yield row


def _short(error: Exception) -> str:
    """SQLite's own words on one line: they may quote a damaged file."""
    return clean(one_line(str(error)), 120)


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
