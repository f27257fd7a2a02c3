"""Deep nets in training: one task for all runs, and the best of the rates."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from claims.numerical_stability.experiments import deep_nets
from harness.blocks.streams import Stream
from harness.training.solver import Solver

STREAM = Stream(b"deep nets")


def notes(data: Any, net: Any, solver: Solver, *draws: Any, **options: Any) -> Any:
    """A trainer whose nets end with accuracies that peak at the rate .1; the last one diverges."""
    right = np.array([[0.1, 0.9], [0.2, 0.6], [0.1, 1.0]]) * (1.0 if solver.lr == 0.1 else 0.5)
    diverged = np.array([False, False, True])
    return SimpleNamespace(
        data=data, net=net, solver=solver, train_accuracy=right, diverged=diverged
    )


def test_runs_on_one_stream_share_their_data() -> None:
    shallow: Any
    deep: Any
    shallow, deep = (
        deep_nets.trained(notes, hidden, 0.1, 7, 3, STREAM) for hidden in ((64,), deep_nets.DEEP)
    )

    assert [tuple(part.shape) for part in (shallow.data.X, shallow.data.y)] == [
        (3, 200, 20),
        (3, 200),
    ]
    for name in ("X", "y", "X_test", "y_test"):
        np.testing.assert_array_equal(getattr(shallow.data, name), getattr(deep.data, name))
    assert (shallow.net.sizes, deep.net.sizes) == ((20, 64, 10), (20, *[64] * 10, 10))
    assert (deep.solver.epochs, deep.solver.batch_size) == (7, 20)


def test_a_diverged_net_knows_nothing() -> None:
    run = notes(None, None, Solver(0.1, 1, 1))
    np.testing.assert_array_equal(deep_nets.accuracy(run), [0.9, 0.6, 0.0])


def test_the_best_rate_is_the_best_of_each_replicate() -> None:
    best = deep_nets.best_rate(notes, (64,), (0.01, 0.1, 1.0), 5, 3, STREAM)
    np.testing.assert_array_equal(best, [0.9, 0.6, 0.0])
