"""The examination of a claim: its trials at all its settings, and what they come to."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from harness.blocks.block import Task
from harness.blocks.settings import draw_settings, largest_number_of_settings, smallest
from harness.declaration.claim import Claim
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Conditions, Progress, Shares
from harness.trial.measuring import stays_here, task_of
from harness.trial.one_setting import OpenTrial, Trial, decide_setting

SHRINK_TRIES = 60


@dataclass(frozen=True)
class Examination:
    """The trials of a claim at all its settings, each with its share, and what they come to."""

    claim: Claim
    conditions: Conditions
    share: Shares
    trials: tuple[Trial, ...]
    smallest: Trial | None
    seconds: float

    @property
    def settings(self) -> int:
        """The largest number of settings: what the claim's share was divided by."""
        return largest_number_of_settings(self.claim, self.conditions.profile.draws)

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


def examine(claim: Claim, conditions: Conditions, shares: Shares) -> Examination:
    """Examine a claim at all its settings with the claim's error shares on this device.

    A setting's share is the claim's over the largest number of settings, fixed before any is
    drawn. An expected REFUTED looks at every setting, so that the report shows where it fails;
    otherwise the first refutation or error ends the trial.
    """
    started = time.perf_counter()
    opened = _open_trials(claim, conditions, shares)
    trials: list[Trial] = []

    def watch(trial: OpenTrial) -> None:
        if conditions.progress is not None and trial.evidence is not None:
            place = len(trials), len(opened), trial.plan.cap
            conditions.progress(Progress(claim.id, *place, trial.evidence, trial.share.needed))

    for trial in opened:
        trials.append(decide_setting(trial, watch))
        refuted = trials[-1].verdict is Verdict.REFUTED and claim.expected is not Verdict.REFUTED
        if refuted or trials[-1].verdict is Verdict.ERROR:
            break
    least = _smallest_refuting(opened[0], trials[-1]) if refuted else None
    seconds = time.perf_counter() - started + sum(trial.elsewhere for trial in trials)
    return Examination(claim, conditions, opened[0].share, tuple(trials), least, seconds)


def first_tasks(claim: Claim, conditions: Conditions, shares: Shares) -> Iterator[Task]:
    """Blocks that the examination takes, as far as that is known before it begins."""
    if conditions.scheduler is None or stays_here(claim, conditions):
        return
    for trial in _open_trials(claim, conditions, shares):
        ahead = trial.wanted()
        if trial.test.sequential:
            ahead = min(ahead, conditions.scheduler.workers)
        for index in range(trial.first, trial.first + ahead):
            yield task_of(claim, conditions, trial.setting, index)


def _open_trials(claim: Claim, conditions: Conditions, shares: Shares) -> list[OpenTrial]:
    draws = conditions.profile.draws
    share = shares.over(largest_number_of_settings(claim, draws))
    settings = draw_settings(claim, draws, conditions.salt)
    return [OpenTrial(claim, conditions, setting, share) for setting in settings]


def _smallest_refuting(first: OpenTrial, refuted: Trial) -> Trial:
    """The trial at the simplest setting that refutes too; the refuting one where none is found."""
    claim, conditions = first.claim, first.conditions
    if not (claim.spends.shrink and claim.given):
        return refuted
    from hypothesis.errors import HypothesisException

    found: list[Trial] = []

    def refutes(setting: Mapping[str, Any]) -> bool:
        trial = decide_setting(OpenTrial(claim, conditions, setting, first.share))
        if trial.verdict is Verdict.REFUTED:
            found.append(trial)
        return trial.verdict is Verdict.REFUTED

    try:
        least = smallest(claim, conditions.salt, refutes, SHRINK_TRIES)
    except HypothesisException:
        return refuted
    return next((trial for trial in reversed(found) if trial.setting == least), refuted)


def _support(trial: Trial) -> float:
    return trial.evidence.confirm if trial.evidence is not None else float("-inf")
