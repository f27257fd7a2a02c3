"""A chain whose weights and inputs are known: what `propagate` measures of it, and what is so."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.blocks.streams import Stream
from harness.metrics import arrays
from harness.metrics.arrays import Array

WIDTHS = (3, 5, 2, 4, 1)  # one output, whose cotangent is a number
OPERATIONS = 256  # four layers of five inputs at most, their activations, squares and means


def measured(
    propagate: Callable[..., Any], activation: str, replicates: int, stream: Stream, device: str
) -> dict[str, Any]:
    """Ratios of signals and gradients to the exact ones, the output's cotangent, what was asked."""
    import torch

    draws, asked = stream.child("weights").numpy(), []
    weights = {
        shape: draws.normal(size=shape).astype(np.float32) for shape in itertools.pairwise(WIDTHS)
    }

    def initializer(
        fan_in: int, fan_out: int, generator: Any, replicates: int = 1, dtype: Any = None,
        device: str = "cpu",
    ) -> Any:  # fmt: skip
        asked.append(dtype)
        W = torch.as_tensor(weights[fan_in, fan_out].T, dtype=dtype, device=device)
        return W.expand(replicates, fan_out, fan_in).clone()

    def ones(shape: Any, generator: Any = None, dtype: Any = None, device: str = "cpu") -> Any:
        return torch.ones(shape, dtype=dtype, device=device)

    chosen = None if activation == "identity" else torch.tanh
    generators = [stream.child("cotangent").torch(device) for _ in range(2)]
    one, again, other = (
        propagate(WIDTHS, initializer, chosen, replicates, generator, examples=1, inputs=ones)
        for generator in (*generators, generators[0])
    )

    signals, slopes, pulls = _exact(weights, chosen)
    size = one.backward[:, -1:]  # the square of the output's cotangent
    return {
        "signal": _ratios(one.forward, np.broadcast_to(signals, one.forward.shape)),
        "gradient": np.concatenate(
            [
                _ratios(one.backward, size * slopes),
                _ratios(one.weight_gradient, np.sqrt(size) * pulls),
            ]
        ),
        "cotangent": _chi_squared(size[:, 0]),
        "told": arrays.truth(
            *(dtype == torch.float32 for dtype in asked),
            np.array_equal(one.backward, again.backward),
            not np.array_equal(one.backward, other.backward),
        ),
    }


def _exact(weights: dict[Any, Any], activation: Any) -> tuple[Array, Array, Array]:
    """Mean squares (L + 1,) of h and of the output's slope by h, and |slope by W_l| (L,)."""
    import torch

    layers = [
        torch.tensor(weights[shape].T.astype(np.float64), requires_grad=True)
        for shape in itertools.pairwise(WIDTHS)
    ]
    h = [torch.ones(WIDTHS[0], dtype=torch.float64, requires_grad=True)]
    for W in layers:
        z = W @ h[-1]
        h.append(z if activation is None else activation(z))
    slopes = torch.autograd.grad(h[-1].sum(), [*h, *layers])
    signals = [float(one.detach().square().mean()) for one in h]
    backward = [float(slope.square().mean()) for slope in slopes[: len(h)]]
    pulls = [float(slope.norm()) for slope in slopes[len(h) :]]
    return np.array(signals), np.array(backward), np.array(pulls)


def _ratios(found: Any, exact: Any) -> Array:
    """A weight is a float32, and all that follows is in float64: signals may cancel, by 1e-3."""
    return arrays.rounding_ratio(found, exact, 1e3 * np.abs(exact), OPERATIONS).ravel()


def _chi_squared(squares: Any) -> Array:
    """F(z^2) in [0, 1] of the square of a standard normal number."""
    from scipy.special import chdtr

    return np.asarray(chdtr(1, np.asarray(squares, dtype=np.float64)))
