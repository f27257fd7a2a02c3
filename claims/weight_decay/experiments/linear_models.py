"""Weight decay on linear models: tasks, risks, sparsity, subspaces, other optima."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.declaration.exhibits import as_array
from harness.metrics.arrays import Array
from harness.statistics.float_error import gamma

# Operations of Householder's method on one element, the constant in Higham's (2002) gamma~.
_REFLECTION = 12


def gaussian_task(
    rng: np.random.Generator, replicates: int, n: int, d: int, *, noise: float = 1.0,
    length: float = 1.0, correlation: float = 0.0,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """X (R, n, d), y = X w* + N(0, noise^2) (R, n) and w* (R, d), uniform on a sphere of `length`.

    Features are N(0, 1), each pair with the given correlation; replicates are independent.
    """
    X = rng.standard_normal((replicates, n, d))
    if correlation:
        common = rng.standard_normal((replicates, n, 1))
        X = np.sqrt(1 - correlation) * X + np.sqrt(correlation) * common
    truth = rng.standard_normal((replicates, d))
    truth *= length / np.linalg.norm(truth, axis=1, keepdims=True)
    return X, np.matvec(X, truth) + noise * rng.standard_normal((replicates, n)), truth


def sparse_task(
    rng: np.random.Generator, replicates: int, n: int = 60, d: int = 50, signals: int = 5
) -> tuple[Array, Array]:
    """X (R, n, d) ~ N(0, 1) and y = x_1 + ... + x_5 + N(0, 1/4)."""
    X = rng.standard_normal((replicates, n, d))
    return X, X[..., :signals].sum(axis=2) + 0.5 * rng.standard_normal((replicates, n))


def norm(w: Any) -> Array:
    """||w|| over the last axis."""
    return np.asarray(np.linalg.norm(as_array(w), axis=-1))


def half_mse(X: Any, y: Any, w: Any, b: Any = 0.0) -> Array:
    """mean (Xw + b - y)^2 / 2 of each replicate (R,)."""
    errors = np.matvec(X, w) + np.asarray(b)[..., None] - y
    return np.asarray(np.square(errors).mean(axis=-1) / 2)


def excess_risk(w: Any, truth: Any, bias_error: Any = 0.0) -> Array:
    """E (x'w + b - x'w* - b*)^2 over a fresh x ~ N(0, I): ||w - w*||^2 + (b - b*)^2, (R,)."""
    return np.asarray(np.square(as_array(w) - truth).sum(axis=-1) + np.square(bias_error))


def hoyer(w: Any) -> Array:
    """Hoyer's (2004) sparsity: 0 where all |w_j| are equal, 1 where one alone is not 0; scale-free.

    (sqrt d - ||w||_1 / ||w||_2) / (sqrt d - 1), over the last axis.
    """
    w = as_array(w)
    root = np.sqrt(w.shape[-1])
    return np.asarray((root - np.abs(w).sum(axis=-1) / norm(w)) / (root - 1))


def null_part(X: Any, w: Any) -> Array:
    """The part of w (R, d) that no example of X (R, n, d), n < d, can see: w less its row space."""
    q, _ = np.linalg.qr(np.asarray(X, dtype=np.float64).transpose(0, 2, 1))
    w = as_array(w)
    return np.asarray(w - np.matvec(q, np.vecmat(w, q)))


def degrees_of_freedom(X: Any, weight_decay: float) -> float:
    """sum s / (s + weight_decay) over the eigenvalues s of X'X / n, for one X (n, d)."""
    s = np.linalg.svd(X, compute_uv=False) ** 2 / X.shape[0]
    return float((s / (s + weight_decay)).sum())


def decay_with_degrees(X: Any, degrees: float) -> float:
    """The weight_decay at which X (n, d) has that many degrees of freedom, 0 < degrees < d."""
    from scipy.optimize import brentq

    gap = lambda log_decay: degrees_of_freedom(X, np.exp(log_decay)) - degrees  # noqa: E731
    return float(np.exp(brentq(gap, -40.0, 40.0, xtol=1e-14)))


def monomials(variables: int, degree: int) -> int:
    """How many monomials of at most that degree there are, by listing them."""
    return sum(
        sum(1 for _ in itertools.combinations_with_replacement(range(variables), k))
        for k in range(degree + 1)
    )


