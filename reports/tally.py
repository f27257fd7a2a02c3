"""How many sentences hold, hold under a condition, or are false as printed: the answer.

It may take several claims to settle a sentence of the book, the one that bears the row's own id
being the sentence as printed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.records.record import Record
from harness.statistics.evidence import Verdict
from harness.text import Text

MARKS: Mapping[str, str] = {
    Verdict.CONFIRMED: "✓",
    Verdict.WEAKER: "↓",
    Verdict.REFUTED: "✗",
    Verdict.UNDECIDED: "?",
    Verdict.ERROR: "!",
    Verdict.NOT_TESTABLE: "–",
    Verdict.NOT_APPLICABLE: "·",
}
ORDER = tuple(Verdict(verdict) for verdict in MARKS)
USUAL = (Verdict.CONFIRMED, Verdict.REFUTED, Verdict.UNDECIDED, Verdict.ERROR)  # shown if none is
JUDGED = tuple(verdict for verdict in ORDER if verdict.judged)
HOLDS = "holds"
CONDITIONAL, FALSE = "conditional", "false"
UNTESTED, INAPPLICABLE = "not tested", "not applicable"
UNFORESEEN, UNDECIDED, FAILED = "refuted unexpectedly", "undecided", "error"
WEAKER = "weaker"
PHRASES = {
    CONDITIONAL: Text("{n} {hold} under a condition", "{n} 句有条件成立"),
    WEAKER: Text("{n} {hold} less strongly than declared", "{n} 句成立但弱于所声明的程度"),
    FALSE: Text("{n} {are} false as printed", "{n} 句原文不成立"),
    UNTESTED: Text("{n} cannot be tested", "{n} 句无法检验"),
    INAPPLICABLE: Text("{n} {do} not apply to what is on trial", "{n} 句不适用于被测对象"),
    UNFORESEEN: Text("{n} {are} refuted unexpectedly", "{n} 句意外被推翻"),
    UNDECIDED: Text("{n} {are} undecided", "{n} 句未决"),
    FAILED: Text("{n} ended in an error", "{n} 句出错"),
}


@dataclass(frozen=True)
class Tally:
    """Sentences by verdict; a sentence that was tried on several devices counts once."""

    counts: dict[Verdict, int]
    sentences: int
    surprises: int
    standings: dict[str, int]

    def headline(self) -> Text:
        """The answer; a standing that no sentence has is left out, holding is always said."""
        holds, sentences = self.standings[HOLDS], self.sentences
        plural = "" if sentences == 1 else "s"
        en = [f"{holds} of {sentences} sentence{plural} {_hold(holds)} as printed"]
        zh = [f"{holds} 句成立"]
        for standing, phrase in PHRASES.items():
            if n := self.standings[standing]:
                are, do = ("is", "does") if n == 1 else ("are", "do")
                en.append(phrase.en.format(n=n, are=are, do=do, hold=_hold(n)))
                zh.append(phrase.zh.format(n=n))
        first = f"{en[0]}, {', '.join(en[1:-1])} and {en[-1]}" if len(en) > 2 else " and ".join(en)
        return Text(f"{first}.", f"书中 {sentences} 句：{'，'.join(zh)}。")

    @property
    def judged(self) -> int:
        """How many claims a trial was held of."""
        return sum(self.counts[verdict] for verdict in JUDGED)

    def verdicts_expected(self) -> Text:
        """How many claims settle the sentences, and whether any of their verdicts surprises."""
        claims = self.judged
        if not claims:
            return Text(
                "Nothing was judged: no claim applies to what was on trial, or none can be tested.",
                "没有作出任何判定：论断都不适用于被测对象，或无法检验。",
            )
        settle = Text(
            f"{claims} claim{'' if claims == 1 else 's'} on trial", f"共检验 {claims} 个论断"
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


def tally(records: Sequence[Record]) -> Tally:
    """Count the sentences; where devices differ, the verdict that was not expected counts."""
    shown: dict[str, Record] = {}
    for record in records:
        known = shown.setdefault(record.claim, record)
        if known.as_expected and not record.as_expected:
            shown[record.claim] = record
    counts = dict.fromkeys(ORDER, 0)
    rows: dict[str, list[Record]] = {}
    for record in shown.values():
        counts[record.verdict] += 1
        rows.setdefault(record.row or record.claim, []).append(record)
    standings = dict.fromkeys((HOLDS, *PHRASES), 0)
    for row, claims in rows.items():
        standings[_standing(row, claims)] += 1
    surprises = sum(not record.as_expected for record in shown.values())
    return Tally(counts, len(rows), surprises, standings)


def _standing(row: str, claims: Sequence[Record]) -> str:
    """How the sentence stands that these claims settle; what surprises comes first."""
    surprising = {claim.verdict for claim in claims if not claim.as_expected}
    for verdict, standing in (
        (Verdict.ERROR, FAILED),
        (Verdict.UNDECIDED, UNDECIDED),
        (Verdict.REFUTED, UNFORESEEN),
        (Verdict.WEAKER, WEAKER),
    ):
        if verdict in surprising:
            return standing
    verdicts = {claim.verdict for claim in claims}
    if not verdicts & {Verdict.CONFIRMED, Verdict.WEAKER, Verdict.REFUTED}:
        return INAPPLICABLE if Verdict.NOT_APPLICABLE in verdicts else UNTESTED
    printed = next((claim for claim in claims if claim.claim == row), claims[0])
    if printed.verdict is Verdict.REFUTED:
        return FALSE
    if printed.verdict is Verdict.WEAKER:
        return WEAKER
    return CONDITIONAL if Verdict.REFUTED in verdicts else HOLDS


def token(verdict: str) -> str:
    """The verdict as one word, for classes and attributes."""
    return verdict.replace(" ", "-")


def _hold(count: int) -> str:
    return "holds" if count == 1 else "hold"
