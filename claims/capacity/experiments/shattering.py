"""What a class can realise: Cover's count, labelings, positions, the VC bounds."""

import itertools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.metrics.arrays import Array

Flags = npt.NDArray[np.bool_]

CLEAR = 0.01  # determinants above it are far from the solver's 1e-7
CORNERS = ((-1, -1), (-1, 1), (1, -1), (1, 1))
XOR = (False, True, True, False)  # of the four corners


def covers_count(points: int, dimension: int) -> int:
    """How many labelings of points in general position a perceptron with bias realises.

    2 * sum of C(points - 1, k) over k = 0 ... dimension (Cover 1965, Theorem 1; the bias is one
    more homogeneous coordinate).
    """
    return 2 * sum(math.comb(points - 1, k) for k in range(dimension + 1))


def labelings(points: int) -> Flags:
    """All 2^points labelings (2^points, points)."""
    return np.array(list(itertools.product((False, True), repeat=points)))


def realised(linearly_separable: Any, points: Array) -> Flags:
    """Which of all labelings of the points (n, d) are separable, in the order of `labelings`."""
    every = labelings(len(points))
    same = np.broadcast_to(points, (len(every), *points.shape))
    return np.asarray(linearly_separable(same, every), dtype=bool)


def in_general_position(points: int, dimension: int, rng: np.random.Generator) -> Array:
    """Normal points (points, dimension), drawn until no d + 1 of them are near a hyperplane.

    Near means a determinant of their homogeneous coordinates of at most CLEAR in absolute value.
    """
    subsets = list(itertools.combinations(range(points), min(points, dimension + 1)))
    while True:
        x = rng.standard_normal((points, dimension))
        rows = np.concatenate([x, np.ones((points, 1))], axis=1)[subsets]
        # Fewer points than coordinates: the volume of their simplex through the Gram matrix.
        if (np.linalg.det(rows @ rows.mT) > CLEAR**2).all():
            return x


def shattering_parameters(labels: Flags) -> Array:
    """The a (R,) with 1{sin(a x_j) > 0} = labels (R, n) at x_j = 2^-j, j = 1 ... n.

    a = pi (1 + sum of 2^i over the false labels i): then a x_j is pi times an even number, plus
    pi if label j is false, plus at least pi 2^-j and less than pi (an example of Vapnik 1995).
    """
    powers = 2.0 ** np.arange(1, labels.shape[1] + 1)
    return np.asarray(math.pi * (1 + (~labels) @ powers))


def halving_points(n: int) -> Array:
    """The points 2^-1 ... 2^-n."""
    return np.asarray(2.0 ** -np.arange(1, n + 1))


def signs_of_sines(
    sine_classifier: Any, n: int, largest: float, rng: np.random.Generator
) -> list[bool]:
    """Whether it says 1{sin(a x) > 0} at all of several points, in the order that they have.

    As many points as parameters of either sign, small and large ones, whole numbers, and one row.
    A sine near 0 is told by the last digits of a x, unless a x is small itself.
    """
    x = np.append(rng.uniform(-1.0, 1.0, n - 2), [0.0, 1e-9])
    a = rng.uniform(-largest, largest, n)
    whole = rng.integers(-(2**18), 2**18, (2, n))
    facts = []
    for points, parameters in ((x, a), (x, 1e7 * a), (x, a[:1]), (whole[0], whole[1])):
        found = np.asarray(sine_classifier(points, parameters))
        phase = np.multiply.outer(parameters.astype(np.float64), points.astype(np.float64))
        clear = (np.abs(np.sin(phase)) > 1e-3) | (np.abs(phase) < 1)
        same = found.shape == phase.shape and (found == (np.sin(phase) > 0))[clear].all()
        facts.append(bool(same))
    return facts


def most_sign_patterns(x: Array, largest: float) -> int:
    """A bound on the labelings of x by sin(a x), 0 < a <= largest: one more than sign changes."""
    return 1 + sum(int(largest * one / math.pi) for one in x)


def vc_gap_bound(h: float, n: int, delta: float) -> float:
    """The gap between risk and error that no function of a class exceeds, save with chance delta.

    sqrt(8/n (h ln(2en/h) + ln(4/delta))): Vapnik and Chervonenkis (1971) with Sauer's lemma, for
    n independent examples of one law and VC dimension h <= 2n.
    """
    return math.sqrt(8 / n * (h * math.log(2 * math.e * n / h) + math.log(4 / delta)))


def relu_dimension_at_least(inputs: int, units: int) -> int:
    """A VC dimension that a net with that many ReLU units in its first hidden layer reaches.

    It shatters inputs * (units // 3) points in general position: cut the points with a true label
    into groups of at most `inputs`; through each passes a hyperplane u = w.x - b = 0 that holds
    no other point, and relu(u + e) - 2 relu(u) + relu(u - e) is e there and 0 at the rest. The sum
    of these bumps, less e / 2, has the labels' signs; one unit of a later layer hands it on. A
    perceptron within the net makes it inputs + 1 at least.
    """
    return max(inputs * (units // 3), inputs + 1)


def linear_error(w: Array, b: Array, X: Array, y: npt.NDArray[np.int64]) -> Array:
    """The share of wrong answers of the classifiers 1{Xw + b > 0}, (R,)."""
    says = np.matvec(X, w) + b[:, None] > 0
    return np.asarray((says != (y == 1)).mean(axis=1))


def largest_threshold_gap(x: Array, y: npt.NDArray[np.int64], n: int) -> Array:
    """The largest |test error - training error| of the classifiers 1{x > t} and 1{x <= t} (R,).

    x (R, 2n) has its first n examples for training. The errors of the two orientations add up to
    1, so that their gaps are equal in size; below the least x everything is said to be 1.
    """
    order = np.argsort(x, axis=1)
    # Moving t past an example of class 1 makes an error, past one of class 0 mends one.
    step = np.where(y == 1, 1.0, -1.0)
    step[:, :n] *= -1.0
    wrong = (y == 0).astype(np.float64)
    start = wrong[:, n:].mean(axis=1) - wrong[:, :n].mean(axis=1)
    path = start[:, None] + np.cumsum(np.take_along_axis(step, order, axis=1), axis=1) / n
    return np.asarray(np.maximum(np.abs(path).max(axis=1), np.abs(start)))


def linear_gap(fit: Any, X: Array, y: npt.NDArray[np.int64], n: int) -> tuple[Array, Array]:
    """Training and test error (R,) of a linear classifier fitted to the first n examples.

    `fit` is ridge regression on labels -1 and 1; the examples beyond n are the test data.
    """
    w, b = fit(X[:, :n], 2.0 * y[:, :n] - 1, 0.0)
    return linear_error(w, b, X[:, :n], y[:, :n]), linear_error(w, b, X[:, n:], y[:, n:])
