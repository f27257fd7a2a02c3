"""Reads records.jsonl, which is untrusted: a list of good records and notices, or one clear error.

Of several records of the same claim, device and implementation the last one counts, so that a
continued run may append to the file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from harness.records.record import OtherVersionError, Record, RecordError, decode
from harness.text import Text
from reports.cleaning import clean, clean_all
from reports.statuses import NOTHING, UNUSABLE

LONGEST_LINE = 16 * 2**20  # bytes; a rich record with curves has about 60 kB
MOST_RECORDS = 10_000
LARGEST_WHOLE = 128 * 2**20  # bytes of the lines that are shown; earlier ones of a claim are free
MOST_NOTICES = 5

Key = tuple[str, str, frozenset[tuple[str, str]]]


class RecordsError(ValueError):
    """The records cannot be read at all; the message is one sentence with the next step."""

    status = UNUSABLE


class NothingJudgedError(RecordsError):
    """There is no trial to tell of; the message is one sentence with the next step."""

    status = NOTHING


@dataclass(frozen=True)
class Reading:
    """The records in the book's order, what was noticed, and how many lines were lost."""

    records: tuple[Record, ...]
    notices: tuple[Text, ...] = ()
    lost: int = 0


def read_records(path: Path) -> Reading:
    """The records of a file. Raises RecordsError if there is none that can be shown.

    Of an empty file that is NothingJudgedError.
    """
    try:
        with path.open("rb") as stream:
            return _read(stream, path.name)
    except OSError as error:
        raise RecordsError(
            f"{path} cannot be read ({error.strerror}); run the claims first, "
            "or name another file with --records"
        ) from error


def some_judged(reading: Reading, left_undone: str) -> Reading:
    """The reading. Raises NothingJudgedError if no record is of a trial."""
    if any(record.verdict.judged for record in reading.records):
        return reading
    verdicts = " or ".join(sorted({record.verdict.value for record in reading.records}))
    raise NothingJudgedError(
        f"all {len(reading.records)} records are {verdicts}, so that no claim was judged and "
        f"{left_undone}; run claims that apply to what is on trial"
    )


def cleaned(record: Record) -> Record:
    """The record with no hostile character in any of its strings, none of them very long."""
    return msgspec.convert(clean_all(msgspec.to_builtins(record)), Record)


def _read(stream: BinaryIO, name: str) -> Reading:
    found: dict[Key, tuple[Record, int]] = {}
    notices: list[Text] = []
    lost = replaced = whole = 0
    for number, line, last in _lines(stream):
        try:
            record = _record(line)
        except OtherVersionError as error:
            raise RecordsError(f"{name} line {number} {error}") from error
        except RecordError as error:
            if last and not line.endswith(b"\n"):
                notices.append(_cut_short(number))
            else:
                notices.append(_unreadable(number, str(error)))
                lost += 1
            continue
        key = record.claim, record.device, frozenset(record.implementation.items())
        _, size = found.pop(key, (None, 0))
        replaced += size > 0
        found[key] = record, len(line)
        whole += len(line) - size
        if len(found) > MOST_RECORDS or whole > LARGEST_WHOLE:
            raise RecordsError(
                f"{name} holds more than one page can show, {MOST_RECORDS} records or "
                f"{LARGEST_WHOLE >> 20} MiB of them; split the file, and make a page of each part"
            )
    if not found and not notices:
        raise NothingJudgedError(
            f"{name} is empty: the run judged no claim; run the claims without the options that "
            "leave all of them out"
        )
    if not found:
        raise RecordsError(
            f"{name} holds no record that can be shown: {notices[0].en}; run the claims again"
        )
    if replaced:
        notices.append(_replaced(replaced))
    ordered = sorted((record for record, _ in found.values()), key=_place)
    runs = {(record.salt, record.profile): None for record in ordered}
    if len(runs) > 1:
        notices.append(_mixed(list(runs)))
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


def _record(line: bytes) -> Record:
    if len(line) > LONGEST_LINE:
        raise RecordError(f"it is longer than {LONGEST_LINE >> 20} MiB")
    return cleaned(decode(line))


def _place(record: Record) -> tuple[int, int, str, str]:
    return record.section.order, record.order, record.claim, record.device


def _cut_short(number: int) -> Text:
    return Text(
        f"Line {number}, the last one, is cut short: the run was stopped while it wrote.",
        f"最后一行（第 {number} 行）不完整：运行在写入时被中断。",
    )


def _unreadable(number: int, problem: str) -> Text:
    shown = clean(problem, 300)
    return Text(
        f"Line {number} is left out: {shown}.", f"第 {number} 行无法读取，已略去：{shown}。"
    )


def _replaced(count: int) -> Text:
    return Text(
        f"{count} earlier record(s) of the same claim and device are superseded by later ones.",
        f"{count} 条较早的同一论断、同一设备的记录已被后来的记录取代。",
    )


def _mixed(runs: Sequence[tuple[str, str]]) -> Text:
    shown = ", ".join(f"{clean(salt, 40)} ({clean(profile, 40)})" for salt, profile in runs[:3])
    more = " …" if len(runs) > 3 else ""
    return Text(
        f"The records are of {len(runs)} runs, by salt (profile): {shown}{more}. The error rates "
        "are those of each run; run all claims once to have one answer.",
        f"记录来自 {len(runs)} 次运行，按盐（档）分别为：{shown}{more}。"
        "错误率是每次运行各自的；将全部论断一并运行一次，才得到一个结论。",
    )


def _shortened(notices: list[Text]) -> tuple[Text, ...]:
    more = len(notices) - MOST_NOTICES
    if more <= 0:
        return tuple(notices)
    last = Text(f"And {more} more notices of this sort.", f"另有 {more} 条类似的提示。")
    return (*notices[:MOST_NOTICES], last)
