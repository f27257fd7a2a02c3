"""What a choice flatters, without a control."""

from __future__ import annotations

import numpy as np

from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.data.synthetic import noisy_cubic
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.statistics.tests.bounded import BoundedEquivalenceTest
from harness.training.exact.least_squares import fit_least_squares

DEGREES = (1, 2, 3, 4, 5, 6)


def optimism(valid: Array) -> Array:
    """How choosing flatters: mean over the models less the chosen one; valid is (R, models)."""
    return np.asarray(valid.mean(axis=1) - valid.min(axis=1))


def _optimism(stream: Stream, replicates: int) -> Measurement:
    rng = stream.numpy()
    x, y = noisy_cubic(replicates, 60, rng)
    fits = [fit_least_squares(x[:, :20], y[:, :20], degree) for degree in DEGREES]

    def losses(part: slice) -> Array:
        errors = [np.mean((f.predict(x[:, part]) - y[:, part]) ** 2, axis=1) for f in fits]
        return np.stack(errors, axis=1)

    valid, fresh = losses(slice(20, 40)), losses(slice(40, 60))
    naive = optimism(valid)
    rows, chosen = np.arange(replicates), valid.argmin(axis=1)
    paired = fresh[rows, chosen] - valid[rows, chosen]
    control = fresh[:, 2] - valid[:, 2]  # the cubic, chosen by nobody
    return Measurement(
        (
            Figure(
                "naive optimism is over 10 times the paired difference", naive > 10 * np.abs(paired)
            ),
            Figure("naive optimism (median)", naive, middle=True),
            Figure(
                "paired: fresh minus validation loss, chosen model (median)", paired, middle=True
            ),
            Figure("control: the same for the cubic, not chosen (median)", control, middle=True),
        ),
        (
            judged(
                "the chosen model loses on fresh data, P > 1/2", BernoulliTest(0.5, 0.6), paired > 0
            ),
            judged(
                "control: fresh and validation are exchangeable, P = 1/2",
                BoundedEquivalenceTest(0.0, 1.0, 0.5, 0.08),
                (control > 0).astype(np.float64),
            ),
        ),
    )


PITFALL = Pitfall(
    name="optimism",
    heading="Optimism of a choice among real models",
    row="optimism with real models without control",
    shown=(optimism,),
    measure=_optimism,
    replicates=3000,
    quick=60,
    why="Real candidates differ: the mean over them less the best one is mostly the true distance "
    "between good and bad models (degree 1 against degree 3), not what the choice flatters.",
    ours="The chosen model on a second, fresh set of the same size, paired; and the same "
    "difference for a model that was not chosen, which must be even.",
    claims=("ts-val-casual", "kf-no-retune", "ms-train-uninformative.optimism"),
)
