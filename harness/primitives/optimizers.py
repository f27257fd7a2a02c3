"""One step with weight decay: gradient descent, momentum, Nesterov's, Adam and AdamW."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def sgd(
    params: Sequence[Tensor], grads: Sequence[Tensor], lr: float, weight_decay: float = 0.0,
    decoupled: bool = False, decays: Sequence[bool] | None = None,
) -> list[Tensor]:  # fmt: skip
    """Return new parameters, w - lr (g + weight_decay w).

    `decays` says which parameters decay (all, unless given; biases usually do not).
    Decoupled decay is (1 - lr weight_decay) w - lr g, scaled by lr as in torch's AdamW; without
    momentum both are the same map and differ by rounding only.
    """
    stepped = []
    for w, g, rate in zip(params, grads, _rates(params, weight_decay, decays), strict=True):
        if rate == 0.0:
            stepped.append(w - lr * g)
        elif decoupled:
            stepped.append((1.0 - lr * rate) * w - lr * g)
        else:
            stepped.append(w - lr * (g + rate * w))
    return stepped


Moments = tuple[int, list[Tensor], list[Tensor]]


def momentum_sgd(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: list[Tensor] | None, lr: float,
    momentum: float = 0.9, weight_decay: float = 0.0, decoupled: bool = False,
    decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], list[Tensor]]:  # fmt: skip
    """Return new parameters and velocities, v' = momentum v + g and w' = w - lr v', as torch's SGD.

    `state` are the velocities that the last call returned, None before the first.
    Coupled decay joins the gradient and so the velocity: it is the gradient of the L2 penalty.
    Decoupled decay multiplies w by 1 - lr weight_decay and leaves the velocity alone.
    """
    velocities = [torch.zeros_like(w) for w in params] if state is None else state
    rates = _rates(params, weight_decay, decays)
    stepped, moving = [], []
    for w, g, v, rate in zip(params, grads, velocities, rates, strict=True):
        v = momentum * v + (g if decoupled else g + rate * w)
        moving.append(v)
        stepped.append((1.0 - lr * rate if decoupled else 1.0) * w - lr * v)
    return stepped, moving


def nesterov_sgd(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: list[Tensor] | None, lr: float,
    momentum: float = 0.9, weight_decay: float = 0.0, decoupled: bool = False,
    decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], list[Tensor]]:  # fmt: skip
    """Return new parameters and velocities, v' = momentum v + g and w' = w - lr (g + momentum v').

    Nesterov's momentum in the form of torch's SGD (Sutskever et al. 2013, Bengio et al. 2013).
    `state` and both kinds of decay are as in `momentum_sgd`.
    """
    velocities = [torch.zeros_like(w) for w in params] if state is None else state
    rates = _rates(params, weight_decay, decays)
    stepped, moving = [], []
    for w, g, v, rate in zip(params, grads, velocities, rates, strict=True):
        slope = g if decoupled else g + rate * w
        v = momentum * v + slope
        moving.append(v)
        kept = (1.0 - lr * rate if decoupled else 1.0) * w
        stepped.append(kept - lr * (slope + momentum * v))
    return stepped, moving


def adam(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Moments | None, lr: float,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.0,
    decoupled: bool = False, decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], Moments]:  # fmt: skip
    """Return new parameters and moments: Adam, or AdamW if `decoupled`, as torch's.

    `state` are the moments that the last call returned, None before the first.
    Coupled decay joins the gradient and so both moments; decoupled decay multiplies w by
    1 - lr weight_decay, with the step's own lr (Loshchilov and Hutter 2019, Algorithm 2).
    `decays` is as in `sgd`.
    """
    zeros = [torch.zeros_like(w) for w in params]
    steps, first, second = (0, zeros, zeros) if state is None else state
    steps += 1
    stepped, ms, vs = [], [], []
    rates = _rates(params, weight_decay, decays)
    for w, g, m, v, rate in zip(params, grads, first, second, rates, strict=True):
        if not decoupled:
            g = g + rate * w
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        ms.append(m)
        vs.append(v)
        m, v = m / (1 - betas[0] ** steps), v / (1 - betas[1] ** steps)
        kept = (1.0 - lr * rate if decoupled else 1.0) * w
        stepped.append(kept - lr * m / (v.sqrt() + eps))
    return stepped, (steps, ms, vs)


def _rates(
    params: Sequence[Tensor], weight_decay: float, decays: Sequence[bool] | None
) -> list[float]:
    """Return every parameter's own decay."""
    flags = [True] * len(params) if decays is None else decays
    return [weight_decay if decay else 0.0 for _, decay in zip(params, flags, strict=True)]


def adamw(
    params: Sequence[Tensor], grads: Sequence[Tensor], state: Moments | None, lr: float,
    betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8, weight_decay: float = 0.01,
    decays: Sequence[bool] | None = None,
) -> tuple[list[Tensor], Moments]:  # fmt: skip
    """Return new parameters and moments: `adam` with decoupled decay, (1 - lr weight_decay) w.

    Loshchilov and Hutter 2019, Algorithm 2, with the decay scaled by the step's own lr. `decays` is
    as in `sgd`.
    """
    return adam(params, grads, state, lr, betas, eps, weight_decay, True, decays)
