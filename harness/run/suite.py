"""The whole suite: every claim in `claims/`, in the chapter's order, and its error ledger."""

import importlib
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import ModuleType

from harness.declaration.book import Book, book_of
from harness.declaration.card import card_of
from harness.declaration.claim import Claim, ClaimError, Untestable
from harness.declaration.editions import Citation, citations
from harness.declaration.profiles import Profile
from harness.declaration.roles import through_a_protocol
from harness.statistics.evidence import Verdict
from harness.statistics.ledger import Ledger

# Of the claims: where this module lies in a package, there they do.
PACKAGE = f"{__name__.rpartition('harness')[0]}claims"
BOOK = Path(__file__).resolve().parents[2] / "claims"


@cache
def the_book() -> Book | None:
    """The book on trial: the package `claims`; None where another folder of that name is tested."""
    if not (BOOK / "contents.py").exists():
        raise ClaimError("claims/contents.py is not there; it lists the topics and their sections")
    return book_of(f"{PACKAGE}.topic.file")


@cache
def _modules() -> tuple[ModuleType, ...]:
    """The claim files in the order of the contents."""
    book = the_book()
    files = book.files() if book else ()
    return tuple(importlib.import_module(f"{PACKAGE}.{name}") for name in files)


@cache
def whole_suite() -> tuple[Claim, ...]:
    """All claims of the book, in the order of its contents and then of the lines.

    Raises ClaimError where claims, contents, costs and planted faults do not fit together.
    """
    found = [claim for module in _modules() for claim in claims_in(module)]
    check_together(found)
    if book := the_book():
        check_book(found, book)
    return tuple(found)


@cache
def chapter_order() -> dict[str, int]:
    """The place of every sentence, examined or not testable, in the chapter's order."""
    return {sentence.id: place for place, sentence in enumerate(sentences())}


@cache
def sentences() -> tuple[Claim | Untestable, ...]:
    """Every sentence, examined or not testable, in the chapter's order."""
    found: list[Claim | Untestable] = []
    for module in _modules():
        listed = [value for value in vars(module).values() if isinstance(value, Untestable)]
        found += sorted([*claims_in(module), *listed], key=lambda sentence: sentence.line)
    return tuple(found)


@cache
def size_of(profile: Profile) -> int:
    """How many sentences and claims of the book a run of the profile can examine."""
    deep = profile.name == "deep"
    return sum(deep or not getattr(sentence, "deep_only", False) for sentence in sentences())


def cited(claim: str, row: str) -> list[Citation]:
    """Where editions of the book have the claim's own sentence, or else that of its row."""
    book = the_book()
    found = citations(book.folder) if book else ()
    own = [one for one in found if one.row == claim]
    return own or [one for one in found if one.row == row]


def claims_in(module: object) -> list[Claim]:
    """The claims that a module declares itself, in the order of its lines."""
    name = getattr(module, "__name__", "")
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, Claim) and value.measure.__module__ == name
    ]
    return sorted(own, key=lambda claim: claim.line)


def judges(claim: Claim, on_trial: tuple[str, ...], profile: Profile) -> bool:
    """True if the claim says something about one of the roles, and the profile has it."""
    if not set(claim.roles) & set(on_trial) or (claim.deep_only and profile.name != "deep"):
        return False
    return profile.protocols or not through_a_protocol(claim.roles, on_trial)


def check_together(claims: Iterable[Claim]) -> None:
    """Raise ClaimError for an id given twice, or a twin that is not there or not CONFIRMED."""
    by_id: dict[str, Claim] = {}
    for claim in claims:
        first = by_id.setdefault(claim.id, claim)
        if first is not claim:
            raise ClaimError(
                f"{claim.place}: the id {claim.id!r} is already taken at {first.place}; "
                "give each claim an id of its own"
            )
    for claim in by_id.values():
        if claim.twin is None:
            continue
        twin = by_id.get(claim.twin)
        if twin is None or (
            claim.expected is Verdict.REFUTED and twin.expected is not Verdict.CONFIRMED
        ):
            raise ClaimError(
                f"{claim.place}: claim {claim.id!r} names the twin {claim.twin!r}, "
                f"which {'is not expected CONFIRMED' if twin else 'does not exist'}; "
                "name the corrected claim that holds"
            )


def check_book(claims: Iterable[Claim], book: Book) -> None:
    """Raise ClaimError for a claim without a fault, or a fault or a cost without a claim."""
    by_id = {claim.id: claim for claim in claims}
    quoted = {claim.row for claim in by_id.values()} | set(by_id)
    for planted in book.faults:
        place = f"{'/'.join(Path(planted.file).parts[-4:])}:{planted.line}"
        if not planted.breaks:
            raise ClaimError(f"{place}: the planted fault names no claim; give breaks='ID ID'")
        for id in planted.breaks:
            claim = by_id.get(id)
            if claim is None:
                raise ClaimError(
                    f"{place}: the planted fault breaks {id!r}, which no claim has as its id; "
                    f"{nearest(id, by_id)}"
                )
            if planted.role not in claim.roles:
                raise ClaimError(
                    f"{place}: the planted fault stands in for {planted.role!r}, which the claim "
                    f"{id!r} does not take; it takes {', '.join(claim.roles) or 'no role'}"
                )
    for claim in by_id.values():
        if claim.id not in book.costs:
            raise ClaimError(
                f"{claim.place}: claim {claim.id!r} has no measured cost; "
                f"run `python -m studies.costs {claim.id}`, which adds it to costs.tsv"
            )
        if claim.expected is Verdict.CONFIRMED and not claim.faults:
            raise ClaimError(
                f"{claim.place}: claim {claim.id!r} has no planted fault that it refutes; mark one "
                f"in {claim.topic}/faults with @fault(ROLE, breaks='{claim.id}')"
            )
        card_of(claim)
    for cited in citations(book.folder):
        if cited.row not in quoted:
            raise ClaimError(
                f"{cited.place}: {cited.row!r} is no sentence of a claim; "
                + nearest(cited.row, quoted)
            )
    for table, ids in (("costs", set(book.costs)), ("compared", set(book.compared))):
        for id in sorted(ids - set(by_id)):
            raise ClaimError(
                f"{book.package}/{table}.tsv: the row {id!r} is of no claim; take it out, or "
                f"{nearest(id, by_id)}"
            )


def nearest(given: str, known: Iterable[str]) -> str:
    """What to write instead of a name that is not there."""
    near = get_close_matches(given, list(known), n=1)
    return f"write {near[0]!r} if that is meant" if near else "write the id of a claim"


def ledger(claims: Iterable[Claim], profile: Profile, devices: int = 1) -> Ledger:
    """The shares of what the profile examines on so many devices, costly claims getting more."""
    spending = (claim for claim in claims if profile.name == "deep" or not claim.deep_only)
    return Ledger({claim.id: claim.cost for claim in spending}, devices=devices)
