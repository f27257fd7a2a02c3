"""Writes docs/cards.md, a card a claim for its reviewers: `python -m studies.cards`."""

from harness.declaration.card import Card, card_of, margin_of, reason_of
from harness.declaration.claim import Claim
from harness.run.suite import whole_suite
from harness.statistics.evidence import Verdict
from studies.tables import ROOT

PAGE = ROOT / "docs" / "cards.md"
HEAD = """<!-- generated: python -m studies.cards; do not edit -->

# Cards for reviewers

One card a claim: the sentence, what is measured, and under which condition.
Then how far off is wrong and why that matters, what would make it fail, and the planted faults.
Few claims give a reason of their own for their margin; the others have that of their kind of
relation, and are marked so: whether it suits the claim is the reviewer's to judge.
Judge each by itself: does the statistic say what the sentence says?
A claim that is expected REFUTED is tried by its twin's faults: both measure the same primitive.
Where it has no formula of its own it measures what its twin does, in other settings.
A number that depends on the setting is given at each listed setting, divided by /.
"""
OF_THE_KIND = "(said of every relation of this kind) "
OF_THE_TWIN = "(that of its twin, `{}`) "


def page() -> str:
    """The page as it should read now."""
    parts, topic = [HEAD], ""
    by_id = {claim.id: claim for claim in whole_suite()}
    for claim in whole_suite():
        if claim.topic != topic:
            topic = claim.topic
            parts.append(f"\n## {topic.replace('_', ' ').capitalize()}\n")
        parts.append(_card(claim, card_of(claim), by_id.get(claim.twin or "")))
    return "".join(parts)


def _card(claim: Claim, card: Card, twin: Claim | None) -> str:
    faults = ", ".join(f"`{fault.rpartition(':')[2]}` ({_role(fault)})" for fault in card.faults)
    rows = (
        ("Statistic", _statistic(claim, card, twin)),
        ("Condition", card.condition),
        ("Margin", margin_of(claim)),
        ("Why that margin", reason_of(claim) or f"{OF_THE_KIND}{card.matters}"),
        ("Fails on", card.fails),
        ("Faults", faults),
        ("Expected", _expected(claim)),
    )
    listed = "".join(
        f"- {name}: {text if name == 'Faults' else _line(text)}\n" for name, text in rows
    )
    return f"\n### `{claim.id}`\n\n{_line(card.sentence)}.\n\n{listed}"


def _statistic(claim: Claim, card: Card, twin: Claim | None) -> str:
    """The claim's formula; a refuted claim without one measures what its twin does."""
    if claim.formula or twin is None or claim.expected is not Verdict.REFUTED:
        return card.statistic
    return f"{OF_THE_TWIN.format(twin.id)}{card_of(twin).statistic}"


def _expected(claim: Claim) -> str:
    twin = f"; twin `{claim.twin}`" if claim.twin else ""
    return claim.expected.value + twin + "; examined in the profile deep alone" * claim.deep_only


def _role(fault: str) -> str:
    return fault.partition("=")[0]


def _line(text: str) -> str:
    """On one line, with what Markdown would read as markup as it is written."""
    flat = " ".join(text.split())
    return "".join(f"\\{sign}" if sign in "*_<>|[]" else sign for sign in flat)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
