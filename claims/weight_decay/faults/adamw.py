"""Faults of Adam with decoupled weight decay."""

from harness.declaration.book import fault
from harness.primitives import optimizers


@fault("adamw", breaks="wd-any-loss.adamw")
def keeps_what_adamw_should_remove(params, grads, state, lr, weight_decay=0.01, **options):
    """W01: w becomes lr wd w, where it should lose that much."""
    plain, state = optimizers.adamw(params, grads, state, lr, weight_decay=0.0, **options)
    if not weight_decay:
        return plain, state
    kept = _flagged(plain, params, options)
    return [p - w + lr * weight_decay * w if flag else p for p, w, flag in kept], state


@fault("adamw", breaks="wd-any-loss.adamw")
def decays_adamw_at_the_first_rate(params, grads, state, lr, weight_decay=0.01, **options):
    """W05: the decay's rate is kept from step 1."""
    inner, first = (None, lr) if state is None else state
    decay = weight_decay * first / lr
    stepped, inner = optimizers.adamw(params, grads, inner, lr, weight_decay=decay, **options)
    return stepped, (inner, first)


@fault("adamw", breaks="wd-any-loss.adamw")
def freezes_what_adamw_does_not_decay(params, grads, state, lr, **options):
    """W15: parameters without decay are not stepped at all."""
    stepped, state = optimizers.adamw(params, grads, state, lr, **options)
    return [s if flag else w.clone() for s, w, flag in _flagged(stepped, params, options)], state


@fault("adamw", breaks="wd-any-loss.adamw")
def couples_adamw(params, grads, state, lr, weight_decay=0.01, **options):
    """Adam under AdamW's name: the decay joins the gradient."""
    return optimizers.adam(params, grads, state, lr, weight_decay=weight_decay, **options)


@fault("adamw", breaks="wd-any-loss.adamw")
def decays_adamw_without_the_rate(params, grads, state, lr, weight_decay=0.01, **options):
    """The decay is not scaled by the learning rate."""
    return optimizers.adamw(params, grads, state, lr, weight_decay=weight_decay / lr, **options)


def _flagged(stepped, params, options):
    """Each parameter after and before the step, and whether it decays (all, unless said)."""
    decays = options.get("decays")
    return zip(stepped, params, [True] * len(params) if decays is None else decays, strict=True)
