"""How many sentences hold, hold under a condition, or are false as printed: the answer.

A sentence of the chapter is a row of the catalogue; it may take several claims to settle it, the
one that bears the row's own id being the sentence as printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.text import Text
from reports.words import NOT_APPLICABLE, NOT_TESTABLE

JUDGED = ("CONFIRMED", "REFUTED", "UNDECIDED", "ERROR")
UNJUDGED = (NOT_TESTABLE, NOT_APPLICABLE)  # never a pass: counted apart
ORDER = (*JUDGED, *UNJUDGED)
HOLDS = "holds"
CONDITIONAL, FALSE, UNTESTED = "conditional", "false", "not tested"
UNFORESEEN, UNDECIDED, FAILED = "refuted unexpectedly", "undecided", "error"
PHRASES = {
    CONDITIONAL: ("{n} {hold} under a condition", "{n} 句有条件成立"),
    FALSE: ("{n} {are} false as printed", "{n} 句原文不成立"),
    UNTESTED: ("{n} cannot be tested", "{n} 句无法检验"),
    UNFORESEEN: ("{n} {are} refuted unexpectedly", "{n} 句意外被推翻"),
    UNDECIDED: ("{n} {are} undecided", "{n} 句未决"),
    FAILED: ("{n} ended in an error", "{n} 句出错"),
}
MARKS = {
    "CONFIRMED": "✓",
    "REFUTED": "✗",
    "UNDECIDED": "?",
    "ERROR": "!",
    NOT_TESTABLE: "–",
    NOT_APPLICABLE: "·",
}


@dataclass(frozen=True)
class Tally:
    """Sentences by verdict; a sentence that was tried on several devices counts once."""

    counts: dict[str, int]
    sentences: int
    surprises: int
    claims: int
    standings: dict[str, int]

    def headline(self) -> Text:
        """The answer; a standing that no sentence has is left out, holding is always said."""
        holds = self.standings[HOLDS]
        en = [f"{holds} of {self.sentences} {_plural(self.sentences)} {_hold(holds)} as printed"]
        zh = [f"{holds} 句成立"]
        for standing, (english, chinese) in PHRASES.items():
            count = self.standings[standing]
            if count:
                en.append(english.format(n=count, are=_is(count), hold=_hold(count)))
                zh.append(chinese.format(n=count))
        first = f"{en[0]}, {', '.join(en[1:-1])} and {en[-1]}" if len(en) > 2 else " and ".join(en)
        return Text(f"{first}.", f"书中 {self.sentences} 句：{'，'.join(zh)}。")

    def verdicts_expected(self) -> Text:
        """How many claims settle the sentences, and whether any of their verdicts surprises."""
        settle = Text(
            f"{self.claims} claim{'' if self.claims == 1 else 's'} on trial",
            f"共检验 {self.claims} 个论断",
        )
        if not self.surprises:
            return Text(
                f"{settle.en}: every verdict is the expected one.",
                f"{settle.zh}：所有判定均符合预期。",
            )
        are = "verdict is" if self.surprises == 1 else "verdicts are"
        return Text(
            f"{settle.en}: {self.surprises} {are} not as expected.",
            f"{settle.zh}：有 {self.surprises} 个判定与预期不符。",
        )


def tally(records: Sequence[dict[str, Any]]) -> Tally:
    """Count the sentences; where devices differ, the verdict that was not expected counts."""
    shown: dict[str, dict[str, Any]] = {}
    for record in records:
        known = shown.setdefault(record["claim"], record)
        if known["as_expected"] and not record["as_expected"]:
            shown[record["claim"]] = record
    counts = dict.fromkeys(ORDER, 0)
    rows: dict[str, list[dict[str, Any]]] = {}
    for record in shown.values():
        counts[record["verdict"]] += 1
        rows.setdefault(record.get("row") or record["claim"], []).append(record)
    standings = dict.fromkeys((HOLDS, *PHRASES), 0)
    for row, claims in rows.items():
        standings[_standing(row, claims)] += 1
    surprises = sum(not record["as_expected"] for record in shown.values())
    return Tally(
        counts, len(rows), surprises, sum(counts[verdict] for verdict in JUDGED), standings
    )


def _standing(row: str, claims: Sequence[dict[str, Any]]) -> str:
    """How the sentence stands that these claims settle; what surprises comes first."""
    surprising = {claim["verdict"] for claim in claims if not claim["as_expected"]}
    for verdict, standing in (("ERROR", FAILED), ("UNDECIDED", UNDECIDED), ("REFUTED", UNFORESEEN)):
        if verdict in surprising:
            return standing
    verdicts = {claim["verdict"] for claim in claims}
    if "CONFIRMED" not in verdicts and "REFUTED" not in verdicts:
        return UNTESTED
    printed = next((claim for claim in claims if claim["claim"] == row), claims[0])
    if printed["verdict"] == "REFUTED":
        return FALSE
    return CONDITIONAL if "REFUTED" in verdicts else HOLDS


def token(verdict: str) -> str:
    """The verdict as one word, for classes and attributes."""
    return verdict.replace(" ", "-")


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _hold(count: int) -> str:
    return "holds" if count == 1 else "hold"


def _plural(count: int) -> str:
    return "sentence" if count == 1 else "sentences"
