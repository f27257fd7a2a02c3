"""How many sentences hold, are refuted as printed, are open or failed: the answer in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.svg.element import Words

ORDER = ("CONFIRMED", "REFUTED", "UNDECIDED", "ERROR")
MARKS = {"CONFIRMED": "✓", "REFUTED": "✗", "UNDECIDED": "?", "ERROR": "!"}


@dataclass(frozen=True)
class Tally:
    """Sentences by verdict; a sentence that was tried on several devices counts once."""

    counts: dict[str, int]
    sentences: int
    surprises: int
    refuted_unexpectedly: int

    def headline(self) -> Words:
        """The answer; a verdict that nothing ended with is left out, holding is always said."""
        holds, refuted, undecided, failed = (self.counts[verdict] for verdict in ORDER)
        refuted -= self.refuted_unexpectedly
        en, zh = [f"{holds} of {self.sentences} sentences hold"], [f"{holds} 句成立"]
        if refuted:
            en.append(f"{refuted} {_is(refuted)} refuted as printed")
            zh.append(f"{refuted} 句原文被推翻")
        if self.refuted_unexpectedly:
            en.append(
                f"{self.refuted_unexpectedly} {_is(self.refuted_unexpectedly)} refuted unexpectedly"
            )
            zh.append(f"{self.refuted_unexpectedly} 句意外被推翻")
        if undecided:
            en.append(f"{undecided} {_is(undecided)} undecided")
            zh.append(f"{undecided} 句未决")
        if failed:
            en.append(f"{failed} ended in an error")
            zh.append(f"{failed} 句出错")
        first = f"{en[0]}, {', '.join(en[1:-1])} and {en[-1]}" if len(en) > 2 else " and ".join(en)
        return Words(f"{first}.", f"共 {self.sentences} 句论断：{'，'.join(zh)}。")

    def verdicts_expected(self) -> Words:
        """Whether anything surprises."""
        if not self.surprises:
            return Words("Every verdict is the expected one.", "所有判定均符合预期。")
        if self.surprises == 1:
            return Words("1 verdict is not as expected.", "有 1 个判定与预期不符。")
        return Words(
            f"{self.surprises} verdicts are not as expected.",
            f"有 {self.surprises} 个判定与预期不符。",
        )


def tally(records: Sequence[dict[str, Any]]) -> Tally:
    """Count the sentences; where devices differ, the verdict that was not expected counts."""
    shown: dict[str, dict[str, Any]] = {}
    for record in records:
        known = shown.setdefault(record["claim"], record)
        if known["as_expected"] and not record["as_expected"]:
            shown[record["claim"]] = record
    counts = dict.fromkeys(ORDER, 0)
    for record in shown.values():
        counts[record["verdict"]] += 1
    surprises = sum(not record["as_expected"] for record in shown.values())
    unforeseen = sum(
        record["verdict"] == "REFUTED" and not record["as_expected"] for record in shown.values()
    )
    return Tally(counts, len(shown), surprises, unforeseen)


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
