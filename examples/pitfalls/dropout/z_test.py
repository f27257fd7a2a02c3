"""A z-test for the mean of dropout, at every p."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from examples.pitfalls.pitfall import Figure, Judged, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.primitives.dropout import dropout
from harness.statistics.tests.binomial import RateTest


def mean_is_preserved(dropped: Tensor) -> bool:
    """A z-test at 1 in 1000 that dropout of ones has mean 1."""
    score = (dropped.mean() - 1) / (dropped.std() / math.sqrt(dropped.numel()))
    return bool(score.abs() < 3.29)


def _z_test(stream: Stream, replicates: int) -> Measurement:
    n = 1000
    figures: list[Figure] = []
    ours: list[Judged] = []
    for name, p in (
        ("0", 0.0),
        ("0.5", 0.5),
        ("0.99", 0.99),
        ("1 - 2^-10", 1 - 2.0**-10),
        ("1", 1.0),
    ):
        ones = torch.ones(replicates, n, dtype=torch.float64)
        dropped = dropout(ones, p, stream.child(name).torch())
        failed = np.array([not mean_is_preserved(one) for one in dropped])
        figures.append(Figure(f"a correct dropout fails, p = {name}", failed))
        kept = (dropped != 0).numpy()
        ours.append(judged(f"kept with probability 1 - p, p = {name}", RateTest(1 - p, 0.02), kept))
    return Measurement(tuple(figures), tuple(ours))


PITFALL = Pitfall(
    name="dropout-z-test",
    heading="A z-test for the mean of dropout at every p",
    row="dropout mean by z-test for all p∈[0,1]",
    shown=(mean_is_preserved,),
    measure=_z_test,
    replicates=2000,
    quick=20,
    why="At p = 0 the score is 0/0, at p = 1 the mean is 0 and not 1, and close to 1 most samples "
    "hold no kept value at all: the estimated deviation is 0, and the true law is Poisson's.",
    ours="The count of kept values is binomial, exactly, at every p; their values lie on two "
    "points; and the statement is made for p up to 1 - 2^-10, with p = 1 as the other case.",
    claims=("do-unbiased", "do-unbiased.outside", "do-keep-rule", "do-keep-rule.edges"),
)
