"""Faults of the polynomial experiment, some from rows of the catalogue of shipped bugs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data import synthetic
from harness.primitives.polynomials import polynomial_features
from harness.training.exact import least_squares
from harness.training.history import LinearHistory
from harness.training.linear import linear
from harness.training.solver import Solver, Split

Array = npt.NDArray[np.float64]
Data = tuple[Array, Array]


def starts_at_the_first_power(x: npt.NDArray[Any], degree: int) -> npt.NDArray[Any]:
    """The constant column is missing: x^(i + 1) / (i + 1)!."""
    return polynomial_features(x, degree + 1)[..., 1:]


def divides_by_the_next_factorial(x: npt.NDArray[Any], degree: int) -> npt.NDArray[Any]:
    """Gamma(i + 1) is taken for (i + 1)!, as the notes' comment has it."""
    return polynomial_features(x, degree) / np.arange(1, degree + 2)


def overflows_the_factorial(x: npt.NDArray[Any], degree: int) -> npt.NDArray[Any]:
    """K05: a 32-bit integer overflows, here from 13! on: wrong and negative columns."""
    factorials = np.cumprod(np.maximum(np.arange(degree + 1), 1), dtype=np.int32)
    return does_not_rescale(x, degree) / factorials


def does_not_rescale(x: npt.NDArray[Any], degree: int) -> npt.NDArray[Any]:
    """The columns are x^i."""
    powers: npt.NDArray[Any] = np.power(x[..., None], np.arange(degree + 1))
    return powers


def takes_the_variance_for_the_deviation(
    replicates: int, n: int, rng: np.random.Generator, noise: float = 0.1
) -> Data:
    """N01: sigma^2 is used as sigma."""
    return synthetic.noisy_cubic(replicates, n, rng, noise**2)


def draws_only_positive_noise(
    replicates: int, n: int, rng: np.random.Generator, noise: float = 0.1
) -> Data:
    """N03: the noise is never negative."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, 0.0)
    return x, y + np.abs(noise * rng.standard_normal((replicates, n)))


def shares_noise_between_neighbours(
    replicates: int, n: int, rng: np.random.Generator, noise: float = 0.1
) -> Data:
    """N03: the noise is drawn at half the resolution and repeated."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, 0.0)
    coarse = noise * rng.standard_normal((replicates, -(-n // 2)))
    return x, y + np.repeat(coarse, 2, axis=1)[:, :n]


def repeats_the_noise_in_every_replicate(
    replicates: int, n: int, rng: np.random.Generator, noise: float = 0.1
) -> Data:
    """R05: every worker draws the same numbers."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, 0.0)
    return x, y + noise * rng.standard_normal(n)


def pairs_x_with_other_labels(
    replicates: int, n: int, rng: np.random.Generator, noise: float = 0.1
) -> Data:
    """R11: x and y are permuted independently."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, noise)
    return x, rng.permuted(y, axis=1)


def forgets_the_factorials(
    replicates: int, n: int, rng: np.random.Generator, noise: float = 0.1
) -> Data:
    """The coefficients multiply the raw powers of x."""
    x = rng.standard_normal((replicates, n))
    y = np.polyval(synthetic.CUBIC[::-1], x)
    return x, y + noise * rng.standard_normal((replicates, n))


def draws_a_straight_line(
    replicates: int, n: int, rng: np.random.Generator, noise: float = 0.1
) -> Data:
    """The coefficients of the second and third power are lost."""
    x = rng.standard_normal((replicates, n))
    return x, 5 + 1.2 * x + noise * rng.standard_normal((replicates, n))


def takes_a_tenth_of_the_step(
    data: Split[Array], solver: Solver, orders: Any, **options: Any
) -> LinearHistory:
    """The learning rate is a tenth of the one asked for."""
    return linear.train_linear(data, replace(solver, lr=solver.lr / 10), orders, **options)


def steps_on_the_sum(
    data: Split[Array], solver: Solver, orders: Any, **options: Any
) -> LinearHistory:
    """L03: the loss of a batch is summed, not averaged."""
    summed = replace(solver, lr=solver.lr * solver.batch_size)
    return linear.train_linear(data, summed, orders, **options)


def decays_without_being_asked(
    data: Split[Array], solver: Solver, orders: Any, **options: Any
) -> LinearHistory:
    """A weight decay of 0.1 is always on."""
    decayed = replace(solver, weight_decay=solver.weight_decay + 0.1)
    return linear.train_linear(data, decayed, orders, **options)


def starts_from_zero(
    data: Split[Array], solver: Solver, orders: Any, **options: Any
) -> LinearHistory:
    """I19: the initial weights that were given are not used."""
    return linear.train_linear(data, solver, orders, **options | {"initial": None})


def ignores_all_but_four_columns(
    data: Split[Array], solver: Solver, orders: Any, **options: Any
) -> LinearHistory:
    """The features from the fifth on are read as zero, so that their weights never matter."""
    X, X_test = data.X.copy(), data.X_test.copy()
    X[..., 4:] = X_test[..., 4:] = 0
    return linear.train_linear(replace(data, X=X, X_test=X_test), solver, orders, **options)


def fits_half_of_the_sample(x: Array, y: Array, degree: int, ridge: float = 0.0) -> Any:
    """Every other example is lost."""
    return least_squares.fit_least_squares(x[:, ::2], y[:, ::2], degree, ridge)


def caps_the_degree_at_three(x: Array, y: Array, degree: int, ridge: float = 0.0) -> Any:
    """Columns beyond the cubic are silently dropped, as a solver that truncates the rank does."""
    return least_squares.fit_least_squares(x, y, min(degree, 3), ridge)


def fits_one_degree_more(x: Array, y: Array, degree: int, ridge: float = 0.0) -> Any:
    """The degree is taken for the number of features."""
    return least_squares.fit_least_squares(x, y, degree + 1, ridge)


def shrinks_without_being_asked(x: Array, y: Array, degree: int, ridge: float = 0.0) -> Any:
    """A ridge of 0.1 is always on."""
    return least_squares.fit_least_squares(x, y, degree, ridge + 0.1)
