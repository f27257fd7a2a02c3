"""How many sentences hold, hold under a condition, or are false as printed: the answer.

It may take several claims to settle a sentence of the book, the one that bears the row's own id
being the sentence as printed. A claim that shows where a condition ends refutes nothing of the
book. Counted are the chapter's own sentences; what engineers add to them stands beside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.records.record import Record
from harness.statistics.evidence import Verdict
from harness.text import Text, counted
from reports.words import words

MARKS: Mapping[str, str] = {
    Verdict.CONFIRMED: "✓",
    Verdict.WEAKER: "↓",
    Verdict.REFUTED: "✗",
    Verdict.UNDECIDED: "?",
    Verdict.ERROR: "!",
    Verdict.NOT_TESTABLE: "–",
    Verdict.NOT_APPLICABLE: "·",
}
HOLDS = "holds"
CONDITIONAL, FALSE = "conditional", "false"
UNTESTED, INAPPLICABLE = "untested", "inapplicable"
UNFORESEEN, UNDECIDED, FAILED = "unforeseen", "undecided", "failed"
WEAKER, IN_PART = "weaker", "in-part"
PHRASES: Mapping[str, Text] = {
    HOLDS: Text("{n} {hold} as printed", "{n} 句按原文成立"),
    CONDITIONAL: Text("{n} {hold} under a condition", "{n} 句有条件成立"),
    WEAKER: Text("{n} {hold} less strongly than declared", "{n} 句成立但弱于所声明的程度"),
    FALSE: Text("{n} {are} false as printed", "{n} 句原文不成立"),
    UNTESTED: Text("{n} cannot be tested", "{n} 句无法检验"),
    INAPPLICABLE: Text("{n} {do} not apply to what is on trial", "{n} 句不适用于被测对象"),
    UNFORESEEN: Text("{n} {are} refuted unexpectedly", "{n} 句意外被推翻"),
    UNDECIDED: Text("{n} {are} undecided", "{n} 句未决"),
    FAILED: Text("{n} ended in an error", "{n} 句出错"),
    IN_PART: Text("{n} {were} tested in part", "{n} 句仅检验了一部分"),
}


@dataclass(frozen=True)
class Sentence:
    """A sentence of the chapter, how it stands, and the claims that settle it.

    `printed` is the claim of the sentence as printed; where there is none, the first of them.
    """

    row: str
    standing: str
    printed: Record
    claims: Sequence[Record]


@dataclass(frozen=True)
class Standing:
    """How so many sentences stand, in words that follow "Of the chapter's sentences"."""

    name: str
    words: Text
    sentences: Sequence[Sentence]


@dataclass(frozen=True)
class Tally:
    """The chapter's sentences, and the claims, each once on however many devices it was tried.

    `beyond` are claims about what the chapter does not print, `ends` those that show where a
    condition ends, `missing` what the suite has and the run has not.
    """

    sentences: Sequence[Sentence]
    claims: int
    judged: int
    beyond: int
    ends: int
    surprises: int
    missing: int
    suite: int

    def standings(self) -> list[Standing]:
        """The standings that sentences have, which add up to all of them."""
        found = []
        for name, phrase in PHRASES.items():
            those = [one for one in self.sentences if one.standing == name]
            if those or name == HOLDS:
                found.append(Standing(name, _counted(phrase, len(those)), those))
        return found

    def opening(self) -> Text:
        """What the numbers are of: the words before those of the standings."""
        count = len(self.sentences)
        if not count:
            return Text("None of the chapter's sentences was examined.", "没有检验书中任何一句。")
        if count == 1:
            return Text("Of one sentence of the chapter", "本章 1 句")
        whole = "the chapter's" if not self.missing else "the"
        where = " examined here" if self.missing else ""
        part = "中已检验的" if self.missing else "的"
        return Text(f"Of {whole} {count} sentences{where}", f"本章{part} {count} 句")

    def headline(self) -> Text:
        """The answer in a sentence."""
        opening = self.opening()
        if not self.sentences:
            return opening
        en = [standing.words.en for standing in self.standings()]
        zh = [standing.words.zh for standing in self.standings()]
        last = f"{', '.join(en[:-1])} and {en[-1]}" if en[1:] else en[0]
        return Text(f"{opening.en} {last}.", f"{opening.zh}：{'，'.join(zh)}。")

    def alarm(self) -> Text | None:
        """That the run is a part of the suite; None for a whole one."""
        if not self.missing:
            return None
        return Text(
            f"This is a partial run: {self.suite - self.missing} of the suite's {self.suite} "
            "claims were examined.",
            f"这是一次部分运行：全套 {self.suite} 个论断中检验了 {self.suite - self.missing} 个。",
        )

    def verdicts_expected(self) -> Text:
        """How many claims settle the sentences, and whether any of their verdicts surprises."""
        if not self.judged:
            return words("nothing judged")
        settle = Text(
            f"{counted(self.judged, 'claim')} on trial",
            f"共检验 {self.judged} 个论断",
        )
        if not self.surprises:
            return Text(
                f"{settle.en}: every verdict is the one that was written down beforehand.",
                f"{settle.zh}：每个判定都与事先写下的一致。",
            )
        surprising = counted(self.surprises, "verdict is", "verdicts are")
        return Text(
            f"{settle.en}: {surprising} not as expected.",
            f"{settle.zh}：有 {self.surprises} 个判定与预期不符。",
        )

    def behind(self) -> Text:
        """The claims by what they are for; the numbers add up to all of them."""
        own = self.claims - self.ends - self.beyond
        en = [f"{own} about the sentences and their corrections"]
        zh = [f"{own} 个针对书中的句子及其修正"]
        if self.ends:
            en.append(f"{self.ends} that show where a condition ends (they refute nothing)")
            zh.append(f"{self.ends} 个说明条件的边界，并不推翻任何一句")
        if self.beyond:
            en.append(f"{self.beyond} about what the chapter does not print")
            zh.append(f"{self.beyond} 个针对书中没有写到的内容")
        last = f"{', '.join(en[:-1])} and {en[-1]}" if en[1:] else en[0]
        untried = self.claims - self.judged
        return Text(
            f"{counted(self.claims, 'claim')}: {last}"
            + (f"; {counted(untried, 'was', 'were')} not tried." if untried else "."),
            f"论断 {self.claims} 个：{'，'.join(zh)}"
            + (f"；{untried} 个未作检验。" if untried else "。"),
        )


def tally(records: Sequence[Record]) -> Tally:
    """Count the sentences; where devices differ, the verdict that was not expected counts."""
    shown: dict[str, Record] = {}
    for record in records:
        known = shown.setdefault(record.claim, record)
        if known.as_expected and not record.as_expected:
            shown[record.claim] = record
    rows: dict[str, list[Record]] = {}
    for record in shown.values():
        rows.setdefault(record.row or record.claim, []).append(record)
    suite = max((record.suite for record in shown.values()), default=0)
    missing = max(0, suite - sum(record.suite > 0 for record in shown.values()))
    # A sentence is the chapter's where any of its claims is; the others of its claims go with it.
    own = {
        row: claims
        for row, claims in rows.items()
        if not all(claim.section.beyond for claim in claims)
    }
    sentences = [
        Sentence(row, _standing(row, claims, missing > 0), _printed(row, claims), claims)
        for row, claims in own.items()
    ]
    return Tally(
        sentences=sentences,
        claims=len(shown),
        judged=sum(record.verdict.judged for record in shown.values()),
        beyond=len(shown) - sum(map(len, own.values())),
        ends=sum(is_end(claim) for claims in own.values() for claim in claims),
        surprises=sum(not record.as_expected for record in shown.values()),
        missing=missing,
        suite=suite,
    )


def is_end(record: Record) -> bool:
    """Whether the claim shows where the sentence's condition ends, and refutes nothing printed."""
    return record.expected is Verdict.REFUTED and record.claim != record.row


def token(verdict: str) -> str:
    """The verdict as one word, for classes and attributes."""
    return verdict.replace(" ", "-")


def _printed(row: str, claims: Sequence[Record]) -> Record:
    return next((claim for claim in claims if claim.claim == row), claims[0])


def _standing(row: str, claims: Sequence[Record], partial: bool) -> str:
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
    printed = _printed(row, claims)
    if partial and printed.claim != row:
        return IN_PART
    if printed.verdict is Verdict.REFUTED:
        return FALSE
    if printed.verdict is Verdict.WEAKER:
        return WEAKER
    return CONDITIONAL if Verdict.REFUTED in verdicts else HOLDS


def _counted(phrase: Text, n: int) -> Text:
    one = n == 1
    forms = {
        "n": n,
        "are": "is" if one else "are",
        "were": "was" if one else "were",
        "do": "does" if one else "do",
        "hold": "holds" if one else "hold",
    }
    return Text(phrase.en.format(**forms), phrase.zh.format(**forms))
