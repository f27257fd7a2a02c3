"""The activations: the formulas and slopes in NumPy, float64, from the definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.blocks.streams import Stream
from harness.declaration.exhibits import as_array
from harness.metrics import arrays
from harness.metrics.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor


# exp, one sum, one quotient and the final rounding, each within two units of the last place.
FORMULA_ROUNDINGS = 12
# Below these a result may be flushed to 0, as compilers do, or be rounded absolutely.
LEAST = {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-24}


def relu(x: Array) -> Array:
    """max(x, 0)."""
    return np.maximum(x, 0.0)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), with the exponential of a negative number on either side."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def scaled_sigmoid(x: Array) -> Array:
    """2 tanh(x / 2), which 4 sigmoid(x) - 2 is."""
    return 2 * np.tanh(x / 2)


def relu_slope(x: Array) -> Array:
    """1 where x > 0."""
    return (x > 0).astype(np.float64)


def sigmoid_slope(x: Array) -> Array:
    """sigmoid(x) sigmoid(-x)."""
    return np.asarray(sigmoid(x) * sigmoid(-x))


def tanh_slope(x: Array) -> Array:
    """1 / cosh(x)^2, as 4 sigmoid(2x) sigmoid(-2x), which does not overflow."""
    return 4 * sigmoid_slope(2 * x)


def scaled_sigmoid_slope(x: Array) -> Array:
    """4 sigmoid(x) sigmoid(-x)."""
    return 4 * sigmoid_slope(x)


FORMULAS: Mapping[str, Callable[[Array], Array]] = {
    "relu": relu, "sigmoid": sigmoid, "tanh": np.tanh, "scaled_sigmoid": scaled_sigmoid,
}  # fmt: skip
SLOPES: Mapping[str, Callable[[Array], Array]] = {
    "relu": relu_slope,
    "sigmoid": sigmoid_slope,
    "tanh": tanh_slope,
    "scaled_sigmoid": scaled_sigmoid_slope,
}


def inputs(rng: np.random.Generator, n: int, scale: float, dtype: str, device: str) -> Tensor:
    """n numbers of both signs with sizes spread over eight decades below `scale`; 0 is not one."""
    import torch

    size = scale * 10.0 ** -rng.uniform(0.0, 8.0, n)
    x = size * rng.choice([-1.0, 1.0], n)
    return torch.tensor(x, device=device).to(getattr(torch, dtype))


def slope_of(activation: Callable[[Any], Any], x: Tensor) -> Array:
    """The activation's derivative at every element of x, by autograd."""
    import torch

    leaf = x.detach().clone().requires_grad_()
    (slope,) = torch.autograd.grad(activation(leaf).sum(), leaf)
    return as_array(slope)


def against_the_formula(
    name: str, activation: Callable[[Any], Any], scale: float, dtype: str, numbers: int,
    stream: Stream, device: str = "cpu",
) -> Array:  # fmt: skip
    """Value and slope of an activation against the definition, in units of the rounding allowed."""
    x = inputs(stream.numpy(), numbers, scale, dtype, device)
    wide = x.double().cpu().numpy()
    exact = FORMULAS[name](wide)
    steps = FORMULA_ROUNDINGS
    size = np.abs(exact) + LEAST[dtype] / arrays.gamma(steps, dtype)
    value = arrays.rounding_ratio(activation(x), exact, size, steps, dtype)
    # Slopes are computed from the value: 1 - f² doubles its error, and rounds twice more.
    slope = arrays.rounding_ratio(
        slope_of(activation, x), SLOPES[name](wide), 1.0, 2 * steps + 2, dtype
    )
    return np.concatenate([value, slope])


def at_the_ends(
    activation: Callable[[Tensor], Tensor], low: float, high: float, dtype: str, device: str
) -> Array:
    """0 where it gives `low` and `high` at the infinities and NaN at NaN: (3,).

    Else how many roundings of 1 it is off, or infinity where one of both is not finite.
    """
    import torch

    ends = [float("-inf"), float("inf"), float("nan")]
    x = torch.tensor(ends, dtype=getattr(torch, dtype), device=device)
    found, expected = arrays.as_array(activation(x)), np.array([low, high, float("nan")])
    unlike = arrays.mismatch(found, expected)
    if found.shape != expected.shape:
        return unlike
    both = np.isfinite(found) & np.isfinite(expected)
    off = np.abs(np.where(both, found, 0.0) - np.where(both, expected, 0.0))
    return np.where(both, off / arrays.gamma(1, dtype), unlike)
