"""Cross-validation, selection and the rote learner against literal loops and hand-made cases."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import binom

from harness.data.classes import irrelevant_features
from harness.primitives.folds import holdout, k_fold
from harness.training.exact.neighbours import nearest_neighbour
from harness.training.model_selection import cross_validate, select_model
from tests.draws import rng


def shrunken_mean(model: None, X: np.ndarray, y: np.ndarray, factor: float = 1.0) -> np.ndarray:
    return np.asarray(factor * y.mean(axis=1))


def squared(model: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(((y - model[:, None]) ** 2).mean(axis=1))


def test_the_losses_are_those_of_a_literal_loop() -> None:
    X, y = rng().standard_normal((3, 11, 2)), rng(1).standard_normal((3, 11))
    folds = k_fold(11, 4, rng(2))

    losses = cross_validate(X, y, folds, lambda: None, shrunken_mean, squared)

    for i, (_, valid) in enumerate(folds):
        for r in range(3):
            rest = [y[r, j] for j in range(11) if j not in valid]
            expected = np.mean([(y[r, j] - np.mean(rest)) ** 2 for j in valid])
            assert losses[i, r] == pytest.approx(expected, rel=1e-13)


def test_every_fold_gets_a_model_of_its_own() -> None:
    made: list[list[int]] = []

    def create() -> list[int]:
        made.append([0])
        return made[-1]

    def train(model: list[int], X: np.ndarray, y: np.ndarray) -> list[int]:
        model[0] += 1
        return model

    losses = cross_validate(
        np.zeros((1, 9, 1)), np.zeros((1, 9)), k_fold(9, 3), create, train, lambda m, X, y: [m[0]]
    )

    assert losses.tolist() == [[1.0], [1.0], [1.0]]
    assert len(made) == 3


def test_the_least_mean_over_the_folds_is_chosen_for_each_sample() -> None:
    X, y = np.zeros((2, 6, 1)), np.array([[5.0] * 6, [1.0, -1.0] * 3])
    candidates = (1.0, 0.0)

    selection = select_model(candidates, X, y, k_fold(6, 3), lambda: None, shrunken_mean, squared)

    assert selection.scores.tolist() == [[0.0, 1.0], [25.0, 1.0]]
    assert selection.chosen.tolist() == [0, 0]


@pytest.mark.parametrize("stream", [None, rng(1)], ids=["in order", "shuffled"])
def test_what_is_held_out_is_not_trained_on(stream: np.random.Generator | None) -> None:
    ((train, valid),) = holdout(10, 3, stream)
    assert len(valid) == 3
    assert sorted([*train, *valid]) == list(range(10))


@pytest.mark.parametrize("valid", [0, 10])
def test_a_part_that_leaves_nothing_is_refused(valid: int) -> None:
    with pytest.raises(ValueError, match="hold out"):
        holdout(10, valid)


def test_the_nearest_example_answers() -> None:
    X, new = rng().standard_normal((2, 30, 3)), rng(1).standard_normal((2, 7, 3))
    y = rng(2).integers(0, 5, (2, 30))

    labels = nearest_neighbour(X, y, new)

    for r in range(2):
        assert labels[r].tolist() == y[r, cdist(new[r], X[r]).argmin(axis=1)].tolist()
    assert (nearest_neighbour(X, y, X) == y).all()


def test_irrelevant_features_are_fair_coins() -> None:
    coins = irrelevant_features(50, 15, 40, rng())

    assert coins.shape == (50, 15, 40)
    assert coins.dtype == bool
    assert 1e-6 < binom(coins.size, 0.5).cdf(coins.sum()) < 1 - 1e-6
