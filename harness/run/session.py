"""One run: which claims it examines, with which shares of the error budget, by which workers."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.blocks.block import Task
from harness.blocks.failures import DeviceLostError
from harness.blocks.settings import draw_settings, largest_number_of_settings
from harness.declaration.claim import Claim, Untestable
from harness.implementation.user_file import KnownFailure, check_known_failures, failure_known_of
from harness.records import continuation
from harness.records.file import RecordsFile
from harness.records.from_examination import record_of, untestable_record
from harness.records.record import Record
from harness.run import suite
from harness.run.options import Options, SessionError
from harness.statistics.ledger import Ledger
from harness.trial.conditions import Conditions, Progress, Shares
from harness.trial.examination import examine, first_tasks
from harness.workers import executors
from harness.workers.executors import Place
from harness.workers.scheduler import Scheduler

TRIED = 3  # settings of a claim that are drawn at collection, to see that they are inside

SMALL_RUN = 4.0  # seconds of blocks, roughly: below it workers take longer to start than they save
FINAL = ("CONFIRMED", "REFUTED")
LOOKS = 4  # blocks of a sequential trial, roughly


class ClaimSession:
    """What the plugin asks: devices, shares, examinations, and a place for records."""

    def __init__(self, options: Options, root: Path) -> None:
        self.options = options
        self.root = root
        self.file = RecordsFile(root, options.output, go_on=options.go_on)
        self._ledgers: dict[str, Ledger] = {}
        self._order: dict[str, int] = {}
        self._place = _place(options.executor)
        self._scheduler: Scheduler | None = None
        self._expected: list[tuple[Claim, str]] = []
        self._reached = -1  # the place in _expected that the run has come to
        self._lost: dict[str, str] = {}
        self._finished = continuation.read_finished(self.file.path) if options.go_on else {}

    def expect(self, claims: Sequence[tuple[Claim, str]], *, has_siblings: bool) -> None:
        """The claims that will be examined, in their order; siblings share the machine with us.

        Where no executor was asked for, a run that is costly enough gets a process per core.
        Raises ExecutorError if the one that was asked for cannot be reached.
        """
        self._expected = list(claims)
        if self.options.executor is None and (has_siblings or self._seconds() < SMALL_RUN):
            self._place = Place("serial", 1)
        executors.check(self._place)

    def _seconds(self) -> float:
        draws = self.options.profile.draws
        return sum(
            claim.cost * LOOKS * largest_number_of_settings(claim, draws)
            for claim, device in self._expected
            if device == "cpu"
        )

    def header(self) -> list[str]:
        """What is on trial, for the head of the terminal."""
        options = self.options
        replaced = options.implementation.replaced
        shown = ", ".join(f"{role}={target}" for role, target in replaced.items())
        return [
            f"claims: implementation {shown or 'reference'}; devices {', '.join(options.devices)}; "
            f"profile {options.profile.name}; salt {options.salt}; images {options.images}",
            *self._narrowed(),
            "claims: error budget of the whole suite 1e-06 false confirmations, 1e-06 false "
            "refutations per run",
        ]

    def _narrowed(self) -> list[str]:
        if not self.judges_roles:
            return self._left_out()
        roles = ", ".join(self.options.implementation.replaced)
        left_out = "" if self.options.profile.protocols else " and train nothing"
        return [f"claims: only those that take {roles}{left_out} (all of them with --claims-all)"]

    def _left_out(self) -> list[str]:
        options = self.options
        if options.profile.costliest == math.inf or options.all_claims or options.only:
            return []
        return [
            f"claims: {options.profile.name} leaves the costly claims of a run of whole folders to "
            "ci (all of them with --claims-all)"
        ]

    @property
    def judges_roles(self) -> bool:
        """True if only the claims about the roles under test are examined."""
        options = self.options
        return bool(options.implementation.replaced) and not (options.all_claims or options.only)

    def failure_known(self, claim: Claim | Untestable) -> KnownFailure | None:
        """The user's entry that says that this claim fails, if there is one."""
        return failure_known_of(
            claim, self.options.known_failures, tuple(self.options.implementation.replaced)
        )

    def devices_for(self, claim: Claim) -> tuple[str, ...]:
        """The devices that the claim is examined on."""
        if claim.deep_only and self.options.profile.name != "deep":
            return ()
        if "device" not in claim.needs:
            return tuple(name for name in self.options.devices if name == "cpu")
        return self.options.devices

    def collected(self, claims: Sequence[Claim]) -> None:
        """Compute the shares: of the whole suite, and of foreign claims in a ledger of their own.

        Running one claim alone spends the same share as running all, so the suite's ledger is
        made from every claim that it has, not from those that were collected.
        """
        if not claims and not self.options.only:
            return
        whole = suite.whole_suite()
        known = {claim.id for claim in whole}
        foreign: list[Claim] = []
        for claim in claims:  # one claim is collected once per device
            if not any(claim is other for other in (*whole, *foreign)):
                foreign.append(claim)
        suite.check_together([*whole, *foreign])
        for claim in claims:
            if claim.inside is not None:  # its drawn settings, before an hour is spent on others
                draw_settings(claim, TRIED, self.options.salt)
        own = suite.ledger(whole) if whole else None
        theirs = suite.ledger(foreign) if foreign else None
        self._order = dict(suite.chapter_order())
        for claim in [*whole, *foreign]:
            self._order.setdefault(claim.id, len(self._order))
            chosen = own if claim.id in known else theirs
            assert chosen is not None
            self._ledgers[claim.id] = chosen
        check_known_failures(self.options.known_failures, [*whole, *foreign])
        names = sorted({name for claim in claims for name in (claim.id, claim.row)} | known)
        for only in self.options.only:
            if only not in names:
                near = difflib.get_close_matches(only, names, n=3)
                raise SessionError(
                    f"--claims-only={only!r} names no claim; "
                    f"the nearest are: {', '.join(near) or ', '.join(names[:3])}"
                )

    def wanted(self, claim: Claim | Untestable) -> bool:
        """True unless --claims-only names other claims, or it takes no role that is on trial."""
        if self.judges_roles:
            return isinstance(claim, Claim) and suite.judges(
                claim, tuple(self.options.implementation.replaced), self.options.profile
            )
        return not self.options.only or bool({claim.id, claim.row} & set(self.options.only))

    def is_too_costly(self, claim: Claim | Untestable) -> bool:
        """True for a claim that the profile leaves out of a run of whole folders."""
        profile = self.options.profile
        if isinstance(claim, Untestable) or self.options.all_claims or self.options.only:
            return False
        if self.options.implementation.replaced:
            return False
        return claim.cost * largest_number_of_settings(claim, profile.draws) > profile.costliest

    def examine(
        self, claim: Claim, device: str, progress: Callable[[Progress], None] | None
    ) -> Record:
        """The claim's record on the device."""
        if claim.id not in self._ledgers:
            self.collected([claim])
        before = self._before(claim, device)
        if before is not None and before["verdict"] in FINAL:
            return continuation.as_record(before)
        if (claim, device) in self._expected:
            self._reached = self._expected.index((claim, device))
        scheduler = self._workers()
        conditions = replace(self._conditions(claim, device, before, scheduler), progress=progress)
        shares = Shares.of(self._ledgers[claim.id], claim.id)
        examination = examine(claim, conditions, shares)
        for trial in examination.trials:
            if isinstance(trial.error, DeviceLostError):
                self._lost.setdefault(device, str(trial.error))
        record = record_of(examination, self._order[claim.id], self.root, self.options.images)
        known = self.failure_known(claim)
        return record if known is None else replace(record, known_failure=known.as_dict())

    def _conditions(
        self, claim: Claim, device: str, before: dict[str, Any] | None, scheduler: Scheduler | None
    ) -> Conditions:
        return Conditions(
            salt=self.options.salt,
            profile=self.options.profile,
            device=device,
            implementation=self.options.implementation,
            images=self.options.images,
            scheduler=scheduler,
            block_limit=self.options.block_limit,
            stored=continuation.stored_trials(before, claim) if before else {},
            device_lost=self._lost.get(device, ""),
        )

    def _upcoming(self, scheduler: Scheduler) -> Iterator[Task]:
        """First blocks of the claims that come after the present one, in the run's order."""
        for place, (claim, device) in enumerate(self._expected):
            before = self._before(claim, device)
            if place <= self._reached or (before and before["verdict"] in FINAL):
                continue
            conditions = self._conditions(claim, device, before, scheduler)
            shares = Shares.of(self._ledgers[claim.id], claim.id)
            try:
                for task in first_tasks(claim, conditions, shares):
                    if place < self._reached:
                        break
                    yield task
            except Exception:  # it is told when the claim is examined
                continue

    @property
    def notes(self) -> list[str]:
        """What happened to the workers and was mended, in sentences."""
        return self._scheduler.notes if self._scheduler is not None else []

    def is_carried(self, record: dict[str, Any]) -> bool:
        """True for a record that the records file holds already."""
        return self._finished.get((record["claim"], record["device"])) == record

    def _before(self, claim: Claim, device: str) -> dict[str, Any] | None:
        """The earlier run's record of the claim, if it can be gone on from."""
        record = self._finished.get((claim.id, device))
        if record is None:
            return None
        run = {
            "salt": self.options.salt,
            "profile": self.options.profile.name,
            "implementation": dict(self.options.implementation.replaced),
            "alpha": self._ledgers[claim.id].alpha(claim.id),
        }
        return record if continuation.still_valid(record, claim, run) else None

    def list_untestable(self, sentence: Untestable) -> Record:
        """The record of a sentence that no experiment can settle."""
        order = suite.chapter_order().get(sentence.id, len(self._order))
        options = self.options
        return untestable_record(sentence, order, self.root, options.profile.name, options.salt)

    def write(self, record: dict[str, Any]) -> None:
        """Append the record, unless the file holds it already."""
        if not self.is_carried(record):
            self.file.append(record)

    def close(self) -> None:
        """Let the workers go, and the next run in."""
        if self._scheduler is not None:
            self._scheduler.close()
        self.file.release()

    def _workers(self) -> Scheduler | None:
        if self._scheduler is None and self._place.backend != "serial":
            self._scheduler = executors.start(self._place)
            if self._scheduler is not None:
                self._scheduler.expect(self._upcoming(self._scheduler))
        return self._scheduler


def _place(spec: str | None) -> Place:
    """Where blocks are measured: the default is a process per core, decided when all is known."""
    if spec is not None:
        return executors.parse(spec)
    place = executors.parse("processes")
    return place if place.workers > 1 else executors.parse("serial")
