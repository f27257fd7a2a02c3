"""What changed between the baseline's records and these: verdicts, new and vanished sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.records.record import Record
from harness.text import Text
from reports.words import words

MOST_LINES = 20


@dataclass(frozen=True)
class Change:
    """One sentence whose verdict is another one, or that is new or gone; id is '' when gone."""

    id: str
    sentence: Text
    what: Text


@dataclass(frozen=True)
class Changes:
    """All changes counted, the first of them told."""

    changed: int
    new: int
    gone: int
    lines: Sequence[Change]

    def headline(self) -> Text:
        """The counts in a sentence."""
        if not self.changed + self.new + self.gone:
            return words("no change")
        return Text(
            f"{self.changed} verdicts changed, {self.new} new, {self.gone} gone",
            f"{self.changed} 个判定改变，新增 {self.new} 个，消失 {self.gone} 个",
        )


def changes(before: Sequence[Record], after: Sequence[Record]) -> Changes:
    """Compare by claim and device."""
    old, new = ({(one.claim, one.device): one for one in run} for run in (before, after))
    changed = [
        Change(one.claim, one.sentence, _verdicts(old[key], one))
        for key, one in new.items()
        if key in old and old[key].verdict != one.verdict
    ]
    fresh = [
        Change(one.claim, one.sentence, words("new")) for key, one in new.items() if key not in old
    ]
    gone = [Change("", one.sentence, words("gone")) for key, one in old.items() if key not in new]
    lines = [*changed, *gone, *fresh][:MOST_LINES]
    return Changes(len(changed), len(fresh), len(gone), lines)


def _verdicts(before: Record, after: Record) -> Text:
    was, now = words(before.verdict), words(after.verdict)
    return Text(f"{was.en} → {now.en}", f"{was.zh} → {now.zh}")
