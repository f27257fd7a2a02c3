"""The examination of a claim: its trials at all its settings, and what they come to."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.blocks.settings import draw_settings, largest_number_of_settings, smallest
from harness.blocks.task import Task
from harness.declaration.claim import Claim
from harness.implementation.calls import kept_calls
from harness.metrics.mismatches import Mismatch, kept_mismatches
from harness.statistics.evidence import Verdict, falls_short
from harness.trial.calls import hold_to_calls
from harness.trial.conditions import Conditions, Progress, Shares
from harness.trial.counterexample.search import counterexample
from harness.trial.effects import Effects, effects_of
from harness.trial.measuring import measure_here, stays_here, task_of
from harness.trial.one_setting import OpenTrial, Trial, decide_setting
from harness.trial.sweep import Sweep, plan_of, sweep

SHRINK_TRIES = 60
HOLDS = frozenset({Verdict.CONFIRMED, Verdict.WEAKER})
DECIDED = HOLDS | {Verdict.REFUTED}
WORST_FIRST = (
    Verdict.ERROR,
    Verdict.REFUTED,
    Verdict.UNDECIDED,
    Verdict.WEAKER,
    Verdict.CONFIRMED,
)


@dataclass(frozen=True)
class Examination:
    """The trials of a claim at all its settings, each with its share, and what they come to."""

    claim: Claim
    conditions: Conditions
    share: Shares
    trials: tuple[Trial, ...]
    smallest: Trial | None
    seconds: float
    sweep: Sweep | None = None
    mismatch: Mismatch | None = None
    counterexample: str | None = None
    effects: Effects = field(default_factory=Effects)

    @property
    def parts(self) -> int:
        """What the claim's share was divided by: the largest number of settings, and a sweep."""
        return _parts(self.claim, self.conditions)

    @property
    def verdict(self) -> Verdict:
        """The worst that a setting or the sweep came to; what does not apply counts for nothing."""
        reached = {trial.verdict for trial in self.trials}
        if self.sweep is not None:
            reached.add(self.sweep.verdict)
        return next((one for one in WORST_FIRST if one in reached), Verdict.NOT_APPLICABLE)

    @property
    def falls_short(self) -> bool:
        """Whether what the claim declares is excluded, whatever else is known of the sentence."""
        seen = (trial.evidence for trial in self.trials)
        return any(one is not None and falls_short(one, self.share.beta) for one in seen)

    @property
    def rejected(self) -> bool:
        """Whether the claim as declared is excluded: the sentence, or the strength declared."""
        return self.verdict is Verdict.REFUTED or self.falls_short

    @property
    def deciding(self) -> int:
        """The index of the trial that the verdict rests on: the first of it, or the closest."""
        first = next((i for i, t in enumerate(self.trials) if t.verdict is self.verdict), None)
        if first is not None and self.verdict is not Verdict.CONFIRMED:
            return first
        applying = (i for i, t in enumerate(self.trials) if t.verdict in HOLDS)
        return min(applying, key=lambda i: _support(self.trials[i]))


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
    swept = _swept(claim, conditions, shares, opened[0].share, trials)
    if swept is not None and swept.failed is not None:
        trials.append(swept.as_trial())  # what few instances show, a simpler one rarely does
    seconds = time.perf_counter() - started + sum(trial.elsewhere for trial in trials)
    seconds += swept.elsewhere if swept is not None else 0.0
    calls = swept.calls if swept is not None else {}
    held = hold_to_calls(claim, conditions.implementation, trials, calls)
    if all(trial.verdict is Verdict.NOT_APPLICABLE for trial in held):
        swept = None  # it was as far from the object as they were
    found = Examination(claim, conditions, opened[0].share, held, least, seconds, swept)
    if conditions.measures_on and found.verdict in DECIDED:
        found = replace(found, effects=effects_of(claim, conditions, held[0]))
    return _told(found, least or trials[-1])


def _told(found: Examination, refuted: Trial) -> Examination:
    """With what was got and what is right where a refutation that nobody expected ended."""
    claim, conditions, swept = found.claim, found.conditions, found.sweep
    if found.verdict is not Verdict.REFUTED or claim.expected is Verdict.REFUTED:
        return found
    if swept is None or swept.failed is None:  # no block before the last broke an exact statement
        task = task_of(claim, conditions, refuted.setting, refuted.blocks - 1)
    else:
        task = task_of(claim, conditions, {}, swept.last, swept.plan.block)
    with kept_mismatches() as kept, kept_calls() as calls, contextlib.suppress(Exception):
        measure_here(claim, task)  # as it was before
    program = counterexample(conditions.implementation.replaced, calls)
    return replace(found, mismatch=kept[0] if kept else None, counterexample=program)


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
    plan = plan_of(claim, conditions, shares, shares.over(_parts(claim, conditions)))
    if plan is not None and claim.expected is Verdict.CONFIRMED:
        for index in plan.indices:
            yield task_of(claim, conditions, {}, index, plan.block)


def _swept(
    claim: Claim, conditions: Conditions, whole: Shares, part: Shares, trials: list[Trial]
) -> Sweep | None:
    """The sweep of a claim that its settings confirm; what they refute needs none."""
    plan = plan_of(claim, conditions, whole, part)
    reached = {trial.verdict for trial in trials} - {Verdict.NOT_APPLICABLE}
    if plan is None or not reached or not reached <= HOLDS:
        return None
    return sweep(claim, conditions, plan, whole.alpha)


def _parts(claim: Claim, conditions: Conditions) -> int:
    listed = largest_number_of_settings(claim, conditions.profile.draws)
    return listed + (claim.share is not None)


def _open_trials(claim: Claim, conditions: Conditions, shares: Shares) -> list[OpenTrial]:
    draws = conditions.profile.draws
    share = shares.over(_parts(claim, conditions))
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
        # All the tries together err no more often than one setting may.
        share = first.share.over(SHRINK_TRIES)
        trial = decide_setting(OpenTrial(claim, conditions, setting, share))
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
