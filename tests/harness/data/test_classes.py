"""The classification tasks: rates within six standard errors of their known values."""

import numpy as np
from scipy.stats import norm

from harness.data.classes import gaussian_xor, noisy_halfspace, shifted_signals
from tests.draws import rng


def test_a_share_of_the_halfspaces_labels_is_wrong() -> None:
    X, y = noisy_halfspace(10, 10000, rng(), d=3, flips=0.2)
    wrong = ((X.sum(axis=2) > 0) != (y == 1)).mean()
    assert abs(wrong - 0.2) < 6 * np.sqrt(0.2 * 0.8 / 1e5)


def test_signs_solve_the_xor_as_often_as_stated() -> None:
    X, y = gaussian_xor(10, 10000, rng(1))
    e = norm.sf(1 / 0.4)

    right = ((X.prod(axis=2) > 0) == (y == 1)).mean()

    assert abs(right - (1 - 2 * e * (1 - e))) < 6 * np.sqrt(0.012 / 1e5)


def test_a_class_is_its_template_turned_and_scaled() -> None:
    X, y = shifted_signals(2, 400, rng(2), noise=0.0)

    # Turning changes the phases of a signal's spectrum alone, scaling all of its sizes alike.
    sizes = np.abs(np.fft.rfft(X))
    shapes = sizes / np.linalg.norm(sizes, axis=2, keepdims=True)
    for replicate in range(2):
        for label in range(10):
            rows = shapes[replicate][y[replicate] == label]
            np.testing.assert_allclose(rows, np.broadcast_to(rows[0], rows.shape), atol=1e-9)


def test_replicates_have_templates_of_their_own() -> None:
    X, _ = shifted_signals(2, 50, rng(3), classes=1, noise=0.0)

    total = X.sum(axis=2) / np.linalg.norm(X, axis=2)  # no turn and no scale changes its size
    assert np.ptp(np.abs(total), axis=1).max() < 1e-9
    assert abs(abs(total[0, 0]) - abs(total[1, 0])) > 1e-6
