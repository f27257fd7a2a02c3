"""One training step of stacked perceptrons: by hand where the net is known, else by autograd."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from harness.primitives import activations, optimizers
from harness.primitives.losses import cross_entropy, mean_loss
from harness.training.products import linear
from harness.training.solver import Solver

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


def fused(solver: Solver) -> bool:
    """Return whether the plain update w - lr (g + weight_decay w) may be taken in place."""
    return solver.sgd is None and solver.l2_penalty is None


def updated(solver: Solver, parameters: list[Tensor], grads: Sequence[Tensor]) -> list[Tensor]:
    """Return the parameters after one step; weights decay, biases do not.

    A given `l2_penalty` replaces the step's own decay by its gradient.
    """
    grads, decay = list(grads), solver.weight_decay
    if solver.l2_penalty is not None:
        for layer in range(0, len(parameters), 2) if decay else ():
            w = parameters[layer].detach().requires_grad_()
            (slope,) = torch.autograd.grad(solver.l2_penalty(w).sum(), w)
            grads[layer] = grads[layer] + decay * slope
        decay = 0.0
    sgd = optimizers.sgd if solver.sgd is None else solver.sgd
    decays = [layer % 2 == 0 for layer in range(len(parameters))]
    return list(sgd(parameters, grads, solver.lr, weight_decay=decay, decays=decays))


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
    parameters: list[Tensor], x: Tensor, y: Tensor, solver: Solver, activation: Activation,
    drop: Drop | None,
) -> list[Tensor]:  # fmt: skip
    """Return the parameters after one step on the batch x (R, B, d), y (R, B)."""
    leaves = [p.detach().requires_grad_() for p in parameters]
    losses = mean_loss(cross_entropy(forward(leaves, x, activation, drop), y))
    # Replicas share no parameter, so that the sum's gradient is each replica's own.
    grads = torch.autograd.grad(losses.sum(), leaves)
    return updated(solver, [p.detach() for p in leaves], grads)


def manual_step(
    parameters: list[Tensor], x: Tensor, targets: Tensor, solver: Solver, activation: Activation,
    masks: Sequence[Tensor | None], scales: Sequence[float],
) -> list[Tensor]:  # fmt: skip
    """Return the parameters after one step, with gradients written out; may work in place.

    `targets` (R, B, k) are one-hot. Survivors of a mask are scaled within the matrix products.
    """
    inputs, values, logits = _forward_by_hand(parameters, x, activation, masks, scales)
    gains, in_place = [1.0, *scales], fused(solver)
    kept = 1.0 - solver.lr * solver.weight_decay
    signal = _softmax(logits).sub_(targets).div_(x.shape[1])
    grads: list[Tensor] = []
    for layer in range(len(parameters) // 2 - 1, -1, -1):
        W, b = parameters[2 * layer : 2 * layer + 2]
        below = torch.bmm(signal, W) if layer else None
        if in_place:
            W.baddbmm_(signal.mT, inputs[layer], beta=kept, alpha=-solver.lr * gains[layer])
            b.add_(signal.sum(dim=1), alpha=-solver.lr)
        else:
            weight_gradient = torch.bmm(signal.mT, inputs[layer]).mul_(gains[layer])
            grads[:0] = [weight_gradient, signal.sum(dim=1)]
        if below is not None:
            signal = below.mul_(SLOPES[activation](values[layer - 1]))
            mask = masks[layer - 1]
            if mask is not None:
                signal = signal.mul_(mask).mul_(gains[layer])
    return parameters if in_place else updated(solver, parameters, grads)


def _softmax(logits: Tensor) -> Tensor:
    """Return softmax over the last axis; ten numbers a row are vectorised only across rows."""
    return torch.softmax(logits.mT.contiguous(), dim=1).mT.contiguous()


def _forward_by_hand(
    parameters: list[Tensor], x: Tensor, activation: Activation, masks: Sequence[Tensor | None],
    scales: Sequence[float],
) -> tuple[list[Tensor], list[Tensor], Tensor]:  # fmt: skip
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
