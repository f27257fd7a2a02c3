"""One run: the claims that come are examined, what an earlier run finished is taken over."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

import msgspec

from harness.blocks.settings import draw_settings, largest_number_of_settings
from harness.blocks.task import Task
from harness.declaration.claim import Claim, Untestable
from harness.failures import DeviceLostError
from harness.implementation.user_file import check_known_failures
from harness.records import continuation
from harness.records.file import RecordsFile
from harness.records.inputs import Inputs
from harness.records.record import OtherVersionError, Record
from harness.run import suite
from harness.run.choice import Choice
from harness.run.examiner import Examiner
from harness.run.options import Options, SessionError
from harness.run.workforce import Workforce
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Conditions, Progress
from harness.workers.scheduler import Scheduler

TRIED = 3  # settings of a claim that are drawn at collection, to see that they are inside
EXPERIMENTS = "experiments-"  # a folder of the run's own, beside its records
LOOKS = 4  # blocks of a sequential trial, roughly
FINAL = (Verdict.CONFIRMED, Verdict.WEAKER, Verdict.REFUTED)
Expected = Sequence[tuple[Claim, str]]  # claims and devices, in the order of the run


class ClaimSession:
    """What the plugin asks: records of claims, by the workers that the run has."""

    def __init__(self, options: Options, root: Path, folder: str | None = None) -> None:
        """Begin a run, or the part of one that left its folder of experiments to this process."""
        self.options = options
        self.choice = Choice(options)
        self.file = RecordsFile(root, options.output, go_on=options.go_on)
        self.workers = Workforce(options.executor)
        self.met = False  # a sentence of a book was collected, whether it is examined or not
        self._root = root
        self._inputs = Inputs(options.implementation)
        self._examiner: Examiner | None = None
        self._expected: Expected = ()
        self._reached = -1  # the place in _expected that the run has come to
        self._lost: dict[str, str] = {}
        self._own = None if folder else self.file.path.parent / f"{EXPERIMENTS}{uuid4().hex}"
        self.folder = folder or str(self._own)
        self._has_siblings = False
        self._finished = _finished(self.file.path) if options.go_on else {}

    def collected(self, claims: Sequence[Claim]) -> None:
        """Hand out the error shares; raise SessionError and its kin where claims do not fit."""
        if not claims and not self.options.only:
            return
        known = {id(claim) for claim in suite.whole_suite()}
        # One claim is collected once per device.
        foreign = {id(claim): claim for claim in claims if id(claim) not in known}
        self._examiner = self._examiner_of(*foreign.values())
        for claim in claims:
            if claim.inside is not None:  # its drawn settings, before an hour is spent on others
                draw_settings(claim, TRIED, self.options.salt)
        check_known_failures(self.options.known_failures, self._examiner.claims)
        self.choice.check_names(self._examiner.claims)

    def expect(self, claims: Expected, *, has_siblings: bool) -> None:
        """The claims that will be examined, in their order; siblings share the machine with us.

        Raises ExecutorError if the executor that was asked for cannot be reached.
        """
        self._expected, self._has_siblings = claims, has_siblings
        draws = self.options.profile.draws
        seconds = sum(
            claim.cost * LOOKS * largest_number_of_settings(claim, draws)
            for claim, device in claims
            if device == "cpu"
        )
        self.workers.expect(seconds, has_siblings=has_siblings)

    def examine(
        self, claim: Claim, device: str, progress: Callable[[Progress], None] | None = None
    ) -> Record:
        """The claim's record on the device."""
        if self._examiner is None:
            self.collected([claim])
        before = self._before(claim, device)
        if before is not None and before.verdict in FINAL:
            known = self.choice.known_failure(claim)
            return msgspec.structs.replace(before, known_failure=known.as_dict() if known else None)
        if (claim, device) in self._expected:
            self._reached = self._expected.index((claim, device))
        scheduler = self.workers.scheduler(self.upcoming)
        conditions = replace(self._conditions(claim, device, scheduler), progress=progress)
        examination = self.examiner.examine(claim, conditions)
        for trial in examination.trials:
            if isinstance(trial.error, DeviceLostError):
                self._lost.setdefault(device, str(trial.error))
        return self.examiner.record_of(examination, self.options.known_failures)

    def list_untestable(self, sentence: Untestable) -> Record:
        """The record of a sentence that no experiment can settle."""
        return self.examiner.untestable(sentence, self._plain("cpu"))

    def upcoming(self, scheduler: Scheduler) -> Iterator[Task]:
        """First blocks of the claims that come after the present one, in the run's order."""
        for place, (claim, device) in enumerate(self._expected):
            before = self._before(claim, device)
            if place <= self._reached or (before is not None and before.verdict in FINAL):
                continue
            conditions = self._conditions(claim, device, scheduler)
            try:
                for task in self.examiner.first_tasks(claim, conditions):
                    if place < self._reached:
                        break
                    yield task
            except Exception:  # it is told when the claim is examined
                continue

    def write(self, record: Record) -> None:
        """Append the record, unless the file holds it already."""
        if self._finished.get((record.claim, record.device)) != record:
            self.file.append(record)

    def examined_anew(self, records: Sequence[Record]) -> list[str]:
        """What changed since the run that this one goes on from, a line each."""
        return continuation.examined_anew(self._finished, records)

    def close(self) -> None:
        """Let the workers go, and the next run in."""
        self.workers.close()
        if self._own is not None:
            # Those of runs that were killed too; who misses one measures again.
            for folder in self._own.parent.glob(f"{EXPERIMENTS}*"):
                rmtree(folder, ignore_errors=True)
        self.file.release()

    @property
    def examiner(self) -> Examiner:
        """Who examines the claims that were collected."""
        if self._examiner is None:
            self._examiner = self._examiner_of()
        return self._examiner

    def _examiner_of(self, *foreign: Claim) -> Examiner:
        devices = len(self.options.devices)
        return Examiner(foreign, self._root, self.options.profile, devices, self._inputs)

    def _plain(self, device: str) -> Conditions:
        return Conditions(
            salt=self.options.salt,
            profile=self.options.profile,
            device=device,
            devices=self.options.devices,
            implementation=self.options.implementation,
            images=self.options.images,
            block_limit=self.options.block_limit,
            measures_on=self.options.profile.measures_on
            and not self.options.implementation.replaced,
            device_lost=self._lost.get(device, ""),
            capabilities=self.options.capabilities,
        )

    def _conditions(
        self, claim: Claim, device: str, scheduler: Scheduler | None = None
    ) -> Conditions:
        before = self._before(claim, device)
        stored = continuation.stored_trials(before, claim) if before is not None else {}
        near = self._has_siblings or (scheduler is not None and scheduler.is_local)
        folder = self.folder if near else ""
        return replace(self._plain(device), scheduler=scheduler, stored=stored, folder=folder)

    def _before(self, claim: Claim, device: str) -> Record | None:
        """The earlier run's record of the claim, if it can be gone on from."""
        record = self._finished.get((claim.id, device))
        if record is None:
            return None
        now = self.examiner.inputs_of(claim, self._plain(device))
        return None if continuation.changed(record.inputs, now) else record


def _finished(file: Path) -> dict[tuple[str, str], Record]:
    try:
        return continuation.read_finished(file)
    except OtherVersionError as error:
        raise SessionError(
            f"--claims-continue: {str(file)!r} {error}, into another folder with --claims-output"
        ) from error
