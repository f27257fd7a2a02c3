"""The experiment: settings are drawn, blocks measured, evidence weighed until it decides."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil, log
from typing import Any

from harness.blocks.block import Block, Task, is_found_by_name, measure, warning_filters
from harness.blocks.failures import DeviceLostError, is_lost_device, is_out_of_memory
from harness.blocks.settings import canonical, draw_settings, largest_number_of_settings, smallest
from harness.declaration.claim import Claim
from harness.declaration.exhibits import Exhibit
from harness.declaration.not_applicable import NotApplicableError
from harness.declaration.profiles import DEFAULT_SALT, PROFILES, Profile
from harness.implementation.named import Implementation
from harness.statistics.evidence import Evidence, Plan, Summary, Verdict, decide
from harness.workers.scheduler import Scheduler, SchedulerLostError, measure_with_all_memory

SHRINK_TRIES = 60
TRAIL_POINTS = 256
SHOWN_REPLICATES = 256  # of a curve: its bands do not move visibly with more


@dataclass(frozen=True)
class Progress:
    """How far a trial is: what a terminal shows while it runs."""

    claim: str
    setting: int
    settings: int
    observations: int
    cap: int
    confirm: float
    refute: float
    confirm_needed: float
    refute_needed: float


@dataclass(frozen=True)
class Stored:
    """An undecided trial of an earlier run: what it takes to go on with new replicates."""

    blocks: int
    summary: Summary
    digest: bytes
    trail: tuple[tuple[int, float, float], ...]


@dataclass(frozen=True)
class Conditions:
    """What a run fixes for every claim: salt, profile, device, implementation, where to work."""

    salt: str = DEFAULT_SALT
    profile: Profile = PROFILES["ci"]
    device: str = "cpu"
    implementation: Implementation = field(default_factory=Implementation)
    images: str = "slice"
    scheduler: Scheduler | None = None
    block_limit: float = 120.0
    progress: Callable[[Progress], None] | None = None
    stored: Mapping[str, Stored] = field(default_factory=dict)
    device_lost: str = ""  # what was said when the device was lost, if it was


@dataclass(frozen=True)
class Trial:
    """The trial of a claim at one setting."""

    setting: Mapping[str, Any]
    verdict: Verdict
    evidence: Evidence | None
    plan: Plan | None
    blocks: int
    digest: str
    trail: tuple[tuple[int, float, float], ...]
    summary: Summary | None
    exhibits: tuple[tuple[Exhibit, ...], ...]
    error: BaseException | None = None
    elsewhere: float = 0.0  # seconds of its blocks less those that were waited for them


@dataclass(frozen=True)
class Examination:
    """The trials of a claim at all its settings, and what they come to."""

    claim: Claim
    conditions: Conditions
    alpha: float
    beta: float
    settings: int
    trials: tuple[Trial, ...]
    smallest: Trial | None
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """ERROR before REFUTED before UNDECIDED; CONFIRMED when every setting that applies is."""
        reached = {trial.verdict for trial in self.trials}
        for verdict in (Verdict.ERROR, Verdict.REFUTED, Verdict.UNDECIDED, Verdict.CONFIRMED):
            if verdict in reached:
                return verdict
        return Verdict.NOT_APPLICABLE

    @property
    def deciding(self) -> int:
        """The index of the trial that the verdict rests on: the first of it, or the closest."""
        if self.verdict is Verdict.CONFIRMED:
            applying = (i for i, t in enumerate(self.trials) if t.verdict is self.verdict)
            return min(applying, key=lambda i: _support(self.trials[i]))
        return next(i for i, t in enumerate(self.trials) if t.verdict is self.verdict)


def examine(claim: Claim, conditions: Conditions, alpha: float, beta: float) -> Examination:
    """Examine a claim at all its settings with the claim's error shares on this device.

    A setting's share is the claim's over the largest number of settings, fixed before any is
    drawn. An expected REFUTED looks at every setting, so that the report shows where it fails;
    otherwise the first refutation or error ends the trial.
    """
    started = time.perf_counter()
    draws = conditions.profile.draws
    shares = largest_number_of_settings(claim, draws)
    trials: list[Trial] = []
    settings = draw_settings(claim, draws, conditions.salt)
    for index, setting in enumerate(settings):
        report = _reporter(claim, conditions, index, len(settings), alpha / shares, beta / shares)
        trial = examine_setting(claim, conditions, setting, alpha / shares, beta / shares, report)
        trials.append(trial)
        if trial.verdict is Verdict.ERROR:
            break
        if trial.verdict is Verdict.REFUTED and claim.expected is not Verdict.REFUTED:
            break
    least = None
    if trials[-1].verdict is Verdict.REFUTED and claim.expected is not Verdict.REFUTED:
        least = _smallest_refuting(claim, conditions, alpha / shares, beta / shares, trials[-1])
    return Examination(
        claim,
        conditions,
        alpha / shares,
        beta / shares,
        shares,
        tuple(trials),
        least,
        time.perf_counter() - started + sum(trial.elsewhere for trial in trials),
    )


def first_tasks(claim: Claim, conditions: Conditions, alpha: float, beta: float) -> Iterator[Task]:
    """Blocks that the examination takes, as far as that is known before it begins."""
    if conditions.scheduler is None or _stays_here(claim, conditions):
        return
    draws = conditions.profile.draws
    shares = largest_number_of_settings(claim, draws)
    for setting in draw_settings(claim, draws, conditions.salt):
        before = conditions.stored.get(canonical(setting))
        first = before.blocks if before else 0
        test = claim.holds.kind(setting)
        plan = test.plan(alpha / shares, beta / shares)
        count = -(-plan.observations // claim.block)
        if test.sequential:
            count = min(_at_least(claim, plan), conditions.scheduler.workers)
        for index in range(first, first + count):
            yield _task(claim, conditions, setting, index)


def _at_least(claim: Claim, plan: Plan) -> int:
    """Blocks that a sequential trial rarely does without, if the claim ends as it is expected to.

    Half the sample of the hardest laws; a sentence that is false as printed is refuted sooner.
    """
    return 1 if claim.expected is Verdict.REFUTED else max(1, plan.observations // 2 // claim.block)


def examine_setting(
    claim: Claim,
    conditions: Conditions,
    setting: Mapping[str, Any],
    alpha: float,
    beta: float,
    report: Callable[[Evidence, Plan], None] | None = None,
) -> Trial:
    """Measure blocks at one setting until the evidence decides or the cap is reached.

    A stored trial goes on where it stopped, up to twice its blocks: an e-process may be read at
    any time (Ville 1939), so that continuing costs no error. A fixed sample is never read twice.
    """
    before = conditions.stored.get(canonical(setting))
    digest = before.digest if before else b""
    summary = before.summary if before else None
    evidence: Evidence | None = None
    plan: Plan | None = None
    trail: list[tuple[int, float, float]] = list(before.trail) if before else []
    exhibits: list[tuple[Exhibit, ...]] = []
    blocks = before.blocks if before else 0
    shown = 0
    busy = 0.0
    needed = log(1 / alpha)  # nats for a verdict; both shares are alike

    def wanted() -> int:
        """How many more blocks decide, if they say what those so far have said."""
        if plan is None or not test.sequential:
            return last - blocks
        if evidence is None:
            return _at_least(claim, plan)
        reached = max(evidence.confirm, evidence.refute, 1e-9)
        return ceil(min(1e6, blocks * max(0.0, needed - reached) / reached))

    try:
        if conditions.device_lost:
            raise DeviceLostError(conditions.device_lost)
        test = claim.holds.kind(setting)
        plan = test.plan(alpha, beta)
        last = -(-(plan.cap if test.sequential else plan.observations) // claim.block)
        waiting = time.perf_counter()
        for block in _blocks(claim, conditions, setting, blocks, max(last, 2 * blocks), wanted):
            busy += block.seconds - (time.perf_counter() - waiting)
            blocks += 1
            # A chain, so that a continued trial ends with the digest of an unbroken one.
            digest = hashlib.sha256(digest + block.digest).digest()
            summary = block.summary if summary is None else test.combine(summary, block.summary)
            if shown < SHOWN_REPLICATES:
                exhibits.append(block.exhibits)
                shown += claim.block
            waiting = time.perf_counter()
            if not (test.sequential or blocks == last):
                continue
            evidence = test.evidence(summary, alpha, beta)
            trail.append((evidence.observations, evidence.confirm, evidence.refute))
            if report is not None:
                report(evidence, plan)
            if decide(evidence, alpha, beta) is not Verdict.UNDECIDED and test.sequential:
                break
            waiting = time.perf_counter()
    except NotApplicableError as error:
        return Trial(
            setting, Verdict.NOT_APPLICABLE, None, plan, blocks, digest.hex(), (), None, (), error
        )  # fmt: skip
    except SchedulerLostError:
        raise  # of the run, not of this trial
    except Exception as error:  # whatever a primitive raises is an ERROR of this trial alone
        if is_lost_device(error) and not isinstance(error, DeviceLostError):
            error = _device_lost(claim, conditions.device, blocks, error)
        return Trial(
            setting, Verdict.ERROR, evidence, plan, blocks, digest.hex(), tuple(trail),
            summary, tuple(exhibits), error, busy,
        )  # fmt: skip
    assert evidence is not None
    verdict = decide(evidence, alpha, beta)
    return Trial(
        setting, verdict, evidence, plan, blocks, digest.hex(), _thinned(trail),
        summary, tuple(exhibits), elsewhere=busy,
    )  # fmt: skip


def _blocks(
    claim: Claim,
    conditions: Conditions,
    setting: Mapping[str, Any],
    first: int,
    end: int,
    wanted: Callable[[], int],
) -> Iterator[Block]:
    def task_of(index: int) -> Task:
        return _task(claim, conditions, setting, index)

    if conditions.scheduler is None or _stays_here(claim, conditions):
        return (_measure_here(claim, task_of(index)) for index in range(first, end))
    return conditions.scheduler.blocks(task_of, first, end, wanted)


def _task(claim: Claim, conditions: Conditions, setting: Mapping[str, Any], index: int) -> Task:
    return Task(
        claim.measure.__module__,
        claim.name,
        setting,
        conditions.salt,
        conditions.device,
        index,
        conditions.implementation.replaced,
        conditions.images,
        conditions.block_limit,
        conditions.implementation.objects,
        warning_filters() if conditions.scheduler is not None else (),
    )


def _stays_here(claim: Claim, conditions: Conditions) -> bool:
    """True for what no worker could find by name, and for an accelerator of this machine.

    More processes on one accelerator only get in each other's way.
    """
    if conditions.implementation.objects or not is_found_by_name(claim):
        return True
    scheduler = conditions.scheduler
    return scheduler is not None and scheduler.is_local and conditions.device != "cpu"


def _measure_here(claim: Claim, task: Task) -> Block:
    try:
        return measure(claim, task)
    except Exception as error:  # whatever a primitive raises
        if not is_out_of_memory(error) or task.objects or not is_found_by_name(claim):
            raise
        return measure_with_all_memory(task, error)


def _device_lost(claim: Claim, device: str, blocks: int, error: Exception) -> DeviceLostError:
    said = str(error).strip().splitlines()[0]
    lost = DeviceLostError(
        f"the device {device} was lost while block {blocks} of {claim.id!r} was measured ({said}); "
        "what was finished before is kept, go on with --claims-continue in a new run"
    )
    lost.__cause__ = error
    return lost


def _smallest_refuting(
    claim: Claim, conditions: Conditions, alpha: float, beta: float, refuted: Trial
) -> Trial:
    """The trial at the simplest setting that refutes too; the refuting one where none is found."""
    if not (claim.shrink and claim.given):
        return refuted
    from hypothesis.errors import HypothesisException

    found: list[Trial] = []

    def refutes(setting: Mapping[str, Any]) -> bool:
        trial = examine_setting(claim, conditions, setting, alpha, beta)
        if trial.verdict is Verdict.REFUTED:
            found.append(trial)
        return trial.verdict is Verdict.REFUTED

    try:
        least = smallest(claim, conditions.salt, refutes, SHRINK_TRIES)
    except HypothesisException:
        return refuted
    return next((trial for trial in reversed(found) if trial.setting == least), refuted)


def _reporter(
    claim: Claim, conditions: Conditions, index: int, settings: int, alpha: float, beta: float
) -> Callable[[Evidence, Plan], None] | None:
    progress = conditions.progress
    if progress is None:
        return None

    def report(evidence: Evidence, plan: Plan) -> None:
        progress(
            Progress(
                claim.id,
                index,
                settings,
                evidence.observations,
                plan.cap,
                evidence.confirm,
                evidence.refute,
                log(1 / alpha),
                log(1 / beta),
            )
        )

    return report


def _support(trial: Trial) -> float:
    return trial.evidence.confirm if trial.evidence is not None else float("-inf")


def _thinned(
    trail: list[tuple[int, float, float]],
) -> tuple[tuple[int, float, float], ...]:
    if len(trail) <= TRAIL_POINTS:
        return tuple(trail)
    step = (len(trail) - 1) / (TRAIL_POINTS - 1)
    return tuple(trail[round(i * step)] for i in range(TRAIL_POINTS))
