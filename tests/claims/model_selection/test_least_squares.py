"""The exact laws of least squares and of the best of many, against simulation and hand cases."""

import numpy as np
import pytest
from scipy import stats

from claims.model_selection.experiments import least_squares
from tests.draws import rng


def test_the_risk_of_least_squares_follows_its_law() -> None:
    X, y = least_squares.gaussian_task(4000, 15, 4, rng())
    found = np.linalg.pinv(X) @ y[..., None]

    u = least_squares.place_in_the_risk_law(found[..., 0], 15)

    assert stats.kstest(u, "uniform").pvalue > 1e-6
    assert (
        stats.kstest(least_squares.place_in_the_risk_law(found[..., 0], 30), "uniform").pvalue
        < 1e-6
    )
    law = stats.f(4, 12, scale=4 / 12)
    assert least_squares.expected_risk(15, 4) == pytest.approx(1 + law.mean(), rel=1e-12)


@pytest.mark.parametrize(("models", "expected"), [(1, 0.0), (10, 0.077), (100, 0.125)])
def test_the_best_of_many_coins(models: int, expected: float) -> None:
    assert least_squares.expected_optimism(models, 100) == pytest.approx(expected, abs=6e-4)


def test_rows_that_agree_are_concordant() -> None:
    rows = np.array([[1.0, 2.0, 5.0, 4.0], [10.0, 20.0, 3.0, 7.0]])
    assert least_squares.concordance(rows).tolist() == [1.0, 0.0]


def test_the_task_has_its_weights_and_its_noise() -> None:
    w = rng(1).standard_normal((20, 3))
    X, y = least_squares.gaussian_task(20, 500, 3, rng(), w)

    noise = y - np.einsum("rnp,rp->rn", X, w)
    assert stats.kstest(noise.ravel(), "norm").pvalue > 1e-6
    assert least_squares.risk(w + 0.5, w) == pytest.approx(np.full(20, 1.75))


def test_the_learner_starts_at_zero_and_learns_least_squares() -> None:
    X, y = least_squares.gaussian_task(4, 20, 3, rng(2))
    create, train = least_squares.learner(lambda X, y: np.matvec(np.linalg.pinv(X), y), X)

    start = create()

    assert start.tolist() == [[0.0] * 3] * 4
    w = train(start, X, y)
    np.testing.assert_allclose(np.matvec(X.transpose(0, 2, 1), np.matvec(X, w) - y), 0, atol=1e-12)


def test_a_witness_tells_whether_labels_kept_their_examples() -> None:
    witness = least_squares.Witness(5, rng())
    model = witness.train(witness.create(), witness.X[:, :3], witness.y[:, :3])

    assert witness.paired
    assert model.rows == {0, 1, 2}
    witness.loss(model, witness.X[:, 3:], witness.y[:, :2])
    assert not witness.paired
