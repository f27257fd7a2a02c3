"""Faults of weight decay in the step and in the penalty, from the catalogue of shipped bugs."""

from harness.declaration.book import fault
from harness.primitives import optimizers, penalty

# The step, `sgd`


@fault("sgd", breaks="wd-sparser.corrected wd-norm-monotone.training wd-update wd-etalam")
@fault("sgd", breaks="wd-etalam.stable wd-demo-mechanism.corrected wd-demo-mechanism.projection")
@fault("sgd", breaks="wd-any-loss wd-default")
def keeps_what_it_should_remove(params, grads, lr, **options):
    """W01: w -= w (1 - lr wd) keeps lr wd w, so that a larger decay decays less."""
    return [(lr * r if r else 1.0) * w - lr * g for w, g, r in _rated(params, grads, **options)]


@fault("sgd", breaks="wd-default")
def decays_once_per_dtype(params, grads, lr, **options):
    """W03: the loop that decays everything stands inside the loop over groups of one dtype."""
    groups = len({w.dtype for w in params})
    rated = _rated(params, grads, **options)
    return [(1.0 - lr * rate) ** groups * w - lr * g for w, g, rate in rated]


@fault("sgd", breaks="wd-sparser.corrected wd-update wd-demo-direction.norm")
@fault("sgd", breaks="wd-demo-mechanism.projection wd-any-loss wd-default")
def multiplies_the_gradient_by_the_decay(params, grads, lr, **options):
    """W07: g *= 1 + wd w, by precedence: without a gradient nothing decays."""
    return [w - lr * (g * (1.0 + rate * w)) for w, g, rate in _rated(params, grads, **options)]


@fault("sgd", breaks="wd-bias.step wd-concise-same.corrected wd-any-loss")
def decays_the_bias_too(params, grads, lr, weight_decay=0.0, decoupled=False, decays=None):
    """W11: what was said of single parameters is lost, and biases and gains decay like weights."""
    return optimizers.sgd(params, grads, lr, weight_decay, decoupled)


@fault("sgd", breaks="wd-bias.step wd-demo-direction.norm wd-default")
def misses_a_weight(params, grads, lr, weight_decay=0.0, decoupled=False, decays=None):
    """W11: a rule that tells weights by their rank of 3 leaves all others out."""
    flags = [True] * len(params) if decays is None else list(decays)
    found = [flag and w.dim() == 3 for w, flag in zip(params, flags, strict=True)]
    return optimizers.sgd(params, grads, lr, weight_decay, decoupled, found)


@fault("sgd", breaks="wd-identities.zero wd-bias.step wd-any-loss wd-touch-all")
def freezes_what_does_not_decay(params, grads, lr, **options):
    """W15: where the decay is 0 the wrong branch is taken, and the parameter is not optimised."""
    rated = _rated(params, grads, **options)
    return [w - lr * (g + rate * w) if rate else w.clone() for w, g, rate in rated]


@fault("sgd", breaks="wd-optimum-pulled.training wd-update wd-etalam wd-etalam.oscillating")
@fault("sgd", breaks="wd-etalam.stable wd-demo-direction wd-demo-mechanism.zero-start")
@fault("sgd", breaks="wd-solves.net wd-solves.net-noise wd-default")
def grows_instead(params, grads, lr, weight_decay=0.0, decoupled=False, decays=None):
    """W17: the sign of the decay is wrong, (1 + lr wd) w."""
    return optimizers.sgd(params, grads, lr, -weight_decay, decoupled, decays)


@fault("sgd", breaks="wd-norm-monotone.training wd-update wd-etalam wd-demo-mechanism.projection")
def decays_without_the_learning_rate(params, grads, lr, weight_decay=0.0, **options):
    """The decay is not scaled by lr, as in the first paper on decoupled decay: (1 - wd) w."""
    return optimizers.sgd(params, grads, lr, weight_decay / lr, **options)


@fault("sgd", breaks="wd-optimum-pulled.training wd-etalam wd-etalam.oscillating wd-etalam.stable")
@fault("sgd", breaks="wd-bias.step wd-demo-direction wd-demo-mechanism.zero-start wd-solves.net")
@fault("sgd", breaks="wd-solves.net-noise wd-free.corrected")
def ignores_the_decay(params, grads, lr, weight_decay=0.0, decoupled=False, decays=None):
    """The option is accepted and lost."""
    return optimizers.sgd(params, grads, lr)


@fault("sgd", breaks="wd-free.corrected")
def walks_through_a_copy_for_each_decay(params, grads, lr, weight_decay=0.0, **unused):
    """The right numbers, but the decay is added in a hundred small parts."""
    stepped = optimizers.sgd(params, grads, lr)
    for _ in range(100 if weight_decay else 0):
        stepped = [s - lr * weight_decay / 100 * w for s, w in zip(stepped, params, strict=True)]
    return stepped


