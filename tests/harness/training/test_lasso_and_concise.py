"""The lasso against its optimality conditions, the concise form against the linear engine."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from claims.weight_decay.experiments.linear_models import sparse_task
from harness.data.synthetic import linear_200
from harness.training.exact.lasso import lasso
from harness.training.linear.concise import train_concise
from harness.training.linear.linear import train_linear
from harness.training.solver import Solver, Split

Array = npt.NDArray[np.float64]


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def task(replicates: int = 3, n: int = 40, d: int = 12) -> tuple[Array, Array]:
    draw = rng()
    X = draw.standard_normal((replicates, n, d))
    return X, X[..., 0] - X[..., 1] + 0.3 * draw.standard_normal((replicates, n))


def test_the_lasso_meets_its_optimality_conditions() -> None:
    X, y = task()

    w = lasso(X, y, 0.2)

    slope = np.vecmat(y - np.matvec(X, w), X) / X.shape[1]
    np.testing.assert_allclose(slope[w != 0], 0.2 * np.sign(w[w != 0]), atol=1e-9)
    assert np.abs(slope[w == 0]).max() <= 0.2 + 1e-9
    assert (w == 0).any()
    assert (w != 0).any()


def test_orthogonal_columns_are_soft_thresholded() -> None:
    q, _ = np.linalg.qr(rng().standard_normal((30, 5)))
    X = np.sqrt(30) * q[None]
    truth = np.array([2.0, -1.0, 0.3, -0.3, 0.0])

    (w,) = lasso(X, X @ truth, 0.5)

    np.testing.assert_allclose(w, [1.5, -0.5, 0, 0, 0], atol=1e-12)


def test_of_two_equal_columns_side_by_side_one_takes_all() -> None:
    X, y = task()

    w = lasso(np.concatenate([X[..., :1], X], axis=2), y, 0.2)

    assert (w[:, 0] != 0).all()
    assert (w[:, 1] == 0).all()


def test_a_lasso_that_did_not_settle_says_so() -> None:
    X, y = task()

    with pytest.raises(ArithmeticError, match="raise `sweeps`"):
        lasso(X, y, 0.2, sweeps=1)


@pytest.mark.parametrize("batch_size", [5, 7])
def test_the_concise_form_is_the_engine_without_the_half(batch_size: int) -> None:
    draw = rng()
    X, y = linear_200(2, 20, draw, d=30)
    initial, bias = draw.standard_normal((2, 30)), draw.standard_normal(2)
    orders = np.array([[draw.permutation(20) for _ in range(4)] for _ in range(2)])
    run = Split(X, y, X, y), Solver(0.01, 4, batch_size, weight_decay=0.7, record_every=2), orders
    start: dict[str, Any] = {"initial": initial, "initial_bias": bias, "dtype": np.float64}

    found = train_concise(*run, **start)
    expected = train_linear(*run, half=False, **start)

    np.testing.assert_allclose(found.w, expected.w, rtol=1e-12, atol=1e-13)
    assert found.b is not None
    assert expected.b is not None
    np.testing.assert_allclose(found.b, expected.b, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(found.train_loss, expected.train_loss, rtol=1e-10)
    np.testing.assert_allclose(found.test_loss, expected.test_loss, rtol=1e-10)
    assert not found.diverged.any()


def test_a_penalty_near_a_feature_s_pull_drops_the_feature_and_its_copy() -> None:
    # One instance in 200 here, 66 in the 20,000 of the first hundred generators.
    X, y = sparse_task(np.random.default_rng(0), 200, d=20)
    alone, twice = lasso(X, y, 0.4), lasso(np.concatenate([X[..., :1], X], axis=2), y, 0.4)

    assert (twice[:, 0] == 0).sum() == 1
    assert (twice[:, 1] == 0).all()
    np.testing.assert_array_equal(twice[:, 0] == 0, alone[:, 0] == 0)
