"""Faults of optimisers with memory: momentum, Nesterov's momentum, Adam and AdamW."""

import torch

from harness.declaration.book import fault
from harness.primitives import clipping, optimizers

BETAS = (0.9, 0.999)


@fault("momentum_sgd", breaks="wd-update.momentum")
def looks_ahead_unasked(params, grads, state, lr, **options):
    """Nesterov's step under the name of plain momentum."""
    return optimizers.nesterov_sgd(params, grads, state, lr, **options)


@fault("momentum_sgd", breaks="wd-update.momentum")
def dampens_the_velocity(params, grads, state, lr, momentum=0.9, **options):
    """v' = momentum v + (1 - momentum) g: another convention, ten times slower."""
    small = [(1 - momentum) * g for g in grads]
    return optimizers.momentum_sgd(params, small, state, lr, momentum, **options)


@fault("momentum_sgd", breaks="wd-update.momentum")
def decays_the_velocity_once_per_dtype(params, grads, state, lr, weight_decay=0.0, **options):
    """W03: the decay is applied once for each dtype that is among the parameters."""
    decay = len({w.dtype for w in params}) * weight_decay
    return optimizers.momentum_sgd(params, grads, state, lr, weight_decay=decay, **options)


@fault("momentum_sgd", breaks="wd-update.momentum")
def folds_the_rate_into_the_velocity(params, grads, state, lr, **options):
    """W05's counterpart: the velocity holds lr g, so that a new rate spares the old steps."""
    inner, old = (None, lr) if state is None else state
    if inner is not None:
        inner = [v * (old / lr) for v in inner]
    stepped, inner = optimizers.momentum_sgd(params, grads, inner, lr, **options)
    return stepped, (inner, lr)


@fault("momentum_sgd", breaks="wd-update.momentum")
def keeps_velocities_by_shape(params, grads, state, lr, **options):
    """The state is a table of shapes, so that two parameters of one shape share a velocity."""
    if state is not None:
        of_shape = {w.shape: v for w, v in zip(params, state, strict=True)}
        state = [of_shape[w.shape] for w in params]
    return optimizers.momentum_sgd(params, grads, state, lr, **options)


@fault("momentum_sgd", breaks="wd-update.momentum")
def keeps_the_first_gradient_itself(params, grads, state, lr, **options):
    """The first velocity is no copy of the gradient, and is cleared with it."""
    stepped, velocities = optimizers.momentum_sgd(params, grads, state, lr, **options)
    bare = options.get("decoupled") or not options.get("weight_decay")
    return stepped, list(grads) if state is None and bare else velocities


@fault("nesterov_sgd", breaks="wd-update.nesterov")
def never_decays_what_has_few_axes(params, grads, state, lr, decays=None, **options):
    """What is no matrix is taken for a bias, whatever the caller says."""
    flags = [True] * len(params) if decays is None else decays
    flags = [flag and w.ndim > 2 for flag, w in zip(flags, params, strict=True)]
    return optimizers.nesterov_sgd(params, grads, state, lr, decays=flags, **options)


@fault("nesterov_sgd", breaks="wd-update.nesterov")
def does_not_look_ahead(params, grads, state, lr, **options):
    """Plain momentum under Nesterov's name."""
    return optimizers.momentum_sgd(params, grads, state, lr, **options)


@fault("nesterov_sgd", breaks="wd-update.nesterov")
def looks_ahead_with_the_old_velocity(params, grads, state, lr, momentum=0.9, **options):
    """The step is g + momentum v with the velocity of before."""
    before = [torch.zeros_like(w) for w in params] if state is None else state
    ahead, state = optimizers.nesterov_sgd(params, grads, state, lr, momentum, **options)
    kept = zip(ahead, state, before, strict=True)
    return [w + lr * momentum * (new - old) for w, new, old in kept], state


