"""Deep nets in training: one task for all runs, and the best of the rates."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from claims.numerical_stability.experiments import deep_nets
from harness.blocks.streams import Stream

STREAM = Stream(b"deep nets")


def notes(*data: Any, lr: float, **options: Any) -> Any:
    """A trainer whose nets end with accuracies that peak at the rate .1; the last one diverges."""
    right = np.array([[0.1, 0.9], [0.2, 0.6], [0.1, 1.0]]) * (1.0 if lr == 0.1 else 0.5)
    return SimpleNamespace(
        data=data, train_accuracy=right, diverged=np.array([False, False, True]), **options
    )


def test_runs_on_one_stream_share_their_data() -> None:
    shallow: Any
    deep: Any
    shallow, deep = (
        deep_nets.trained(notes, notes, notes, hidden, 0.1, 7, 3, STREAM)
        for hidden in ((64,), deep_nets.DEEP)
    )

    assert [tuple(part.shape) for part in shallow.data][:2] == [(3, 200, 20), (3, 200)]
    for one, other in zip(shallow.data, deep.data, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (shallow.sizes, deep.sizes) == ((20, 64, 10), (20, *[64] * 10, 10))
    assert (deep.epochs, deep.batch_size) == (7, 20)


def test_a_diverged_net_knows_nothing() -> None:
    run = notes(lr=0.1)

    np.testing.assert_array_equal(deep_nets.accuracy(run), [0.9, 0.6, 0.0])


def test_the_best_rate_is_the_best_of_each_replicate() -> None:
    best = deep_nets.best_rate(notes, notes, notes, (64,), (0.01, 0.1, 1.0), 5, 3, STREAM)

    np.testing.assert_array_equal(best, [0.9, 0.6, 0.0])
