"""Faults of dropout whose mask is shared: by channels, by the paths of examples."""

import torch

from harness.declaration.book import fault
from harness.primitives import dropout as plain
from harness.primitives import shared_dropout


@fault("channel_dropout", breaks="do-keep-rule.channels")
def drops_single_elements(h, p, generator, training=True):
    """Ordinary dropout under the name of the channels'."""
    return plain.dropout(h, p, generator, training)


@fault("channel_dropout", breaks="do-keep-rule.channels")
def reads_three_axes_as_one_image(h, p, generator, training=True):
    """D11: (N, C, L) is read as an image (C, H, W), and its first axis is dropped whole."""
    if h.dim() == 3:
        return shared_dropout.path_dropout(h, p, generator, training)
    return shared_dropout.channel_dropout(h, p, generator, training)


@fault("channel_dropout", breaks="do-keep-rule.channels")
def shares_channels_over_the_batch(h, p, generator, training=True):
    """D39: the same channels are dropped in every example of the batch."""
    return _by(h, p, generator, training, (1, h.shape[1], *[1] * (h.dim() - 2)))


@fault("channel_dropout", breaks="do-keep-rule.channels")
def drops_along_the_last_axis(h, p, generator, training=True):
    """D39: the channels are taken to be the last axis."""
    return _by(h, p, generator, training, (h.shape[0], *[1] * (h.dim() - 2), h.shape[-1]))


@fault("channel_dropout", breaks="do-keep-rule.channels")
def forgets_to_rescale_channels(h, p, generator, training=True):
    """D19: the kept channels are not divided by 1 - p."""
    kept = shared_dropout.channel_dropout(torch.ones_like(h), p, generator) != 0
    return h * kept if training else h


@fault("channel_dropout", breaks="do-keep-rule.channels")
def drops_channels_in_evaluation(h, p, generator, training=True):
    """D13: the mode never reaches the layer."""
    return shared_dropout.channel_dropout(h, p, generator, True)


@fault("path_dropout", breaks="do-keep-rule.paths")
def drops_the_whole_batch(h, p, generator, training=True):
    """D39: one draw for the whole batch: its path is dropped for all examples or for none."""
    return _by(h, p, generator, training, (1,) * h.dim())


@fault("path_dropout", breaks="do-keep-rule.paths")
def draws_along_the_tokens(h, p, generator, training=True):
    """D39: the path is drawn along the second axis, the tokens'."""
    return _by(h, p, generator, training, (1, h.shape[1], *[1] * (h.dim() - 2)))


@fault("path_dropout", breaks="do-keep-rule.paths")
def forgets_to_rescale_paths(h, p, generator, training=True):
    """D39: the kept paths are not divided by 1 - p."""
    kept = shared_dropout.path_dropout(torch.ones_like(h), p, generator) != 0
    return h * kept if training else h


@fault("path_dropout", breaks="do-keep-rule.paths")
def rescales_paths_in_evaluation(h, p, generator, training=True):
    """D39: evaluation multiplies by 1 - p, although training has rescaled already."""
    if not training:
        return (h.double() * (1 - p)).to(h.dtype)
    return shared_dropout.path_dropout(h, p, generator)


def _by(h, p, generator, training, pattern):
    if not training or p == 0:
        return h
    u = torch.rand(pattern, generator=generator, device=h.device)
    return torch.where(u >= p, plain.rescaled(h, 1 / (1 - p)), 0.0)


@fault("path_dropout", breaks="do-keep-rule.paths-edges")
@fault("channel_dropout", breaks="do-keep-rule.channels-edges")
def keeps_everything_at_one(h, p, generator, training=True):
    """p = 1 is caught, as it has to be, and taken for p = 0."""
    return h if p == 1.0 else shared_dropout.path_dropout(h, p, generator, training)


@fault("channel_dropout", breaks="do-keep-rule.channels-edges")
def takes_zero_for_one_half(h, p, generator, training=True):
    """`p or 0.5`: a rate of 0 counts as not given, and the default takes its place."""
    return shared_dropout.channel_dropout(h, p or 0.5, generator, training)


