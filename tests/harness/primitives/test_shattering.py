"""Separability against drawn separators and Radon's theorem; the sine against its own phase."""

import numpy as np
import pytest

from claims.capacity.experiments import shattering
from harness.primitives.shattering import linearly_separable, sine_classifier
from tests.draws import rng


def test_what_a_perceptron_says_is_separable() -> None:
    points = rng().standard_normal((20, 12, 3))
    w, b = rng(1).standard_normal((20, 3)), rng(2).standard_normal(20)

    labels = np.matvec(points, w) > b[:, None]

    assert linearly_separable(points, labels).all()


def test_crossing_pairs_are_not_separable() -> None:
    """Radon 1921: two points on either side of a common point of both hulls."""
    ends = rng(3).standard_normal((20, 2, 4))
    points = np.concatenate([ends, -ends], axis=1)  # both segments pass through 0

    labels = np.array([True, False, True, False])

    assert not linearly_separable(points, np.broadcast_to(labels, (20, 4))).any()


def test_a_point_cannot_lie_on_the_boundary() -> None:
    points = np.array([[[0.0], [0.0]]])
    assert not linearly_separable(points, np.array([[True, False]])).any()
    assert linearly_separable(points, np.array([[True, True]])).all()


@pytest.mark.parametrize("a", [0.5, 3.0, 40.0])
def test_the_sine_is_positive_in_the_first_half_of_its_period(a: float) -> None:
    x = rng(4).uniform(0.1, 5, 30)
    assert (sine_classifier(x, np.array([a]))[0] == ((a * x / np.pi) % 2 < 1)).all()


@pytest.mark.parametrize(("points", "dimension"), [(4, 2), (6, 3), (3, 3), (7, 2)])
def test_points_in_general_position_have_covers_count(points: int, dimension: int) -> None:
    x = shattering.in_general_position(points, dimension, rng(5))
    found = shattering.realised(linearly_separable, x).sum()
    assert found == shattering.covers_count(points, dimension)


def test_a_bounded_sine_changes_its_labels_as_often_as_counted() -> None:
    x = rng(6).uniform(0.2, 1, 4)
    fine = sine_classifier(x, np.linspace(1e-6, 20, 200_001))

    changes = int((fine[1:] != fine[:-1]).sum())

    assert 1 + changes == shattering.most_sign_patterns(x, 20.0)


def test_the_bound_of_the_notes_has_its_known_values() -> None:
    found = [shattering.vc_gap_bound(11, n, 0.05) for n in (100, 1000)]
    np.testing.assert_allclose(found, [1.94, 0.76], atol=0.005)
