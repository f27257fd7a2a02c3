"""GitHub's workflow commands: at most nine annotations beside the code, the rest counted.

GitHub shows ten annotations of a kind per step and drops what is over without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.cleaning import one_line
from reports.html.pictures import text
from reports.words import words

MOST = 9
LONGEST = 600  # characters of a message


def workflow_commands(records: Sequence[dict[str, Any]]) -> list[str]:
    """A line per verdict that was not expected: an error, or a warning for what is undecided."""
    surprises = [record for record in records if not record["as_expected"]]
    lines = [_annotation(record) for record in surprises[:MOST]]
    more = len(surprises) - MOST
    if more > 0:
        lines.append(f"::notice::{more} more verdicts are not as expected; the report lists them")
    return lines


def _annotation(record: dict[str, Any]) -> str:
    level = "warning" if record["verdict"] == "UNDECIDED" else "error"
    said = f"{words(record['verdict']).en}, expected: {words(record['expected']).en}"
    message = f"{text(record['sentence']).en}: {said}."
    if record.get("rerun"):
        message += f" Repeat it: {record['rerun']}"
    return command(level, record["claim"], message, record.get("file"), record.get("line"))


def command(level: str, title: str, message: str, file: str | None, line: int | None) -> str:
    """One annotation, at its place in the code where that is known."""
    place = [f"title={_property(title)}"]
    if file:
        place.append(f"file={_property(file)}")
        if line:
            place.append(f"line={int(line)}")
    return f"::{level} {','.join(place)}::{_data(message)}"


def _data(value: str) -> str:
    """Escaped as the runner wants a message: a line break would start another command."""
    cut = one_line(value)[:LONGEST]
    return cut.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
