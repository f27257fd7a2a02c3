"""The dimension that a ReLU net reaches for certain is reached: the net of the proof is built."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from claims.capacity.experiments import shattering

Array = npt.NDArray[np.float64]


def through(points: Array) -> tuple[Array, float]:
    """A hyperplane w.x = b through the points (k, d), k <= d, and no others in general position."""
    d = points.shape[1]
    rng = np.random.Generator(np.random.SFC64(len(points)))
    # Fill up with points of its own: together they are in general position almost surely.
    filled = np.concatenate([points, rng.standard_normal((d - len(points), d))])
    w = np.linalg.solve(filled, np.ones(d))
    return w / np.linalg.norm(w), 1 / float(np.linalg.norm(w))


@pytest.mark.parametrize(("inputs", "units"), [(2, 6), (3, 7), (4, 6)])
def test_a_net_of_the_proof_realises_every_labeling(inputs: int, units: int) -> None:
    size = shattering.relu_dimension_at_least(inputs, units)
    rng = np.random.Generator(np.random.SFC64(7))
    x = shattering.in_general_position(size, inputs, rng)

    for label in itertools.product((False, True), repeat=size):
        true = np.flatnonzero(label)
        groups = [true[i : i + inputs] for i in range(0, len(true), inputs)]
        assert 3 * len(groups) <= units
        total = np.zeros(size)
        for group in groups:
            w, b = through(x[group])
            u = x @ w - b
            others = np.delete(np.abs(u), group)
            e = float(others.min()) / 2
            bump = np.maximum(u + e, 0) - 2 * np.maximum(u, 0) + np.maximum(u - e, 0)
            total += bump / e
        assert np.array_equal(total > 0.5, label)


def test_without_hidden_units_a_perceptron_is_left() -> None:
    assert shattering.relu_dimension_at_least(10, 0) == 11


def test_the_bound_for_the_chapter_s_net_is_vacuous() -> None:
    h = shattering.relu_dimension_at_least(784, 256)

    assert h == 784 * 85
    assert shattering.vc_gap_bound(h, 60_000, 0.05) > 1
    assert shattering.vc_gap_bound(785, 60_000, 0.05) < 1


def test_the_largest_gap_of_thresholds_is_that_of_trying_them_all() -> None:
    rng = np.random.Generator(np.random.SFC64(3))
    x, y = rng.standard_normal((5, 24)), rng.integers(0, 2, (5, 24))

    found = shattering.largest_threshold_gap(x, y, 12)

    for row, labels, gap in zip(x, y, found, strict=True):
        errors = [
            (says[12:] != labels[12:]).mean() - (says[:12] != labels[:12]).mean()
            for t in (-np.inf, *row)
            for says in (row > t, row <= t)
        ]
        assert gap == pytest.approx(np.abs(errors).max(), abs=1e-12)
