"""Adapters of scikit-learn: its splitters and its polynomial features."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.adapters import signatures
from harness.adapters.conventions import Conventions

LAYOUT = "in, out"
Indices = npt.NDArray[np.int64]


def k_fold(thing: Any, conventions: Conventions) -> Callable[..., list[tuple[Indices, Indices]]]:
    """A splitter class that takes (n_splits, shuffle, random_state), as KFold."""

    def call(
        n: int, k: int, rng: np.random.Generator | None = None
    ) -> list[tuple[Indices, Indices]]:
        state = None if rng is None else int(rng.integers(2**31))
        splitter = thing(n_splits=k, shuffle=rng is not None, random_state=state)
        return list(splitter.split(np.zeros((n, 1))))

    return call


def stratified_k_fold(
    thing: Any, conventions: Conventions
) -> Callable[..., list[tuple[Indices, Indices]]]:
    """A splitter class that takes (n_splits, shuffle, random_state), as StratifiedKFold."""

    def call(
        labels: Indices, k: int, rng: np.random.Generator | None = None
    ) -> list[tuple[Indices, Indices]]:
        state = None if rng is None else int(rng.integers(2**31))
        splitter = thing(n_splits=k, shuffle=rng is not None, random_state=state)
        return list(splitter.split(np.zeros((len(labels), 1)), labels))

    return call


def polynomial_features(
    thing: Any, conventions: Conventions
) -> Callable[[npt.NDArray[Any], int], npt.NDArray[Any]]:
    """A transformer class that takes the degree, as PolynomialFeatures.

    Its columns are the powers x^i; the role's are x^i / i!, so they are divided by i!.
    """

    def call(x: npt.NDArray[Any], degree: int) -> npt.NDArray[Any]:
        powers = thing(degree).fit_transform(x.reshape(-1, 1)).reshape(*x.shape, degree + 1)
        factorials = np.array([math.factorial(i) for i in range(degree + 1)], dtype=np.float64)
        return np.asarray(powers / factorials).astype(x.dtype)

    return call


ADAPTERS: dict[str, signatures.Made] = {
    "k_fold": k_fold,
    "stratified_k_fold": stratified_k_fold,
    "polynomial_features": polynomial_features,
}
