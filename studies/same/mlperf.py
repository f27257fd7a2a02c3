"""The rule by which MLPerf's convergence checker passes a submission, beside `same`."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.stats import ttest_ind_from_stats

ALPHA, TOLERANCE = 0.05, 1e-4
REJECTED = 1  # runs at either end that a mean leaves out, and that may fail to converge


def passes(reference: Sequence[float], submitted: Sequence[float]) -> bool:
    """Whether so many epochs to the target pass beside the reference's; infinity is never.

    rcp_checker.py of mlperf-logging 4.1.68: a submission fails where more than one run does not
    converge, or where its mean is below the least one that a one-sided t-test does not call
    faster. A slower one passes: what it asks is that nobody converges too well.
    """
    if sum(map(math.isinf, submitted)) > REJECTED:
        return False
    return _mean(submitted) >= least_mean(reference, len(submitted))


def least_mean(reference: Sequence[float], runs: int) -> float:
    """The fewest epochs, in the mean, that so many submitted runs may take."""
    mean, deviation = _mean(reference), float(np.std(reference))
    low, high = 0.0, mean
    if not deviation > 0:
        return mean
    counts = len(reference) - 2 * REJECTED, runs - 2 * REJECTED
    while high - low > TOLERANCE:
        middle = (low + high) / 2
        p = ttest_ind_from_stats(middle, deviation, counts[0], mean, deviation, counts[1]).pvalue
        low, high = (low, middle) if p / 2 > ALPHA else (middle, high)
    return (low + high) / 2


def _mean(epochs: Sequence[float]) -> float:
    return float(np.mean(np.sort(epochs)[REJECTED : len(epochs) - REJECTED]))
