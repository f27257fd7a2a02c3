"""The one way to examine a claim: with its share of the error budget, and into a record."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec

from harness.blocks.task import Task
from harness.declaration.claim import Claim, Untestable
from harness.declaration.profiles import PROFILES, Profile
from harness.implementation.user_file import KnownFailure, failure_known_of
from harness.records.from_examination import record_of, untestable_record
from harness.records.inputs import Inputs
from harness.records.record import Edition, Record
from harness.run import suite
from harness.statistics.ledger import FOREIGN_SHARE
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import Examination, examine, first_tasks
from harness.trial.sweep import check

ROOT = Path(__file__).resolve().parents[2]
FOREIGN = Shares(FOREIGN_SHARE, FOREIGN_SHARE)  # whatever else is collected


class Examiner:
    """Examines claims of the suite, and foreign ones beside them.

    Shares are of all that the profile examines, on all devices of the run, whichever part of it is
    chosen: one claim alone spends what it spends among all. What the profile leaves out has a
    budget of its own, if it is asked for by name, and the share of a foreign claim is fixed.
    Raises ClaimError for an id that is given twice or a twin that is not there.
    """

    def __init__(
        self,
        foreign: Sequence[Claim] = (),
        root: Path = ROOT,
        profile: Profile = PROFILES["ci"],
        devices: int = 1,
        inputs: Inputs | None = None,
    ) -> None:
        own = suite.whole_suite()
        self.claims = (*own, *foreign)
        suite.check_together(self.claims)
        self._root = root
        self._inputs = inputs or Inputs()
        self._inputs.look()
        self._shares: dict[str, Shares] = {}
        self._order = dict(suite.chapter_order())
        everything = suite.ledger(own, PROFILES["deep"], devices)
        ledger = suite.ledger(own, profile, devices)
        for claim in self.claims:
            granting = ledger if claim.id in ledger.costs else everything
            is_own = claim.id in granting.costs
            self._shares[claim.id] = Shares.of(granting, claim.id) if is_own else FOREIGN
            self._order.setdefault(claim.id, len(self._order))
            check(claim, self._shares[claim.id].alpha)

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
        known = failure_known_of(claim, entries, on_trial)
        inputs = self.inputs_of(claim, examination.conditions)
        record = record_of(examination, self._order[claim.id], self._root, known, inputs)
        return _in_the_book(record, examination.conditions.profile)

    def inputs_of(self, claim: Claim, conditions: Conditions) -> dict[str, str]:
        """What a record of the claim is computed from now, by name and digest."""
        return self._inputs.of(claim, conditions, self.shares(claim))

    def untestable(self, sentence: Untestable, conditions: Conditions) -> Record:
        """The record of a sentence that no experiment can settle."""
        order = self._order.get(sentence.id, len(self._order))
        record = untestable_record(sentence, conditions, order, self._root)
        return _in_the_book(record, conditions.profile)


def _in_the_book(record: Record, profile: Profile) -> Record:
    """The record with what the book knows of its sentence; as it is for a foreign claim."""
    if record.claim not in suite.chapter_order():
        return record
    editions = [
        Edition(one.edition, one.state, one.address, one.quote)
        for one in suite.cited(record.claim, record.row)
    ]
    return msgspec.structs.replace(record, suite=suite.size_of(profile), editions=editions)


@cache
def of_the_suite(profile: Profile = PROFILES["ci"]) -> Examiner:
    """Who examines the suite's own claims, on one device."""
    return Examiner(profile=profile)
