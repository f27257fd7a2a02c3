"""Noise on inputs: risks of linear fits, expansions of a net's loss, exact averages."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.metrics.arrays import Array

if TYPE_CHECKING:
    from torch import Tensor


def gaussian_regression(
    replicates: int, n: int, features: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """X (R, n, features) ~ N(0, 1), y = Xw + N(0, 1) (R, n), and w (R, features) of length 1."""
    X = rng.standard_normal((replicates, n, features))
    w = rng.standard_normal((replicates, features))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    return X, np.matvec(X, w) + rng.standard_normal((replicates, n)), w


def excess_risk(fitted: Any, w: Array) -> Array:
    """E (x'fitted - x'w)^2 over fresh x ~ N(0, I), the risk above the noise (R,)."""
    return np.asarray(((np.asarray(fitted) - w) ** 2).sum(axis=1))


def interpolation_error(X: Array, y: Array, fitted: Any) -> Array:
    """|X w - y| over its rounding bound, (R, n).

    The pseudo-inverse is applied with a relative error of gamma_k cond(X) (Higham 2002, 7.2 and
    21.1), k = n d + n + d operations; the residual's scale is then cond(X) |X| |w|.
    """
    from harness.metrics import arrays

    n, d = X.shape[1:]
    values = np.linalg.svd(X, compute_uv=False)
    scale = values[:, 0] ** 2 / values[:, -1] * np.linalg.norm(fitted, axis=1)
    found = np.matvec(X, np.asarray(fitted))
    return arrays.rounding_ratio(found, y, scale[:, None], n * d + n + d)


def gaussian_mean(function: Callable[[Tensor], Tensor], x: Tensor, sigma: float) -> Tensor:
    """E function(x + sigma z) over z ~ N(0, I) in the plane, x (..., 2), by Gauss and Hermite.

    24 nodes an axis integrate polynomials up to degree 47 exactly.
    """
    import torch

    nodes, weights = np.polynomial.hermite_e.hermegauss(24)
    weights = weights / math.sqrt(2 * math.pi)
    total = torch.zeros(())
    for a, u in zip(nodes, weights, strict=True):
        for b, v in zip(nodes, weights, strict=True):
            step = sigma * torch.tensor([a, b], dtype=x.dtype, device=x.device)
            total = total + u * v * function(x + step)
    return total


def slope_and_curvature(
    function: Callable[[Tensor], Tensor], x: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """f, |grad f|^2 and the Laplacian of f at each x (m, d), by differentiation."""
    import torch

    x = x.detach().requires_grad_()
    value = function(x)
    (slope,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    curvature = torch.zeros_like(value)
    for axis in range(x.shape[-1]):
        bent = slope[..., axis].sum()
        if bent.requires_grad:
            (second,) = torch.autograd.grad(bent, x, retain_graph=True)
            curvature = curvature + second[..., axis]
    return value.detach(), slope.detach().square().sum(dim=-1), curvature.detach()
