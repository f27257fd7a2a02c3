"""Classification tasks without an end of fresh data, every replicate independent of the others.

And features that have nothing to do with any label.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Inputs = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

KNOTS = 12  # of the piecewise linear templates
GAIN = 0.25  # a signal's amplitude varies by this standard deviation


def noisy_halfspace(
    replicates: int, n: int, rng: np.random.Generator, d: int = 10, flips: float = 0.1
) -> tuple[Inputs, Labels]:
    """Return X ~ N(0, I) (replicates, n, d) and y = 1{sum of x > 0} (replicates, n), 0 or 1.

    A share `flips` of the labels, drawn independently of X, is wrong: no classifier errs less.
    """
    X = rng.standard_normal((replicates, n, d))
    wrong = rng.random((replicates, n)) < flips
    return X, ((X.sum(axis=2) > 0) ^ wrong).astype(np.int64)


def gaussian_xor(
    replicates: int, n: int, rng: np.random.Generator, spread: float = 0.4
) -> tuple[Inputs, Labels]:
    """Return X (replicates, n, 2), N(c, spread^2 I) at a random corner c of (+-1, +-1), and y.

    y is 1 where the corner's signs agree. Judging by the signs of x is right with probability
    1 - 2 e (1 - e), e = P(N(0, 1) > 1 / spread): 0.988 at 0.4; no straight line exceeds 0.75.
    """
    corner = rng.integers(0, 2, (replicates, n, 2))
    X = 2.0 * corner - 1 + spread * rng.standard_normal((replicates, n, 2))
    return X, (corner[..., 0] == corner[..., 1]).astype(np.int64)


def shifted_signals(
    replicates: int, n: int, rng: np.random.Generator, classes: int = 10, length: int = 40,
    noise: float = 0.5,
) -> tuple[Inputs, Labels]:  # fmt: skip
    """Return signals (replicates, n, length) and their classes (replicates, n), 0 ... classes - 1.

    Every replicate has templates of its own, one a class: N(0, 1) at 12 knots, linear in between.
    A signal is its class's template, turned by a uniform number of places, times N(1, 0.25^2),
    plus N(0, noise^2) at every place: like MNIST-1D (Greydanus 2020), which a linear model cannot
    learn because the templates move. For training and test data draw once, and cut.
    """
    place = np.linspace(0, KNOTS - 1, length)
    left = np.minimum(place.astype(np.int64), KNOTS - 2)
    knots = rng.standard_normal((replicates, classes, KNOTS))
    templates = knots[..., left] * (left + 1 - place) + knots[..., left + 1] * (place - left)
    y = rng.integers(0, classes, (replicates, n))
    turned = (np.arange(length) + rng.integers(0, length, (replicates, n, 1))) % length
    X = np.take_along_axis(templates[np.arange(replicates)[:, None], y], turned, axis=2)
    X *= 1 + GAIN * rng.standard_normal((replicates, n, 1))
    return X + noise * rng.standard_normal(X.shape), y


def irrelevant_features(
    replicates: int, n: int, features: int, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Return yes-or-no features (replicates, n, features) of n people: independent fair coins.

    All are thrown by `rng`, which moves on: no two calls, cohorts, people or features share one.
    """
    bits = np.frombuffer(rng.bytes(-(-replicates * n * features // 8)), dtype=np.uint8)
    size = replicates * n * features
    return np.unpackbits(bits, count=size).astype(bool).reshape(replicates, n, features)