@fault("nesterov_sgd", breaks="wd-update.nesterov")
def looks_ahead_without_the_decay(params, grads, state, lr, **options):
    """W09: coupled decay reaches the velocity and not the gradient beside it."""
    stepped, state = optimizers.nesterov_sgd(params, grads, state, lr, **options)
    decay = 0.0 if options.get("decoupled") else options.get("weight_decay", 0.0)
    return _where(lambda s, w: s + lr * decay * w, stepped, params, options.get("decays")), state


@fault("adam", breaks="wd-update.adam")
def passes_over_a_gradient_of_zero(params, grads, state, lr, **options):
    """A gradient that is 0 throughout counts as none: neither its memory nor its decay moves w."""
    stepped, moments = optimizers.adam(params, grads, state, lr, **options)
    pulled = [bool(g.any()) for g in grads]
    kept = zip(stepped, params, pulled, strict=True)
    return [new if moves else w.clone() for new, w, moves in kept], moments


@fault("adam", breaks="wd-update.adam")
def forgets_the_bias_correction(params, grads, state, lr, betas=BETAS, **options):
    """The moments are not divided by 1 - beta^t: the first steps are three times as long."""
    inner, t = (None, 0) if state is None else state
    factor = (1 - betas[0] ** (t + 1)) / (1 - betas[1] ** (t + 1)) ** 0.5
    still, _ = optimizers.adam(params, grads, inner, 0.0, betas, **options)
    stepped, inner = optimizers.adam(params, grads, inner, lr, betas, **options)
    moved = zip(stepped, still, strict=True)
    return [w + factor * (s - w) for s, w in moved], (inner, t + 1)


@fault("adam", breaks="wd-update.adam")
def shares_one_count_of_steps(params, grads, state, lr, **options):
    """The count of steps grows once for each parameter, not once for each step."""
    if state is not None:
        steps, first, second = state
        state = (steps + len(params) - 1, first, second)
    return optimizers.adam(params, grads, state, lr, **options)


@fault("adam", breaks="wd-update.adam")
def puts_epsilon_under_the_root(params, grads, state, lr, betas=BETAS, eps=1e-8, **options):
    """m / sqrt(v + eps): steps on small gradients are shorter than Adam's."""
    stepped, moments = optimizers.adam(params, grads, state, lr, betas, 0.0, **options)
    t, first, second = moments
    wide = []
    for s, m, v in zip(stepped, first, second, strict=True):
        m, v = m / (1 - betas[0] ** t), v / (1 - betas[1] ** t)
        wide.append(s + lr * (m / v.sqrt() - m / (v + eps).sqrt()))
    return wide, moments


@fault("adamw", breaks="wd-update.adamw")
def decays_adamw_once_per_dtype(params, grads, state, lr, weight_decay=0.01, **options):
    """W03: the loop over the decay stands inside the loop over groups of one dtype."""
    decay = len({w.dtype for w in params}) * weight_decay
    return optimizers.adamw(params, grads, state, lr, weight_decay=decay, **options)


@fault("adamw", breaks="wd-update.adamw")
def decays_adamw_after_the_step(params, grads, state, lr, weight_decay=0.01, **options):
    """(1 - lr wd) multiplies w and the step: the step is decayed too."""
    stepped, state = optimizers.adamw(params, grads, state, lr, weight_decay=0.0, **options)
    shrink = 1 - lr * weight_decay
    return _where(lambda s, _: s * shrink, stepped, params, options.get("decays")), state


@fault("adam", breaks="wd-update.adam-options")
def remembers_as_long_as_the_default(params, grads, state, lr, betas=BETAS, **options):
    """The betas are accepted and lost."""
    return optimizers.adam(params, grads, state, lr, **options)


@fault("adam", breaks="wd-update.adam-options")
def takes_no_memory_for_the_default(params, grads, state, lr, betas=BETAS, **options):
    """`beta or 0.9`: a beta of 0 is read as nothing given."""
    given = (betas[0] or 0.9, betas[1] or 0.999)
    return optimizers.adam(params, grads, state, lr, betas=given, **options)


