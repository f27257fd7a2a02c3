"""The trial of a claim at one setting: blocks are added until the evidence decides."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import ceil
from typing import Any

from harness.blocks.settings import canonical
from harness.blocks.task import Block
from harness.declaration.claim import Claim
from harness.declaration.exhibits import Exhibit
from harness.declaration.not_applicable import NotApplicableError
from harness.failures import DeviceLostError, is_lost_device
from harness.statistics.evidence import (
    Evidence,
    Plan,
    StatisticalTest,
    Summary,
    Verdict,
    decide,
    falls_short,
)
from harness.statistics.planning import goes_on, more_observations
from harness.trial.conditions import Conditions, Shares, Stored, Trail
from harness.trial.measuring import blocks_of
from harness.workers.scheduler import SchedulerLostError

TRAIL_POINTS = 256
SHOWN_REPLICATES = 256  # of a curve: its bands do not move visibly with more
MANY = 1_000_000  # blocks: more than are ever handed out ahead


class NotCalledError(NotApplicableError):
    """No object on trial was called, so that what was measured is the reference."""


@dataclass(frozen=True)
class Trial:
    """The trial of a claim at one setting."""

    setting: Mapping[str, Any]
    verdict: Verdict
    evidence: Evidence | None
    plan: Plan | None
    blocks: int
    digest: str
    trail: Trail
    summary: Summary | None
    exhibits: tuple[tuple[Exhibit, ...], ...]
    error: BaseException | None = None
    elsewhere: float = 0.0  # seconds of its blocks less those that were waited for them
    calls: Mapping[str, int] = field(default_factory=dict)  # of the objects on trial, by role


class OpenTrial:
    """A trial under way.

    A stored trial goes on where it stopped, up to twice its blocks: an e-process may be read at
    any time (Ville 1939), so that continuing costs no error. A fixed sample is never read twice.
    """

    def __init__(
        self, claim: Claim, conditions: Conditions, setting: Mapping[str, Any], share: Shares
    ) -> None:
        self.claim, self.conditions, self.setting, self.share = claim, conditions, setting, share
        before = conditions.stored.get(canonical(setting), Stored())
        self.first = self.blocks = before.blocks
        self.evidence: Evidence | None = None
        self.elsewhere = 0.0
        self.calls = Counter(before.calls)
        self._digest, self._summary, self._trail = before.digest, before.summary, [*before.trail]
        self._exhibits: list[tuple[Exhibit, ...]] = []

    @cached_property
    def test(self) -> StatisticalTest:
        """The claim's statistical test at this setting."""
        return self.claim.test(self.setting)

    @cached_property
    def plan(self) -> Plan:
        """What the test needs for these error shares."""
        return self.test.plan(*self.share)

    @property
    def indices(self) -> range:
        """The blocks that it may come to."""
        most = self.plan.cap if self.test.sequential else self.plan.observations
        return range(self.first, max(-(-most // self.claim.block), 2 * self.first))

    @property
    def decided(self) -> bool:
        """True once no further block is read."""
        if self.evidence is None or not self.test.sequential:
            return False
        if decide(self.evidence, *self.share) is not Verdict.UNDECIDED:
            return True
        # Whoever continues a trial wants more replicates, whatever they promise.
        if self.first:
            return False
        # What falls short where it should hold is red already: it is given what a word takes.
        red = self.claim.expected is Verdict.CONFIRMED and falls_short(
            self.evidence, self.share.beta
        )
        plan = replace(self.plan, pause=0) if red else self.plan
        return not goes_on(plan, self.evidence, *self.share)

    def wanted(self) -> int:
        """How many more blocks decide, if they say what those so far have said."""
        if not self.test.sequential:
            return self.indices.stop - self.blocks
        if self.evidence is not None:
            reached = self.evidence.confirm, self.evidence.refute
            sides = zip(reached, self.share.needed, strict=True)
            more = more_observations(self.blocks, *sides)
            return MANY if more is None else min(MANY, more)
        # Half the sample of the hardest laws is rarely too much; what is false as printed is
        # refuted sooner.
        if self.claim.expected is Verdict.REFUTED:
            return 1
        return max(1, self.plan.observations // 2 // self.claim.block)

    def add(self, block: Block) -> bool:
        """Take in the next block; True if the evidence was read."""
        self.blocks += 1
        self.calls.update(block.calls)
        # A chain, so that a continued trial ends with the digest of an unbroken one.
        self._digest = hashlib.sha256(self._digest + block.digest).digest()
        before = self._summary
        self._summary = (
            block.summary if before is None else self.test.combine(before, block.summary)
        )
        if len(self._exhibits) < ceil(SHOWN_REPLICATES / self.claim.block):
            self._exhibits.append(block.exhibits)
        if not self.test.sequential and self.blocks < self.indices.stop:
            return False
        self.evidence = self.test.evidence(self._summary, *self.share)
        nats = self.evidence.confirm, self.evidence.refute
        self._trail.append((self.evidence.observations, *nats))
        return True

    def ended(self, error: Exception | None = None) -> Trial:
        """The trial as it stands, with its verdict; an error is one, unless something lacks."""
        self.calls.update(getattr(error, "calls", {}))
        roles = self.conditions.implementation.on_trial(self.claim.roles)
        if error is None and roles and not self.calls:
            error = NotCalledError(f"{' and '.join(roles)} never called there")
        if isinstance(error, NotApplicableError):
            verdict, self.evidence, self._summary = Verdict.NOT_APPLICABLE, None, None
            self._trail, self._exhibits = [], []
            self.calls.clear()
        elif error is not None:
            verdict = Verdict.ERROR
        else:
            assert self.evidence is not None
            verdict = decide(self.evidence, *self.share)
        return Trial(
            self.setting,
            verdict,
            self.evidence,
            self.__dict__.get("plan"),  # None where the test could not be planned
            self.blocks,
            self._digest.hex(),
            _thinned(self._trail),
            self._summary,
            tuple(self._exhibits),
            error,
            self.elsewhere,
            dict(self.calls),
        )


def decide_setting(trial: OpenTrial, watch: Callable[[OpenTrial], None] = lambda _: None) -> Trial:
    """Measure blocks until the evidence decides or the cap is reached; `watch` sees each look."""
    conditions = trial.conditions
    try:
        if conditions.device_lost:
            raise DeviceLostError(conditions.device_lost)
        blocks = blocks_of(trial.claim, conditions, trial.setting, trial.indices, trial.wanted)
        asked = time.perf_counter()
        for block in blocks:
            trial.elsewhere += block.seconds - (time.perf_counter() - asked)
            if trial.add(block):
                watch(trial)
            if trial.decided:
                break
            asked = time.perf_counter()
    except SchedulerLostError:
        raise  # of the run, not of this trial
    except Exception as error:  # whatever a primitive raises is an ERROR of this trial alone
        if is_lost_device(error) and not isinstance(error, DeviceLostError):
            return trial.ended(_device_lost(trial, error))
        return trial.ended(error)
    return trial.ended()


def _device_lost(trial: OpenTrial, error: Exception) -> DeviceLostError:
    said = str(error).strip().splitlines()[0]
    lost = DeviceLostError(
        f"the device {trial.conditions.device} was lost while block {trial.blocks} of "
        f"{trial.claim.id!r} was measured ({said}); what was finished before is kept, go on with "
        "--claims-continue in a new run"
    )
    lost.__cause__ = error
    return lost


def _thinned(trail: list[tuple[int, float, float]]) -> Trail:
    if len(trail) <= TRAIL_POINTS:
        return tuple(trail)
    step = (len(trail) - 1) / (TRAIL_POINTS - 1)
    return tuple(trail[round(i * step)] for i in range(TRAIL_POINTS))
