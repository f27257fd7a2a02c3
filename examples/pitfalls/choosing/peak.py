"""The best epoch against the last, by the same numbers."""

from __future__ import annotations

import numpy as np

from claims.capacity.experiments import tasks
from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.data.classes import noisy_halfspace
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.nets.mlp import train_mlp


def accuracy_drops_late(test_accuracy: Array) -> bool:
    """The best epoch beats the last one; test_accuracy has one value an epoch."""
    return bool(test_accuracy.max() > test_accuracy[-1])


def _peak(stream: Stream, replicates: int) -> Measurement:
    # Clean labels: the suite finds no late drop there (cap-perfect-then-drop.clean).
    history = tasks.overtrained(train_mlp, noisy_halfspace, 0.0, replicates, stream, "cpu")
    curves = history.test_accuracy
    drops = np.array([accuracy_drops_late(curve) for curve in curves])
    flat = 0.9 + stream.child("flat").numpy().normal(0, 0.01, (100 * replicates, 20))
    noise = np.array([accuracy_drops_late(curve) for curve in flat])
    # The epoch that is best on the other half of the replicas.
    half = len(curves) // 2
    first, second = curves[:half], curves[half:]
    chosen = np.concatenate(
        [
            first[:, second.mean(axis=0).argmax()] - first[:, -1],
            second[:, first.mean(axis=0).argmax()] - second[:, -1],
        ]
    )
    return Measurement(
        (
            Figure("a late drop is seen, nets on clean labels", drops),
            Figure("a late drop is seen, constant accuracy plus noise, 20 epochs", noise),
            Figure(
                "best minus last epoch of the same run, points",
                100 * (curves.max(axis=1) - curves[:, -1]),
            ),
            Figure("epoch chosen on other runs minus last, points", 100 * chosen),
        ),
        (
            judged(
                "from an epoch chosen on other runs, 2 points are lost",
                BernoulliTest(0.5, 0.9),
                chosen > 0.02,
            ),
        ),
    )


PITFALL = Pitfall(
    name="peak",
    heading="The best epoch against the last",
    row="peak-over-epochs minus final accuracy",
    shown=(accuracy_drops_late,),
    measure=_peak,
    replicates=32,
    quick=4,
    why="The maximum of noisy numbers is above any one of them: with 20 equally good epochs the "
    "last is the best in one run of 20, and 'drops' in the other 19.",
    ours="The epoch is chosen on other replicates, and the drop has a margin.",
    claims=("cap-perfect-then-drop.corrected", "cap-perfect-then-drop.clean"),
)
