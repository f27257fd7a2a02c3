"""Reads records.jsonl, which is untrusted: a list of good records and notices, or one clear error.

A record is one line (see record.schema.json). Of several records of the same claim, device and
implementation the last one counts, so that a continued run may append to the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from harness.records.record import OtherVersionError, RecordError, decode
from reports.cleaning import clean_all

LONGEST_LINE = 16 * 2**20  # bytes; a rich record with curves has about 60 kB
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
        try:
            clean: Record = clean_all(_parse(line))
        except OtherVersionError as error:
            raise RecordsError(f"{name} line {number} {error}") from error
        except RecordError as error:
            if last and not line.endswith(b"\n"):
                notices.append(_cut_short(number))
            else:
                notices.append(_unreadable(number, str(error)))
                lost += 1
            continue
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


def _parse(line: bytes) -> Any:
    if len(line) > LONGEST_LINE:
        raise RecordError(f"it is longer than {LONGEST_LINE >> 20} MiB")
    decode(line)  # checks it
    return msgspec.json.decode(line)


def _key(record: Record) -> tuple[str, ...]:
    under_test = json.dumps(record.get("implementation") or {}, sort_keys=True)
    return record["claim"], record["device"], under_test


def _place(record: Record) -> tuple[float, float, str, str]:
    return record["section"]["order"], record["order"], record["claim"], record["device"]


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
