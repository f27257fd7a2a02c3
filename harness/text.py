"""Text for people: the same words in English and in Chinese."""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAMES = Path(__file__).with_name("names.tsv")


@dataclass(frozen=True)
class Text:
    """The same words in English and in Chinese."""

    en: str
    zh: str


def named(name: str) -> Text:
    """A name out of code, such as a part's or a setting's, with its Chinese from names.tsv.

    A name that the file does not have stays as it is in both languages.
    """
    return Text(name, chinese_names().get(name.replace("_", " "), name))


def counted(count: int, one: str, many: str = "", shown: str = "") -> str:
    """So many of a thing in English: '1 claim', '2 claims', '1 claim is', '2 claims are'."""
    return f"{shown or count} {one if count == 1 else many or f'{one}s'}"


@functools.cache
def chinese_names() -> Mapping[str, str]:
    """Every line of names.tsv: the Chinese by the English."""
    with NAMES.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["en"].replace("_", " "): row["zh"] for row in rows}
