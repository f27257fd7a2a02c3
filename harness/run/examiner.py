"""The one way to examine a claim: with its share of the error budget, and into a record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from harness.blocks.block import Task
from harness.declaration.claim import Claim, Untestable
from harness.implementation.user_file import KnownFailure, failure_known_of
from harness.records.from_examination import record_of, untestable_record
from harness.records.record import Record
from harness.run import suite
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import Examination, examine, first_tasks

ROOT = Path(__file__).resolve().parents[2]


class Examiner:
    """Examines claims of the suite, and foreign ones beside them.

    Shares are of the whole suite, whichever part of it is run: one claim alone spends what it
    spends among all. Foreign claims have a budget of their own.
    Raises ClaimError for an id that is given twice or a twin that is not there.
    """

    def __init__(self, foreign: Sequence[Claim] = (), root: Path = ROOT) -> None:
        own = suite.whole_suite()
        self.claims = (*own, *foreign)
        suite.check_together(self.claims)
        self._root = root
        self._shares: dict[str, Shares] = {}
        self._order = dict(suite.chapter_order())
        for claims in filter(None, (own, foreign)):
            ledger = suite.ledger(claims)
            for claim in claims:
                self._shares[claim.id] = Shares.of(ledger, claim.id)
                self._order.setdefault(claim.id, len(self._order))

    def shares(self, claim: Claim) -> Shares:
        """What the claim may spend on one device."""
        return self._shares[claim.id]

    def first_tasks(self, claim: Claim, conditions: Conditions) -> Iterator[Task]:
        """Blocks that its examination will take, as far as that is known."""
        return first_tasks(claim, conditions, self.shares(claim))

    def examine(self, claim: Claim, conditions: Conditions) -> Examination:
        """The examination of the claim."""
        return examine(claim, conditions, self.shares(claim))

    def record(
        self, claim: Claim, conditions: Conditions, entries: Iterable[KnownFailure] = ()
    ) -> Record:
        """The record of the claim's examination, with the user's entry that it fails."""
        return self.record_of(self.examine(claim, conditions), entries)

    def record_of(self, examination: Examination, entries: Iterable[KnownFailure] = ()) -> Record:
        """The record of an examination."""
        claim = examination.claim
        on_trial = tuple(examination.conditions.implementation.replaced)
        known = failure_known_of(claim, tuple(entries), on_trial)
        return record_of(examination, self._order[claim.id], self._root, known)

    def untestable(self, sentence: Untestable, conditions: Conditions) -> Record:
        """The record of a sentence that no experiment can settle."""
        order = self._order.get(sentence.id, len(self._order))
        return untestable_record(sentence, conditions, order, self._root)


@cache
def of_the_suite() -> Examiner:
    """Who examines the suite's own claims."""
    return Examiner()
