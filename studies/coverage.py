"""Writes docs/coverage.md, statements and what tries each: `python -m studies.coverage`.

A sentence with claims stands with them; what else the notes hold (code, comments, figures) is in
claims/statements.tsv, with the claims or the example that try it (and what of it, where that is a
part), or with the reason why nothing does.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from harness.declaration.claim import Claim, ClaimError
from harness.run.suite import sentences
from studies.tables import ROOT

PAGE = ROOT / "docs" / "coverage.md"
TABLE = ROOT / "claims" / "statements.tsv"
REASON = "not tested: "
PART = "; in part: "
HEAD = """<!-- generated: python -m studies.coverage; do not edit -->

# Coverage

The sentences that claims try, section by section, with these claims.
What else the notes hold stands at the end, with what tries it, or what part of it, or why nothing.
Both lists come of reading: no check finds a statement that is on neither.
"""
NOTES = """
## Code, comments and asides of the notes

| Statement | Tried by |
|---|---|
"""


@dataclass(frozen=True)
class Statement:
    """What the notes hold besides sentences with claims, and what tries it."""

    words: str
    tried: tuple[str, ...]  # ids of claims and files of examples
    reason: str  # why nothing tries it, or which part of it is tried; empty for the whole


def statements() -> list[Statement]:
    """The lines of the table; raises ClaimError for one that is tried by nothing that is there."""
    ids = {one.id for one in sentences()}
    found = []
    with TABLE.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file, delimiter="\t"), start=2):
            tried = row["tried by"]
            if tried.startswith(REASON):
                listed, told, reason = "", REASON, tried.removeprefix(REASON).strip()
            else:
                listed, told, reason = tried.partition(PART)
            names = tuple(listed.split())
            lost = [name for name in names if name not in ids and not (ROOT / name).is_file()]
            if lost or not (names or told) or (told and not reason):
                raise ClaimError(
                    f"claims/statements.tsv:{line}: {row['statement']!r} is tried by "
                    f"{', '.join(lost) or 'nothing'}; name claims or files of examples, and after "
                    f"them '{PART}' and which where it is one, or write '{REASON}' and the reason"
                )
            found.append(Statement(row["statement"], names, reason))
    return found


def page() -> str:
    """The page as it should read now."""
    rows = [f"| {_line(one.words)} | {_tried(one)} |\n" for one in statements()]
    return HEAD + "".join(_sections()) + NOTES + "".join(rows)


def _tried(one: Statement) -> str:
    if not one.tried:
        return REASON + _line(one.reason)
    untestable = {other.id for other in sentences() if not isinstance(other, Claim)}
    names = (f"`{name}`{' (not testable)' * (name in untestable)}" for name in one.tried)
    return ", ".join(names) + (f"{PART}{_line(one.reason)}" if one.reason else "")


def _sections() -> Iterator[str]:
    rows: dict[str, list[str]] = {}
    said: dict[str, tuple[str, str]] = {}
    for one in sentences():
        reason = "" if isinstance(one, Claim) else f" (not testable: {one.reason.en})"
        rows.setdefault(one.row, []).append(f"`{one.id}`{reason}")
        said.setdefault(one.row, (one.section.title.en, one.sentence.en))
    title = ""
    for row, (section, sentence) in said.items():
        if section != title:
            title = section
            yield f"\n## {title}\n\n| Sentence | Claims |\n|---|---|\n"
        yield f"| {_line(sentence)} | {_line(', '.join(rows[row]))} |\n"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
