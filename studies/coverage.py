"""Writes docs/coverage.md, statements and what tries each: `python -m studies.coverage`.

Every claim stands with its sentence and its condition. What else the notes hold (halves of
sentences, code, comments, figures) is in claims/statements.tsv, with the claims or the example that
try it (and what of it, where that is a part), or with the reason why nothing does.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from claims.contents import CONTENTS
from harness.declaration.claim import Claim, ClaimError, Untestable, Verdict
from harness.run.suite import sentences
from studies.tables import ROOT

PAGE = ROOT / "docs" / "coverage.md"
TABLE = ROOT / "claims" / "statements.tsv"
REASON = "not tested: "
PART = "; in part: "
ADDITION = "an addition"  # in the source of a sentence that the notes do not have, or not whole
SIDES = {"outside": "the other side", "corrected": "corrected", "mechanism": "the mechanism"}
WORD = re.compile(r"\w+")
HEAD = """<!-- generated: python -m studies.coverage; do not edit -->

# Coverage

Every claim with its sentence and, after "Where", the condition under which it is examined.
Further claims about a sentence stand below it; "refuted" is the verdict that is expected.
A margin, such as a quarter or ten points, is the claim's own where the notes say "less" or "more".
What else the notes hold ends each part, with what tries it, or what part of it, or why nothing;
a claim of another part is cited with its sentence.
Both lists come of reading: no check finds a statement that is on neither.
"""
NOTES = """
### Also in the notes

| Statement | Tried by |
|---|---|
"""


@dataclass(frozen=True)
class Statement:
    """What the notes hold besides sentences with claims, and what tries it."""

    topic: str  # the folder of the part of the book that it belongs to
    words: str
    tried: tuple[str, ...]  # ids of claims and files of examples
    reason: str  # why nothing tries it, or which part of it is tried; empty for the whole


def statements() -> list[Statement]:
    """The lines of the table; raises ClaimError for one that is tried by nothing that is there."""
    ids = {one.id for one in sentences()}
    topics = {one.topic for one in sentences()}
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
            if row["topic"] not in topics:
                raise ClaimError(
                    f"claims/statements.tsv:{line}: no topic {row['topic']!r}; there are "
                    f"{', '.join(sorted(topics))}"
                )
            found.append(Statement(row["topic"], row["statement"], names, reason))
    return found


def page() -> str:
    """The page as it should read now."""
    titles = {topic.folder: topic.title.en for topic in CONTENTS}
    rows = statements()
    parts = [HEAD]
    for topic, ones in groupby(sentences(), lambda one: one.topic):
        parts.append(f"\n## {titles[topic]}\n")
        for title, group in groupby(ones, lambda one: one.section.title.en):
            parts += [f"\n### {title}\n\n", *_section(list(group))]
        own = [f"| {_line(one.words)} | {_tried(one)} |\n" for one in rows if one.topic == topic]
        parts += [NOTES, *own] if own else []
    return "".join(parts)


def _section(ones: list[Claim | Untestable]) -> Iterator[str]:
    """A line for each sentence, and below it one for each further claim about it."""
    leads = {one.id for one in ones}
    for one in ones:
        if one.id == one.row or one.row not in leads:
            yield f"- {_sentence(one)}\n"
            further = (other for other in ones if other.row == one.id and other is not one)
            yield from (f"  - {_sentence(other)}\n" for other in further)


def _sentence(one: Claim | Untestable) -> str:
    """What a claim says, where, and what it is to the sentence that it belongs to."""
    marks = [SIDES[word] for word in WORD.findall(one.id.removeprefix(one.row)) if word in SIDES]
    if isinstance(one, Claim):
        part = "" if one.source.startswith(ADDITION) else "in part "
        marks += [f"{part}{ADDITION} to the notes"] * (ADDITION in one.source)
        marks += ["refuted"] * (one.expected is Verdict.REFUTED)
        marks += ["in the profile `deep` alone"] * one.deep_only
        where = f". *Where:* {one.condition.en}" if one.condition else ""
    else:
        where = f". *Not testable:* {one.reason.en.removesuffix('.')}"
    mark = f"*{', '.join(marks).capitalize()}:* " if marks else ""
    return " ".join(f"{mark}{one.sentence.en}{where}. `{one.id}`".split())


def _tried(one: Statement) -> str:
    if not one.tried:
        return REASON + _line(one.reason)
    names = ", ".join(_named(name, one.topic) for name in one.tried)
    return names + (f"{PART}{_line(one.reason)}" if one.reason else "")


def _named(name: str, topic: str) -> str:
    """A claim or a file, and of a claim that stands in another part what it says."""
    other = next((one for one in sentences() if one.id == name), None)
    if other is None:
        return f"`{name}`"
    marks = ["not testable"] * (not isinstance(other, Claim))
    if other.topic != topic:
        (title,) = (part.title.en for part in CONTENTS if part.folder == other.topic)
        refuted = isinstance(other, Claim) and other.expected is Verdict.REFUTED
        marks.append(f"{title}{', refuted' * refuted}: {_line(other.sentence.en)}")
    return f"`{name}`" + f" ({', '.join(marks)})" * bool(marks)


def _line(text: str) -> str:
    """The text in one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
