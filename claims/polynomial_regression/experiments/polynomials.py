"""The chapter's noisy cubic: its truth, what is best for it, and the figures that are printed.

y = 5 + 1.2 x - 3.4 x^2 / 2! + 5.6 x^3 / 3! + noise of standard deviation 0.1, x ~ N(0, 1).
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np

from harness.metrics import arrays
from harness.metrics.arrays import Array

TRUTH = (5.0, 1.2, -3.4, 5.6)
NOISE = 0.1  # a standard deviation
FLOOR = NOISE**2  # no fit has a smaller expected loss on fresh data
HIGH = 19  # the highest degree of the chapter's 20 features

# The best line: x^2 / 2! = H2 / 2 + 1 / 2 and x^3 / 3! = H3 / 6 + x / 2 with Hermite's polynomials,
# which are orthogonal under N(0, 1) with E H2^2 = 2 and E H3^2 = 6.
LINE = (TRUTH[0] + TRUTH[2] / 2, TRUTH[1] + TRUTH[3] / 2)
LINE_FLOOR = (TRUTH[2] / 2) ** 2 * 2 + (TRUTH[3] / 6) ** 2 * 6 + FLOOR

# The figures that the notes print below their code.
PRINTED_FEATURES = (
    "1.0000e+00 -8.2825e-01 3.4300e-01 -9.4695e-02 1.9608e-02 -3.2480e-03 4.4836e-04 "
    "-5.3050e-05 5.4923e-06 -5.0545e-07 4.1863e-08 -3.1521e-09 2.1756e-10 -1.3861e-11 "
    "8.2003e-13 -4.5279e-14 2.3439e-15 -1.1419e-16 5.2545e-18 -2.2905e-19",
    "1.0000e+00 1.4003e+00 9.8041e-01 4.5762e-01 1.6020e-01 4.4866e-02 1.0471e-02 "
    "2.0946e-03 3.6663e-04 5.7044e-05 7.9878e-06 1.0168e-06 1.1866e-07 1.2781e-08 "
    "1.2784e-09 1.1934e-10 1.0444e-11 8.6030e-13 6.6927e-14 4.9325e-15",
)
PRINTED_LABELS = (2.4621, 5.9544)
PRINTED_CUBIC = (4.9890676, 1.1630476, -3.4193513, 5.6815)
PRINTED_LINE = (2.9832623, 4.2033267)
PRINTED_HIGH = (
    4.9926720, 1.2720633, -3.2974391, 5.2138767, -0.34428847, 1.3618331, 0.15626380,
    0.11630570, 0.15991014, 0.028070834, -0.10929724, 0.0027722307, 0.079240397, 0.014077527,
    0.054253254, 0.18295857, 0.16828278, -0.038895667, 0.015147164, 0.13848299,
)  # fmt: skip


def squared_loss(fit: Any, x: Array, y: Array) -> Array:
    """Return the mean squared error of each replicate's fit, (R,)."""
    return np.asarray(np.mean(np.square(fit.predict(x) - y), axis=-1))


def interpolation_error(fit: Any, x: Array, y: Array) -> Array:
    """Return |f(x) - y| of fits of degree n - 1 over their rounding bound, both (R, n).

    A backward stable solution c of Tc = y leaves gamma_k |T| |c| (Higham 2002, Theorem 19.5): T_j
    are Chebyshev's polynomials on the sample's interval, at most 1, and c is read off f.
    """
    n = x.shape[1]
    low, high = x.min(axis=1, keepdims=True), x.max(axis=1, keepdims=True)
    nodes = np.polynomial.chebyshev.chebpts1(n)
    values = fit.predict(low + (high - low) * (nodes + 1) / 2)
    c = values @ np.polynomial.chebyshev.chebvander(nodes, n - 1) * 2 / n
    size = np.linalg.norm(c, axis=1, keepdims=True)
    return arrays.rounding_ratio(fit.predict(x), y, n * size + np.abs(y), n * n + 2 * n)


def excess_risk(w: Any, best: Any) -> Array:
    """Return E (f_w(x) - f_best(x))^2 over x ~ N(0, 1) of weights (..., k) of x^i / i!.

    E x^i x^j / (i! j!) is (i + j - 1)!! / (i! j!) where i + j is even, and 0 elsewhere.
    """
    gap = np.asarray(w, dtype=np.float64) - np.asarray(best)
    powers = range(gap.shape[-1])
    gram = np.array([[_moment(i + j) / _factorials(i, j) for j in powers] for i in powers])
    return np.asarray(np.vecdot(gap, np.vecmat(gap, gram)))


def _moment(power: int) -> float:
    """E x^power of the standard normal law."""
    return 0.0 if power % 2 else float(math.prod(range(1, power, 2)))


def _factorials(i: int, j: int) -> float:
    return float(math.factorial(i) * math.factorial(j))


def cubic(x: Array) -> Array:
    """Return the true curve without noise, in the shape of x."""
    return np.asarray(np.polyval([c / math.factorial(i) for i, c in enumerate(TRUTH)][::-1], x))


def exact_features(x: Array, degree: int) -> Array:
    """Return x^i / i! for i = 0 ... degree, (..., degree + 1), each rounded once."""
    flat = [
        [float(Fraction(float(v)) ** i / math.factorial(i)) for i in range(degree + 1)]
        for v in x.ravel()
    ]
    return np.array(flat).reshape((*x.shape, degree + 1))


def printed_features() -> tuple[Array, Array]:
    """Return the two printed rows (2, 20) and half a unit of their last printed digit."""
    rows = [row.split() for row in PRINTED_FEATURES]
    half_units = [[0.5e-4 * 10.0 ** int(v.partition("e")[2]) for v in row] for row in rows]
    return np.array(rows, dtype=np.float64), np.array(half_units)


def behind_the_printed_features() -> Array:
    """Return the two x (2,) in the middle of what all of a row's printed features allow.

    A feature printed as p, give or take h, allows |x| in ((p - h) i!, (p + h) i!) to the 1/i.
    """
    found = []
    for row, half_unit in zip(*printed_features(), strict=True):
        powers = np.arange(1, len(row))
        factorials = np.array([float(math.factorial(i)) for i in powers])
        low = ((np.abs(row[1:]) - half_unit[1:]) * factorials) ** (1 / powers)
        high = ((np.abs(row[1:]) + half_unit[1:]) * factorials) ** (1 / powers)
        found.append(math.copysign((low.max() + high.min()) / 2, row[1]))
    return np.array(found)


def log10_ratio(high: Array, low: Array) -> Array:
    """Return log10(high / low) for pictures; NaN where an arm diverged."""
    with np.errstate(all="ignore"):
        return np.asarray(np.log10(high / low))
