"""Where a pair of e-processes on counts stops, how often it errs, and what a plan promises."""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import Plan
from harness.statistics.planning import REACH, undecided_target
from harness.statistics.tests.counts import log_e_above, mirrored
from harness.statistics.tests.exact import Operating, Region, walk

PLANNED_LOOKS = 512  # a longer trial is planned as if looked at this often: a little cautious


def stopping_region(
    p0: float,
    p1: float,
    alpha: float,
    beta: float,
    looks: npt.ArrayLike,
    *,
    three_answers: bool = False,
) -> Region:
    """Where the test stops at each look: from `high` successes confirmed, up to `low` refuted.

    Of three answers, CONFIRMED is WEAKER up to `weaker` successes, and REFUTED excludes both the
    strong zone and all probabilities above p0.
    The e-processes are monotone in k, so each boundary is one count.
    """
    n = np.asarray(looks, dtype=np.int64)
    high = _first_success_counts(n, p0, p1, alpha)
    weaker = n - _first_success_counts(n, 1 - p1, 1 - p0, beta)
    if not three_answers:
        return Region(n, high, weaker)
    low = n - _first_success_counts(n, 1 - p0, 1 - mirrored(p0, p1), beta)
    return Region(n, high, np.minimum(low, weaker), weaker)


def _first_success_counts(n: Any, boundary: float, alternative: float, rate: float) -> Any:
    """The fewest successes at each look that exclude p <= boundary, or n + 1: bisected at once.

    A further failure multiplies every likelihood ratio by less than one, so that the count grows
    from look to look: those of every sixteenth are brackets of the ones between.
    """
    low, high = np.full_like(n, -1), n + 1  # e at `low` is below, at `high` counts as above
    if len(n) > 16:
        known = _first_success_counts(n[::-16][::-1], boundary, alternative, rate)
        high = np.minimum(high, np.repeat(known, 16)[-len(n) :])
        earlier = np.repeat(known[:-1], 16)
        low[-len(earlier) :] = earlier - 1
    while np.any(high - low > 1):
        middle = np.clip((low + high) // 2, 0, n)
        reached = log_e_above(middle, n, boundary, alternative) >= math.log(1 / rate)
        high = np.where(reached & (high - low > 1), middle, high)
        low = np.where(~reached & (high - low > 1), middle, low)
    return high


@dataclass(frozen=True)
class Race:
    """A test on counts at two error rates: CONFIRMED is reached above, REFUTED below."""

    p0: float
    p1: float
    alpha: float
    beta: float
    three_answers: bool = False

    @property
    def truths(self) -> tuple[float, float]:
        """The nearest laws that are to be confirmed and to be refuted."""
        return self.p1, mirrored(self.p0, self.p1) if self.three_answers else self.p0


@functools.lru_cache(maxsize=64)
def _region(race: Race, cap: int, block: int) -> Region:
    looks = sorted({*range(block, cap + 1, block), cap})
    return stopping_region(
        race.p0, race.p1, race.alpha, race.beta, looks, three_answers=race.three_answers
    )


@functools.lru_cache(maxsize=512)
def operating(
    race: Race, cap: int, block: int, truths: tuple[float, ...], *, every_look: bool = True
) -> Operating:
    """The exact operating characteristics at `truths`, looking after every `block` trials."""
    return walk(_region(race, cap, block), truths, every_look=every_look)


@functools.lru_cache(maxsize=1024)
def plan_of_counts(race: Race, cap: int | None) -> Plan:
    """Expected trials, cap, detectable distance and P(undecided), exact at spread looks.

    `cap=None` takes the smallest with P(undecided) within its target at both nearest laws; of
    three answers `REACH` times the smallest for the law to be confirmed.
    """
    horizon, target = cap, undecided_target(race.alpha, race.beta)
    if horizon is None:
        drift = min(_divergence(race.p1, race.p0), _divergence(race.p0, race.p1))
        horizon = max(16, math.ceil(3 * math.log(2 / min(race.alpha, race.beta)) / drift))
    while True:
        block = -(-horizon // PLANNED_LOOKS)
        found = operating(race, horizon, block, race.truths)
        left = found.survival[0] if race.three_answers else found.survival.max(axis=0)
        if cap is not None or left[-1] <= target:
            break
        horizon *= 2
    last = len(left) - 1
    if cap is None:
        last = int(np.argmax(left <= target))
        horizon = min(horizon, block * (last + 1))
    pause, undecided = horizon, float(left[last])
    if race.three_answers and cap is None:
        horizon *= REACH
        block = -(-horizon // PLANNED_LOOKS)
        found, last = operating(race, horizon, block, race.truths), -1
    expected = found.expected[0] if race.three_answers else found.expected.max()
    return Plan(
        observations=math.ceil(float(expected)),
        cap=horizon,
        detectable=_detectable(race, horizon, block, target),
        undecided=max(undecided, float(found.survival[1, last])),
        pause=pause,
    )


def _detectable(race: Race, cap: int, block: int, target: float) -> float:
    """The smallest distance from a null's edge that is decided at the cap.

    It lies about one gap away, or half of one with three answers; further away only for a cap
    that is too small.
    """
    edge = race.p0 if race.three_answers else race.p1  # of what REFUTED excludes
    nearer = (0.45, 0.5, 0.55, 0.6, 0.7, 0.8) if race.three_answers else ()
    shares = np.array([*nearer, *np.linspace(0.9, 1.1, 11), 1.2, 1.4, 1.7, 2, 3])
    steps = (race.p1 - race.p0) * shares
    upward, downward = steps[steps < 1 - race.p0], steps[steps < edge]
    truths = tuple(float(p) for p in np.concatenate([race.p0 + upward, edge - downward]))
    ends = operating(race, cap, block, truths, every_look=False)
    high, low = (ends.high + ends.weaker)[: len(upward)], ends.low[len(upward) :]
    return max(
        float(upward[high > 1 - target].min(initial=math.inf)),
        float(downward[low > 1 - target].min(initial=math.inf)),
    )


def _divergence(p: float, q: float) -> float:
    """KL(Bernoulli(p) || Bernoulli(q)) in nats."""
    from scipy.special import rel_entr

    return float(rel_entr(p, q) + rel_entr(1 - p, 1 - q))
