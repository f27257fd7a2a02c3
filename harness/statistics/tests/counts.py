"""E-processes on counts: k successes in n independent trials against one side of a probability.

Each is half a likelihood ratio at the nearest alternative, the best bet for the claim as stated,
and half a Krichevsky-Trofimov mixture over everything beyond the null's boundary, which adapts
when the truth is further out.
"""

import math

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import Floats, Interval

MEDIAN_BET = 0.4  # where one side of a candidate may hold less than half: a few hundred values tell


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


def mirrored(p0: float, p1: float) -> float:
    """The probability beyond p0 that is as far from it as p1 is, on the scale of log odds."""
    odds = (p0 / (1 - p0)) ** 2 * (1 - p1) / p1
    return odds / (1 + odds)


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


def median_interval(values: npt.ArrayLike, alpha: float) -> Interval:
    """The medians of independent values (n,) that are not rejected, at every stopping time.

    At a median m of any law P(X <= m) >= 1/2 and P(X >= m) >= 1/2, so that too few values on
    either side of m are evidence against it: an e-process on counts each, at alpha / 2 (as
    Howard & Ramdas 2022 do for every quantile). The ends are infinite until something is rejected.
    Raises ValueError for NaN.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64).ravel())
    if np.isnan(ordered).any():
        raise ValueError("the median of NaN is not known; infinity is the largest value there is")
    few = np.arange(len(ordered) // 2 + 1)
    evidence = log_e_below(few, len(ordered), 0.5, MEDIAN_BET)
    outside = int(np.count_nonzero(evidence >= math.log(2 / alpha)))
    if not outside:
        return (-math.inf, math.inf)
    return (float(ordered[outside]), float(ordered[-1 - outside]))
