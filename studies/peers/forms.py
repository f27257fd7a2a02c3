"""The same work in several forms, timed in turn in one process."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from harness.metrics.arrays import Array

CLOCK = (
    time.process_time
)  # one core and no waiting: what the machine's other work takes is left out
SHORTEST = 0.05  # seconds of one timing; a faster form is called several times


@dataclass(frozen=True)
class Form:
    """One way to do the work; `call` does `work` units of it (replica-steps, replicas, draws).

    The first call may compile; what it takes longer than a later one is the form's `set_up`.
    `scaled` says aloud which part of the work one call does, where it is not all of it.
    """

    name: str
    work: float
    call: Callable[[], object]
    scaled: str = ""


@dataclass(frozen=True)
class Check:
    """How far a form's result is from the one it must equal, and how far it may be."""

    form: str
    what: str
    distance: float
    allowed: float

    @property
    def passed(self) -> bool:
        """Whether the distance is a number within what is allowed."""
        return bool(self.distance <= self.allowed)


@dataclass(frozen=True)
class Target:
    """A ratio that our form should reach against another form (or a limit); `fast` with numba."""

    against: str
    plain: float
    fast: float


@dataclass(frozen=True)
class Workload:
    """A row of the table: its forms, ours last, what makes them equal, and what was hoped for."""

    key: str
    title: str
    unit: str
    forms: Sequence[Form]
    checks: Callable[[], list[Check]]
    targets: Sequence[Target]
    flop: float | None = None  # floating-point operations of a unit of work
    compile_counts: float | None = None  # units of work over which a compilation is paid


@dataclass
class Timing:
    """Seconds per unit of work, round by round, and the seconds of the first call beyond that."""

    form: Form
    rounds: list[float] = field(default_factory=list)
    set_up: float = 0.0

    @property
    def median(self) -> float:
        """The median over rounds."""
        return float(np.median(self.rounds))


def timings(forms: Sequence[Form], rounds: int) -> list[Timing]:
    """Time every form once a round, in an order that turns from round to round."""
    found = [Timing(form) for form in forms]
    repeats = []
    for timing in found:
        first = _seconds(timing.form.call, 1)
        later = _seconds(timing.form.call, 1)
        timing.set_up = max(0.0, first - later)
        repeats.append(max(1, round(SHORTEST / max(later, 1e-9))))
    for turn in range(rounds):
        for place in range(len(found)):
            at = (place + turn) % len(found)
            timing = found[at]
            seconds = _seconds(timing.form.call, repeats[at])
            timing.rounds.append(seconds / repeats[at] / timing.form.work)
    return found


def _seconds(call: Callable[[], object], repeats: int) -> float:
    gc.collect()
    gc.disable()
    try:
        start = CLOCK()
        for _ in range(repeats):
            call()
        return CLOCK() - start
    finally:
        gc.enable()


def ratio(slow: Timing, fast: Timing, resamples: int = 2000) -> tuple[float, float, float]:
    """Return median(slow) / median(fast) and its 95 % interval, by resampling whole rounds.

    A round times every form within seconds, so that what slows a round slows both.
    """
    a, b = np.array(slow.rounds), np.array(fast.rounds)
    rng = np.random.Generator(np.random.SFC64(0))
    drawn = rng.integers(len(a), size=(resamples, len(a)))
    spread: Array = np.median(a[drawn], axis=1) / np.median(b[drawn], axis=1)
    low, high = np.quantile(spread, [0.025, 0.975])
    return float(np.median(a) / np.median(b)), float(low), float(high)


def largest(ours: object, theirs: object) -> float:
    """Return max |ours - theirs| / max |theirs|."""
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    return float(np.abs(a - b).max() / np.abs(b).max())


def deviation(ours: object, theirs: object) -> float:
    """Return |mean difference| in standard errors, for paired results with their own shuffles.

    A replica that diverged in either is left out of both.
    """
    difference = np.asarray(ours, dtype=np.float64) - np.asarray(theirs, dtype=np.float64)
    difference = difference[np.isfinite(difference)]
    # Heavy tails: a replica near divergence would hide a difference in all the others.
    low, high = np.quantile(difference, [0.01, 0.99])
    difference = difference[(difference >= low) & (difference <= high)]
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return float(abs(difference.mean()) / error)
