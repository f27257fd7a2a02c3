"""Faults of normalisation: where eps stands, what is rounded, what is remembered."""

import torch

from harness.declaration.book import fault
from harness.primitives.normalization import batch_norm, layer_norm, rms_norm


@fault("rms_norm", breaks="tl-norm.rms")
def adds_eps_to_the_root(x, gain, eps):
    """x / (rms + eps): where x is small, eps hardly counts."""
    root = x.square().mean(dim=-1, keepdim=True).sqrt()
    return gain * x / (root + eps)


@fault("rms_norm", breaks="tl-norm.rms")
def computes_in_sixteen_bits(x, gain, eps):
    """Squares are taken, added and rooted in the input's own dtype."""
    total = torch.zeros_like(x[..., :1])
    for part in x.split(1, dim=-1):
        total = total + part * part
    return x * torch.rsqrt(total / x.shape[-1] + eps) * gain


@fault("rms_norm", breaks="tl-norm.rms")
def subtracts_the_mean(x, gain, eps):
    """Layer norm under the name of RMS norm."""
    return layer_norm(x, gain, torch.zeros_like(gain), eps)


@fault("rms_norm", breaks="tl-norm.rms")
def takes_gain_for_one_plus_gain(x, gain, eps):
    """Gains are stored as 1 + gain in some models, and are loaded into others."""
    return rms_norm(x, gain + 1, eps)


@fault("rms_norm", breaks="tl-norm.rms")
def fixes_eps(x, gain, eps):
    """eps is the class's default, whatever the configuration says."""
    return rms_norm(x, gain, 1e-8)


@fault("layer_norm", breaks="tl-norm.layer")
def divides_by_one_less(x, gain, bias, eps):
    """torch.var's default divides by d - 1."""
    wide = x.double()
    centred = wide - wide.mean(dim=-1, keepdim=True)
    scale = (wide.var(dim=-1, keepdim=True) + eps).rsqrt()
    return (centred * scale * gain + bias).to(x.dtype)


@fault("layer_norm", breaks="tl-norm.layer")
def adds_eps_to_the_deviation(x, gain, bias, eps):
    """(x - mean) / (std + eps), as in a well-known annotated transformer."""
    wide = x.double()
    centred = wide - wide.mean(dim=-1, keepdim=True)
    deviation = centred.square().mean(dim=-1, keepdim=True).sqrt()
    return (centred / (deviation + eps) * gain + bias).to(x.dtype)


@fault("layer_norm", breaks="tl-norm.layer")
def forgets_the_bias(x, gain, bias, eps):
    """The fused kernel has no bias."""
    return layer_norm(x, gain, torch.zeros_like(bias), eps)


@fault("layer_norm", breaks="tl-norm.layer")
def subtracts_squares(x, gain, bias, eps):
    """mean(x^2) - mean(x)^2 in 16 bits: a mean away from 0 cancels the variance."""
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x * x).mean(dim=-1, keepdim=True) - mean * mean
    return (x - mean) * torch.rsqrt(variance.clamp(min=0) + eps) * gain + bias


@fault("batch_norm", breaks="tl-norm.batch")
def remembers_the_biased_variance(x, gain, bias, running, eps, momentum=0.1, training=True):
    """The running variance divides by n."""
    y, (mean, var) = batch_norm(x, gain, bias, running, eps, momentum, training)
    if training:
        var = var - momentum * x.var(dim=0) / len(x)
    return y, (mean, var)


@fault("batch_norm", breaks="tl-norm.batch")
def reads_momentum_the_other_way(x, gain, bias, running, eps, momentum=0.1, training=True):
    """momentum is what is kept, as in Keras, where it was what is new, as in torch."""
    return batch_norm(x, gain, bias, running, eps, 1 - momentum, training)


@fault("batch_norm", breaks="tl-norm.batch")
def moves_twice(x, gain, bias, running, eps, momentum=0.1, training=True):
    """Checkpointing runs the layer again in the backward pass, which moves the averages again."""
    _, running = batch_norm(x, gain, bias, running, eps, momentum, training)
    y, again = batch_norm(x, gain, bias, running, eps, momentum, training)
    return y, again


@fault("batch_norm", breaks="tl-norm.batch")
def moves_at_test_time(x, gain, bias, running, eps, momentum=0.1, training=True):
    """E01: the averages follow the test data."""
    y, kept = batch_norm(x, gain, bias, running, eps, momentum, training)
    return y, kept if training else batch_norm(x, gain, bias, running, eps, momentum)[1]


