"""Faults of the polynomial experiment, some from rows of the catalogue of shipped bugs."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data import synthetic
from harness.declaration.book import fault
from harness.primitives.polynomials import polynomial_features
from harness.training.exact import least_squares
from harness.training.linear import linear


@fault("polynomial_features", breaks="po-data po-comments.corrected")
def starts_at_the_first_power(x, degree):
    """The constant column is missing: x^(i + 1) / (i + 1)!."""
    return polynomial_features(x, degree + 1)[..., 1:]


@fault("polynomial_features", breaks="po-gamma po-comments.corrected po-printed-rows")
@fault("polynomial_features", breaks="po-deg3-weights po-printed-deg19")
def divides_by_the_next_factorial(x, degree):
    """Gamma(i + 1) is taken for (i + 1)!, as the notes' comment has it."""
    return polynomial_features(x, degree) / np.arange(1, degree + 2)


@fault("polynomial_features", breaks="po-gamma po-comments.corrected po-printed-rows")
def overflows_the_factorial(x, degree):
    """K05: a 32-bit integer overflows, here from 13! on: wrong and negative columns."""
    factorials = np.cumprod(np.maximum(np.arange(degree + 1), 1), dtype=np.int32)
    return does_not_rescale(x, degree) / factorials


@fault("polynomial_features", breaks="po-comments.corrected po-rescale po-rescale.conditioning")
@fault("polynomial_features", breaks="po-rescale.low-degree po-highcoef-data.corrected")
@fault("polynomial_features", breaks="po-fair.corrected")
def does_not_rescale(x, degree):
    """The columns are x^i."""
    powers: npt.NDArray[Any] = np.power(x[..., None], np.arange(degree + 1))
    return powers


@fault("noisy_cubic", breaks="po-data po-printed-rows.labels po-noise")
def takes_the_variance_for_the_deviation(replicates, n, rng, noise=0.1):
    """N01: sigma^2 is used as sigma."""
    return synthetic.noisy_cubic(replicates, n, rng, noise**2)