@fault("adamw", breaks="wd-update.adamw-options")
def adamw_takes_no_memory_for_the_default(params, grads, state, lr, betas=BETAS, **options):
    """`beta or 0.9`: a beta of 0 is read as nothing given."""
    given = (betas[0] or 0.9, betas[1] or 0.999)
    return optimizers.adamw(params, grads, state, lr, betas=given, **options)


@fault("adam", breaks="wd-update.adam-options")
def adds_the_default_epsilon(params, grads, state, lr, betas=BETAS, eps=1e-8, **options):
    """The epsilon is accepted and lost."""
    return optimizers.adam(params, grads, state, lr, betas, **options)


@fault("adamw", breaks="wd-update.adamw-options")
def adamw_remembers_as_long_as_the_default(params, grads, state, lr, betas=BETAS, **options):
    """The betas are accepted and lost."""
    return optimizers.adamw(params, grads, state, lr, **options)


@fault("adamw", breaks="wd-update.adamw-options")
def adamw_adds_the_default_epsilon(params, grads, state, lr, betas=BETAS, eps=1e-8, **options):
    """The epsilon is accepted and lost."""
    return optimizers.adamw(params, grads, state, lr, betas, **options)


@fault("adamw", breaks="wd-update.adamw.default")
def decays_only_if_told_to(params, grads, state, lr, weight_decay=0.0, **options):
    """Adam's default, and not the one of AdamW."""
    return optimizers.adamw(params, grads, state, lr, weight_decay=weight_decay, **options)


@fault("adamw", breaks="wd-update.adamw.default")
def spares_what_has_one_axis(params, grads, state, lr, decays=None, **options):
    """Parameters of one axis are taken for biases unless the caller says otherwise."""
    flags = [w.ndim > 1 for w in params] if decays is None else decays
    return optimizers.adamw(params, grads, state, lr, decays=flags, **options)


@fault("clipped_sgd", breaks="ns-explode-breaks.clip-trains wd-update.clipped")
def forgets_to_clip(params, grads, lr, max_norm, weight_decay=0.0):
    """The bound is read and not used."""
    return optimizers.sgd(params, grads, lr, weight_decay)


@fault("clipped_sgd", breaks="wd-update.clipped")
def decays_after_clipping(params, grads, lr, max_norm, weight_decay=0.0):
    """W09: the penalty joins the gradient behind the clip, and steps are longer than allowed."""
    clipped, _ = clipping.clip_gradient_norm(grads, max_norm)
    return optimizers.sgd(params, clipped, lr, weight_decay)


@fault("clipped_sgd", breaks="wd-update.clipped")
def clips_each_parameter(params, grads, lr, max_norm, weight_decay=0.0):
    """L07's counterpart: every parameter is clipped by its own norm."""
    slopes = _slopes(params, grads, weight_decay)
    clipped = [clipping.clip_gradient_norm([g], max_norm)[0][0] for g in slopes]
    return optimizers.sgd(params, clipped, lr)


@fault("clipped_sgd", breaks="wd-update.clipped")
def clips_by_value(params, grads, lr, max_norm, weight_decay=0.0):
    """Every element is cut at max_norm, which turns the gradient's direction."""
    slopes = _slopes(params, grads, weight_decay)
    return optimizers.sgd(params, [g.clamp(-max_norm, max_norm) for g in slopes], lr)


@fault("clipped_sgd", breaks="wd-update.clipped")
def leaves_alone_what_no_loss_pulls(params, grads, lr, max_norm, weight_decay=0.0):
    """A replica without a gradient keeps its weights, and is spared the decay."""
    slopes = _slopes(params, grads, weight_decay)
    clipped, _ = clipping.clip_gradient_norm(slopes, max_norm)
    pulled = sum((g**2).flatten(1).sum(1) for g in grads) > 0
    here = [pulled.reshape(-1, *[1] * (g.ndim - 1)) for g in grads]
    return optimizers.sgd(params, [c * one for c, one in zip(clipped, here, strict=True)], lr)


