"""Nested fits in an ill-conditioned basis."""

from __future__ import annotations

import numpy as np

from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.data.synthetic import noisy_cubic
from harness.primitives.polynomials import polynomial_features
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.exact.least_squares import fit_least_squares


def training_loss_falls_with_the_degree(x: Array, y: Array) -> bool:
    """Least squares in the columns x^i / i!, degree 1 to 19: no loss above the one before."""
    losses = []
    for degree in range(1, 20):
        features = polynomial_features(x, degree)
        w = np.linalg.lstsq(features, y, rcond=None)[0]
        losses.append(np.mean((features @ w - y) ** 2))
    return bool(np.all(np.diff(losses) <= 0))


def _nested(stream: Stream, replicates: int) -> Measurement:
    x, y = noisy_cubic(replicates, 100, stream.numpy())
    passed = np.array(
        [training_loss_falls_with_the_degree(a, b) for a, b in zip(x, y, strict=True)]
    )
    losses = [
        np.mean((fit_least_squares(x, y, degree).predict(x) - y) ** 2, axis=1)
        for degree in range(1, 20)
    ]
    falls = (np.diff(losses, axis=0) <= 0).all(axis=0)
    return Measurement(
        (Figure("the loss rises somewhere", ~passed, "60 %"),),
        (judged("the loss never rises, stable basis", BernoulliTest(0.5, 0.9), falls),),
    )


PITFALL = Pitfall(
    name="nested-fits",
    heading="Nested fits in powers of x",
    row="nested ERM monotonicity with lstsq on x^i/i!",
    shown=(training_loss_falls_with_the_degree,),
    measure=_nested,
    replicates=400,
    quick=30,
    why="The columns x^i / i! are so nearly dependent that lstsq cuts small singular values: the "
    "higher degree is then fitted in fewer directions, and nested models are no longer nested.",
    ours="Chebyshev polynomials on the sample's own interval, by QR: the same space, in a basis "
    "whose rounding is far below the differences.",
    claims=("cap-train-monotone", "po-deg19-train.exact"),
)
