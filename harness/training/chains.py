"""Second moments of signals and gradients through a deep chain of dense layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.training.backprop import SLOPES
from harness.training.products import linear

_BATCHED = 64  # up to this width replicas share their matrix products; beyond they leave the cache

_TINY, _HUGE = 1e-30, 1e30  # between them a sum of squares neither overflows nor loses digits

Initializer = Callable[..., Tensor]
Activation = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Propagation:
    """Mean squares over examples and units, layer by layer from the input (0) to the output (L).

    `forward` (R, L + 1) is of the activations h_l, `backward` (R, L + 1) of a random cotangent
    pulled back to h_l, and `weight_gradient` (R, L) the Frobenius norm of the gradient with
    respect to W_l, averaged over the examples.
    """

    forward: npt.NDArray[np.float64]
    backward: npt.NDArray[np.float64]
    weight_gradient: npt.NDArray[np.float64]


def propagate(
    depth: int,
    width: int | Sequence[int],
    initializer: Initializer | None = None,
    activation: Activation | None = None,
    replicates: int = 1,
    generator: torch.Generator | None = None,
    *,
    examples: int = 64,
    dtype: torch.dtype = torch.float64,
    inputs: Callable[..., Tensor] | None = None,
    device: str | torch.device = "cpu",
) -> Propagation:
    """Return how N(0, 1) inputs and an independent N(0, 1) cotangent travel through `depth` layers.

    h_l = activation(W_l h_(l-1)), without biases, W_l from `initializer`; without one the engine
    draws Xavier's uniform law itself. No `activation` means the identity. `width` is one number
    or the depth + 1 sizes.
    The cotangent does not depend on the weights: a real loss would correlate the two and change
    the law. Float64 by default, for 50 layers of N(0, 1) weights reach 1e120.
    `inputs(shape, generator=..., dtype=..., device=...)` draws the inputs (torch.randn).
    """
    if generator is None:
        raise ValueError("generator=None; pass a torch.Generator, nothing here is drawn globally")
    widths = [width] * (depth + 1) if isinstance(width, int) else list(width)
    if len(widths) != depth + 1:
        raise ValueError(f"width={width!r} has {len(widths)} sizes; depth={depth!r} needs one more")
    chain = _Chain(
        widths,
        uniform_weights(generator) if initializer is None else initializer,
        activation,
        generator,
        examples,
        dtype,
        torch.device(device),
        torch.randn if inputs is None else inputs,
    )
    block = replicates if max(widths) <= _BATCHED else 1
    runs = [chain.run(min(block, replicates - r)) for r in range(0, replicates, block)]
    return Propagation(*(np.concatenate(parts) for parts in zip(*runs, strict=True)))


@dataclass(frozen=True)
class _Chain:
    widths: list[int]
    initializer: Initializer
    activation: Activation | None
    generator: torch.Generator
    examples: int
    dtype: torch.dtype
    device: torch.device
    inputs: Callable[..., Tensor]

    def run(self, replicates: int) -> tuple[npt.NDArray[np.float64], ...]:
        """Return forward, backward (replicates, L + 1) and weight gradients (replicates, L)."""
        weights, signals, slopes = self._forward(replicates)
        forward = [_mean_square(h) for h in signals]
        cotangent = self._draw(torch.randn, replicates, self.widths[-1])
        backward = [_mean_square(cotangent)]
        norms = []
        for W, h, slope in zip(reversed(weights), signals[-2::-1], reversed(slopes), strict=True):
            if slope is not None:
                cotangent = cotangent * slope
            norms.append(_product_norm(cotangent, h) / self.examples)
            cotangent = _times(cotangent, W.mT)
            backward.append(_mean_square(cotangent))
        return _columns(forward), _columns(backward[::-1]), _columns(norms[::-1])

    def _forward(self, replicates: int) -> tuple[list[Tensor], list[Tensor], list[Tensor | None]]:
        """Return the weights, the signals h_0 ... h_L and the activation's slopes."""
        h = self._draw(self.inputs, replicates, self.widths[0])
        weights, signals = [], [h]
        slopes: list[Tensor | None] = []
        for fan_in, fan_out in itertools.pairwise(self.widths):
            W = self.initializer(
                fan_in,
                fan_out,
                self.generator,
                replicates=replicates,
                dtype=self.dtype,
                device=self.device,
            )
            h, slope = _activated(_times(h, W), self.activation)
            weights.append(W)
            signals.append(h)
            slopes.append(slope)
        return weights, signals, slopes

    def _draw(self, law: Callable[..., Tensor], replicates: int, width: int) -> Tensor:
        shape = (replicates, self.examples, width)
        return law(shape, generator=self.generator, dtype=self.dtype, device=self.device)


