"""Sparsity counted by a threshold."""

from __future__ import annotations

import numpy as np

from claims.weight_decay.experiments import linear_models
from claims.weight_decay.experiments.experiment import Runs
from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.data.synthetic import linear_200
from harness.statistics.tests.bernoulli import BernoulliTest
from harness.training.linear.linear import train_linear


def is_sparser(before: Array, after: Array) -> bool:
    """More weights below a thousandth than before."""
    return bool((np.abs(after) < 1e-3).mean() > (np.abs(before) < 1e-3).mean())


def _sparsity(stream: Stream, replicates: int) -> Measurement:
    runs = Runs(train_linear, linear_200, replicates, stream, tests=1)
    plain, decayed = (np.asarray(runs.train(decay).w) for decay in (0.0, 3.0))
    rescaled = 0.03 * plain  # the same direction
    seen = [is_sparser(a, b) for a, b in zip(plain, decayed, strict=True)]
    scaled = [is_sparser(a, b) for a, b in zip(plain, rescaled, strict=True)]
    change = np.abs(linear_models.hoyer(decayed) - linear_models.hoyer(plain))
    return Measurement(
        (
            Figure("'sparser' after weight decay", np.array(seen)),
            Figure("'sparser' after multiplying all weights by 0.03", np.array(scaled)),
            Figure(
                "share of weights below 1e-3, λ = 0", (np.abs(plain) < 1e-3).mean(axis=1), ".1 %"
            ),
            Figure(
                "share of weights below 1e-3, λ = 3", (np.abs(decayed) < 1e-3).mean(axis=1), "3.1 %"
            ),
            Figure("share of exact zeros, λ = 3", (decayed == 0).mean(axis=1), "0"),
        ),
        (
            judged(
                "Hoyer's scale-free index moves by less than 0.02",
                BernoulliTest(0.5, 0.9),
                change < 0.02,
            ),
        ),
    )


PITFALL = Pitfall(
    name="sparsity",
    heading="Sparsity by counting small weights",
    row="counting ∣w∣<ε as sparsity",
    shown=(is_sparser,),
    measure=_sparsity,
    replicates=200,
    quick=8,
    why="A threshold in absolute units counts length as sparsity: any shrinking, even of a vector "
    "whose direction does not move, sends weights below it.",
    ours="A scale-free index (Hoyer 2004) and the count of exact zeros.",
    claims=("wd-sparser", "wd-sparser.corrected"),
)
