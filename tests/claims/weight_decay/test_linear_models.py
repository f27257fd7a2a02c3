"""Measures of weight decay against closed forms, scipy and counts by hand."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch

from claims.weight_decay.experiments import linear_models
from harness.metrics import gradient_steps as steps
from harness.training.exact.least_squares import ridge_regression
from tests.draws import rng

Array = npt.NDArray[np.float64]


def test_a_task_has_the_stated_noise_length_and_correlation() -> None:
    X, y, w = linear_models.gaussian_task(rng(), 2, 50_000, 3, noise=0.5, length=2, correlation=0.6)

    np.testing.assert_allclose(np.linalg.norm(w, axis=1), 2)
    np.testing.assert_allclose((y - np.matvec(X, w)).std(axis=1), 0.5, rtol=0.02)
    for replicate in X:
        np.testing.assert_allclose(
            np.corrcoef(replicate.T), 0.4 * np.eye(3) + 0.6 * np.ones((3, 3)), atol=0.02
        )
        np.testing.assert_allclose(replicate.std(axis=0), 1, rtol=0.02)


def test_a_sparse_task_has_five_signals_and_its_noise() -> None:
    X, y = linear_models.sparse_task(rng(), 2, 50_000, 8)

    w = np.stack([np.linalg.lstsq(X[r], y[r])[0] for r in range(2)])
    np.testing.assert_allclose(w, [[1.0] * 5 + [0.0] * 3] * 2, atol=0.02)
    np.testing.assert_allclose((y - np.matvec(X, w)).std(axis=1), 0.5, rtol=0.02)


def test_hoyers_sparsity_is_0_when_all_are_equal_and_1_when_one_is_left() -> None:
    w = np.array([[1.0, -1, 1, -1], [0, 0, 3, 0], [2, 2, 0, 0]])
    np.testing.assert_allclose(linear_models.hoyer(w), [0, 1, 2 - math.sqrt(2)], atol=1e-15)
    np.testing.assert_allclose(linear_models.hoyer(0.001 * w), linear_models.hoyer(w), atol=1e-12)


def test_the_null_part_is_what_no_example_sees() -> None:
    X, w = rng().standard_normal((2, 5, 12)), rng(1).standard_normal((2, 12))

    unseen = linear_models.null_part(X, w)

    assert np.abs(np.matvec(X, unseen)).max() < 1e-13
    projector = np.eye(12) - np.linalg.pinv(X) @ X
    np.testing.assert_allclose(unseen, np.matvec(projector, w), atol=1e-13)
    gap = linear_models.norm(unseen - np.matvec(projector, w))
    assert (gap < linear_models.projection_error(X, w)).all()
    assert (linear_models.projection_error(X, w) < 1e-9).all()


def test_the_risks_are_the_means_of_fresh_data() -> None:
    x = rng().standard_normal((400_000, 3))
    w, truth = np.array([[1.0, 2, 3]]), np.array([[1.5, 2, 2.5]])

    found = linear_models.excess_risk(w, truth, 0.3)

    np.testing.assert_allclose(found, np.square(x @ (w - truth)[0] + 0.3).mean(), rtol=0.02)
    np.testing.assert_allclose(
        linear_models.half_mse(np.ones((1, 2, 3)), np.zeros((1, 2)), w, np.array([1.0])), 24.5
    )


def test_degrees_of_freedom_are_the_trace_of_the_fit_and_can_be_inverted() -> None:
    X = rng().standard_normal((30, 6))
    fit = X @ np.linalg.inv(X.T @ X + 30 * 0.7 * np.eye(6)) @ X.T

    found = linear_models.degrees_of_freedom(X, 0.7)

    assert found == pytest.approx(np.trace(fit), rel=1e-12)
    assert linear_models.decay_with_degrees(X, found) == pytest.approx(0.7, rel=1e-10)


@pytest.mark.parametrize("variables", [1, 2, 5])
@pytest.mark.parametrize("degree", [1, 3, 5])
def test_monomials_are_counted_by_the_binomial(variables: int, degree: int) -> None:
    assert linear_models.monomials(variables, degree) == math.comb(variables + degree, degree)


@pytest.mark.parametrize("weight_decay", [1e-3, 0.3])
def test_the_solvers_error_stays_below_its_bound_which_is_small(weight_decay: float) -> None:
    X, y, _ = linear_models.gaussian_task(rng(), 8, 20, 6, correlation=0.9)
    wide = X.astype(np.longdouble)
    S = np.einsum("rni,rnj->rij", wide, wide) + 20 * weight_decay * np.eye(6)
    w, _ = ridge_regression(X, y, weight_decay, intercept=False)

    bound = linear_models.solution_error(X, y, weight_decay, w)

    # The residual of the normal equations in long double, over the smallest curvature.
    residual = np.einsum("rij,rj->ri", S, w) - np.einsum("rni,rn->ri", wide, y)
    gap = np.linalg.norm(residual.astype(float), axis=1) / np.linalg.eigvalsh(S.astype(float))[:, 0]
    assert (gap < bound).all()
    assert (bound < 1e-8).all()


def test_the_bounded_optimum_is_scipys() -> None:
    from scipy.optimize import minimize

    X, y, _ = linear_models.gaussian_task(rng(), 2, 40, 4)
    length = np.array([0.5, 100.0])

    found, error = linear_models.shortest_within(X, y, length)

    assert (error < 1e-9).all()
    for i in range(2):

        def loss(w: Array, i: int = i) -> float:
            return float(np.square(X[i] @ w - y[i]).mean() / 2)

        def room(w: Array, i: int = i) -> float:
            return float(length[i] ** 2 - w @ w)

        best = minimize(loss, np.zeros(4), constraints={"type": "ineq", "fun": room}, tol=1e-12)
        np.testing.assert_allclose(found[i], best.x, atol=1e-5)
    np.testing.assert_allclose(linear_models.norm(found[0]), 0.5, rtol=1e-12)


def test_a_decay_is_found_by_the_length_that_it_gives() -> None:
    found = linear_models.decay_of_length(lambda decay: np.array([3.0, 4.0]) / (1 + decay), 2.5)
    assert found == pytest.approx(1.0, rel=1e-12)


def test_soft_lengths_of_a_product_jump_to_0() -> None:
    lengths = linear_models.soft_lengths_of_a_product([0.0, 0.1, 1.0])

    assert lengths[0] == pytest.approx(3.0, rel=1e-3)
    # Where the slope vanishes: penalty = s (1 - s^3).
    s = math.sqrt(lengths[1] / 3)
    assert s * (1 - s**3) == pytest.approx(0.1, rel=1e-2)
    assert lengths[2] == 0.0


def test_a_training_run_stays_within_its_rounding_bound() -> None:
    from harness.training.linear.linear import train_linear
    from harness.training.solver import Solver, Split

    X, y, _ = linear_models.gaussian_task(rng(), 3, 20, 50, length=0.1)
    start = rng(1).standard_normal((3, 50))
    options: dict[str, Any] = {"initial": start, "initial_bias": 0.0, "dtype": np.float64}

    def train(kernel: str) -> tuple[Any, Any]:
        solver = Solver(lr=0.003, epochs=20, batch_size=5, weight_decay=3.0, kernel=kernel)
        history = train_linear(Split(X, y, X, y), solver, rng(2), **options)
        assert history.b is not None
        return history.w, history.b

    (w, b), (v, c) = train("rows"), train("dual")
    bound = linear_models.training_error(X, y, start, lr=0.003, weight_decay=3.0, batch=5, steps=80)

    assert (np.hypot(linear_models.norm(w - v), b - c) < 2 * bound).all()
    assert (bound < 1e-9).all()


@pytest.mark.parametrize("name", steps.LOSSES)
def test_losses_are_means_and_differentiable(name: str) -> None:
    draw = torch.Generator().manual_seed(0)
    X, y = torch.randn(2, 5, 4, generator=draw), torch.randn(2, 5, 3, generator=draw)
    params = [torch.randn(2, 3, 4, generator=draw), torch.randn(2, 3, generator=draw)]
    loss = steps.loss_of(name, X, y)
    halves = [steps.loss_of(name, X[:, cut], y[:, cut]) for cut in (slice(0, 2), slice(2, 5))]

    whole = loss(*params)

    parts = (2 * halves[0](*params) + 3 * halves[1](*params)) / 5
    torch.testing.assert_close(whole, parts)
    assert all(g.abs().sum() > 0 for g in steps.gradients(loss, params))


def test_element_operations_are_counted() -> None:
    a = torch.ones(7)
    assert steps.element_operations(lambda: a + 2 * a) == 14
    assert steps.element_operations(lambda: a.numel()) == 0


def test_adams_error_bound_holds_for_rounded_gradients() -> None:
    from harness.primitives.optimizers import adam

    draw = torch.Generator().manual_seed(0)
    w = torch.randn(200, generator=draw, dtype=torch.float64)
    grads = [torch.randn(200, generator=draw, dtype=torch.float64) for _ in range(4)]
    state = other = None
    for t, g in enumerate(grads, start=1):
        (one,), state = adam([w], [g], state, 0.1)
        (two,), other = adam([w], [g * (1 + 2e-16)], other, 0.1)
        seen = np.stack([steps.wide(g) for g in grads[:t]])
        bound = steps.adam_step_error(0.1, np.abs(seen), seen, "float64")
        own = steps.rounding_bound(np.abs(steps.wide(w)) + 0.1, 30)
        assert (np.abs(steps.wide(one - two)) <= bound + own).all()
        assert bound.max() < 1e-12
