"""One training step of stacked perceptrons: by hand where the net is known, else by autograd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from harness.primitives import activations, optimizers
from harness.primitives.losses import cross_entropy, mean_loss
from harness.training.products import linear

Activation = Callable[[Tensor], Tensor]
Drop = Callable[[int, Tensor], Tensor]

# Slopes of the reference activations, from their value a alone.
SLOPES: dict[Activation, Callable[[Tensor], Tensor]] = {
    # A comparison that writes floats is ten times as fast as one whose booleans are converted.
    activations.relu: lambda a: torch.gt(a, 0, out=torch.empty_like(a)),
    activations.tanh: lambda a: 1 - a.square(),
    activations.sigmoid: lambda a: a * (1 - a),
    activations.scaled_sigmoid: lambda a: 1 - a.square() / 4,
}


@dataclass(frozen=True)
class Update:
    """The optimiser's part of a step; weights decay, biases do not.

    None means the reference; `l2_penalty` replaces the optimiser's own decay by its gradient.
    """

    lr: float
    weight_decay: float = 0.0
    sgd: Callable[..., Any] | None = None
    l2_penalty: Callable[..., Any] | None = None

    @property
    def fused(self) -> bool:
        """Whether the plain update w - lr (g + weight_decay w) may be taken in place."""
        return self.sgd is None and self.l2_penalty is None

    def __call__(self, parameters: list[Tensor], grads: Sequence[Tensor]) -> list[Tensor]:
        """Return the parameters after one step."""
        sgd = optimizers.sgd if self.sgd is None else self.sgd
        own = self.weight_decay if self.l2_penalty is None else 0.0
        decays = [layer % 2 == 0 for layer in range(len(parameters))]
        grads = self._penalised(parameters, grads)
        return list(sgd(parameters, grads, self.lr, weight_decay=own, decays=decays))

    def _penalised(self, parameters: list[Tensor], grads: Sequence[Tensor]) -> list[Tensor]:
        grads = list(grads)
        if self.l2_penalty is None or self.weight_decay == 0.0:
            return grads
        for layer in range(0, len(parameters), 2):
            w = parameters[layer].detach().requires_grad_()
            (slope,) = torch.autograd.grad(self.l2_penalty(w).sum(), w)
            grads[layer] = grads[layer] + self.weight_decay * slope
        return grads


def forward(
    parameters: Sequence[Tensor],
    x: Tensor,
    activation: Activation = activations.relu,
    drop: Drop | None = None,
) -> Tensor:
    """Return the logits (R, n, k) for x (R, n, d); `drop(layer, h)` acts on hidden layers."""
    h = x
    layers = len(parameters) // 2
    for layer in range(layers):
        W, b = parameters[2 * layer : 2 * layer + 2]
        h = torch.baddbmm(b.unsqueeze(1), h, W.mT)
        if layer < layers - 1:
            h = activation(h)
            h = h if drop is None else drop(layer, h)
    return h


def evaluated(parameters: Sequence[Tensor], x: Tensor, activation: Activation) -> Tensor:
    """Return the logits (R, n, k) without dropout and without a graph."""
    if len(x) > 1:
        return forward(parameters, x, activation)
    h = x[0]
    for layer in range(len(parameters) // 2):
        h = linear(h if layer == 0 else activation(h), *(p[0] for p in parameters[2 * layer :][:2]))
    return h.unsqueeze(0)


def autograd_step(
    parameters: list[Tensor],
    x: Tensor,
    y: Tensor,
    update: Update,
    activation: Activation,
    drop: Drop | None,
) -> list[Tensor]:
    """Return the parameters after one step on the batch x (R, B, d), y (R, B)."""
    leaves = [p.detach().requires_grad_() for p in parameters]
    losses = mean_loss(cross_entropy(forward(leaves, x, activation, drop), y))
    # Replicas share no parameter, so that the sum's gradient is each replica's own.
    grads = torch.autograd.grad(losses.sum(), leaves)
    return update([p.detach() for p in leaves], grads)


def manual_step(
    parameters: list[Tensor],
    x: Tensor,
    targets: Tensor,
    update: Update,
    activation: Activation,
    masks: Sequence[Tensor | None],
    scales: Sequence[float],
) -> list[Tensor]:
    """Return the parameters after one step, with gradients written out; may work in place.

    `targets` (R, B, k) are one-hot. Survivors of a mask are scaled within the matrix products.
    """
    inputs, values, logits = _forward_by_hand(parameters, x, activation, masks, scales)
    gains = [1.0, *scales]
    signal = _softmax(logits).sub_(targets).div_(x.shape[1])
    grads: list[Tensor] = []
    for layer in range(len(parameters) // 2 - 1, -1, -1):
        W, b = parameters[2 * layer : 2 * layer + 2]
        below = torch.bmm(signal, W) if layer else None
        if update.fused:
            kept = 1.0 - update.lr * update.weight_decay
            W.baddbmm_(signal.mT, inputs[layer], beta=kept, alpha=-update.lr * gains[layer])
            b.add_(signal.sum(dim=1), alpha=-update.lr)
        else:
            weight_gradient = torch.bmm(signal.mT, inputs[layer]).mul_(gains[layer])
            grads[:0] = [weight_gradient, signal.sum(dim=1)]
        if below is not None:
            signal = below.mul_(SLOPES[activation](values[layer - 1]))
            mask = masks[layer - 1]
            if mask is not None:
                signal = signal.mul_(mask).mul_(gains[layer])
    return parameters if update.fused else update(parameters, grads)


def _softmax(logits: Tensor) -> Tensor:
    """Return softmax over the last axis; ten numbers a row are vectorised only across rows."""
    return torch.softmax(logits.mT.contiguous(), dim=1).mT.contiguous()


def _forward_by_hand(
    parameters: list[Tensor],
    x: Tensor,
    activation: Activation,
    masks: Sequence[Tensor | None],
    scales: Sequence[float],
) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """Return every layer's input (masked, not yet scaled), the activations, and the logits."""
    inputs, values = [x], []
    layers = len(parameters) // 2
    for layer in range(layers):
        W, b = parameters[2 * layer : 2 * layer + 2]
        gain = scales[layer - 1] if layer else 1.0
        z = torch.baddbmm(b.unsqueeze(1), inputs[-1], W.mT, alpha=gain)
        if layer == layers - 1:
            break
        a = z.clamp_(min=0) if activation is activations.relu else activation(z)
        values.append(a)
        mask = masks[layer]
        inputs.append(a if mask is None else a * mask)
    return inputs, values, z
