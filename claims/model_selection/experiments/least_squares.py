"""Model selection: Gaussian regression with its exact laws, and a witness of folds.

The task is y = Xw + e with n rows of p independent N(0, 1) features and e ~ N(0, 1); w = 0, since
the error of least squares does not depend on it. The risk of a fit is 1 + |w_hat - w|^2.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.metrics.arrays import Array


def gaussian_task(
    replicates: int, n: int, p: int, rng: np.random.Generator, w: Any = 0.0
) -> tuple[Array, Array]:
    """X (replicates, n, p) and y (replicates, n); w is 0 or (replicates, p)."""
    X = rng.standard_normal((replicates, n, p))
    noise = rng.standard_normal((replicates, n))
    return X, noise if np.ndim(w) == 0 else np.asarray(np.matvec(X, w) + noise)


def risk(found: Any, w: Any = 0.0) -> Array:
    """The expected squared error of w_hat (R, p) on a fresh example, exactly."""
    return np.asarray(1 + ((np.asarray(found) - w) ** 2).sum(axis=-1))


def squared_errors(w: Any, X: Any, y: Any) -> Array:
    """The squared errors (R, n) of w (R, p)."""
    return np.asarray((y - np.matvec(X, w)) ** 2)


def mean_squared_error(w: Any, X: Any, y: Any) -> Array:
    """The mean of the squared errors, (R,)."""
    return np.asarray(squared_errors(w, X, y).mean(axis=-1))


def place_in_the_risk_law(found: Any, n: int) -> Array:
    """F(risk) in [0, 1] under the law of least squares on n examples: uniform if it is that law.

    risk - 1 = |w_hat - w|^2 is distributed as chi2_p / chi2_(n-p+1), independent (Hotelling 1931),
    whose mean is p / (n - p - 1).
    """
    from scipy.special import fdtr

    found = np.asarray(found, dtype=np.float64)
    p = found.shape[-1]
    ratio = (risk(found) - 1) * (n - p + 1) / p
    return np.asarray(fdtr(p, n - p + 1, ratio))


def expected_risk(n: int, p: int) -> float:
    """The expected risk of least squares on n examples: 1 + p / (n - p - 1)."""
    return 1 + p / (n - p - 1)


def expected_optimism(models: int, samples: int) -> float:
    """E[best accuracy of that many independent coin-flippers on a test set] - 1/2, exactly."""
    from scipy.stats import binom

    law = binom(samples, 0.5)
    # E max = sum over s of P(max > s) = sum over s of 1 - F(s)^models.
    return float((1 - law.cdf(np.arange(samples)) ** models).sum() / samples - 0.5)


def concordance(errors: Any) -> Array:
    """How often two rows order a pair of samples alike, over all pairs of rows: (R // 2,).

    errors is (k, R), samples in pairs (0, 1), (2, 3), ...: 1/2 on average if rows are independent,
    and (1 + Kendall's tau) / 2 in general.
    """
    errors = np.asarray(errors)
    later = errors[:, 0::2] > errors[:, 1::2]
    first, second = np.triu_indices(len(errors), 1)
    return np.asarray((later[first] == later[second]).mean(axis=0))


def groups(values: Any, replicates: int) -> Array:
    """The last axis (replicates * size) cut into (replicates, size)."""
    found: Array = np.asarray(values, dtype=np.float64)
    return np.asarray(found.reshape(*found.shape[:-1], replicates, -1))


def learner(ordinary_least_squares: Callable[..., Any], X: Any) -> tuple[Callable[..., Any], ...]:
    """What cross-validation creates and trains: weights (R, p), at first all 0."""

    def create() -> Array:
        return np.zeros((X.shape[0], X.shape[2]))

    def train(model: Any, X: Any, y: Any) -> Any:
        return ordinary_least_squares(X, y)

    return create, train


@dataclass
class Model:
    """A model that only remembers: its weights, how often it was trained, and on which rows."""

    weights: Array
    trainings: int = 0
    rows: set[int] = field(default_factory=set)


class Witness:
    """The three callbacks of a cross-validation, which write down what they were given.

    Row i of the data is the example (i,) with the label 3 i + 1.
    """

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        self.rng = rng
        self.X = np.arange(n, dtype=np.float64).reshape(1, n, 1)
        self.y = 3 * self.X[..., 0] + 1
        self.created: list[Array] = []
        self.starts: list[tuple[Array, int]] = []
        self.trained: list[list[int]] = []
        self.validated: list[tuple[list[int], set[int]]] = []
        self.candidates: list[Any] = []
        self.paired = True

    def create(self) -> Model:
        """A model with random weights of its own."""
        model = Model(self.rng.standard_normal(3))
        self.created.append(model.weights.copy())
        return model

    def train(self, model: Model, X: Any, y: Any, candidate: Any = None) -> Model:
        """Train in place, as most libraries do."""
        rows = self._rows(X, y)
        self.starts.append((model.weights.copy(), model.trainings))
        self.trained.append(rows)
        self.candidates.append(candidate)
        model.weights += self.rng.standard_normal(3)
        model.trainings += 1
        model.rows |= set(rows)
        return model

    def loss(self, model: Model, X: Any, y: Any) -> Array:
        """A loss that no two folds share."""
        rows = self._rows(X, y)
        self.validated.append((rows, set(model.rows)))
        return np.array([float(self.rng.random())])

    def _rows(self, X: Any, y: Any) -> list[int]:
        self.paired &= bool(np.array_equal(y, 3 * X[..., 0] + 1))
        return [int(row) for row in X[0, :, 0]]
