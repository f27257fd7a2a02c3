"""Is a probability at least p1, or at most p0? A pair of e-processes on counts.

With k successes in n independent trials, each e-process is half a likelihood ratio at p1 against
p0, the best bet for the claim as stated, and half a Krichevsky-Trofimov mixture over everything
beyond the null's boundary, which adapts when the truth is further out.
Both depend on (n, k) only, so their error rates are known exactly (`exact.py`).
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import Evidence, Floats, Interval, Plan, StatisticalTest, Summary
from harness.statistics.planning import undecided_target
from harness.statistics.tests.exact import Operating, Region, walk

PLANNED_LOOKS = 512  # a longer trial is planned as if looked at this often: a little cautious


def log_e_above(
    successes: npt.ArrayLike, trials: npt.ArrayLike, boundary: float, alternative: float
) -> Floats:
    """The log e-process against p <= boundary, elementwise over counts; alternative > boundary.

    For every q > boundary the likelihood ratio (q/b)^k ((1-q)/(1-b))^(n-k) is a non-negative
    martingale at p = b and a supermartingale at p < b, because its one-step mean
    p q/b + (1-p)(1-q)/(1-b) increases in p; so is any mixture over q > b (Robbins 1970).
    The mixture is Beta(1/2, 1/2) (Krichevsky & Trofimov 1981) truncated to (boundary, 1].
    """
    from scipy.special import betaincc, betaln, xlogy

    k = np.asarray(successes, dtype=np.float64)
    misses = np.asarray(trials, dtype=np.float64) - k
    null = xlogy(k, boundary) + xlogy(misses, 1 - boundary)
    ratio = xlogy(k, alternative) + xlogy(misses, 1 - alternative) - null
    with np.errstate(divide="ignore"):  # an underflow to e = 0 is no evidence, hence valid
        tail = np.log(betaincc(k + 0.5, misses + 0.5, boundary))
    prior = betaln(0.5, 0.5) + math.log(betaincc(0.5, 0.5, boundary))
    mixture = betaln(k + 0.5, misses + 0.5) + tail - prior - null
    return np.asarray(np.logaddexp(ratio, mixture) - math.log(2), dtype=np.float64)


def log_e_below(
    successes: npt.ArrayLike, trials: npt.ArrayLike, boundary: float, alternative: float
) -> Floats:
    """The log e-process against p >= boundary: `log_e_above` on the failures."""
    failures = np.asarray(trials) - np.asarray(successes)
    return log_e_above(failures, trials, 1 - boundary, 1 - alternative)


def anytime_interval(successes: float, trials: float, alpha: float) -> Interval:
    """An interval that covers p with probability >= 1 - alpha at every stopping time together.

    All p that the Krichevsky-Trofimov mixture over [0, 1] does not reject (Robbins 1970):
    {p: KT(k, n) - k ln p - (n-k) ln(1-p) < ln(1/alpha)}, an interval since the rest is convex.
    Bisection keeps the rejected side, so that rounding only widens it.
    """
    if trials == 0:
        return (0.0, 1.0)
    from scipy.special import betaln

    k, misses = float(successes), float(trials - successes)
    budget = math.log(1 / alpha) - float(betaln(k + 0.5, misses + 0.5) - betaln(0.5, 0.5))

    def rejected(p: float) -> bool:
        cost = (-k * math.log(p) if k else 0.0) + (-misses * math.log1p(-p) if misses else 0.0)
        return cost >= budget

    def end(outside: float, inside: float) -> float:
        for _ in range(60):
            middle = (outside + inside) / 2
            if middle in (outside, inside):
                break
            outside, inside = (middle, inside) if rejected(middle) else (outside, middle)
        return outside

    estimate = k / (k + misses)
    return (end(0.0, estimate) if k else 0.0, end(1.0, estimate) if misses else 1.0)


def stopping_region(
    p0: float, p1: float, alpha: float, beta: float, looks: npt.ArrayLike
) -> Region:
    """Where the test stops at each look: from `high` successes confirmed, up to `low` refuted.

    Both e-processes are monotone in k, so each boundary is one count, found by bisection over
    all looks at once.
    """
    n = np.asarray(looks, dtype=np.int64)

    def first_success_count(boundary: float, alternative: float, rate: float) -> Any:
        low, high = np.full_like(n, -1), n + 1  # e at `low` is below, at `high` counts as above
        while np.any(high - low > 1):
            middle = np.clip((low + high) // 2, 0, n)
            reached = log_e_above(middle, n, boundary, alternative) >= math.log(1 / rate)
            high = np.where(reached & (high - low > 1), middle, high)
            low = np.where(~reached & (high - low > 1), middle, low)
        return high

    high = first_success_count(p0, p1, alpha)
    low = n - first_success_count(1 - p1, 1 - p0, beta)
    return Region(n, high, low)


@functools.lru_cache(maxsize=512)
def _operating(
    p0: float,
    p1: float,
    alpha: float,
    beta: float,
    cap: int,
    block: int,
    truths: tuple[float, ...],
) -> Operating:
    return walk(_region(p0, p1, alpha, beta, cap, block), truths)


@functools.lru_cache(maxsize=64)
def _region(p0: float, p1: float, alpha: float, beta: float, cap: int, block: int) -> Region:
    looks = sorted({*range(block, cap + 1, block), cap})
    return stopping_region(p0, p1, alpha, beta, looks)


@functools.lru_cache(maxsize=1024)
def _plan(p0: float, p1: float, alpha: float, beta: float, cap: int | None) -> Plan:
    horizon, target = cap, undecided_target(alpha, beta)
    if horizon is None:
        drift = min(_divergence(p1, p0), _divergence(p0, p1))
        horizon = max(16, math.ceil(3 * math.log(2 / min(alpha, beta)) / drift))
    while True:
        block = -(-horizon // PLANNED_LOOKS)
        edges = _operating(p0, p1, alpha, beta, horizon, block, (p0, p1))
        worst = edges.survival.max(axis=0)
        if cap is not None or worst[-1] <= target:
            break
        horizon *= 2
    if cap is None:
        first = int(np.argmax(worst <= target))
        horizon, worst = min(horizon, block * (first + 1)), worst[: first + 1]
    undecided = float(worst[-1])
    # What is detectable lies about one gap away; further away only for a cap that is too small.
    shares = (*np.linspace(0.9, 1.1, 11), 1.2, 1.4, 1.7, 2, 3)
    steps = (p1 - p0) * np.array(shares)
    upward, downward = steps[steps < 1 - p0], steps[steps < p1]
    truths = tuple(float(p) for p in np.concatenate([p0 + upward, p1 - downward]))
    ends = _operating(p0, p1, alpha, beta, horizon, block, truths)
    high, low = ends.high[: len(upward)], ends.low[len(upward) :]
    detectable = max(
        float(upward[high > 1 - target].min(initial=math.inf)),
        float(downward[low > 1 - target].min(initial=math.inf)),
    )
    return Plan(
        observations=math.ceil(float(edges.expected.max())),
        cap=horizon,
        detectable=detectable,
        undecided=undecided,
    )


def _divergence(p: float, q: float) -> float:
    """KL(Bernoulli(p) || Bernoulli(q)) in nats."""
    from scipy.special import rel_entr

    return float(rel_entr(p, q) + rel_entr(1 - p, 1 - q))


@dataclass(frozen=True)
class BernoulliTest(StatisticalTest):
    """Whether a probability is beyond p1 (true) or short of p0 (false).

    `direction="above"`: true for p >= p1, false for p <= p0, with p0 < p1.
    `direction="below"`: true for p <= p1, false for p >= p0, with p1 < p0.
    `cap=None` takes the smallest cap with P(undecided) <= max(alpha, beta, `planning.UNDECIDED`).
    An observation is an array of booleans, zeros or ones of any shape; a summary is
    [successes, trials].
    """

    p0: float = 0.5
    p1: float = 0.9
    cap: int | None = None
    direction: str = "above"
    name = "bernoulli"

    def __post_init__(self) -> None:
        if self.direction not in ("above", "below"):
            raise ValueError(f"direction={self.direction!r}: it is 'above' or 'below'")
        if not 0 < self._low < self._high < 1:
            order = "p0 < p1" if self.direction == "above" else "p1 < p0"
            raise ValueError(f"p0={self.p0!r}, p1={self.p1!r}: 0 < {order} < 1 is needed")
        if self.cap is not None and self.cap < 1:
            raise ValueError(f"cap={self.cap!r}: at least one trial is needed")

    @property
    def _low(self) -> float:
        return self.p0 if self.direction == "above" else self.p1

    @property
    def _high(self) -> float:
        return self.p1 if self.direction == "above" else self.p0

    @property
    def true_zone(self) -> Interval:
        return (self.p1, 1.0) if self.direction == "above" else (0.0, self.p1)

    @property
    def false_zone(self) -> tuple[Interval, ...]:
        return ((0.0, self.p0),) if self.direction == "above" else ((self.p0, 1.0),)

    def summarise(self, observation: Any) -> Summary:
        """[successes, trials] of an array of booleans, zeros and ones."""
        values = np.asarray(observation, dtype=np.float64)
        if not np.all((values == 0) | (values == 1)):
            raise ValueError("a Bernoulli observation is 0 or 1; compare before returning it")
        return np.array([values.sum(), values.size], dtype=np.float64)

    def evidence(self, summary: Summary, alpha: float, beta: float) -> Evidence:
        """The two log e-values and the anytime-valid interval at level alpha."""
        k, n = float(summary[0]), float(summary[1])
        high = float(log_e_above(k, n, self._low, self._high))
        low = float(log_e_below(k, n, self._high, self._low))
        confirm, refute = (high, low) if self.direction == "above" else (low, high)
        estimate = k / n if n else 0.5
        return Evidence(int(n), estimate, anytime_interval(k, n, alpha), confirm, refute, self.name)

    def plan(self, alpha: float, beta: float) -> Plan:
        """Expected trials, cap, detectable distance and P(undecided), exact at single looks.

        Above `PLANNED_LOOKS` trials the looks are spread, which can only add to each figure.
        """
        high, low = (alpha, beta) if self.direction == "above" else (beta, alpha)
        return _plan(self._low, self._high, high, low, self.cap)

    def operating(
        self,
        alpha: float,
        beta: float,
        truths: tuple[float, ...],
        *,
        block: int = 1,
        cap: int | None = None,
    ) -> Operating:
        """The exact operating characteristics at `truths`, looking after every `block` trials.

        `high` is the probability of ending above: CONFIRMED if the direction is "above".
        """
        high, low = (alpha, beta) if self.direction == "above" else (beta, alpha)
        limit = cap or self.cap or self.plan(alpha, beta).cap
        return _operating(self._low, self._high, high, low, limit, block, truths)
