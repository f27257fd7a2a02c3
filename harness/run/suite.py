"""The whole suite: every claim in `claims/`, in the chapter's order, and its error ledger."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import lru_cache

from harness.declaration.claim import Claim, ClaimError, Untestable
from harness.declaration.profiles import Profile
from harness.declaration.roles import through_a_protocol
from harness.statistics.evidence import Verdict
from harness.statistics.ledger import Ledger


@lru_cache(maxsize=1)
def whole_suite() -> tuple[Claim, ...]:
    """All claims of the package `claims`, by section and then in the order of their files."""
    found: list[Claim] = []
    for name in _claim_files():
        found.extend(claims_in(importlib.import_module(name)))
    check_together(found)
    return tuple(sorted(found, key=lambda c: (c.section.order, c.topic, c.line)))


@lru_cache(maxsize=1)
def chapter_order() -> dict[str, int]:
    """The place of every sentence, examined or not testable, in the chapter's order."""
    sentences: list[Claim | Untestable] = [*whole_suite(), *all_untestable()]
    sentences.sort(key=lambda s: (s.section.order, s.topic, s.line))
    return {sentence.id: place for place, sentence in enumerate(sentences)}


@lru_cache(maxsize=1)
def all_untestable() -> tuple[Untestable, ...]:
    """The sentences that the package `claims` lists as not testable."""
    listed = (vars(importlib.import_module(name)).values() for name in _claim_files())
    return tuple(value for values in listed for value in values if isinstance(value, Untestable))


def _claim_files() -> list[str]:
    """The modules of the topics' own folders, not those of their experiments and faults."""
    claims = importlib.import_module("claims")  # by name: the harness knows no claim
    return [
        f"claims.{topic.name}.{module.name}"
        for topic in pkgutil.iter_modules(claims.__path__)
        if topic.ispkg
        for module in pkgutil.iter_modules([f"{claims.__path__[0]}/{topic.name}"])
        if not module.ispkg
    ]


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
                f"{claim.topic}.py:{claim.line}: the id {claim.id!r} is already taken at "
                f"{first.topic}.py:{first.line}; give each claim an id of its own"
            )
    for claim in by_id.values():
        if claim.twin is None:
            continue
        twin = by_id.get(claim.twin)
        if twin is None or (
            claim.expected is Verdict.REFUTED and twin.expected is not Verdict.CONFIRMED
        ):
            raise ClaimError(
                f"{claim.topic}.py:{claim.line}: claim {claim.id!r} names the twin {claim.twin!r}, "
                f"which {'is not expected CONFIRMED' if twin else 'does not exist'}; "
                "name the corrected claim that holds"
            )


def ledger(claims: Iterable[Claim]) -> Ledger:
    """The claims' shares of the two error budgets, costly claims getting more."""
    return Ledger({claim.id: claim.cost for claim in claims})