def solution_error(X: Any, y: Any, weight_decay: float, w: Any) -> Array:
    """A bound on the rounding error of a ridge solution w (R, d) by QR, in the Euclidean norm (R,).

    A = [X; sqrt(n weight_decay) I] has m = n + d rows. Householder QR solves a problem with
    columns perturbed by gamma~_{md} each (Higham 2002, Thm 20.3), so eps = sqrt(d) gamma~_{md}, and
    |dw| <= kappa eps (2 |w| + (kappa + 1) |r| / |A|) to first order (Thm 20.1); doubled for the
    second order. |y| stands in for the residual |r|, which is no longer.
    """
    X = np.asarray(X, dtype=np.float64)
    _, n, d = X.shape
    s = np.sqrt(np.linalg.svd(X, compute_uv=False) ** 2 + n * weight_decay)
    kappa = s[:, 0] / s[:, -1]
    eps = np.sqrt(d) * gamma(_REFLECTION * (n + d) * d)
    return np.asarray(2 * kappa * eps * (2 * norm(w) + (kappa + 1) * norm(y) / s[:, 0]))


def shortest_within(X: Any, y: Any, length: Array, steps: int = 4000) -> tuple[Array, Array]:
    """w (R, d) least in mean (Xw - y)^2 / 2 under ||w|| <= length (R,), and a bound on its error.

    Projected gradient descent: no multiplier is used. With L and mu the largest and least curvature
    and g = L (w - P(w - grad / L)), |w - w_best| <= 2 |g| / mu (Nesterov 2018, section 2.2, on the
    gradient mapping, and Cauchy-Schwarz); gamma of n + d + 8 operations is added for rounding of g.
    """
    n, d = X.shape[1:]
    S = np.matmul(X.transpose(0, 2, 1), X) / n
    c = np.vecmat(y, X) / n
    curvature = np.linalg.eigvalsh(S)
    L, mu = curvature[:, -1:], curvature[:, 0]

    def projected(w: Array) -> Array:
        v = w - (np.matvec(S, w) - c) / L
        return np.asarray(v * np.minimum(1.0, length[:, None] / np.linalg.norm(v, axis=1)[:, None]))

    w = np.zeros_like(c)
    for _ in range(steps):
        w = projected(w)
    g = norm(L * (w - projected(w)))
    rounding = gamma(n + d + 8) * np.sqrt(d) * (norm(y) * np.sqrt(d) + L[:, 0] * d * norm(w))
    return w, np.asarray(2 * (g + rounding) / mu)


def soft_lengths_of_a_product(penalties: Any, grid: int = 20001) -> Array:
    """||w||^2 at the least (1 - w1 w2 w3)^2 / 2 + penalty ||w||^2 / 2, for each penalty.

    At a given product s^3 the norm is least when all |w_i| = s (arithmetic and geometric means),
    so the minimum over w is one over s >= 0; searched on a grid of [0, 1.2].
    """
    s = np.linspace(0.0, 1.2, grid)
    losses = (1 - s**3) ** 2 / 2 + as_array(penalties)[:, None] * 3 * s**2 / 2
    return np.asarray(3 * s[losses.argmin(axis=1)] ** 2)


def decay_of_length(solve: Callable[[float], Array], length: float) -> float:
    """The weight_decay at which the solution w (d,) has that length, by bisection of its logarithm.

    An end of [1e-12, 1e9] comes back where no decay gives that length.
    """
    low, high = np.log(1e-12), np.log(1e9)
    for _ in range(90):
        middle = (low + high) / 2
        if norm(solve(float(np.exp(middle)))) > length:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))


def training_error(
    X: Any, y: Any, start: Any, *, lr: float, weight_decay: float, batch: int, steps: int
) -> Array:
    """A bound on the rounding error of (w, b) after SGD steps from `start` (R, d) in float64, (R,).

    A step evaluates sums of d and of `batch` products and a few more operations, on terms of size
    (1 + lr weight_decay + lr m^2) |w| + lr m |y|, m the longest example with its 1 for the bias;
    |w| stays below 2 |start| + 1 while steps do not expand (lr m^2 < 2), and so errors only add up.
    """
    m = np.sqrt(1 + np.square(X).sum(axis=2).max(axis=1))
    longest = 2 * norm(start) + 1
    size = (1 + lr * weight_decay + lr * m**2) * longest + lr * m * (np.abs(y).max(axis=1) + 1)
    return np.asarray(steps * gamma(X.shape[2] + batch + 10) * size)


def projection_error(X: Any, w: Any) -> Array:
    """A bound on the rounding error of `null_part`, (R,): QR moves the row space by cond(X) eps.

    eps = sqrt(n) gamma~_{dn}, columns' errors of Householder's method (Higham 2002, Thm 19.4).
    """
    n, d = X.shape[1:]
    eps = np.sqrt(n) * gamma(_REFLECTION * n * d)
    return np.asarray(2 * np.linalg.cond(X) * eps * norm(w))
