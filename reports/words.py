"""What the reports themselves say, in English and in Chinese: words.tsv, a line a key."""

import csv
import functools
from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup, escape

from harness.text import Text

FILE = Path(__file__).with_name("words.tsv")


@functools.cache
def all_words() -> Mapping[str, Text]:
    """Every line of the file by its key."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["key"]: Text(row["en"], row["zh"]) for row in rows}


def words(key: str) -> Text:
    """The words of a key. Raises KeyError for a key that has none."""
    return all_words()[key]


def both(text: Text) -> Markup:
    """Both languages in one place; the page's language decides which is seen and read aloud.

    English carries no `lang`: it is the document's own language whenever it can be seen.
    """
    if not text.zh or text.zh == text.en:
        return Markup(escape(text.en))
    return Markup("<i>{}</i><i lang=zh>{}</i>").format(text.en, text.zh)


@functools.cache
def say(key: str) -> Markup:
    """The page's own words for a key, in both languages."""
    return both(words(key))
