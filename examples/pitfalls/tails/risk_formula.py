"""The average of a law with infinite variance."""

from __future__ import annotations

import math

import numpy as np

from claims.model_selection.experiments import least_squares
from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.statistics.tests.distribution import KolmogorovTest
from harness.training.exact.least_squares import ordinary_least_squares


def mean_risk_is_right(risks: Array, n: int, p: int) -> bool:
    """The average of 1000 risks is within 10 % of 1 + p / (n - p - 1)."""
    expected = 1 + p / (n - p - 1)
    return bool(abs(risks.mean() - expected) < 0.1 * expected)


def _risk(stream: Stream, replicates: int) -> Measurement:
    n, p, runs = 50, 48, 1000
    rng = stream.numpy()
    X, y = least_squares.gaussian_task(2 * runs, n, p, rng)
    fitted = ordinary_least_squares(X, y)
    # The exact law of risk - 1 (Hotelling 1931), for more runs than can be fitted.
    ratio = rng.chisquare(p, (replicates, runs)) / rng.chisquare(n - p + 1, (replicates, runs))
    risks = 1 + ratio
    passed = np.array([mean_risk_is_right(one, n, p) for one in risks])
    errors = risks.std(axis=1, ddof=1) / math.sqrt(runs)
    missed = np.abs(risks.mean(axis=1) - least_squares.expected_risk(n, p)) > 1.96 * errors
    return Measurement(
        (
            Figure("the average of 1000 runs is 10 % off, p = 48", ~passed),
            Figure("the average's own 95 % interval misses 49", missed),
            Figure("the median of such averages", risks.mean(axis=1), "39.9 ± 1.5 (one)", True),
        ),
        (
            judged(
                "risk / its exact law, p = 48, runs fitted",
                KolmogorovTest(0.1),
                least_squares.place_in_the_risk_law(fitted, n),
            ),
        ),
    )


PITFALL = Pitfall(
    name="risk-formula",
    heading="A mean without a variance",
    row="risk formula σ²(1+p/(n-p-1)) by mean",
    shown=(mean_risk_is_right,),
    measure=_risk,
    replicates=400,
    quick=10,
    why="At n - p = 2 the risk is 1 + χ²_48/χ²_3: its mean is 49 and its variance infinite. "
    "The average of 1000 runs is then mostly too low and sometimes far too high, and its own "
    "standard error is as unreliable as itself.",
    ours="Compare the whole law: F(risk) is uniform if the formula's law is right, whatever the "
    "tail. Or keep n - p above 5, where the variance is finite.",
    claims=("ms-holdout-unbiased", "ms-small-val-noisier"),
    disagreement="The catalogue's 39.9 ± 1.5 is one average, over a number of runs not "
    "stated. Half of all averages "
    "of 1000 runs lie above 46, and one in 17 below 39.9: the bias is typically smaller than that "
    "one number suggests, and its standard error of 1.5 is the deceptive part.",
)