@fault("sgd", breaks="wd-identities.zero")
def decays_by_default(params, grads, lr, weight_decay=0.0, decoupled=False, decays=None):
    """A decay of 0 counts as not given, and 0.01 takes its place."""
    return optimizers.sgd(params, grads, lr, weight_decay or 0.01, decoupled, decays)


@fault("sgd", breaks="wd-touch-all")
def visits_only_the_first_rows(params, grads, lr, **options):
    """Rows beyond the second are taken for padding and never stepped."""
    stepped = optimizers.sgd(params, grads, lr, **options)
    for before, after in zip(params, stepped, strict=True):
        after[:, 2:] = before[:, 2:]
    return stepped


# Momentum and Adam


@fault("momentum_sgd", breaks="wd-any-loss.coupled")
def velocity_without_the_decay(params, grads, state, lr, **options):
    """W09: coupled decay is added after the velocity and never enters it."""
    return optimizers.momentum_sgd(params, grads, state, lr, **options | {"decoupled": True})


@fault("adam", breaks="wd-any-loss.coupled")
def moments_without_the_decay(params, grads, state, lr, **options):
    """W09: the moments are independent of the decay, although it is coupled."""
    return optimizers.adam(params, grads, state, lr, **options | {"decoupled": True})


@fault("adam", breaks="wd-any-loss.decoupled")
def decays_at_the_first_rate(params, grads, state, lr, weight_decay=0.0, **options):
    """W05: the lr of the decay term is remembered from step 1, whatever the schedule says."""
    moments, first = (None, lr) if state is None else state
    rate = weight_decay * first / lr if options.get("decoupled") else weight_decay
    stepped, moments = optimizers.adam(params, grads, moments, lr, weight_decay=rate, **options)
    return stepped, (moments, first)


@fault("adam", breaks="wd-any-loss.decoupled")
def couples_what_should_be_apart(params, grads, state, lr, **options):
    """Decoupled decay is asked for and the L2 penalty is given: AdamW that is Adam."""
    return optimizers.adam(params, grads, state, lr, **options | {"decoupled": False})


# The penalty, `l2_penalty`


@fault("l2_penalty", breaks="wd-norm-complexity wd-identities wd-update wd-any-loss")
def forgets_the_half(w):
    """||w||^2, whose gradient is 2w."""
    return 2 * penalty.l2_penalty(w)


@fault("l2_penalty", breaks="wd-norm-complexity wd-identities")
def forgets_the_square(w):
    """||w||, which is not differentiable at 0."""
    return penalty.l2_penalty(w).mul(2).sqrt()


@fault("l2_penalty", breaks="wd-norm-complexity wd-identities wd-update.broadcast")
def averages_over_the_weights(w):
    """The mean of the squares, not the sum: the penalty of a wide layer all but vanishes."""
    return penalty.l2_penalty(w) / w[0].numel()


@fault("l2_penalty", breaks="wd-identities wd-update")
def counts_once_for_each_replica(w):
    """W13: every replica adds the penalty of all, so that lambda grows with their number."""
    return penalty.l2_penalty(w).sum().expand(w.shape[0])


@fault("l2_penalty", breaks="wd-identities.zero")
def divides_by_lambda(w):
    """The penalty carries 1 / lambda of its own and is infinite where lambda is 0."""
    return penalty.l2_penalty(w) / 0.0


@fault("l2_penalty", breaks="wd-spread")
def adds_up_without_squares(w):
    """The sum of |w|: an L1 penalty, which does not care how an equal sum is shared."""
    return w.abs().sum(dim=1)


def _rated(params, grads, weight_decay=0.0, decoupled=False, decays=None):
    """Each parameter with its gradient and its own decay; both kinds of decay are the same map."""
    flags = [True] * len(params) if decays is None else decays
    rates = [weight_decay if flag else 0.0 for flag in flags]
    return zip(params, grads, rates, strict=True)


@fault("sgd", breaks="wd-default")
def spares_what_has_one_axis(params, grads, lr, weight_decay=0.0, decoupled=False, decays=None):
    """Where nobody says what decays, biases and gains are told by their axes and spared."""
    flags = [p.dim() > 1 for p in params] if decays is None else decays
    return optimizers.sgd(params, grads, lr, weight_decay, decoupled, flags)


@fault("sgd", breaks="wd-bias.step")
def decays_all_where_none_may(params, grads, lr, weight_decay=0.0, decoupled=False, decays=None):
    """`any(decays) or None`: that nothing decays is taken for nothing said."""
    flags = decays if decays is not None and any(decays) else None
    return optimizers.sgd(params, grads, lr, weight_decay, decoupled, flags)
