"""The mean of a deep product over a sample of nets."""

from __future__ import annotations

import numpy as np

from claims.numerical_stability.experiments import signals
from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from examples.pitfalls.signals.per_layer import kept
from harness.blocks.streams import Stream
from harness.primitives.activations import relu
from harness.primitives.initialization import he_normal
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.chains.propagation import propagate


def variance_is_kept(q: Array) -> bool:
    """The mean over 100 nets of q_50 / q_0 is within a factor of 2 of 1; q is (nets, layers)."""
    return bool(0.5 < np.mean(q[:, -1] / q[:, 0]) < 2.0)


def _fifty_layers(stream: Stream, replicates: int) -> Measurement:
    run = propagate([16] * 51, he_normal, relu, 100 * replicates, stream.torch(), examples=1)
    q = run.forward
    passed = np.array([variance_is_kept(nets) for nets in q.reshape(replicates, 100, -1)])
    change = q[:, -1] / q[:, 0]
    # A layer of 16 relus is silent with probability 2^-16; what is dead has no further ratios.
    ratios = signals.layer_ratios(q[: max(4, replicates)])
    return Measurement(
        (
            Figure("the mean over 100 nets is off by more than a factor of 2", ~passed),
            Figure(
                "one net's q_50 / q_0 is off by more than a factor of 2",
                ~((change > 0.5) & (change < 2)),
            ),
            Figure("the median net's q_50 / q_0", change, "2.6e-4", True),
        ),
        (
            judged(
                "E q_(l+1) / q_l = 1, layer by layer",
                kept(1.0, 0.3),
                signals.cut_ratios(ratios[np.isfinite(ratios)]),
            ),
            judged("P(q_50 < q_0) > 1/2", BernoulliTest(0.5, 0.85), change < 1),
        ),
    )


PITFALL = Pitfall(
    name="fifty-layers",
    heading="The mean of a product of fifty layers",
    row="E q_L=q_0 after 50 layers",
    shown=(variance_is_kept,),
    measure=_fifty_layers,
    replicates=60,
    quick=2,
    why="q_50 / q_0 is a product of 50 independent ratios, so nearly lognormal: the mean is 1 and "
    "is carried by nets that a sample of hundreds does not contain, while the typical net has "
    "lost three or four decades.",
    ours="Ratios of successive layers are independent, with light tails and a known law: 50 "
    "observations from each net. The shrinking of the typical net is a claim of its own, by signs.",
    claims=("ac-relu.corrected", "in-xavier-stable.square", "in-typical.mechanism"),
    disagreement="The median depends on what is averaged inside a net: 1.7e-4 for one "
    "input, as here, and 4.1e-4 ± 0.5e-4 for the mean over 64 inputs (1500 nets). The catalogue's "
    "2.6e-4 lies between and does not state its number of inputs.",
)