@fault("batch_norm", breaks="tl-norm.batch")
def normalises_with_the_unbiased_variance(x, gain, bias, running, eps, momentum=0.1, training=True):
    """The batch itself is divided by the deviation over n - 1."""
    y, moved = batch_norm(x, gain, bias, running, eps, momentum, training)
    if not training:
        return y, moved
    return gain * (x - x.mean(dim=0)) * (x.var(dim=0) + eps).rsqrt() + bias, moved


@fault("batch_norm", breaks="tl-norm.batch")
def uses_the_batch_at_test_time(x, gain, bias, running, eps, momentum=0.1, training=True):
    """Nobody calls eval(): the test batch is normalised by itself."""
    y, moved = batch_norm(x, gain, bias, running, eps, momentum)
    return y, moved if training or running is None else running


@fault("batch_norm", breaks="tl-norm.batch")
def starts_from_the_first_batch(x, gain, bias, running, eps, momentum=0.1, training=True):
    """The first batch's statistics are remembered whole, as if there had been many of it."""
    first = 1.0 if running is None else momentum
    return batch_norm(x, gain, bias, running, eps, first, training)


@fault("rms_norm", breaks="tl-norm.rms-edges")
def passes_no_gradient_through_the_root(x, gain, eps):
    """The root is taken without gradients, as a constant of the row."""
    root = (x.square().mean(dim=-1, keepdim=True) + eps).sqrt()
    return gain * x / root.detach()


@fault("rms_norm", breaks="tl-norm.rms-edges")
def norms_all_but_the_first_axis(x, gain, eps):
    """Of three axes and more the mean is over all but the first."""
    axes = tuple(range(1, x.dim())) if x.dim() > 2 else (-1,)
    return gain * x / (x.square().mean(dim=axes, keepdim=True) + eps).sqrt()


@fault("layer_norm", breaks="tl-norm.layer-edges")
def norms_the_last_two_axes(x, gain, bias, eps):
    """Of three axes and more the statistics are over the last two."""
    axes = (-2, -1) if x.dim() > 2 else (-1,)
    return _centred(x, axes, eps) * gain + bias


@fault("layer_norm", breaks="tl-norm.layer-edges")
def passes_no_gradient_through_the_mean(x, gain, bias, eps):
    """The mean is taken without gradients."""
    difference = x - x.mean(dim=-1, keepdim=True).detach()
    return difference / (difference.square().mean(dim=-1, keepdim=True) + eps).sqrt() * gain + bias


@fault("layer_norm", breaks="tl-norm.layer-edges")
def squares_before_it_centres(x, gain, bias, eps):
    """The variance is the mean square less the squared mean: far from 0 it has no digits."""
    mean = x.mean(dim=-1, keepdim=True)
    var = (x.square().mean(dim=-1, keepdim=True) - mean.square()).clamp_min(0)
    return (x - mean) / (var + eps).sqrt() * gain + bias


@fault("batch_norm", breaks="tl-norm.batch-edges")
def takes_the_statistics_for_constants(x, gain, bias, running, eps, momentum=0.1, training=True):
    """Mean and variance of the batch pass no gradient."""
    _, moved = batch_norm(x, gain, bias, running, eps, momentum, training)
    mean, var = (x.mean(dim=0), x.var(dim=0, unbiased=False)) if training else moved
    return (x - mean.detach()) / (var.detach() + eps).sqrt() * gain + bias, moved


@fault("batch_norm", breaks="tl-norm.batch-edges")
def remembers_something_always(x, gain, bias, running, eps, momentum=0.1, training=True):
    """A momentum above 0.9 is 0.9."""
    return batch_norm(x, gain, bias, running, eps, min(momentum, 0.9), training)


@fault("batch_norm", breaks="tl-norm.batch-edges")
def keeps_the_variance_from_vanishing(x, gain, bias, running, eps, momentum=0.1, training=True):
    """The running variance is 0.01 at least."""
    y, (mean, var) = batch_norm(x, gain, bias, running, eps, momentum, training)
    return y, (mean, var.clamp_min(0.01))


@fault("rms_norm", breaks="tl-norm.rms")
def takes_no_eps_for_the_usual_one(x, gain, eps):
    """`eps or 1e-6`: 0 is read as nothing given."""
    return rms_norm(x, gain, eps or 1e-6)


@fault("rms_norm", breaks="tl-norm.rms")
def reads_rows_where_they_would_lie(x, gain, eps):
    """A kernel that takes the last axis for the densest: a transposed x has others' squares."""
    lying = x.as_strided(x.shape, torch.empty(x.shape, device="meta").stride())
    ratio = rms_norm(lying, torch.ones_like(gain), eps) / lying
    return x * ratio * gain


def _centred(x, axes, eps):
    difference = x - x.mean(dim=axes, keepdim=True)
    return difference / (difference.square().mean(dim=axes, keepdim=True) + eps).sqrt()
