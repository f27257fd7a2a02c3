"""A figure of the catalogue, how it is estimated from replicates, and whether the two agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.statistics.binomial import clopper_pearson
from harness.trial.streams import Stream

Array = npt.NDArray[np.float64]
Interval = tuple[float, float]
Estimator = Callable[[Any], tuple[float, Interval]]
Measure = Callable[[Stream], Sequence[Any]]

LEVEL = 1e-3  # of an interval's two tails together: one figure in a thousand lies outside by chance
WIDTH = 3.290526731  # standard errors on either side at this level
GROUPS = 50  # of replicates, for the jackknife


@dataclass(frozen=True)
class Figure:
    """One number of the catalogue as it is printed there, with what is known of its error.

    `error` is the catalogue's standard error, or `out_of` the replicates behind a share; without
    either only the rounding of the printed digits is allowed for.
    """

    en: str
    zh: str
    printed: str
    estimator: Estimator
    error: float = 0.0
    out_of: int = 0

    def agrees(self, estimate: float, interval: Interval) -> bool | None:
        """Whether the printed number is within both errors and its own rounding.

        None where nothing is printed: the catalogue measured the effect on another task.
        """
        if not self.printed:
            return None
        was, half_unit = value_of(self.printed)
        own = (interval[1] - interval[0]) / 2 / WIDTH
        error = self.error
        if self.out_of:
            # One success more and one failure more: a share of 0 or 1 has an error, too.
            share = (was * self.out_of + 1) / (self.out_of + 2)
            error = math.sqrt(share * (1 - share) / self.out_of)
        inside = interval[0] <= was <= interval[1]
        return inside or abs(estimate - was) <= WIDTH * math.hypot(own, error) + half_unit


@dataclass(frozen=True)
class Measurement:
    """The figures of a row and the function that hands in one sample for each of them."""

    row: str
    figures: tuple[Figure, ...]
    measure: Measure


MEASUREMENTS: list[Measurement] = []


def figures(row: str, *printed: Figure) -> Callable[[Measure], Measure]:
    """Decorate a function of a stream that returns one sample (replicates, ...) a figure."""

    def register(measure: Measure) -> Measure:
        MEASUREMENTS.append(Measurement(row, printed, measure))
        return measure

    return register


def value_of(printed: str) -> tuple[float, float]:
    """The number and half a unit of its last printed digit."""
    mantissa, _, power = printed.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    return float(printed), 0.5 * 10.0 ** (int(power or 0) - digits)


# ---- estimators: a sample (n, ...) to an estimate and its interval ---------------------------


def exact(values: Any) -> tuple[float, Interval]:
    """A number without chance, or the same in every replicate."""
    flat = np.unique(np.asarray(values, dtype=np.float64))
    return float(flat.mean()), (float(flat.min()), float(flat.max()))


def share(hits: Any) -> tuple[float, Interval]:
    """How often, with Clopper and Pearson's interval."""
    hits = np.asarray(hits, dtype=bool)
    return float(hits.mean()), clopper_pearson(int(hits.sum()), hits.size, LEVEL)


def quantile(q: float) -> Estimator:
    """The q-quantile, with the interval between order statistics (exact for any law)."""

    def estimator(values: Any) -> tuple[float, Interval]:
        from scipy.stats import binom

        ordered = np.sort(np.where(np.isnan(values), np.inf, values))
        n = len(ordered)
        low = int(binom.ppf(LEVEL / 2, n, q)) - 1
        high = int(binom.ppf(1 - LEVEL / 2, n, q))
        ends = float(ordered[max(low, 0)]), float(ordered[min(high, n - 1)])
        return float(ordered[math.ceil(q * n) - 1]), ends

    return estimator


median = quantile(0.5)


def jackknife(function: Callable[[Array], float]) -> Estimator:
    """Any smooth function of a sample (n, ...), by the delete-a-group jackknife of 50 groups."""

    def estimator(values: Any) -> tuple[float, Interval]:
        from scipy.stats import t

        sample = np.asarray(values, dtype=np.float64)
        parts = np.array_split(np.arange(len(sample)), min(GROUPS, len(sample)))
        whole = float(function(sample))
        left_out = np.array([function(np.delete(sample, part, axis=0)) for part in parts])
        g = len(parts)
        error = math.sqrt((g - 1) / g * float(((left_out - left_out.mean()) ** 2).sum()))
        reach = float(t.isf(LEVEL / 2, g - 1)) * error
        return whole, (whole - reach, whole + reach)

    return estimator


def _mean(sample: Array) -> float:
    return float(sample.mean())


def _deviation(sample: Array) -> float:
    return float(sample.std(ddof=1))


def _root_mean_square(sample: Array) -> float:
    return math.sqrt(float((sample**2).mean()))


def _variance_ratio(sample: Array) -> float:
    first, second = sample.var(axis=0, ddof=1)
    return float(first / second)


def _correlation(sample: Array) -> float:
    """The mean correlation over all pairs of columns of a sample (n, k)."""
    table: Array = np.atleast_2d(np.corrcoef(sample.T))
    return float(table[np.triu_indices(len(table), 1)].mean())


mean = jackknife(_mean)
deviation = jackknife(_deviation)
root_mean_square = jackknife(_root_mean_square)
variance_ratio = jackknife(_variance_ratio)
correlation = jackknife(_correlation)
