"""The field's terms in English and Chinese, and the other Chinese words in use: glossary.tsv.

The Chinese is what the book's Chinese edition prints. Texts of this repository use it alone; a
search for one of the other words finds it too.
"""

import csv
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("glossary.tsv")


@dataclass(frozen=True)
class Term:
    """A term, and what else it is called in Chinese."""

    en: str
    zh: str
    others: Sequence[str]


@functools.cache
def glossary() -> tuple[Term, ...]:
    """Every line of the file."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(Term(row["en"], row["zh"], (row["others"] or "").split()) for row in rows)


def same_words() -> str:
    """For the page's search: a term's words with commas between them, terms with semicolons."""
    return ";".join(",".join((term.zh, *term.others)) for term in glossary() if term.others)
