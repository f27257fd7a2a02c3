"""Reads records.jsonl, which is untrusted: a list of good records and notices, or one clear error.

A record is one line (see record.schema.json). Of several records of the same claim, device and
implementation the last one counts, so that a continued run may append to the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from reports.cleaning import clean_all
from reports.schema import first_violation

SCHEMA_VERSION = 1
LONGEST_LINE = 16 * 2**20  # bytes; a rich record with curves has about 60 kB
LONGEST_INTEGER = 25  # digits
MOST_RECORDS = 10_000
LARGEST_WHOLE = 128 * 2**20  # bytes of the lines that are shown; earlier ones of a claim are free
MOST_NOTICES = 20

Record = dict[str, Any]


class RecordsError(ValueError):
    """The records cannot be read at all; the message is one sentence with the next step."""


@dataclass(frozen=True)
class Notice:
    """Something a reader must know about the file: a line that was left out, or replaced."""

    en: str
    zh: str


@dataclass(frozen=True)
class Reading:
    """The records in the chapter's order, what was noticed, and how many lines were lost."""

    records: tuple[Record, ...]
    notices: tuple[Notice, ...] = ()
    lost: int = 0


def read_records(path: Path) -> Reading:
    """The records of a file. Raises RecordsError if there is none that can be shown."""
    try:
        with path.open("rb") as stream:
            return _read(stream, path.name)
    except OSError as error:
        raise RecordsError(
            f"{path} cannot be read ({error.strerror}); run the claims first, "
            "or name another file with --records"
        ) from error


def _read(stream: BinaryIO, name: str) -> Reading:
    found: dict[tuple[str, ...], Record] = {}
    sizes: dict[tuple[str, ...], int] = {}
    notices: list[Notice] = []
    lost = replaced = whole = 0
    for number, line, last in _lines(stream):
        record, problem = _parse(line)
        if problem is None:
            _check_version(record, name, number)
            problem = first_violation(record)
        if problem is not None:
            if last and not line.endswith(b"\n"):
                notices.append(_cut_short(number))
            else:
                notices.append(_unreadable(number, problem))
                lost += 1
            continue
        clean: Record = clean_all(record)
        key = _key(clean)
        replaced += found.pop(key, None) is not None
        found[key] = clean
        whole += len(line) - sizes.get(key, 0)
        sizes[key] = len(line)
        if len(found) > MOST_RECORDS or whole > LARGEST_WHOLE:
            raise RecordsError(
                f"{name} holds more than one page can show, {MOST_RECORDS} records or "
                f"{LARGEST_WHOLE >> 20} MiB of them; split the file, and make a page of each part"
            )
    if not found:
        first = f": {notices[0].en}" if notices else ""
        raise RecordsError(f"{name} holds no record that can be shown{first}; run the claims again")
    if replaced:
        notices.append(_replaced(replaced))
    ordered = sorted(found.values(), key=_place)
    return Reading(tuple(ordered), _shortened(notices), lost)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes (cut at the longest allowed) and whether it is the last, of non-empty lines."""
    number = 0
    following = stream.readline(LONGEST_LINE + 1)
    while following:
        line, number = following, number + 1
        if not line.endswith(b"\n"):
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        following = stream.readline(LONGEST_LINE + 1)
        if line.strip():
            yield number, line, not following


def _parse(line: bytes) -> tuple[Any, str | None]:
    if len(line) > LONGEST_LINE:
        return None, f"the line is longer than {LONGEST_LINE >> 20} MiB"
    try:
        text = line.decode("utf-8")
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite, parse_int=_whole)
    except UnicodeDecodeError:
        return None, "the line is not UTF-8"
    except RecursionError:
        return None, "the line is nested too deeply"
    except ValueError as error:
        return None, f"the line is not JSON ({str(error)[:80]})"
    return value, None


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is too large")
    return value


def _whole(text: str) -> int:
    if len(text) > LONGEST_INTEGER:
        raise ValueError(f"{text[:20]}... is too large")
    return int(text)


def _check_version(record: Any, name: str, number: int) -> None:
    version = record.get("schema_version") if isinstance(record, dict) else None
    if isinstance(version, int) and version != SCHEMA_VERSION:
        raise RecordsError(
            f"{name} line {number} has schema_version={version!r} and this report reads "
            f"{SCHEMA_VERSION}: make the report with the checkout that ran the claims"
        )


def _key(record: Record) -> tuple[str, ...]:
    under_test = json.dumps(record.get("implementation") or {}, sort_keys=True)
    return record["claim"], record["device"], under_test


def _place(record: Record) -> tuple[float, float, str, str]:
    order = record.get("order")
    return (
        record["section"]["order"],
        order if isinstance(order, int | float) else math.inf,
        record["claim"],
        record["device"],
    )


def _cut_short(number: int) -> Notice:
    return Notice(
        f"Line {number}, the last one, is cut short: the run was stopped while it wrote.",
        f"最后一行（第 {number} 行）不完整：运行在写入时被中断。",
    )


def _unreadable(number: int, problem: str) -> Notice:
    shown = str(clean_all(problem, 300))
    return Notice(
        f"Line {number} is left out: {shown}.", f"第 {number} 行无法读取，已略去：{shown}。"
    )


def _replaced(count: int) -> Notice:
    return Notice(
        f"{count} earlier record(s) of the same claim and device are superseded by later ones.",
        f"{count} 条较早的同一论断、同一设备的记录已被后来的记录取代。",
    )


def _shortened(notices: list[Notice]) -> tuple[Notice, ...]:
    more = len(notices) - MOST_NOTICES
    if more <= 0:
        return tuple(notices)
    last = Notice(f"And {more} more notices of this sort.", f"另有 {more} 条类似的提示。")
    return (*notices[:MOST_NOTICES], last)
