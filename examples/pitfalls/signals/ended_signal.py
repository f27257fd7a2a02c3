"""A ratio of signals of which the lower one may have ended."""

from __future__ import annotations

import numpy as np

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.chains import with_std
from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.primitives.initialization import plain_normal
from harness.statistics.tests.distribution import KolmogorovTest
from harness.training.chains.propagation import propagate

NETS, DEPTH = 4000, 100


def ratios_of(q: Array) -> Array:
    """Each layer's second moment over that of the layer below; q is (nets, layers)."""
    return np.asarray(q[:, 1:] / q[:, :-1])


def _ended_signal(stream: Stream, replicates: int) -> Measurement:
    broken, zeros, kept = [], [], []
    for index in range(replicates):
        generator = stream.child(index).torch()
        initializer = with_std(plain_normal, 1.0)
        q = propagate([1] * (DEPTH + 1), initializer, None, NETS, generator, examples=1).forward
        with np.errstate(invalid="ignore"):
            ratios = ratios_of(q)
        broken.append(bool(np.isnan(ratios).any()))
        zeros.append(float((ratios == 0).sum()) / ratios.size * 2**24)
        kept.append(signals.ratios_above_a_signal(q[:40]))
    lawful = signals.chi_squared_cdf(np.concatenate(kept), 1)
    return Measurement(
        (
            Figure("a run of 400 000 ratios has one that is no number", np.array(broken)),
            Figure("weights that are exactly 0, for 2^24 draws", np.array(zeros)),
        ),
        (judged("ratios above a signal are chi-squared(1)", KolmogorovTest(0.02), lawful),),
    )


PITFALL = Pitfall(
    name="ended-signal",
    heading="A ratio of signals that may have ended",
    row="",
    shown=(ratios_of,),
    measure=_ended_signal,
    replicates=1000,
    quick=1,
    why="torch makes a normal number in single precision from a uniform one of 24 bits, which is "
    "exactly 0 once in 2^24; in double precision that takes 2^53 draws. A layer of one unit with "
    "that weight ends the signal, and above it 0 is divided by 0. This suite wrote that test: at "
    "three of 200 fresh salts it ended in an error.",
    ours="Only layers above a signal are looked at. Whether there is one does not depend on the "
    "layer's own weights, so that the ratios that are kept have their law still.",
    claims=("ns-gauss-product.exponent",),
)
