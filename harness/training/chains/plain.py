"""Deep chains in plain torch, on every device and in every format; moments in float64."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.training.chains.law import Activation, Chain
from harness.training.nets.backprop import SLOPES

Doubles = npt.NDArray[np.float64]


def run(chain: Chain, replicates: int) -> tuple[Doubles, Doubles, Doubles]:
    """Return forward, backward (R, L + 1) and weight gradients (R, L) of fresh chains."""
    inputs = chain.draw_inputs(replicates)
    weights = [chain.draw_weights(replicates, layer) for layer in range(len(chain.widths) - 1)]
    return moments(inputs, weights, chain.draw_cotangent(replicates), chain.activation)


def moments(
    inputs: Tensor, weights: Sequence[Tensor], cotangent: Tensor, activation: Activation | None
) -> tuple[Doubles, Doubles, Doubles]:
    """Return the same for inputs (R, m, width), weights (R, out, in), cotangents of the output."""
    signals, slopes = [inputs], []
    for W in weights:
        h, slope = activated(torch.bmm(signals[-1], W.mT), activation)
        signals.append(h)
        slopes.append(slope)
    g = cotangent
    backward, norms = [_mean_square(g)], []
    for W, h, slope in zip(reversed(weights), signals[-2::-1], reversed(slopes), strict=True):
        g = g if slope is None else g * slope
        norms.append(_product_norm(g.double(), h.double()) / g.shape[1])
        g = torch.bmm(g, W)
        backward.append(_mean_square(g))
    forward = [_mean_square(h) for h in signals]
    return _columns(forward), _columns(backward[::-1]), _columns(norms[::-1])


def activated(z: Tensor, activation: Activation | None) -> tuple[Tensor, Tensor | None]:
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


def _mean_square(h: Tensor) -> Tensor:
    return h.double().square().mean(dim=(1, 2))


def _product_norm(a: Tensor, b: Tensor) -> Tensor:
    """Return ||A'B||_F of every replica, for A (R, m, p) and B (R, m, q).

    Of A'B, or of AA' and BB' with ||A'B||^2 = <AA', BB'>, whichever is smaller.
    """
    examples, p, q = a.shape[1], a.shape[2], b.shape[2]
    if examples * (p + q) < p * q:
        squares = torch.bmm(a, a.mT).mul_(torch.bmm(b, b.mT))
    else:
        squares = torch.bmm(a.mT, b).square_()
    # Rounding may leave a sum of zeros a hair below zero.
    return squares.sum(dim=(1, 2)).clamp_(min=0).sqrt()


def _columns(values: list[Tensor]) -> Doubles:
    stacked: Doubles = torch.stack(values, dim=1).cpu().numpy()
    return stacked
