"""Samples of one pool as samples of nature."""

from __future__ import annotations

import math

import numpy as np

from examples.pitfalls.pitfall import Array, Figure, Measurement, Pitfall, judged
from harness.blocks.streams import Stream
from harness.statistics.tests.bounded import BoundedEquivalenceTest

POOL, SAMPLE, RUNS = 1797, 200, 100  # the digits that scikit-learn ships; a run draws 200 of them


def interval(accuracies: Array) -> tuple[float, float]:
    """Mean ± 1.96 standard errors over runs that each drew their samples from the data."""
    middle = accuracies.mean()
    error = accuracies.std(ddof=1) / math.sqrt(len(accuracies))
    return float(middle - 1.96 * error), float(middle + 1.96 * error)


def _pool(stream: Stream, replicates: int) -> Measurement:
    truth, rng = 0.9, stream.numpy()
    missed, missed_fresh, fresh = [], [], []
    for _ in range(replicates):
        # A classifier that is right with probability 0.9 on a draw from nature.
        pool = rng.random(POOL) < truth
        runs = rng.permuted(np.tile(pool, (RUNS, 1)), axis=1)[:, :SAMPLE].mean(axis=1)
        low, high = interval(runs)
        missed.append(not low <= truth <= high)
        new = (rng.random((RUNS, SAMPLE)) < truth).mean(axis=1)
        low, high = interval(new)
        missed_fresh.append(not low <= truth <= high)
        fresh.append(new)
    return Measurement(
        (
            Figure(
                "the 95 % interval misses the population's accuracy, one pool", np.array(missed)
            ),
            Figure("the same with fresh samples", np.array(missed_fresh)),
        ),
        (
            judged(
                "fresh samples: accuracy 0.9",
                BoundedEquivalenceTest(0.0, 1.0, truth, 0.04),
                np.stack(fresh)[:40],
            ),
        ),
    )


PITFALL = Pitfall(
    name="one-pool",
    heading="Samples of one pool as samples of nature",
    row="digits replicas treated as i.i.d. from nature",
    shown=(interval,),
    measure=_pool,
    replicates=300,
    quick=5,
    why="More runs on one pool of 1797 images make the interval narrow around the pool's own "
    "accuracy, which is itself a draw with a deviation of 0.7 points.",
    ours="Claims about a population draw fresh data from a generator for every replicate. Claims "
    "about images say that they hold for the pool, and vary split, start and batches.",
    claims=("do-improves-test", "im.dropout-gap", "im.protocol"),
)
