"""Degrees of freedom against the hat matrix, wrong labels against their share, rises."""

import numpy as np

from claims.capacity.experiments import tasks
from harness.blocks.streams import Stream
from harness.data.classes import shifted_signals
from harness.training.exact.least_squares import ridge_regression
from tests.draws import rng

STREAM = Stream(b"a stream for tests of tasks")


def test_degrees_of_freedom_are_the_trace_of_the_hat_matrix() -> None:
    X = rng().standard_normal((3, 20, 4))
    centred = X - X.mean(axis=1, keepdims=True)
    hat = centred @ np.linalg.solve(centred.mT @ centred + 20 * 0.3 * np.eye(4), centred.mT)
    expected = 1 + np.trace(hat, axis1=1, axis2=2)

    found = tasks.degrees_of_freedom(ridge_regression, X, 0.3)

    np.testing.assert_allclose(found, expected, rtol=1e-12)
    np.testing.assert_allclose(tasks.stated_degrees_of_freedom(X, 0.3)[0], expected, rtol=1e-12)


def test_the_stated_share_of_training_labels_is_wrong_and_no_test_label() -> None:
    clean = tasks.task(shifted_signals, 20, 500, 100, STREAM)
    noisy = tasks.task(shifted_signals, 20, 500, 100, STREAM, flips=0.2)

    wrong = float((clean.y != noisy.y).float().mean())

    assert abs(wrong - 0.2) < 6 * np.sqrt(0.16 / 10_000)
    assert bool((clean.y_test == noisy.y_test).all())
    assert bool((clean.X == noisy.X).all())


def test_a_rise_is_seen_and_rounding_is_not() -> None:
    y = np.ones((2, 10))
    losses = np.array([[1.0, 0.5, 0.5 + 1e-16], [1.0, 0.5, 0.6]])

    found = tasks.rises(losses, y, roundings=80)

    assert (found[0] <= 1).all()
    assert found[1, 1] > 1
