"""The chapter page's inputs as text: tab-separated tables, and words that Markdown leaves alone."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from reports.records import RecordsError

MARK_UP = re.compile(r"([\\`*_{}\[\]<>|#])")


def read_table(path: Path, option: str) -> list[Mapping[str, str]]:
    """The rows of a tab-separated file with a head line; the option names another file."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream, delimiter="\t"))
    except OSError as error:
        raise RecordsError(
            f"the table {path} cannot be read ({error.strerror}); "
            f"run the command in the suite's folder, or name the file with {option}"
        ) from error


def plain(text: str) -> str:
    """The text as it stands, with what Markdown would read as mark-up escaped."""
    return MARK_UP.sub(r"\\\1", " ".join(text.split()))
