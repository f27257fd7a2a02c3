"""Writes docs/promises.md: `python -m studies.promises`.

A role's docstring is the protocol that an implementation keeps, so each of its sentences is either
tried by a claim, which a planted fault of the role shows able to fail, or stands in
claims/promises.tsv with the reason why none tries it. A sentence ends at a full stop or a
semicolon outside brackets.
"""

import csv
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.declaration.claim import Claim, ClaimError
from harness.declaration.roles import ROLES
from harness.implementation.named import load
from harness.run.suite import the_book, whole_suite
from studies.roles_page import EVERY_ROLE
from studies.tables import ROOT

PAGE = ROOT / "docs" / "promises.md"
TABLE = ROOT / "claims" / "promises.tsv"
EVERY = "every role"  # what all of them keep, the head of docs/roles.md
SHORT = ("al.", "Eq.", "...", "e.g.", "i.e.")  # a full stop that ends no sentence
TEST = re.compile(r"(tests/[\w/]+\.py)(?:::(\w+))?")
HEAD = """<!-- generated: python -m studies.promises; do not edit -->

# Promises

Each sentence of each [role's protocol](roles.md), the claims that try it, and planted faults of
the role that break the promise and that these claims refute.
Where no claim tries a sentence, the last column says why.
Claims, faults and reasons are declared in `claims/promises.tsv`, and a test holds them: a new
sentence without a line, a line without its sentence, a claim that does not take the role and a
fault that does not break the claim are errors.
"""


@dataclass(frozen=True)
class Promise:
    """A sentence of a role's protocol, and what stands behind it."""

    role: str
    words: str
    claims: tuple[str, ...]
    faults: tuple[str, ...]  # names of functions, planted for that role
    why: str  # why no claim tries it, or what of it none does


def sentences_of(text: str) -> list[str]:
    """The sentences of a docstring, on one line each."""
    text, found, depth, start = " ".join(text.split()), [], 0, 0
    for end, letter in enumerate(text, start=1):
        depth += (letter in "([{") - (letter in ")]}")
        words = text[start:end].strip()
        stops = letter in ".;" or (letter == ")" and words.startswith("(") and text[end - 2] == ".")
        if depth or not stops or text[end : end + 1] not in (" ", ""):
            continue
        if words.rpartition(" ")[2] not in SHORT:
            found.append(words)
            start = end
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def protocols() -> dict[str, str]:
    """What every role has to keep, and each role's own docstring."""
    own = {role: inspect.getdoc(load(role, ROLES[role])) or "" for role in sorted(ROLES)}
    return {EVERY: EVERY_ROLE, **own}


def promises(file: Path = TABLE) -> list[Promise]:
    """The lines of the table; raises ClaimError for one that holds nothing."""
    found = []
    with file.open(encoding="utf-8", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines, delimiter="\t"), start=2):
            one = Promise(
                row["role"],
                row["promise"],
                tuple(row["claims"].split()),
                tuple(row["faults"].split()),
                row["why"],
            )
            if problem := next(_problems(one), None):
                raise ClaimError(f"claims/{file.name}:{line}: {one.words!r} {problem}")
            found.append(one)
    return found


def missing(lines: list[Promise], protocols: Mapping[str, str]) -> list[str]:
    """Sentences without a line and lines without a sentence, one of these after another."""
    said = [(role, words) for role, text in protocols.items() for words in sentences_of(text)]
    held = [(one.role, one.words) for one in lines]
    new = [f"{role}: {words!r} has no line" for role, words in said if (role, words) not in held]
    old = [f"{role}: nobody says {words!r}" for role, words in held if (role, words) not in said]
    return new + old or ([] if said == held else ["lines are not in the order of the sentences"])


def _problems(one: Promise) -> Iterator[str]:
    if not one.claims and not one.why:
        yield "is tried by nothing; name claims and faults, or give the reason"
    if bool(one.claims) != bool(one.faults):
        yield "needs both claims and faults: a claim that nothing refutes tries nothing"
    breaks = {name: _breaks().get((one.role, name)) for name in one.faults}
    for name, broken in breaks.items():
        if broken is None:
            yield f"names {name!r}, which is planted nowhere for {one.role!r}"
        elif broken.isdisjoint(one.claims):
            yield f"names {name!r}, which says of none of its claims that it breaks them"
    for name in one.claims:
        claim = _suite().get(name)
        if claim is None or one.role not in claim.roles or claim.deep_only:
            yield f"names {name!r}, which is no claim about {one.role!r} that the tests examine"
        elif not any(name in (broken or ()) for broken in breaks.values()):
            yield f"names {name!r}, which none of its faults says that it breaks"
    for file, test in TEST.findall(one.why):
        place, wanted = ROOT / file, f"def {test}(" if test else ""
        if not place.is_file() or wanted not in place.read_text(encoding="utf-8"):
            yield f"names the test {file}::{test}, which is not there"


@cache
def _suite() -> Mapping[str, Claim]:
    return {claim.id: claim for claim in whole_suite()}


@cache
def _breaks() -> Mapping[tuple[str, str], set[str]]:
    """The claims that faults of a role and a name break, whatever files they are in."""
    found: dict[tuple[str, str], set[str]] = {}
    book = the_book()
    for planted in book.faults if book else ():
        name = planted.target.partition(":")[2]
        found.setdefault((planted.role, name), set()).update(planted.breaks)
    return found


def page() -> str:
    """The page as it should read now."""
    lines = promises()
    if gone := missing(lines, protocols()):
        raise ClaimError(f"claims/{TABLE.name}: {'; '.join(gone)}")
    tried = sum(bool(one.claims) for one in lines)
    count = f"\n{len(lines)} sentences: {tried} have claims and faults, {len(lines) - tried} not.\n"
    return HEAD + count + "".join(_section(role, lines) for role in (EVERY, *sorted(ROLES)))


def _section(role: str, lines: list[Promise]) -> str:
    rows = [
        f"| {_cell(one.words)} | {_names(one.claims)} | {_names(one.faults)} | {_cell(one.why)} |\n"
        for one in lines
        if one.role == role
    ]
    return (
        f"\n## {role}\n\n| Sentence | Claims | Faults | Not tried |\n|---|---|---|---|\n"
        + "".join(rows)
    )


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(words: str) -> str:
    """The words in a cell of a table: bars split it in code as well, stars do not."""
    parts = TEST.sub(r"`\g<0>`", words).replace("|", "\\|").split("`")
    return "`".join(part if i % 2 else part.replace("*", "\\*") for i, part in enumerate(parts))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