def _activated(z: Tensor, activation: Activation | None) -> tuple[Tensor, Tensor | None]:
    """Return activation(z) and its slope at every element, by autograd where it is not known."""
    if activation is None:
        return z, None
    if activation in SLOPES:
        h = activation(z)
        return h, SLOPES[activation](h)
    z.requires_grad_()
    h = activation(z)
    (slope,) = torch.autograd.grad(h.sum(), z)
    return h.detach(), slope


def uniform_weights(generator: torch.Generator) -> Initializer:
    """Return an initializer of Xavier's uniform law, from raw random words: the ruler's own.

    A word's 32 bits make one number, so that a float32 weight is as fine as its format.
    """
    seed = torch.randint(2**62, (2,), generator=generator, device=generator.device)
    stream = np.random.SFC64(np.random.SeedSequence(seed.tolist()))

    def draw(
        fan_in: int,
        fan_out: int,
        generator: torch.Generator,
        replicates: int = 1,
        dtype: torch.dtype = torch.float32,
        device: str | torch.device = "cpu",
    ) -> Tensor:
        shape = (replicates, fan_out, fan_in)
        count = math.prod(shape)
        words = torch.from_numpy(stream.random_raw(-(-count // 2)).view(np.int32)[:count])
        a = math.sqrt(6.0 / (fan_in + fan_out))
        weights = torch.mul(words, a * 2.0**-31, out=torch.empty(count, dtype=dtype))
        return weights.reshape(shape).to(device)

    return draw


def _times(h: Tensor, W: Tensor) -> Tensor:
    """Return h W' for h (R, m, k) and W (R, n, k)."""
    if len(h) == 1:
        return linear(h[0], W[0]).unsqueeze(0)
    return torch.bmm(h, W.mT)


def _mean_square(h: Tensor) -> Tensor:
    if len(h) == 1 and h.dtype == torch.float32:
        flat = h.flatten()
        total = torch.dot(flat, flat)
        if _TINY < total < _HUGE:
            return (total / flat.numel()).to(torch.float64).reshape(1)
    return h.to(torch.float64).square().mean(dim=(1, 2))


def _product_norm(a: Tensor, b: Tensor) -> Tensor:
    """Return ||A'B||_F of every replica, for A (R, m, p) and B (R, m, q)."""
    if a.dtype == b.dtype == torch.float32:
        norm = _norm_in_format(a, b)
        if bool(((norm > _TINY**0.5) & (norm < _HUGE**0.5)).all()):
            return norm
    return _norm_in_format(a.to(torch.float64), b.to(torch.float64))


def _norm_in_format(a: Tensor, b: Tensor) -> Tensor:
    """Of A'B, or of AA' and BB' with ||A'B||^2 = <AA', BB'>, whichever is smaller."""
    examples, p, q = a.shape[1], a.shape[2], b.shape[2]
    if examples * (p + q) < p * q:
        squares = torch.bmm(a, a.mT).mul_(torch.bmm(b, b.mT))
    else:
        squares = torch.bmm(a.mT, b).square_()
    # Rounding may leave a sum of zeros a hair below zero.
    return squares.sum(dim=(1, 2), dtype=torch.float64).clamp_(min=0).sqrt()


def _columns(values: list[Tensor]) -> npt.NDArray[np.float64]:
    stacked: npt.NDArray[np.float64] = torch.stack(values, dim=1).cpu().numpy()
    return stacked
