"""Polynomial features, rescaled by factorials."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def polynomial_features(x: npt.NDArray[Any], degree: int) -> npt.NDArray[Any]:
    """Return the columns x^i / i! for i = 0 ... degree: (..., degree + 1) for x of shape (...).

    The dtype is x's; the book divides by Gamma(i + 1), which is i!.
    """
    if degree < 0:
        raise ValueError(f"degree={degree!r} is negative; the lowest polynomial has degree 0")
    features = np.empty((*x.shape, degree + 1), dtype=x.dtype)
    features[..., 0] = 1
    for i in range(1, degree + 1):
        # Products, not x**i over i!: neither the power nor the factorial can overflow alone.
        np.multiply(features[..., i - 1], x / i, out=features[..., i])
    return features