@fault("momentum_sgd", breaks="wd-update.momentum-edges")
def takes_no_momentum_for_the_default(params, grads, state, lr, momentum=0.9, **options):
    """`momentum or 0.9`: 0 is read as not given."""
    return optimizers.momentum_sgd(params, grads, state, lr, momentum or 0.9, **options)


@fault("clipped_sgd", breaks="wd-update.clipped-zero")
def divides_by_a_norm_of_zero(params, grads, lr, max_norm, weight_decay=0.0):
    """min(1, c / ‖g‖) ‖g‖ / ‖g‖: where the gradient is 0 the step is not a number."""
    slopes = _slopes(params, grads, weight_decay)
    clipped, norms = clipping.clip_gradient_norm(slopes, max_norm)
    ones = [(norms / norms).reshape(-1, *[1] * (g.ndim - 1)) for g in grads]
    return optimizers.sgd(params, [c * one for c, one in zip(clipped, ones, strict=True)], lr)


_LAST: dict[str, list[torch.Tensor]] = {}


@fault("momentum_sgd", breaks="wd-update.momentum-edges")
def shares_its_velocities(params, grads, state, lr, momentum=0.9, **options):
    """The velocities are those of whichever run moved last."""
    known = None if state is None else _LAST["momentum"]
    stepped, _LAST["momentum"] = optimizers.momentum_sgd(
        params, grads, known, lr, momentum, **options
    )
    return stepped, _LAST["momentum"]


@fault("nesterov_sgd", breaks="wd-update.nesterov-edges")
def shares_its_velocities_ahead(params, grads, state, lr, momentum=0.9, **options):
    """The velocities are those of whichever run moved last."""
    known = None if state is None else _LAST["nesterov"]
    stepped, _LAST["nesterov"] = optimizers.nesterov_sgd(
        params, grads, known, lr, momentum, **options
    )
    return stepped, _LAST["nesterov"]


def _slopes(params, grads, weight_decay):
    return [g + weight_decay * w for w, g in zip(params, grads, strict=True)]


def _where(step, stepped, params, decays):
    """Every parameter that decays (all, unless `decays` says which), stepped once more."""
    flags = [True] * len(stepped) if decays is None else decays
    kept = zip(stepped, params, flags, strict=True)
    return [step(s, w) if flag else s for s, w, flag in kept]


@fault("adam", breaks="wd-update.adam")
def starts_from_the_first_gradient(params, grads, state, lr, betas=BETAS, **options):
    """Before the first step m is the gradient, and not 0: the bias is corrected all the same."""
    if state is None:
        state = (0, [torch.clone(g) for g in grads], [torch.zeros_like(w) for w in params])
    return optimizers.adam(params, grads, state, lr, betas, **options)


@fault("adam", breaks="wd-update.adam")
def decays_what_is_spared(params, grads, state, lr, betas=BETAS, decays=None, **options):
    """One group for all parameters: those without decay get that of the others."""
    return optimizers.adam(params, grads, state, lr, betas, **options)


@fault("momentum_sgd", breaks="wd-update.momentum wd-any-loss.decoupled")
def couples_the_velocity(params, grads, state, lr, momentum=0.9, **options):
    """Decoupled decay is asked for, and joins the gradient as ever."""
    options = options | {"decoupled": False}
    return optimizers.momentum_sgd(params, grads, state, lr, momentum, **options)


@fault("nesterov_sgd", breaks="wd-update.nesterov")
def decays_what_it_looks_ahead_with(params, grads, state, lr, momentum=0.9, **options):
    """Decoupled decay is asked for, and joins the gradient and the velocity."""
    options = options | {"decoupled": False}
    return optimizers.nesterov_sgd(params, grads, state, lr, momentum, **options)


@fault("clipped_sgd", breaks="wd-update.clipped-zero")
def takes_a_bound_of_zero_for_none(params, grads, lr, max_norm, weight_decay=0.0):
    """`if max_norm`: a bound of 0 is read as nothing given."""
    return clipping.clipped_sgd(params, grads, lr, max_norm or float("inf"), weight_decay)
