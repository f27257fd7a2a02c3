"""A claim's card: what a reviewer needs in order to judge whether sentence and statistic agree."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

from harness.declaration.book import ClaimError, book_of
from harness.declaration.claim import Claim
from harness.declaration.numbers import arguments, at, filled
from harness.declaration.relations import Relation
from harness.statistics.evidence import Verdict

# Why the margin of a kind of relation is what it is, where the claim itself says nothing of it.
BETWEEN = "between the two numbers it is true, but too near to the bound to be told"
SIGNAL = "a variance that is off by less moves a signal by less than nets of this width vary"
MATTERS = {
    "probability above": "a reader meets single runs, so the sentence is to be right in most of "
    "them and not on average alone; between the two probabilities it is true, but no rule",
    "probability below": f"the sentence bounds how often it happens; {BETWEEN}",
    "mean above": f"the sentence bounds the mean; {BETWEEN}",
    "mean below": f"the sentence bounds the mean; {BETWEEN}",
    "mean": "a mean that is off by less reads the same to a reader",
    "rate": "a rate that is off by less shows in no net that a reader trains",
    "variance": SIGNAL,
    "uniform variance": SIGNAL,
    "law": "laws that are nearer than this give the same picture and figures",
    "independence": "dependence below it is too weak to couple what a reader trains",
    "identity": "it is an identity: code that is off by more than rounding computes something else",
    "every instance": "there is no noise in the sentence: one instance that breaks it refutes it",
    "one run": "algebra makes one run of both, so that rounding alone parts them; that rounding "
    "stays within the allowance is seen in runs and not proved",
    "printed figure": "a figure of one run can be refuted, but not confirmed, by the law of runs",
}
FAILS = {
    "probability above": "an event that happens at most as often as the lower probability",
    "probability below": "an event that happens at least as often as the higher probability",
    "mean above": "a mean on the bound or below it",
    "mean below": "a mean on the bound or above it",
    "mean": "a mean on the margin or beyond it",
    "rate": "a rate on the margin or beyond it",
    "variance": "a variance that differs by the factor or more",
    "uniform variance": "a value beyond the bound, or a variance that differs by the factor",
    "law": "a law at that distance or farther",
    "independence": "pairs that agree more or less often, by the margin or more",
    "identity": "a single instance beyond the bound",
    "every instance": "a single instance beyond the bound",
    "one run": "a single instance beyond the allowance",
    "printed figure": "a figure that no larger share of runs than this lies beyond, on one side",
}


@dataclass(frozen=True)
class Card:
    """What is said, what is measured and where, how far off is wrong, and who breaks it."""

    sentence: str
    statistic: str
    condition: str
    margin: str  # in words; `margin_of` has its numbers
    matters: str
    fails: str
    faults: tuple[str, ...]


def card_of(claim: Claim) -> Card:
    """The claim's card; raises ClaimError with file and line where a part of it is missing.

    A claim that is expected to be refuted is tried by the faults of its twin, which measures the
    same primitive.
    """
    relations = tuple(_leaves(claim.holds))
    card = Card(
        sentence=claim.sentence.en.strip(),
        statistic=claim.formula or claim.holds.words.en,
        condition=claim.condition.en if claim.condition else "none: at every setting drawn",
        margin=claim.holds.words.en,
        matters=_told(MATTERS, relations, "; "),
        fails=_told(FAILS, relations, "; or "),
        faults=claim.faults or _faults_of_the_twin(claim),
    )
    missing = [one.name for one in fields(card) if not getattr(card, one.name)]
    if missing:
        raise ClaimError(
            f"{claim.place}: the card of claim {claim.id!r} lacks {', '.join(missing)}; give the "
            "claim a formula=, a relation with words and a kind that harness/declaration/card.py "
            "knows, and a planted fault that it refutes"
        )
    return card


def margin_of(claim: Claim) -> str:
    """The relation in words, with numbers of the setting as they are at the listed settings.

    They are computed here and not for every card: some of them take scipy.
    """
    functions, words = claim.holds.functions, claim.holds.words.en
    asked = dict.fromkeys(name for function in functions for name in arguments(function))
    # As keys of a dict: settings that differ in other values give the same numbers.
    listed = [*dict.fromkeys(tuple(setting[name] for name in asked) for setting in claim.always)]
    if not functions or not listed:
        return words
    settings = [dict(zip(asked, values, strict=True)) for values in listed]
    numbers = [" / ".join(f"{at(one, s):.3g}" for s in settings) for one in functions]
    where = ", ".join(f"{name} = {' / '.join(_value(s[name]) for s in settings)}" for name in asked)
    return f"{filled(words, functions, numbers)} (at {where})"


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _leaves(relation: Relation) -> Iterator[Relation]:
    if relation.kind or not relation.parts:
        yield relation
        return
    for part in relation.parts.values():
        yield from _leaves(part)


def _told(words: dict[str, str], relations: tuple[Relation, ...], joint: str) -> str:
    """What is said of each kind, once; empty where nothing is said of one of them."""
    told = dict.fromkeys(words.get(relation.kind, "") for relation in relations)
    return "" if "" in told else joint.join(told)


def reason_of(claim: Claim) -> str:
    """What the claim's own comment above `holds=` says of its margin; empty where it has none."""
    lines = [line.strip() for line in claim.code.splitlines()]
    at = next((i for i, line in enumerate(lines) if line.startswith("holds=")), 0)
    first = at
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return " ".join(line.lstrip("# ") for line in lines[first:at])


def _faults_of_the_twin(claim: Claim) -> tuple[str, ...]:
    book = book_of(claim.measure.__module__)
    if book is None or claim.expected is not Verdict.REFUTED or claim.twin is None:
        return ()
    return book.refuted_by.get(claim.twin, ())
