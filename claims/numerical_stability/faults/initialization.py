"""Faults of the initialisers, each from the description of a row of the catalogue of shipped bugs.

They are shown on dense layers, (replicates, fan_out, fan_in), with the reference's signature.
Faults that need a kernel with a receptive field, groups or a transposed layout (I05, I07, I09 in
full) cannot be seen through these roles; their dense counterparts are here.
"""

import math

import torch

from harness.declaration.book import fault


@fault("xavier_normal", breaks="in-xavier-formula in-forward in-xavier-stable.square")
@fault("xavier_uniform", breaks="in-uniform")
def cuts_at_two_sigma(fan_in, fan_out, *draw, **options):
    """I01: the nominal deviation is given to the parent normal, which is cut at two of it."""
    return _cut(math.sqrt(2 / (fan_in + fan_out)), fan_in, fan_out, *draw, **options)


@fault("he_normal", breaks="ac-relu.he-normal ac-relu.corrected")
@fault("he_uniform", breaks="ac-relu.he-uniform")
def cuts_at_two_sigma_of_he(fan_in, fan_out, *draw, **options):
    """I01, for He's deviation."""
    return _cut(math.sqrt(2 / fan_in), fan_in, fan_out, *draw, **options)


@fault("xavier_normal", breaks="in-xavier-formula.tails")
def cuts_at_three_sigma(fan_in, fan_out, *draw, **options):
    """I01 at three deviations: 97.3 % of the variance, and no tail."""
    return _cut(math.sqrt(2 / (fan_in + fan_out)), fan_in, fan_out, *draw, at=3, **options)


@fault("he_normal", breaks="ac-relu.he-tails")
def cuts_at_three_sigma_of_he(fan_in, fan_out, *draw, **options):
    """I01 at three deviations, for He's."""
    return _cut(math.sqrt(2 / fan_in), fan_in, fan_out, *draw, at=3, **options)


@fault("plain_normal", breaks="in-plain-fails.tails")
def clamps_at_three_sigma(fan_in, fan_out, *draw, std=0.01, **options):
    """Weights beyond three deviations are set to three deviations."""
    return _normal(std, fan_in, fan_out, *draw, **options).clamp(-3 * std, 3 * std)


@fault("xavier_normal", breaks="in-xavier-formula")
def cuts_and_repairs_the_variance(fan_in, fan_out, *draw, **options):
    """I01 as repaired: a cut normal of the right variance, which is still no normal law."""
    std = math.sqrt(2 / (fan_in + fan_out)) / 0.87962566103423978
    return _cut(std, fan_in, fan_out, *draw, **options)


@fault("xavier_normal", breaks="in-xavier-formula")
def throws_rare_outliers(fan_in, fan_out, generator, *rest, **options):
    """I03: an unstable inverse throws weights of 12 deviations; here 1 in 2^14, there 3 in 1e8."""
    std = math.sqrt(2 / (fan_in + fan_out))
    w = _normal(std, fan_in, fan_out, generator, *rest, **options)
    rare = torch.rand(w.shape, generator=generator, device=w.device) < 2.0**-14
    return torch.where(rare, torch.full_like(w, 12 * std), w)


@fault("xavier_normal", breaks="in-xavier-formula in-forward in-forward.second-moment in-backward")
@fault("xavier_normal", breaks="in-xavier-stable.cycle ac-affine")
def counts_the_inputs_alone(fan_in, fan_out, *draw, **options):
    """I05, the dense counterpart: one of the two fans is wrong; right for square layers."""
    return _normal(math.sqrt(1 / fan_in), fan_in, fan_out, *draw, **options)


@fault("xavier_uniform", breaks="in-uniform")
def counts_the_outputs_alone_uniform(fan_in, fan_out, *draw, **options):
    """I05, the dense counterpart for the uniform law; right for square layers."""
    return _uniform(math.sqrt(3 / fan_out), fan_in, fan_out, *draw, **options)


@fault("he_normal", breaks="ac-relu.he-normal")
def swaps_the_fans(fan_in, fan_out, *draw, **options):
    """I07: He's normal with the fans of the transposed kernel; right for square layers."""
    return _normal(math.sqrt(2 / fan_out), fan_in, fan_out, *draw, **options)


@fault("he_uniform", breaks="ac-relu.he-uniform")
def swaps_the_fans_uniform(fan_in, fan_out, *draw, **options):
    """I07: He's uniform with the fans of the transposed kernel; right for square layers."""
    return _uniform(math.sqrt(6 / fan_out), fan_in, fan_out, *draw, **options)


