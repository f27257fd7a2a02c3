"""Editions of the book: where each prints a sentence, and in which words.

The table `editions.tsv` of a book has a line a sentence and edition; a claim whose sentence is
another one of the book has lines of its own, under its id. The last column is the digest of
address and words, which `python -m studies.editions` writes after it has found the words at the
address. So a quote that was changed, or that nobody has looked up, is an error at collection,
and no text of the book needs to lie in the repository.
"""

import csv
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.declaration.book import ClaimError

TABLE = "editions.tsv"
COLUMNS = ("sentence", "edition", "state", "address", "quote", "seen")
EDITIONS = ("d2l-zh 2", "d2l-en 1.0", "2026")
STATES = ("printed", "corrected")
ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+/blob/[0-9a-f]{40}/[\w./-]+\.md")
LONGEST = 160  # characters: a quote names a sentence, it does not stand in for the page


@dataclass(frozen=True)
class Citation:
    """One edition's wording of a sentence: as printed, or as corrected there."""

    row: str
    edition: str
    state: str
    address: str
    quote: str
    seen: str
    place: str

    @property
    def digest(self) -> str:
        """What `seen` must be once the quote was found at the address."""
        return hashlib.sha256(f"{self.address}\n{plain(self.quote)}".encode()).hexdigest()[:16]


def plain(text: str) -> str:
    """The text without marks of emphasis, in single spaces."""
    return " ".join(re.sub(r"[*`\[\]]", "", text).split())


def problem_of(cited: Citation) -> str:
    """What is wrong with the line, apart from its digest; empty if nothing is."""
    if cited.edition not in EDITIONS:
        return f"names the edition {cited.edition!r}; there are {', '.join(EDITIONS)}"
    if cited.state not in STATES:
        return f"has the state {cited.state!r}; write {' or '.join(STATES)}"
    if not ADDRESS.fullmatch(cited.address):
        return (
            f"has the address {cited.address!r}; write the page at a commit, like "
            "https://github.com/OWNER/NAME/blob/COMMIT/FOLDER/PAGE.md"
        )
    if not 0 < len(plain(cited.quote)) <= LONGEST:
        return f"quotes {len(plain(cited.quote))} characters; quote 1 to {LONGEST} of the sentence"
    return ""


@cache
def citations(folder: Path) -> tuple[Citation, ...]:
    """The lines of the book's table; raises ClaimError with file and line for a wrong one."""
    found = unchecked(folder)
    for cited in found:
        problem = problem_of(cited)
        if not problem and cited.seen != cited.digest:
            problem = (
                f"quotes words that were not looked up at {cited.address}; run "
                "`python -m studies.editions FOLDER`, which finds them there"
            )
        if problem:
            raise ClaimError(f"{cited.place}: the sentence {cited.row!r} {problem}")
    return found


def unchecked(folder: Path) -> tuple[Citation, ...]:
    """The lines as they stand; none where the book has no such table."""
    path = folder / TABLE
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Citation(*[*(row.get(name) or "" for name in COLUMNS), f"{folder.name}/{TABLE}:{line}"])
            for line, row in enumerate(csv.DictReader(file, delimiter="\t"), start=2)
        )
