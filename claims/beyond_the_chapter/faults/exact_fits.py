"""Faults of least squares: digits that are lost, ranks that are misjudged, terms out of place."""

import numpy as np

from harness.declaration.book import fault
from harness.primitives.polynomials import polynomial_features
from harness.training.exact import least_squares


@fault("ordinary_least_squares", breaks="fit-digits")
def squares_the_condition_number(X, y):
    """The normal equations X'Xw = X'y, as in the book's analytic solution."""
    wide = np.asarray(X, dtype=np.float64)
    return np.linalg.solve(wide.swapaxes(1, 2) @ wide, np.vecmat(y, wide)[..., None])[..., 0]


@fault("ordinary_least_squares", breaks="fit-digits")
def fits_in_single_precision(X, y):
    """Features and labels are cast to float32 first."""
    return least_squares.ordinary_least_squares(_single(X), _single(y))


@fault("minimum_norm", breaks="fit-digits.shortest")
def uses_the_first_features_alone(X, y):
    """A basic solution: of the least error, and not the shortest."""
    return np.stack([_basic(*table) for table in zip(X, y, strict=True)])


@fault("minimum_norm", breaks="fit-digits.shortest")
def divides_by_what_is_noise(X, y):
    """Singular values that are 0 but for rounding are taken for real."""
    U, s, V = np.linalg.svd(np.asarray(X, dtype=np.float64), full_matrices=False)
    return np.vecmat(np.vecmat(y, U) / np.maximum(s, 1e-300), V)


@fault("minimum_norm", breaks="fit-digits.shortest")
def cuts_what_is_small_in_itself(X, y):
    """Singular values below 1e-8 count as 0, whatever the largest is."""
    U, s, V = np.linalg.svd(np.asarray(X, dtype=np.float64), full_matrices=False)
    return np.vecmat(np.where(s > 1e-8, np.vecmat(y, U) / np.maximum(s, 1e-300), 0.0), V)


@fault("minimum_norm", breaks="fit-digits.shortest")
def cuts_what_is_real(X, y):
    """Singular values below a thousandth of the largest count as 0."""
    return np.matvec(np.linalg.pinv(np.asarray(X, dtype=np.float64), rcond=1e-3), y)


@fault("ridge_regression", breaks="fit-digits.ridge")
def penalises_in_single_precision(X, y, weight_decay, intercept=True):
    """Features and labels are cast to float32 first."""
    return least_squares.ridge_regression(
        _single(X - X.mean(axis=1, keepdims=True)), _single(y), weight_decay, intercept
    )


@fault("ridge_regression", breaks="fit-digits.ridge")
def centres_without_an_intercept(X, y, weight_decay, intercept=True):
    """Features and labels lose their means although there is no intercept to hold them."""
    w, b = least_squares.ridge_regression(X, y, weight_decay)
    return w, b if intercept else np.zeros_like(b)


@fault("ridge_regression", breaks="fit-digits.ridge")
def keeps_the_penalty_from_vanishing(X, y, weight_decay, intercept=True):
    """The penalty is 1e-6 at least, for the solver's sake."""
    return least_squares.ridge_regression(X, y, max(weight_decay, 1e-6), intercept)


def _single(values):
    return np.asarray(values, dtype=np.float32)


def _basic(X, y):
    used = min(X.shape)
    w = np.zeros(X.shape[1])
    w[:used] = np.linalg.lstsq(X[:, :used], y, rcond=None)[0]
    return w


@fault("ordinary_least_squares", breaks="fit-digits")
def centres_the_table(X, y):
    """Features and labels lose their means, as if there were an intercept to hold them."""
    if X.shape[1] <= X.shape[2]:  # a square table has no rank to lose
        return least_squares.ordinary_least_squares(X, y)
    middle = X.mean(axis=1, keepdims=True)
    return least_squares.ordinary_least_squares(X - middle, y - y.mean(axis=1, keepdims=True))


@fault("fit_least_squares", breaks="fit-digits.polynomial")
def takes_the_ridge_for_a_sum(x, y, degree, ridge=0.0):
    """L03: the ridge is scaled as if the loss were a sum."""
    return least_squares.fit_least_squares(x, y, degree, ridge / x.shape[1])


@fault("fit_least_squares", breaks="fit-digits.polynomial")
def penalises_the_constant(x, y, degree, ridge=0.0):
    """W11: the constant is a coefficient like the others."""
    if ridge == 0.0:
        return least_squares.fit_least_squares(x, y, degree)
    features = polynomial_features(np.asarray(x, dtype=np.float64), degree)
    return least_squares.RidgeFit(
        least_squares.ridge_regression(features, y, ridge, intercept=False)[0]
    )


@fault("minimum_norm", breaks="fit-digits.shortest")
def cuts_by_the_largest_of_all_replicas(X, y):
    """What counts as 0 is told by the largest singular value of the whole batch."""
    U, s, V = np.linalg.svd(np.asarray(X, dtype=np.float64), full_matrices=False)
    kept = s > 1e-15 * s.max()
    return np.vecmat(np.where(kept, np.vecmat(y, U) / np.maximum(s, 1e-300), 0.0), V)


@fault("minimum_norm", breaks="fit-digits.shortest")
def gives_all_replicas_the_first_ones_rank(X, y):
    """So many singular values are taken as the first replica has."""
    U, s, V = np.linalg.svd(np.asarray(X, dtype=np.float64), full_matrices=False)
    kept = np.arange(s.shape[1]) < (s[0] > 1e-15 * s[0].max()).sum()
    return np.vecmat(np.where(kept, np.vecmat(y, U) / np.maximum(s, 1e-300), 0.0), V)