@fault("noisy_cubic", breaks="po-data")
def draws_only_positive_noise(replicates, n, rng, noise=0.1):
    """N03: the noise is never negative."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, 0.0)
    return x, y + np.abs(noise * rng.standard_normal((replicates, n)))


@fault("noisy_cubic", breaks="po-data.independent")
def shares_noise_between_neighbours(replicates, n, rng, noise=0.1):
    """N03: the noise is drawn at half the resolution and repeated."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, 0.0)
    coarse = noise * rng.standard_normal((replicates, -(-n // 2)))
    return x, y + np.repeat(coarse, 2, axis=1)[:, :n]


@fault("noisy_cubic", breaks="po-data.independent")
def repeats_the_noise_in_every_replicate(replicates, n, rng, noise=0.1):
    """R05: every worker draws the same numbers."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, 0.0)
    return x, y + noise * rng.standard_normal(n)


@fault("noisy_cubic", breaks="po-data")
def has_one_deviation(replicates, n, rng, noise=0.1):
    """The noise that is asked for is not the one that comes."""
    return synthetic.noisy_cubic(replicates, n, rng)


@fault("noisy_cubic", breaks="po-data.independent")
def mirrors_the_points(replicates, n, rng, noise=0.1):
    """The second half of x is the first one's negative, so that the mean is 0."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, noise)
    mirrored = np.concatenate([x[:, : (n + 1) // 2], -x[:, : n // 2]], axis=1)
    features = polynomial_features(np.stack([mirrored, x]), 3)
    moved, before = features @ np.array(synthetic.CUBIC)
    return mirrored, y + moved - before


@fault("noisy_cubic", breaks="po-data.independent")
def draws_from_a_copy(replicates, n, rng, noise=0.1):
    """The generator stays where it was, so that test data are training data."""
    return synthetic.noisy_cubic(replicates, n, copy.deepcopy(rng), noise)


@fault("noisy_cubic", breaks="po-data po-deg3-low su-val-selects")
def pairs_x_with_other_labels(replicates, n, rng, noise=0.1):
    """R11: x and y are permuted independently."""
    x, y = synthetic.noisy_cubic(replicates, n, rng, noise)
    return x, rng.permuted(y, axis=1)


@fault("noisy_cubic", breaks="po-data po-deg3-weights po-deg1-high.floor po-printed-deg1")
def forgets_the_factorials(replicates, n, rng, noise=0.1):
    """The coefficients multiply the raw powers of x."""
    x = rng.standard_normal((replicates, n))
    y = np.polyval(synthetic.CUBIC[::-1], x)
    return x, y + noise * rng.standard_normal((replicates, n))


@fault("noisy_cubic", breaks="po-deg1-high po-printed-deg1 su-underfit-def.corrected")
@fault("noisy_cubic", breaks="su-val-selects")
def draws_a_straight_line(replicates, n, rng, noise=0.1):
    """The coefficients of the second and third power are lost."""
    x = rng.standard_normal((replicates, n))
    return x, 5 + 1.2 * x + noise * rng.standard_normal((replicates, n))


@fault("train_linear", breaks="po-deg3-low po-deg3-low.converged po-deg3-weights po-deg1-high")
@fault("train_linear", breaks="po-deg19-train")
def takes_a_tenth_of_the_step(data, solver, orders, **options):
    """The learning rate is a tenth of the one asked for."""
    return linear.train_linear(data, replace(solver, lr=solver.lr / 10), orders, **options)


@fault("train_linear", breaks="po-rescale.cubic")
def steps_on_the_sum(data, solver, orders, **options):
    """L03: the loss of a batch is summed, not averaged."""
    summed = replace(solver, lr=solver.lr * solver.batch_size)
    return linear.train_linear(data, summed, orders, **options)


@fault("train_linear", breaks="po-deg3-low po-deg3-weights po-printed-deg3 po-deg19-train")
def decays_without_being_asked(data, solver, orders, **options):
    """A weight decay of 0.1 is always on."""
    decayed = replace(solver, weight_decay=solver.weight_decay + 0.1)
    return linear.train_linear(data, decayed, orders, **options)


@fault("train_linear", breaks="po-highcoef-data.corrected po-printed-deg19")
def starts_from_zero(data, solver, orders, **options):
    """I19: the initial weights that were given are not used."""
    return linear.train_linear(data, solver, orders, **options | {"initial": None})


@fault("train_linear", breaks="po-deg19-test-high po-deg19-test-high.as-printed po-fair.corrected")
@fault("train_linear", breaks="po-deg19-overfits.mechanism po-deg19-overfits.longer")
def ignores_all_but_four_columns(data, solver, orders, **options):
    """The features from the fifth on are read as zero, so that their weights never matter."""
    X, X_test = data.X.copy(), data.X_test.copy()
    X[..., 4:] = X_test[..., 4:] = 0
    return linear.train_linear(replace(data, X=X, X_test=X_test), solver, orders, **options)


@fault("fit_least_squares", breaks="po-deg19-train.exact po-deg19-overfits.corrected")
def fits_half_of_the_sample(x, y, degree, ridge=0.0):
    """Every other example is lost."""
    return least_squares.fit_least_squares(x[:, ::2], y[:, ::2], degree, ridge)


@fault("fit_least_squares", breaks="po-noise po-deg19-train.exact po-deg19-overfits.corrected")
@fault("fit_least_squares", breaks="su-overfit-def po-deg19-overfits.twenty")
def caps_the_degree_at_three(x, y, degree, ridge=0.0):
    """Columns beyond the cubic are silently dropped, as a solver that truncates the rank does."""
    return least_squares.fit_least_squares(x, y, min(degree, 3), ridge)


@fault("fit_least_squares", breaks="po-deg1-high.floor po-noise su-underfit-def.corrected")
def fits_one_degree_more(x, y, degree, ridge=0.0):
    """The degree is taken for the number of features."""
    return least_squares.fit_least_squares(x, y, degree + 1, ridge)


@fault("fit_least_squares", breaks="po-deg3-low.converged")
def shrinks_without_being_asked(x, y, degree, ridge=0.0):
    """A ridge of 0.1 is always on."""
    return least_squares.fit_least_squares(x, y, degree, ridge + 0.1)


@fault("polynomial_features", breaks="po-comments.corrected")
def computes_in_double_precision(x, degree):
    """What comes in as float32 goes on as float64, and the memory with it."""
    return polynomial_features(np.asarray(x, dtype=np.float64), degree)


@fault("polynomial_features", breaks="po-comments.corrected")
def reads_points_as_they_lie(x, degree):
    """x is flattened in the order of its memory: of a transposed table the points change places."""
    flat = polynomial_features(np.asarray(x).ravel(order="K"), degree)
    return flat.reshape(*np.shape(x), degree + 1)
