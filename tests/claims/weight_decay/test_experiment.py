"""The chapter's runs of weight decay: what they share, what an option changes, what is drawn."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from claims.weight_decay.experiments.experiment import STEPS, Runs, loss_curve
from harness.blocks.streams import Stream
from harness.data.synthetic import linear_200
from harness.training.solver import Solver


def notes(data: Any, solver: Any, rng: np.random.Generator, **options: Any) -> SimpleNamespace:
    """A trainer that trains nothing and tells what it was given."""
    arrays = (data.X, data.y, data.X_test, data.y_test)
    return SimpleNamespace(data=arrays, solver=solver, order=rng.permutation(20), **options)


def test_runs_share_data_start_and_order_and_differ_in_what_is_asked() -> None:
    runs = Runs(notes, linear_200, 3, Stream(b"runs"), tests=7)

    plain, decayed = runs.train(0.0), runs.train(3.0, initial=runs.zero, epochs=5)

    assert [array.shape for array in plain.data] == [(3, 20, 200), (3, 20), (3, 7, 200), (3, 7)]
    for one, other in zip(plain.data, decayed.data, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(plain.order, decayed.order)
    np.testing.assert_array_equal(plain.initial, runs.initial)
    np.testing.assert_array_equal(decayed.initial, np.zeros((3, 200)))
    assert plain.solver == Solver(lr=0.003, epochs=100, batch_size=5)
    assert decayed.solver == Solver(lr=0.003, epochs=5, batch_size=5, weight_decay=3.0)
    assert plain.initial_bias == 0.0


def test_the_chapters_run_has_400_steps() -> None:
    assert STEPS == 400


def test_the_picture_has_a_line_for_each_loss() -> None:
    epochs, train, test = np.array([1, 2]), np.array([[4.0, 3.0]]), np.array([[6.0, 5.0]])
    history: Any = SimpleNamespace(epochs=epochs, train_loss=train, test_loss=test)

    curve = loss_curve(history, "λ = 3")

    assert [line.name.en for line in curve.lines] == ["training", "test"]
    assert curve.log_y
