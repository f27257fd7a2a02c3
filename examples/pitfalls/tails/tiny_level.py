"""Normal quantiles far in the tail, on skewed data."""

from __future__ import annotations

import math

import numpy as np

from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.statistics.tests.binomial import RateTest, critical_count


def mean_is_below(values: Array, stated: float, level: float = 1e-4) -> bool:
    """A one-sided t-test at a tiny level."""
    from scipy.stats import t

    n = len(values)
    score = (values.mean() - stated) / (values.std(ddof=1) / math.sqrt(n))
    return bool(score < t.ppf(level, n - 1))


def _tiny_level(stream: Stream, replicates: int) -> Measurement:
    figures, signs = [], []
    for name, n, catalogue in (("exponential", 20, "5.9e-3"), ("lognormal", 100, "6.7e-3")):
        rng = stream.child(name).numpy()
        draws = rng.standard_exponential((replicates, n))
        mean, median = 1.0, math.log(2)
        if name == "lognormal":
            draws = np.exp(rng.standard_normal((replicates, n)))
            mean, median = math.exp(0.5), 1.0
        false = np.array([mean_is_below(values, mean) for values in draws])
        figures.append(Figure(f"false alarm at nominal 1e-4, {name}, n = {n}", false, catalogue))
        counts = (draws < median).sum(axis=1)
        exact = counts >= critical_count(n, 0.5, 1e-4)
        figures.append(Figure(f"false alarm of the exact quantile test, {name}", exact))
        signs.append((name, draws < median))
    return Measurement(
        tuple(figures),
        tuple(
            judged(f"{name}: P(value < median) = 1/2", RateTest(0.5, 0.05), draws[:1000])
            for name, draws in signs
        ),
    )


PITFALL = Pitfall(
    name="tiny-level",
    heading="Normal quantiles at tiny levels",
    row="t/z at tiny α on skewed data",
    shown=(mean_is_below,),
    measure=_tiny_level,
    replicates=12000,
    quick=200,
    why="The normal approximation is good in the middle and says nothing about a tail of 1e-4: a "
    "sample of a right-skewed law without its rare large values has a low mean and a small "
    "deviation together, and t runs far to the left.",
    ours="Tests whose level is exact for every law they meet: binomial for signs and quantiles, "
    "betting e-values for bounded values, chi-squared where the law is known. "
    "The second and fourth line are the exact binomial test of the median on the same samples.",
    claims=("do-unbiased", "do-keep-rule", "in-xavier-formula"),
)
