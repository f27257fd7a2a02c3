"""Faults of optimisers with memory: momentum, Nesterov's momentum, Adam and AdamW."""

from __future__ import annotations

import torch

from harness.declaration.book import fault
from harness.primitives import clipping, optimizers


@fault("momentum_sgd", breaks="wd-update.momentum")
def looks_ahead_unasked(
    params, grads, state, lr, momentum=0.9, weight_decay=0.0, decoupled=False, decays=None
):
    """Nesterov's step under the name of plain momentum."""
    return optimizers.nesterov_sgd(
        params, grads, state, lr, momentum, weight_decay, decoupled, decays
    )


@fault("momentum_sgd", breaks="wd-update.momentum")
def dampens_the_velocity(
    params, grads, state, lr, momentum=0.9, weight_decay=0.0, decoupled=False, decays=None
):
    """v' = momentum v + (1 - momentum) g: another convention, ten times slower."""
    small = [(1 - momentum) * g for g in grads]
    return optimizers.momentum_sgd(
        params, small, state, lr, momentum, weight_decay, decoupled, decays
    )


@fault("momentum_sgd", breaks="wd-update.momentum")
def decays_the_velocity_once_per_dtype(
    params, grads, state, lr, momentum=0.9, weight_decay=0.0, decoupled=False, decays=None
):
    """W03: the decay is applied once for each dtype that is among the parameters."""
    times = len({w.dtype for w in params})
    return optimizers.momentum_sgd(
        params, grads, state, lr, momentum, times * weight_decay, decoupled, decays
    )


@fault("momentum_sgd", breaks="wd-update.momentum")
def folds_the_rate_into_the_velocity(
    params, grads, state, lr, momentum=0.9, weight_decay=0.0, decoupled=False, decays=None
):
    """W05's counterpart: the velocity holds lr g, so that a new rate spares the old steps."""
    inner, old = (None, lr) if state is None else state
    if inner is not None:
        inner = [v * (old / lr) for v in inner]
    stepped, inner = optimizers.momentum_sgd(
        params, grads, inner, lr, momentum, weight_decay, decoupled, decays
    )
    return stepped, (inner, lr)


@fault("nesterov_sgd", breaks="wd-update.nesterov")
def does_not_look_ahead(
    params, grads, state, lr, momentum=0.9, weight_decay=0.0, decoupled=False, decays=None
):
    """Plain momentum under Nesterov's name."""
    return optimizers.momentum_sgd(
        params, grads, state, lr, momentum, weight_decay, decoupled, decays
    )


@fault("nesterov_sgd", breaks="wd-update.nesterov")
def looks_ahead_with_the_old_velocity(
    params, grads, state, lr, momentum=0.9, weight_decay=0.0, decoupled=False, decays=None
):
    """The step is g + momentum v with the velocity of before."""
    before = [torch.zeros_like(w) for w in params] if state is None else state
    ahead, state = optimizers.nesterov_sgd(
        params, grads, state, lr, momentum, weight_decay, decoupled, decays
    )
    kept = zip(ahead, state, before, strict=True)
    return [w + lr * momentum * (new - old) for w, new, old in kept], state


@fault("nesterov_sgd", breaks="wd-update.nesterov")
def looks_ahead_without_the_decay(
    params, grads, state, lr, momentum=0.9, weight_decay=0.0, decoupled=False, decays=None
):
    """W09: coupled decay reaches the velocity and not the gradient beside it."""
    stepped, state = optimizers.nesterov_sgd(
        params, grads, state, lr, momentum, weight_decay, decoupled, decays
    )
    if decoupled:
        return stepped, state
    flags = [True] * len(stepped) if decays is None else decays
    kept = zip(stepped, params, flags, strict=True)
    return [s + lr * weight_decay * w if flag else s for s, w, flag in kept], state


