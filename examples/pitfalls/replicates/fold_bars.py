"""Folds of one run as independent replicates."""

from __future__ import annotations

import math

import numpy as np

from claims.model_selection.experiments import least_squares
from examples.pitfalls.pitfall import Array, Figure, Judged, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.primitives.folds import k_fold
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.exact.least_squares import ordinary_least_squares

N, P = 40, 10


def error_bar(folds: Array) -> float:
    """The standard error of a cross-validation average from its own K folds."""
    return float(folds.std(ddof=1) / math.sqrt(len(folds)))


def _folds(stream: Stream, replicates: int) -> Measurement:
    X, y = least_squares.gaussian_task(replicates, N, P, stream.numpy())
    figures: list[Figure] = []
    ours: list[Judged] = []
    for k, catalogue in ((2, "1.69"), (5, "1.79"), (10, "1.55")):
        errors = np.stack(
            [
                least_squares.mean_squared_error(
                    ordinary_least_squares(X[:, train], y[:, train]), X[:, valid], y[:, valid]
                )
                for train, valid in k_fold(N, k)
            ],
            axis=1,
        )
        average = errors.mean(axis=1)
        bars = np.array([error_bar(one) for one in errors])
        goal = least_squares.expected_risk(N - N // k, P)
        figures.append(
            Figure(
                f"the average ± 1.96 of its own bars misses its mean, k = {k} (nominal 5 %)",
                np.abs(average - goal) > 1.96 * bars,
            )
        )
        # Each value over the mean of s^2/K: their average is the ratio of variances.
        ratio = (average - average.mean()) ** 2 / np.mean(bars**2)
        figures.append(
            Figure(f"variance of the average over the mean of s²/K, k = {k}", ratio, catalogue)
        )
        blocks = average[: replicates // 50 * 50].reshape(-1, 50).var(axis=1, ddof=1)
        naive = (bars[: replicates // 50 * 50] ** 2).reshape(-1, 50).mean(axis=1)
        ours.append(
            judged(
                f"over whole replicated runs: variance > s²/K, k = {k}",
                BernoulliTest(0.5, 0.8),
                blocks > naive,
            )
        )
    return Measurement(tuple(figures), tuple(ours))


PITFALL = Pitfall(
    name="fold-bars",
    heading="Error bars from the folds of one run",
    row="fold s.e. as s/√K",
    shown=(error_bar,),
    measure=_folds,
    replicates=4000,
    quick=100,
    why="Any two folds' models share most of their training data: the folds are correlated, and "
    "s²/K has no way to see it. No unbiased estimate from one run exists (Bengio and Grandvalet "
    "2004).",
    ours="The whole cross-validation is the replicate; one run's folds never make an interval.",
    claims=("kf-independent", "kf-independent.corrected", "kf-independent.error-bar"),
)
