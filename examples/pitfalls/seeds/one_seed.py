"""One seed is one draw: a true statement fails at the rate of its exceptions."""

from __future__ import annotations

import numpy as np

from claims.polynomial_regression.experiments import protocol
from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.data.synthetic import noisy_cubic
from harness.primitives.polynomials import polynomial_features
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.linear.linear import train_linear


def degree_19_is_worse(test_loss_3: float, test_loss_19: float) -> bool:
    """One run of each degree on one seed."""
    return test_loss_19 > test_loss_3


def _one_seed(stream: Stream, replicates: int) -> Measurement:
    data = protocol.drawn(noisy_cubic, replicates, stream)

    def test_losses(degree: int, epochs: int) -> Array:
        history = protocol.trained(
            train_linear, polynomial_features, data, degree, epochs, stream, every=epochs
        )
        return np.asarray(history.test_loss[:, -1])

    high = test_losses(19, 1500)
    figures, ours = [], []
    for what, epochs, catalogue in (
        ("as printed, 400 epochs against 1500", 400, "12 %"),
        ("equal epochs, 1500", 1500, "3 %"),
    ):
        low = test_losses(3, epochs)
        passed = np.array(
            [degree_19_is_worse(a, b) or not np.isfinite(b) for a, b in zip(low, high, strict=True)]
        )
        figures.append(Figure(f"the assertion fails, {what}", ~passed, catalogue))
        ours.append(judged(f"P(degree 19 loses) > 1/2, {what}", BernoulliTest(0.5, 0.75), passed))
    return Measurement(tuple(figures), tuple(ours))


PITFALL = Pitfall(
    name="one-seed",
    heading="One seed, one assertion",
    row="one seed, `assert test19 > test3`",
    shown=(degree_19_is_worse,),
    measure=_one_seed,
    replicates=160,
    quick=4,
    why="The statement is about a probability, and one draw of a coin says little about the coin. "
    "A seed that passes is then kept, and the next change of the generator breaks the build.",
    ours="A sign test on paired runs: both degrees share data, initial weights and orders, and the "
    "sign of the difference is a Bernoulli observation whatever the losses' law.",
    claims=("po-deg19-test-high", "po-deg19-test-high.as-printed"),
)
