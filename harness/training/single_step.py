"""One training step of one wide perceptron, with gradients written out.

A wide net fills the cache alone, so that it gains nothing from company; without the replicate
axis its products can be those of the fastest library.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from harness.primitives import activations
from harness.training.products import linear

Activation = Callable[[Tensor], Tensor]


def single_step(
    parameters: Sequence[Tensor],
    x: Tensor,
    targets: Tensor,
    rate: float,
    kept: float,
    activation: Activation,
    slope: Callable[[Tensor], Tensor],
    masks: Sequence[Tensor | None],
    scales: Sequence[float],
) -> None:
    """Take w - rate (gradient), after weights (not biases) shrink to `kept`, in place.

    `parameters` are W (out, in) and b (out,) layer after layer, x (B, d), targets (B, k) one-hot,
    masks (B, width) of zeros and ones, and `slope` the activation's derivative from its value.
    """
    inputs, values, logits = _forward(parameters, x, activation, masks, scales)
    signal = _softmax(logits).sub_(targets).div_(len(x))
    for layer in range(len(parameters) // 2 - 1, -1, -1):
        W, b = parameters[2 * layer : 2 * layer + 2]
        below = linear(signal, W.T) if layer else None
        if kept != 1.0:
            W.mul_(kept)
        W.add_(linear(signal.T, inputs[layer].T), alpha=-rate)
        b.add_(signal.sum(dim=0), alpha=-rate)
        if below is not None:
            mask, scale = masks[layer - 1], scales[layer - 1]
            if activation is activations.relu:
                # What passed both the activation and the mask is what is positive.
                signal = _scaled(below, torch.gt(inputs[layer], 0, out=inputs[layer]), mask, scale)
            else:
                signal = below.mul_(slope(values[layer - 1]))
                signal = signal if mask is None else _scaled(signal, mask, mask, scale)


def _forward(
    parameters: Sequence[Tensor],
    x: Tensor,
    activation: Activation,
    masks: Sequence[Tensor | None],
    scales: Sequence[float],
) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """Return every layer's input (masked and scaled), the activations, and the logits."""
    inputs, values = [x], []
    layers = len(parameters) // 2
    for layer in range(layers):
        W, b = parameters[2 * layer : 2 * layer + 2]
        z = linear(inputs[-1], W, b)
        if layer == layers - 1:
            break
        a = z.clamp_(min=0) if activation is activations.relu else activation(z)
        values.append(a)
        mask = masks[layer]
        inputs.append(a if mask is None else _scaled(a, mask, mask, scales[layer]))
    return inputs, values, z


def _scaled(a: Tensor, factor: Tensor, mask: Tensor | None, scale: float) -> Tensor:
    """Return a factor, times scale where there is a mask."""
    if mask is None:
        return a * factor
    return torch.addcmul(a.new_zeros(()), a, factor, value=scale)


def _softmax(logits: Tensor) -> Tensor:
    """Return softmax over the last axis; ten numbers a row are vectorised only across rows."""
    return torch.softmax(logits.T.contiguous(), dim=0).T.contiguous()