@fault("adam", breaks="wd-update.adam")
def forgets_the_bias_correction(
    params,
    grads,
    state,
    lr,
    betas=(0.9, 0.999),
    eps=1e-8,
    weight_decay=0.0,
    decoupled=False,
    decays=None,
):
    """The moments are not divided by 1 - beta^t: the first steps are three times as long."""
    inner, t = (None, 0) if state is None else state
    factor = (1 - betas[0] ** (t + 1)) / (1 - betas[1] ** (t + 1)) ** 0.5
    still, _ = optimizers.adam(
        params, grads, inner, 0.0, betas, eps, weight_decay, decoupled, decays
    )
    stepped, inner = optimizers.adam(
        params, grads, inner, lr, betas, eps, weight_decay, decoupled, decays
    )
    moved = zip(stepped, still, strict=True)
    return [w + factor * (s - w) for s, w in moved], (inner, t + 1)


@fault("adam", breaks="wd-update.adam")
def shares_one_count_of_steps(
    params,
    grads,
    state,
    lr,
    betas=(0.9, 0.999),
    eps=1e-8,
    weight_decay=0.0,
    decoupled=False,
    decays=None,
):
    """The count of steps grows once for each parameter, not once for each step."""
    if state is not None:
        steps, first, second = state
        state = (steps + len(params) - 1, first, second)
    return optimizers.adam(params, grads, state, lr, betas, eps, weight_decay, decoupled, decays)


@fault("adam", breaks="wd-update.adam")
def puts_epsilon_under_the_root(
    params,
    grads,
    state,
    lr,
    betas=(0.9, 0.999),
    eps=1e-8,
    weight_decay=0.0,
    decoupled=False,
    decays=None,
):
    """m / sqrt(v + eps): steps on small gradients are shorter than Adam's."""
    stepped, (t, first, second) = optimizers.adam(
        params, grads, state, lr, betas, 0.0, weight_decay, decoupled, decays
    )
    wide = []
    for s, m, v in zip(stepped, first, second, strict=True):
        m, v = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
        wide.append(s + lr * (m / v.sqrt() - m / (v + eps).sqrt()))
    return wide, (t, first, second)


@fault("adamw", breaks="wd-update.adamw")
def decays_adamw_once_per_dtype(
    params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, decays=None
):
    """W03: the loop over the decay stands inside the loop over groups of one dtype."""
    times = len({w.dtype for w in params})
    return optimizers.adamw(params, grads, state, lr, betas, eps, times * weight_decay, decays)


@fault("adamw", breaks="wd-update.adamw")
def decays_adamw_after_the_step(
    params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, decays=None
):
    """(1 - lr wd) multiplies w and the step: the step is decayed too."""
    stepped, state = optimizers.adamw(params, grads, state, lr, betas, eps, 0.0, decays)
    flags = [True] * len(stepped) if decays is None else decays
    kept = zip(stepped, flags, strict=True)
    return [s * (1 - lr * weight_decay) if flag else s for s, flag in kept], state


@fault("clipped_sgd", breaks="wd-update.clipped")
def decays_after_clipping(params, grads, lr, max_norm, weight_decay=0.0):
    """W09: the penalty joins the gradient behind the clip, and steps are longer than allowed."""
    clipped, _ = clipping.clip_gradient_norm(grads, max_norm)
    kept = zip(params, clipped, strict=True)
    return [w - lr * (g + weight_decay * w) for w, g in kept]


@fault("clipped_sgd", breaks="wd-update.clipped")
def clips_each_parameter(params, grads, lr, max_norm, weight_decay=0.0):
    """L07's counterpart: every parameter is clipped by its own norm."""
    slopes = [g + weight_decay * w for w, g in zip(params, grads, strict=True)]
    clipped = [clipping.clip_gradient_norm([g], max_norm)[0][0] for g in slopes]
    return [w - lr * g for w, g in zip(params, clipped, strict=True)]


@fault("clipped_sgd", breaks="wd-update.clipped")
def clips_by_value(params, grads, lr, max_norm, weight_decay=0.0):
    """Every element is cut at max_norm, which turns the gradient's direction."""
    slopes = [g + weight_decay * w for w, g in zip(params, grads, strict=True)]
    kept = zip(params, slopes, strict=True)
    return [w - lr * g.clamp(-max_norm, max_norm) for w, g in kept]
