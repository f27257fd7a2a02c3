"""The sweep of a claim: clean instances that rule out a failing share of settings and calls."""

import hashlib
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, log

from harness.blocks.task import Failed, Sweeping
from harness.declaration.claim import Claim, ClaimError
from harness.declaration.laws import law_of
from harness.statistics.evidence import Evidence, Verdict
from harness.statistics.instances import evidence_of_clean, instances_for
from harness.trial.conditions import Conditions, Shares
from harness.trial.measuring import blocks_of
from harness.trial.one_setting import Trial
from harness.workers.scheduler import SchedulerLostError

INSTANCES = 64  # of one block at most: some 20 ms of a cheap claim


@dataclass(frozen=True)
class Plan:
    """How many instances a claim's share takes, and from how many nats on one of them fails."""

    share: float
    needed: int
    level: float

    @property
    def block(self) -> Sweeping:
        """What one block is asked for."""
        return Sweeping(min(INSTANCES, self.needed), self.level)

    @property
    def indices(self) -> range:
        """The blocks of the sweep."""
        return range(ceil(self.needed / self.block.instances))


@dataclass(frozen=True)
class Sweep:
    """What came of a sweep."""

    plan: Plan
    clean: int
    skipped: int  # settings that the implementation does not apply to
    failed: Failed | None
    digest: str
    evidence: Evidence
    seconds: float
    elsewhere: float
    calls: Mapping[str, int]  # of the objects on trial, by role
    last: int  # index of the block that ended it

    @property
    def verdict(self) -> Verdict:
        """CONFIRMED if as many are clean as the share takes, REFUTED or ERROR after a failure."""
        if self.failed is not None:
            return Verdict.REFUTED if self.failed.error is None else Verdict.ERROR
        return Verdict.CONFIRMED if self.clean >= self.plan.needed else Verdict.UNDECIDED

    def as_trial(self) -> Trial:
        """The trial at the setting that failed, as the sweep saw it."""
        assert self.failed is not None
        seen = self.failed
        return Trial(
            seen.setting,
            self.verdict,
            seen.evidence,
            None,
            1,
            self.digest,
            (),
            None,
            (),
            seen.error,
        )


def plan_of(claim: Claim, conditions: Conditions, whole: Shares, part: Shares) -> Plan | None:
    """The plan of a claim's sweep; None for a claim that declares no share.

    A false sentence has to pass the sweep whatever its other trials say, so that the sweep may
    miss it with all of the claim's alpha; of the claim's beta it has one part.
    """
    if claim.share is None:
        return None
    objects = conditions.implementation.least_share(claim.roles)
    share = max(claim.share, conditions.profile.least_share, objects)
    needed = instances_for(share, whole.alpha)
    return Plan(share, needed, log(needed / part.beta))


def check(claim: Claim, alpha: float) -> None:
    """Raise ClaimError for a share that no sweep can exclude, or settings that have no law."""
    if claim.share is None:
        return
    law_of(claim)
    try:
        instances_for(claim.share, alpha)
    except ValueError as error:
        raise ClaimError(f"{claim.place}: claim {claim.id!r}: {error}") from error


def sweep(claim: Claim, conditions: Conditions, plan: Plan, alpha: float) -> Sweep:
    """Measure instances until one fails or the share is excluded."""
    started = time.perf_counter()
    clean = skipped = last = 0
    elsewhere = 0.0
    digest, failed = hashlib.sha256(), None
    calls: Counter[str] = Counter()

    def wanted() -> int:
        return ceil((plan.needed - clean) / plan.block.instances)

    try:
        asked = time.perf_counter()
        for block in blocks_of(claim, conditions, {}, plan.indices, wanted, plan.block):
            elsewhere += block.seconds - (time.perf_counter() - asked)
            clean += int(block.summary[0])
            skipped += int(block.summary[1])
            digest.update(block.digest)
            calls.update(block.calls)
            failed, last = block.failed, block.index
            if failed is not None:
                break
            asked = time.perf_counter()
    except SchedulerLostError:
        raise  # of the run, not of this claim
    except Exception as error:  # whatever a primitive raises
        failed = Failed({}, None, error)
    seen = evidence_of_clean(clean, plan.share, alpha)
    seconds = time.perf_counter() - started
    hexdigest = digest.hexdigest()
    return Sweep(
        plan, clean, skipped, failed, hexdigest, seen, seconds, elsewhere, dict(calls), last
    )