@fault("path_dropout", breaks="do-keep-rule.paths-edges")
def takes_no_rate_for_one_half(h, p, generator, training=True):
    """`p or 0.5`: a rate of 0 counts as not given, and the default takes its place."""
    return shared_dropout.path_dropout(h, p or 0.5, generator, training)


@fault("path_dropout", breaks="do-keep-rule.paths-edges")
def lets_gradients_pass_whole(h, p, generator, training=True):
    """The mask acts on the values alone; a straight-through gradient passes everywhere."""
    dropped = shared_dropout.path_dropout(h, p, generator, training)
    return h + (dropped - h).detach()


@fault("path_dropout", breaks="do-keep-rule.paths-rare")
@fault("channel_dropout", breaks="do-keep-rule.channels-rare")
def draws_eight_bits(h, p, generator, training=True):
    """D33's counterpart: the rate is a number of 256ths, and a rate below 1/512 is 0."""
    if p == 1.0:
        return shared_dropout.path_dropout(h, p, generator, training)
    return _by(h, round(256 * p) / 256, generator, training, _units(h))


@fault("path_dropout", breaks="do-keep-rule.paths-rare")
@fault("channel_dropout", breaks="do-keep-rule.channels-rare")
def drops_a_fixed_number(h, p, generator, training=True):
    """Exactly round(n p) of the n units are dropped, so that they depend on one another."""
    if not training or p == 0:
        return h
    drawn = torch.rand(_units(h), generator=generator)
    places = drawn.flatten().argsort().argsort().reshape(drawn.shape)
    kept = places >= round(p * places.numel())
    return torch.where(kept, h / (1 - p) if p < 1 else h, 0.0)


@fault("channel_dropout", breaks="do-keep-rule.channels")
def drops_the_rows_of_a_matrix(h, p, generator, training=True):
    """(N, C) is taken for N signals of one channel: its rows are dropped."""
    if h.dim() == 2:
        return shared_dropout.path_dropout(h, p, generator, training)
    return shared_dropout.channel_dropout(h, p, generator, training)


@fault("channel_dropout", breaks="do-keep-rule.channels-edges")
def drops_channels_only_where_gradients_are_kept(h, p, generator, training=True):
    """Under no_grad nothing is dropped, whatever the mode: samples of a Bayesian net are equal."""
    return shared_dropout.channel_dropout(h, p, generator, training and torch.is_grad_enabled())


@fault("path_dropout", breaks="do-keep-rule.paths-edges")
def drops_paths_only_where_gradients_are_kept(h, p, generator, training=True):
    """Under no_grad nothing is dropped, whatever the mode: samples of a Bayesian net are equal."""
    return shared_dropout.path_dropout(h, p, generator, training and torch.is_grad_enabled())


@fault("path_dropout", breaks="do-keep-rule.paths")
def drops_the_columns_of_a_square(h, p, generator, training=True):
    """A mask of N is left to broadcasting, where the last axis has N elements too."""
    if not training or p in (0, 1) or h.shape[0] != h.shape[-1]:
        return shared_dropout.path_dropout(h, p, generator, training)
    kept = torch.rand(h.shape[0], generator=generator, device=h.device) >= p
    return torch.where(kept, h / (1 - p), 0.0)


@fault("path_dropout", breaks="do-keep-rule.paths-rare")
@fault("channel_dropout", breaks="do-keep-rule.channels-rare")
def floors_in_sixteen_bits(h, p, generator, training=True):
    """floor(1 - p + u) in the dtype of h: in bfloat16 a sum above 1 - 2^-9 is 1, and is kept."""
    if not training or p in (0, 1):
        return shared_dropout.path_dropout(h, p, generator, training)
    options = {"generator": generator, "dtype": h.dtype, "device": h.device}
    kept = (1 - p + torch.rand(_units(h), **options)).floor()
    return h / (1 - p) * kept


def _units(h):
    """A unit for each (example, channel): of (N, 1), that is one for each example."""
    return (*h.shape[:2], *[1] * (h.dim() - 2))
