"""Exact rates of verdicts where the sample is a count: the kind itself is asked at every count.

An observation that takes two values leaves one number to chance, how often it took the first. The
law of that number from look to look is a finite sum, so that no sampling error is left.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.evidence import StatisticalTest, Summary, Verdict, decide
from harness.statistics.tests.independence import PairwiseIndependenceTest

Floats = npt.NDArray[np.float64]
Rates = dict[Verdict, float]
LEVEL = 0.05  # of what errs so often that it can be counted
FALSE_ALARM = 1e-7  # of one row whose kind errs at exactly LEVEL
NEGLIGIBLE = 1e-30  # states with less probability are left out: of all together, below 1e-24


def rates_of_counts(
    kind: StatisticalTest, values: tuple[Any, Any], p: float, looks: Sequence[int], level: float
) -> Rates:
    """The probability of each verdict of a kind at alpha = beta = level, looked at so often.

    Each observation is values[0] with probability p, else values[1]; a fixed sample is read at
    the last look.
    """
    yes, no = (kind.summarise(value) for value in values)
    found: Rates = dict.fromkeys(Verdict, 0.0)
    alive: Floats = np.ones(1)
    first, n = 0, 0
    for look in looks:
        alive = np.convolve(alive, _successes(look - n, p))
        n = look
        if kind.sequential or look == looks[-1]:
            for place in np.flatnonzero(alive > NEGLIGIBLE):
                k = first + int(place)
                parts = [_times(kind, *part) for part in ((yes, k), (no, n - k)) if part[1]]
                summary = kind.combine(*parts) if len(parts) == 2 else parts[0]
                verdict = decide(kind.evidence(summary, level, level), level, level)
                if verdict is not Verdict.UNDECIDED or look == looks[-1]:
                    found[verdict] += float(alive[place])
                    alive[place] = 0.0
        left = np.flatnonzero(alive > NEGLIGIBLE)
        if not len(left):
            break
        first += int(left[0])
        alive = alive[left[0] : left[-1] + 1]
    return found


def _times(kind: StatisticalTest, summary: Summary, count: int) -> Summary:
    """The summary of `count` >= 1 observations that are all the same, by doubling."""
    if count == 1:
        return summary
    half = _times(kind, summary, count // 2)
    double = kind.combine(half, half)
    return kind.combine(double, summary) if count % 2 else double


def _successes(trials: int, p: float) -> Floats:
    from scipy import stats

    law: Floats = stats.binom.pmf(np.arange(trials + 1), trials, p)
    return law


def rates_of_labels(
    kind: StatisticalTest, rates: Sequence[float], size: int, level: float
) -> Rates:
    """The same for a kind of independent labels, each a count of `size` trials with its own rate.

    CONFIRMED needs every label, REFUTED any one: each is asked at every count that has weight,
    while the others agree as often as they should.
    """
    from scipy import stats

    assert isinstance(kind, PairwiseIndependenceTest)
    usual = (round(size * kind.agreement), size)
    confirmed, spared = 1.0, 1.0
    for place, p in enumerate(rates):
        ending: Rates = dict.fromkeys(Verdict, 0.0)
        chances = stats.binom.pmf(np.arange(size + 1), size, p)
        for k in np.flatnonzero(chances > NEGLIGIBLE):
            pairs = dict.fromkeys(kind.labels, usual) | {kind.labels[place]: (int(k), size)}
            evidence = kind.evidence(kind.summarise(pairs), level, level)
            ending[decide(evidence, level, level)] += float(chances[k])
        confirmed *= ending[Verdict.CONFIRMED]
        spared *= 1 - ending[Verdict.REFUTED]
    return {Verdict.CONFIRMED: confirmed, Verdict.REFUTED: 1 - spared}


def rates_of_chi_squared(
    kind: StatisticalTest, variance: float, degrees: int, level: float
) -> Rates:
    """The same for a kind whose sample is `variance` times chi-squared with so many degrees.

    The verdict is asked along a grid of sums, and each place where it changes is bisected.
    """
    from scipy import stats

    law = stats.chi2(degrees, scale=variance)

    def verdict(total: float) -> Verdict:
        evidence = kind.evidence(np.array([total, float(degrees)]), level, level)
        return decide(evidence, level, level)

    # Beyond the ends the law has less than one chance in 10^25; between them no verdict hides.
    grid = np.linspace(law.ppf(1e-25), law.isf(1e-25), 2000)
    asked = [verdict(total) for total in grid]
    found: Rates = dict.fromkeys(Verdict, 0.0)
    start = 0.0
    for left, right, before, after in zip(grid, grid[1:], asked, asked[1:], strict=False):
        if before is not after:
            low, high = float(left), float(right)
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if verdict(middle) is before else (low, middle)
            found[before] += _between(law, start, high)
            start = high
    found[asked[-1]] += _between(law, start, math.inf)
    return found


def _between(law: Any, start: float, end: float) -> float:
    """The probability of an interval from the tail in which it lies, so that no digit is lost."""
    if start > law.mean():
        return float(law.sf(start) - law.sf(end))
    return float(law.cdf(end) - law.cdf(start))


def looks_of(kind: StatisticalTest, block: int, level: float) -> list[int]:
    """Where a trial in blocks is read, as the experiment does it: the last block ends past the cap.

    A fixed sample has one look, at its end.
    """
    plan = kind.plan(level, level)
    last = -(-(plan.cap if kind.sequential else plan.observations) // block)
    return [block * (index + 1) for index in range(last)] if kind.sequential else [block * last]


def rate_above_by_chance(wrong: int, runs: int, level: float) -> float:
    """P(at least so many of the runs are wrong) if each is with probability `level` exactly.

    The p-value of the one-sided exact binomial test of "the rate is above the level".
    """
    from scipy import stats

    return float(stats.binom.sf(wrong - 1, runs, level))


def largest_rate(wrong: int, runs: int, miss: float) -> float:
    """The rates above this one are excluded at level `miss` (Clopper & Pearson 1934, one side)."""
    from scipy import stats

    return 1.0 if wrong == runs else float(stats.beta.isf(miss, wrong + 1, runs - wrong))


def limit(runs: int) -> int:
    """More errors than this have probability `FALSE_ALARM` at most, at rate LEVEL."""
    from scipy import stats

    return int(stats.binom.isf(FALSE_ALARM, runs, LEVEL))
