"""How much: effects with 95 % intervals, measured on after the decision and outside its budget.

A trial stops at its proof, where little is known of the size of what it proved. The same stream
goes on at the claim's first setting, which no result has chosen, until a reader's precision is
reached or the claim has had its part of the run. Every interval may be read at any time.
"""

import contextlib
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.declaration.claim import Claim
from harness.declaration.exhibits import Array, Compared, Exhibit, Sides
from harness.statistics.evidence import Evidence, Interval, StatisticalTest, Summary
from harness.statistics.tests.composite import AllOf
from harness.statistics.tests.counts import median_interval
from harness.statistics.tests.identity import IdentityTest
from harness.trial.conditions import Conditions
from harness.trial.measuring import blocks_of
from harness.trial.one_setting import Trial
from harness.workers.scheduler import SchedulerLostError

LEVEL = 0.05  # of an interval, on its own
SHARE_WITHIN = 0.05  # of a probability, either way
WITHIN = 0.05  # of a mean, as a part of it
PART_OF_THE_TRIAL = 5  # of the trial's blocks, measuring on may take one in so many
FREE = 0.2  # seconds, as declared, that every claim may measure on: both together stay a quarter
GROWTH = 1.1  # intervals are read again when there are so many times the observations


@dataclass(frozen=True)
class Effect:
    """A size that a reader asks for, with its interval at 1 - `LEVEL`.

    `kind` is "share" or "value" of what the claim's test is about, or of what the claim compares
    the median over replicates of "ratio", "difference" or "level" (one side is a number).
    `within` is the half width that is asked for; `more` predicts the further observations that it
    takes, 0 once it is reached, None where that cannot be said.
    """

    kind: str
    estimate: float
    interval: Interval
    observations: int
    within: float
    more: int | None
    part: str = ""
    sides: Sides | None = None


@dataclass(frozen=True)
class Effects:
    """The effects of a claim at its first setting, and what measuring on took."""

    found: tuple[Effect, ...] = ()
    blocks: int = 0
    seconds: float = 0.0


def effects_of(claim: Claim, conditions: Conditions, trial: Trial) -> Effects:
    """What the trial's observations say of sizes, after more of them where that is affordable.

    Nothing of the trial changes. A fixed sample is read again at the wider level.
    """
    if trial.evidence is None or trial.summary is None or trial.error is not None:
        return Effects()
    started = time.perf_counter()
    test, seen = claim.test(trial.setting), _Seen(trial.summary, list(trial.exhibits))
    found, blocks = seen.effects(test), 0
    if not test.sequential:
        return Effects(found)
    elsewhere, read = 0.0, trial.blocks
    indices = range(trial.blocks, trial.blocks + affordable(claim, trial))

    def wanted() -> int:
        return min(indices.stop - trial.blocks - blocks, _blocks(found, claim))

    with _what_is_known_stays():
        if indices and wanted():
            asked = time.perf_counter()
            for block in blocks_of(claim, conditions, trial.setting, indices, wanted):
                elsewhere += block.seconds - (time.perf_counter() - asked)
                blocks += 1
                seen.add(test, block.summary, block.exhibits)
                if trial.blocks + blocks >= min(read * GROWTH, indices.stop):
                    read, found = trial.blocks + blocks, seen.effects(test)
                    if not wanted():
                        break
                asked = time.perf_counter()
            found = seen.effects(test)
    return Effects(found, blocks, time.perf_counter() - started + elsewhere)