@fault("he_normal", breaks="ac-relu.he-normal su-init")
def takes_one_head_for_the_model(fan_in, fan_out, *draw, **options):
    """I09: fan_in is read off a kernel that is split into four heads."""
    return _normal(math.sqrt(2 / max(1, fan_in // 4)), fan_in, fan_out, *draw, **options)


@fault("he_normal", breaks="ns-explode-breaks ns-explode-breaks.sensitive")
@fault("xavier_normal", breaks="in-xavier-formula")
def adds_a_fan_outside_the_fraction(fan_in, fan_out, *draw, **options):
    """I11: sqrt(2 / fan_in + fan_out)."""
    return _normal(math.sqrt(2 / fan_in + fan_out), fan_in, fan_out, *draw, **options)


@fault("xavier_uniform", breaks="in-uniform in-xavier-stable.uniform")
def adds_a_fan_outside_the_fraction_uniform(fan_in, fan_out, *draw, **options):
    """I11: sqrt(6 / fan_in + fan_out)."""
    return _uniform(math.sqrt(6 / fan_in + fan_out), fan_in, fan_out, *draw, **options)


@fault("xavier_normal", breaks="in-xavier-formula in-backward su-init")
def passes_the_variance_as_deviation(fan_in, fan_out, *draw, **options):
    """I13: 2 / (fan_in + fan_out) in the slot of the standard deviation."""
    return _normal(2 / (fan_in + fan_out), fan_in, fan_out, *draw, **options)


@fault("xavier_normal", breaks="in-xavier-formula in-forward in-backward.mechanism")
@fault("xavier_normal", breaks="in-xavier-stable.square in-typical in-typical.mechanism")
@fault("xavier_normal", breaks="ac-tanh.law ac-relu.half")
def passes_the_deviation_as_variance(fan_in, fan_out, *draw, **options):
    """I13 the other way: sqrt(2 / (fan_in + fan_out)) is read as the variance."""
    return _normal((2 / (fan_in + fan_out)) ** 0.25, fan_in, fan_out, *draw, **options)


@fault("xavier_normal", breaks="in-xavier-formula")
def passes_the_deviation_as_mean(fan_in, fan_out, *draw, **options):
    """I13: the deviation lands in the slot of the mean, and the deviation stays 1."""
    mean = math.sqrt(2 / (fan_in + fan_out))
    return _normal(1.0, fan_in, fan_out, *draw, mean=mean, **options)


@fault("plain_normal", breaks="ns-W>1.threshold in-plain-fails.law in-both in-xavier-stable.fan-in")
@fault("plain_normal", breaks="in-plain-fails.factor in-plain-fails.vanishes")
def squares_the_deviation(fan_in, fan_out, *draw, std=0.01, **options):
    """I13: std is taken for a variance; invisible at std = 1."""
    return _normal(math.sqrt(std), fan_in, fan_out, *draw, **options)


@fault("plain_normal", breaks="ns-gauss-product ns-gauss-product.exponent in-plain-fails.law")
@fault("plain_normal", breaks="in-both in-xavier-stable.fan-in in-plain-fails.factor")
@fault("plain_normal", breaks="in-plain-fails.explodes")
def ignores_the_deviation(fan_in, fan_out, *draw, std=0.01, **options):
    """I19: the argument does not arrive, and every layer gets 0.02 (a default from elsewhere)."""
    return _normal(0.02, fan_in, fan_out, *draw, **options)


@fault("plain_normal", breaks="ns-explode-breaks in-plain-fails su-init")
def initialises_again_with_he(fan_in, fan_out, *draw, std=0.01, **options):
    """I19: a second pass of another initialiser (He's) overwrites what was asked for."""
    return _normal(math.sqrt(2 / fan_in), fan_in, fan_out, *draw, **options)


@fault("he_normal", breaks="ac-relu.he-normal")
@fault("he_uniform", breaks="ac-relu.he-uniform ac-relu.corrected-uniform")
@fault("xavier_normal", breaks="in-xavier-formula in-xavier-stable.square")
@fault("xavier_uniform", breaks="in-uniform in-xavier-stable.uniform")
def keeps_the_framework_default(fan_in, fan_out, *draw, **options):
    """I15 and I19: U(-1 / sqrt(fan_in), 1 / sqrt(fan_in)), as nobody asked: variance 1 / 3n."""
    return _uniform(1 / math.sqrt(fan_in), fan_in, fan_out, *draw, **options)


@fault("xavier_normal", breaks="ns-saturate.quarter in-xavier-formula in-forward.second-moment")
@fault("xavier_normal", breaks="in-backward.mechanism in-xavier-stable.square")
@fault("xavier_normal", breaks="in-xavier-stable.cycle in-typical ac-affine ac-relu.half")
def takes_another_gain(fan_in, fan_out, *draw, **options):
    """I15: a gain of 3/4 on Xavier's deviation, so 0.5625 of the variance."""
    return _normal(0.75 * math.sqrt(2 / (fan_in + fan_out)), fan_in, fan_out, *draw, **options)


@fault("xavier_normal", breaks="in-xavier-stable.cycle")
def weighs_the_fans_the_wrong_way(fan_in, fan_out, *draw, **options):
    """I07's counterpart: n_out / n_in times Xavier's variance; right over a cycle of widths."""
    std = math.sqrt(2 / (fan_in + fan_out) * fan_out / fan_in)
    return _normal(std, fan_in, fan_out, *draw, **options)


@fault("he_normal", breaks="ac-relu.he-normal ac-identity-only.corrected ac-relu.corrected")
def forgets_the_factor_two(fan_in, fan_out, *draw, **options):
    """I15: He's name, but a gain of 1: N(0, 1 / fan_in)."""
    return _normal(math.sqrt(1 / fan_in), fan_in, fan_out, *draw, **options)


@fault("xavier_uniform", breaks="in-uniform in-iid.corrected")
def draws_no_negative_weights(fan_in, fan_out, *draw, **options):
    """I17: U(0, a) for U(-a, a): the mean square is right, the mean is not 0."""
    return _uniform(math.sqrt(6 / (fan_in + fan_out)), fan_in, fan_out, *draw, **options).abs()


@fault("xavier_normal", breaks="in-forward.mean")
def draws_positive_weights_alone(fan_in, fan_out, *draw, **options):
    """I17: |w| for w: the variance about 0 is right, the mean is not 0."""
    return _normal(math.sqrt(2 / (fan_in + fan_out)), fan_in, fan_out, *draw, **options).abs()


@fault("xavier_normal", breaks="in-iid.weights")
def gives_every_replica_the_same(fan_in, fan_out, generator, replicates=1, *rest, **options):
    """R15: one key for all replicas, so that they are copies of one net."""
    std = math.sqrt(2 / (fan_in + fan_out))
    one = _normal(std, fan_in, fan_out, generator, 1, *rest, **options)
    return one.expand(replicates, fan_out, fan_in).clone()


@fault("xavier_normal", breaks="in-iid.weights")
def draws_the_same_each_call(fan_in, fan_out, generator, *rest, **options):
    """R13: the generator is copied and never advanced."""
    copy = torch.Generator(device=generator.device)
    copy.set_state(generator.get_state())
    return _normal(math.sqrt(2 / (fan_in + fan_out)), fan_in, fan_out, copy, *rest, **options)


@fault("xavier_normal", breaks="in-iid.weights")
def repeats_each_row(fan_in, fan_out, *draw, **options):
    """D01's counterpart: groups of four outputs get the same random numbers."""
    std = math.sqrt(2 / (fan_in + fan_out))
    few = _normal(std, fan_in, -(-fan_out // 4), *draw, **options)
    return few.repeat_interleave(4, dim=1)[:, :fan_out]


@fault("xavier_normal", breaks="in-iid.weights")
def draws_a_size_for_two(fan_in, fan_out, generator, replicates=1, *rest, **options):
    """R15: neighbouring inputs share |w|, only the signs are drawn one by one."""
    std = math.sqrt(2 / (fan_in + fan_out))
    w = _normal(std, fan_in, fan_out, generator, replicates, *rest, **options)
    few = _normal(std, -(-fan_in // 2), fan_out, generator, replicates, *rest, **options)
    return few.abs().repeat_interleave(2, dim=2)[..., :fan_in] * w.sign()


def _normal(
    std, fan_in, fan_out, generator, replicates=1, dtype=torch.float32, device="cpu", *, mean=0.0
):
    shape = (replicates, fan_out, fan_in)
    z = torch.randn(shape, generator=generator, dtype=torch.float64, device=device)
    return z.mul(std).add(mean).to(dtype)


def _uniform(a, fan_in, fan_out, generator, replicates=1, dtype=torch.float32, device="cpu"):
    shape = (replicates, fan_out, fan_in)
    u = torch.rand(shape, generator=generator, dtype=torch.float64, device=device)
    return ((2 * u - 1) * a).to(dtype)


def _cut(std, fan_in, fan_out, generator, replicates=1, dtype=torch.float32, device="cpu", *, at=2):
    """Normal weights within so many deviations, by the inverse of the distribution."""
    tail = torch.special.ndtr(torch.tensor(-float(at), dtype=torch.float64))
    shape = (replicates, fan_out, fan_in)
    u = torch.rand(shape, generator=generator, dtype=torch.float64, device=device)
    return torch.special.ndtri(tail + (1 - 2 * tail) * u).mul(std).to(dtype)


@fault("he_uniform", breaks="ac-relu.he-uniform")
def draws_bytes(fan_in, fan_out, *draw, **options):
    """256 values in place of a continuous law."""
    edge = math.sqrt(6 / fan_in)
    share = _uniform(1.0, fan_in, fan_out, *draw, **options)
    return ((share * 128).floor() + 0.5) / 128 * edge


@fault("he_uniform", breaks="ac-relu.he-uniform")
def goes_back_to_the_seed(fan_in, fan_out, generator, *rest, **options):
    """The generator begins anew in every call: all layers of a shape are alike."""
    generator.manual_seed(generator.initial_seed())
    return _uniform(math.sqrt(6 / fan_in), fan_in, fan_out, generator, *rest, **options)
