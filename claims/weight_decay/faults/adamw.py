"""Faults of Adam with decoupled weight decay."""

from __future__ import annotations

from harness.declaration.book import fault
from harness.primitives import optimizers


@fault("adamw", breaks="wd-any-loss.adamw")
def keeps_what_adamw_should_remove(
    params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, decays=None
):
    """W01: w becomes lr wd w, where it should lose that much."""
    plain, state = optimizers.adamw(params, grads, state, lr, betas, eps, 0.0)
    if not weight_decay:
        return plain, state
    flags = [True] * len(plain) if decays is None else decays
    return [
        p - w + lr * weight_decay * w if flag else p
        for p, w, flag in zip(plain, params, flags, strict=True)
    ], state


@fault("adamw", breaks="wd-any-loss.adamw")
def decays_adamw_at_the_first_rate(
    params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, decays=None
):
    """W05: the decay's rate is kept from step 1."""
    inner, first = (None, lr) if state is None else state
    stepped, inner = optimizers.adamw(
        params, grads, inner, lr, betas, eps, weight_decay * first / lr, decays
    )
    return stepped, (inner, first)


@fault("adamw", breaks="wd-any-loss.adamw")
def freezes_what_adamw_does_not_decay(
    params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, decays=None
):
    """W15: parameters without decay are not stepped at all."""
    stepped, state = optimizers.adamw(params, grads, state, lr, betas, eps, weight_decay, decays)
    flags = [True] * len(stepped) if decays is None else decays
    kept = zip(stepped, params, flags, strict=True)
    return [s if flag else w.clone() for s, w, flag in kept], state


@fault("adamw", breaks="wd-any-loss.adamw")
def couples_adamw(
    params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, decays=None
):
    """Adam under AdamW's name: the decay joins the gradient."""
    return optimizers.adam(params, grads, state, lr, betas, eps, weight_decay, False, decays)


@fault("adamw", breaks="wd-any-loss.adamw")
def decays_adamw_without_the_rate(
    params, grads, state, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01, decays=None
):
    """The decay is not scaled by the learning rate."""
    return optimizers.adamw(params, grads, state, lr, betas, eps, weight_decay / lr, decays)
