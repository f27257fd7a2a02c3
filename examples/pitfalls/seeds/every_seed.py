"""A statement about averages, asked of every run."""

from __future__ import annotations

import numpy as np

from claims.model_selection.experiments import least_squares
from examples.pitfalls.pitfall import Figure, Judged, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.exact.least_squares import ordinary_least_squares


def training_error_is_lower(train: float, valid: float) -> bool:
    """The textbook's picture, asked of every run."""
    return train < valid


def _every_seed(stream: Stream, replicates: int) -> Measurement:
    figures: list[Figure] = []
    ours: list[Judged] = []
    for n, p, catalogue in (
        (100, 1, "50 %, as p/n goes to 0"),
        (40, 4, ""),
        (40, 20, "0.3 %, p/n not stated"),
    ):
        rng = stream.child(n, p).numpy()
        X, y = least_squares.gaussian_task(replicates, n, p, rng)
        X_valid, y_valid = least_squares.gaussian_task(replicates, n, p, rng)
        w = ordinary_least_squares(X, y)
        train = least_squares.mean_squared_error(w, X, y)
        valid = least_squares.mean_squared_error(w, X_valid, y_valid)
        passed = np.array(
            [training_error_is_lower(a, b) for a, b in zip(train, valid, strict=True)]
        )
        figures.append(Figure(f"the assertion fails, n = {n}, p = {p}", ~passed, catalogue))
        ours.append(
            judged(
                f"P(train < valid) >= 0.9 (false: <= 1/2), n = {n}, p = {p}",
                BernoulliTest(0.5, 0.9),
                passed,
            )
        )
    return Measurement(tuple(figures), tuple(ours))


PITFALL = Pitfall(
    name="train-below-valid",
    heading="Training error below validation error in every run",
    row="`train < val` for every seed",
    shown=(training_error_is_lower,),
    measure=_every_seed,
    replicates=2000,
    quick=50,
    why="The gap has mean 2 σ² p/n to first order, the difference of two averages over n has a "
    "deviation of order σ² 2/√n: with few parameters the sign is nearly a fair coin.",
    ours="State the probability with an interval, and let the condition carry p/n. "
    "Where the true probability lies between the two zones, the answer is UNDECIDED, not a pass.",
    claims=("ms-train-lt-val", "ms-train-lt-val.outside"),
)