def affordable(claim: Claim, trial: Trial) -> int:
    """The blocks that measuring on may take, by the claim's declared cost: the same everywhere."""
    return max(trial.blocks // PART_OF_THE_TRIAL, math.floor(FREE / claim.cost))


@contextlib.contextmanager
def _what_is_known_stays() -> Iterator[None]:
    """Whatever a primitive raises ends the measuring; a lost scheduler is of the run."""
    try:
        yield
    except SchedulerLostError:
        raise
    except Exception:
        return


class _Seen:
    """What was observed at a setting so far."""

    def __init__(self, summary: Summary, exhibits: list[tuple[Exhibit, ...]]) -> None:
        self._summary, self._exhibits = summary, exhibits

    def add(self, test: StatisticalTest, summary: Summary, exhibits: tuple[Exhibit, ...]) -> None:
        self._summary = test.combine(self._summary, summary)
        self._exhibits.append(tuple(one for one in exhibits if isinstance(one, Compared)))

    def effects(self, test: StatisticalTest) -> tuple[Effect, ...]:
        evidence = test.evidence(self._summary, LEVEL, LEVEL)
        return (*_of_the_test(test, evidence), *_of_what_is_compared(self._exhibits))


def _of_the_test(test: StatisticalTest, evidence: Evidence) -> Iterator[Effect]:
    """The test's parameter, of several tests each its own; an identity has no size."""
    named = test.tests if isinstance(test, AllOf) else (("", test),)
    parts = evidence.parts if isinstance(test, AllOf) else (evidence,)
    for (name, one), seen in zip(named, parts, strict=True):
        if isinstance(one, IdentityTest):
            continue
        share = one.name == "bernoulli"
        within = SHARE_WITHIN if share else WITHIN * abs(seen.estimate)
        kind = "share" if share else "value"
        yield _effect(kind, seen.estimate, seen.interval, seen.observations, within, part=name)


def _of_what_is_compared(exhibits: Sequence[tuple[Exhibit, ...]]) -> Iterator[Effect]:
    for sides, above, below in compared_in(exhibits):
        kind, values, size = _sized(above, below)
        if kind == "level" and values is below:
            sides = replace(sides, above=sides.below, below=sides.above)
        if not len(values):
            continue
        # Where both sides diverged, their ratio may be anything.
        least, most = (np.where(np.isnan(values), end, values) for end in (-np.inf, np.inf))
        interval = median_interval(least, LEVEL)[0], median_interval(most, LEVEL)[1]
        middle = float(np.median(most))
        if not math.isfinite(middle):  # most of them diverged, and that is all there is to say
            continue
        within = sides.within * (abs(middle) if kind != "difference" else size)
        yield _effect(kind, middle, interval, len(values), within, sides=sides)


def compared_in(
    exhibits: Sequence[tuple[Exhibit, ...]],
) -> Iterator[tuple[Sides, Array, Array]]:
    """What the blocks compare, put together: its names, and both sides (replicates,)."""
    blocks = [[one for one in block if isinstance(one, Compared)] for block in exhibits]
    for same in zip(*blocks, strict=False):
        above, below = (
            np.concatenate([getattr(one, side) for one in same]) for side in ("above", "below")
        )
        yield same[0].sides, above, below


def _sized(above: Array, below: Array) -> tuple[str, Array, float]:
    """The kind of size, its values, and the size that a difference is a part of."""
    for side, other in ((below, above), (above, below)):
        if (side == side[:1]).all():  # infinite ones too
            return "level", other, 0.0
    if (above > 0).all() and (below > 0).all():
        with np.errstate(invalid="ignore"):
            return "ratio", above / below, 0.0
    with np.errstate(invalid="ignore"):
        return "difference", above - below, float(np.median(np.abs(below)))


def _effect(
    kind: str, estimate: float, interval: Interval, observations: int, within: float,
    *, part: str = "", sides: Sides | None = None,
) -> Effect:  # fmt: skip
    half = (interval[1] - interval[0]) / 2
    if half <= within:
        more: int | None = 0
    elif math.isfinite(half) and within > 0:  # an interval narrows as the root of the sample
        more = math.ceil(observations * ((half / within) ** 2 - 1))
    else:
        more = None
    return Effect(kind, estimate, interval, observations, within, more, part, sides)


def _blocks(found: Sequence[Effect], claim: Claim) -> int:
    """How many more blocks the least precise of the effects takes, a twin of each where unsaid."""
    more = [one.observations if one.more is None else one.more for one in found]
    return math.ceil(max(more, default=0) / claim.block)
