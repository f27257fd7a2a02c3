"""Faults of dropout, each from the description of a row of the catalogue of shipped bugs.

A fault that lives across calls derives its memory from the generator, or forgets it when the
generator is fresh, so that a block that is measured again goes wrong in the same way.
"""

import math
from typing import cast

import torch
from torch import Tensor

from harness.declaration.book import fault


def in_training(drops):
    """The layer that drops by `drops` in training, and in evaluation and at p = 0 not at all."""

    def call(h, p, generator, training=True):
        return h if not training or p == 0 else drops(h, p, generator)

    call.__doc__ = drops.__doc__
    return call


@fault("dropout", breaks="do-unbiased do-unbiased.variance do-printed do-layer-expectation")
@fault("dropout", breaks="do-subnetwork do-eval-equals-mean do-layer-expectation.weights")
def forgets_to_rescale(h, p, generator, training=True):
    """D19: the kept values are not divided by 1 - p."""
    return h if not training else h * _keep(h, p, generator)


@fault("dropout", breaks="do-is-tikhonov.corrected do-unbiased do-layer-expectation")
def rescales_by_the_wrong_probability(h, p, generator, training=True):
    """D25: the kept values are divided by p; invisible at one half."""
    return h if not training or p == 0 else h * _keep(h, p, generator) / p


@fault("dropout", breaks="do-is-tikhonov.corrected do-unbiased.variance do-keep-rule")
@fault("dropout", breaks="do-grad-vanish.rate")
def takes_p_for_the_keep_rate(h, p, generator, training=True):
    """p is read as the probability to keep; invisible at one half."""
    return h if not training or p == 0 else h * _keep(h, 1 - p, generator) / p


@fault("dropout", breaks="do-unbiased do-keep-rule do-keep-rule.extremes")
@in_training
def drops_on_eight_random_bits(h, p, generator):
    """D15: keep where 8 random bits <= floor(255 (1 - p)), but rescale by 1 / (1 - p)."""
    bits = torch.randint(0, 256, h.shape, generator=generator, device=h.device)
    return _kept(h, p, bits <= math.floor(255 * (1 - p)))


@fault("dropout", breaks="do-keep-rule do-keep-rule.extremes")
@in_training
def draws_the_mask_in_the_input_dtype(h, p, generator):
    """D23: the uniforms have h's own dtype, which is coarse in 16 bits."""
    return _kept(h, p, torch.floor((1 - p) + _uniform(h, generator, h.dtype)).bool())


@fault("dropout", breaks="do-keep-rule do-keep-rule.edges do-printed")
def draws_normal_numbers(h, p, generator, training=True):
    """D27: randn for rand, so that the keep rate is Phi(1 - p)."""
    if not training:
        return h
    keep = torch.randn(h.shape, generator=generator, device=h.device) < 1 - p
    return _kept(h, p, keep)


@fault("dropout", breaks="do-keep-rule.edges")
def keeps_where_u_is_above_p_on_a_coarse_lattice(h, p, generator, training=True):
    """D21: u > p with u in h's dtype, so that u = 0 drops a unit at p = 0."""
    if not training:
        return h
    u = _uniform(h, generator, h.dtype)
    return _kept(h, p, u > p)


@fault("dropout", breaks="do-keep-rule.edges do-printed")
def divides_zero_by_zero_at_one(h, p, generator, training=True):
    """At p = 1 the mask keeps one unit in a thousand and the scale is guarded by a small number."""
    if not training:
        return h
    u = torch.rand(h.shape, generator=generator, device=h.device)
    return h * (u >= min(p, 0.999)) / max(1 - p, 1e-3)


@fault("dropout", breaks="do-unbiased do-eval-equals-mean")
def rescales_as_if_p_were_one_half(h, p, generator, training=True):
    """D25: the kept values are doubled whatever p is; invisible at one half."""
    return h if not training or p == 0 else h * _keep(h, p, generator) * 2


@fault("dropout", breaks="do-unbiased do-printed")
def rescales_twice(h, p, generator, training=True):
    """D25: the kept values are divided by (1 - p)^2."""
    return h if not training or p == 0 else _dropped(_rescaled(h, p), p, generator)


@fault("dropout", breaks="do-keep-rule.independent")
@in_training
def repeats_its_mask_in_groups_of_four_when_transposed(h, p, generator):
    """D01: four neighbours along the longest axis share a mask, though not in contiguous memory."""
    u = _uniform(h, generator)
    if not h.is_contiguous():
        axis = max(range(h.dim()), key=lambda i: h.shape[i])
        groups = torch.arange(h.shape[axis], device=h.device) // 4 * 4
        u = u.index_select(axis, groups)
    return _kept(h, p, u >= p)


@fault("dropout", breaks="do-grad-vanish")
@in_training
def draws_its_mask_again_in_the_backward_pass(h, p, generator):
    """D03: the recomputation of a checkpoint does not restore the state of the generator."""

    class Recomputed(torch.autograd.Function):
        @staticmethod
        def forward(ctx, values):
            return values * _keep(values, p, generator) * _scale(p)

        @staticmethod
        def backward(ctx, *gradients):
            return gradients[0] * _keep(gradients[0], p, generator) * _scale(p)

    return cast(Tensor, Recomputed.apply(h))


@fault("dropout", breaks="do-keep-rule")
def is_not_applied_between_layers(h, p, generator, training=True):
    """D05: sequences (three axes) pass through unchanged, without a word."""
    return _dropped(h, p, generator, training and h.dim() != 3)


@fault("dropout", breaks="do-eval")
def keeps_the_graph_of_the_first_mode(h, p, generator, training=True):
    """D05: what was compiled in the mode of the first call answers in the other mode too."""
    _, mode = _first_call(generator, training)
    return _dropped(h, p, generator, mode)


@fault("dropout", breaks="do-keep-rule.independent")
@in_training
def repeats_its_first_mask(h, p, generator):
    """D07: from the second call on the mask of the first is used again."""
    again = torch.Generator(h.device).manual_seed(generator.initial_seed())
    _uniform(h, generator)
    return _dropped(h, p, again)


@fault("dropout", breaks="do-grad-vanish")
@in_training
def forgets_its_mask_after_the_first_backward_pass(h, p, generator):
    """D07: from the second step on the backward pass reads a mask that drops everything."""
    first, _ = _first_call(generator, True)
    dropped = _dropped(h, p, generator)
    return dropped if first else dropped.detach() + 0 * h


@fault("dropout", breaks="do-keep-rule.calls")
@in_training
def overlaps_the_next_call(h, p, generator):
    """D09: the generator is advanced by nine numbers less than were used, in rows of odd length."""
    state = generator.get_state()
    keep = _keep(h, p, generator)
    if h.numel() % 2:
        generator.set_state(state)
        torch.rand(max(0, h.numel() - 9), generator=generator, device=h.device)
    return _kept(h, p, keep)


@fault("dropout", breaks="do-keep-rule.independent do-layer-expectation.weights-apart")
@in_training
def drops_whole_channels_of_three_axes(h, p, generator):
    """D11: an input of three axes is taken for (C, H, W), and its channels are dropped whole."""
    u = _uniform(h, generator)
    if h.dim() == 3:
        u = u[:, :1, :1].expand_as(u)
    return _kept(h, p, u >= p)


@fault("dropout", breaks="do-eval")
def ignores_the_mode(h, p, generator, training=True):
    """D13: `training` never reaches the layer, so that evaluation drops too."""
    return _dropped(h, p, generator)


@fault("dropout", breaks="do-keep-rule.replay do-after-act")
def seeds_by_the_address_of_the_seed(h, p, generator, training=True):
    """D17: the seed is where the generator lies in memory, not what it holds."""
    address = torch.Generator(h.device).manual_seed(id(generator) % (1 << 62))
    return _dropped(h, p, address, training)


@fault("dropout", breaks="do-unbiased")
@in_training
def rescales_in_the_backward_pass_only(h, p, generator):
    """D19: the forward pass of one backend lacks 1 / (1 - p), its backward pass has it."""
    keep = _keep(h, p, generator)
    exact = h * keep * _scale(p)
    return exact + (h * keep - exact).detach()


@fault("dropout", breaks="do-keep-rule.independent")
def folds_the_seed_into_the_graph(h, p, generator, training=True):
    """D29: the seed is a constant of the compiled graph: every call draws the same mask."""
    return _dropped(h, p, torch.Generator(h.device).manual_seed(0), training)


@fault("dropout", breaks="do-keep-rule.independent")
@in_training
def seeds_every_replica_alike(h, p, generator):
    """D31: each replica counts its calls from the same seed, so that replicas share their masks."""
    first, _ = _first_call(generator, True)
    _CALLS[generator.initial_seed()] = 0 if first else _CALLS[generator.initial_seed()] + 1
    alike = torch.Generator(h.device).manual_seed(_CALLS[generator.initial_seed()])
    return _dropped(h, p, alike)


@fault("dropout", breaks="do-grad-vanish")
@in_training
def infers_its_mask_from_the_output(h, p, generator):
    """D33: the backward pass takes an output of 0 for a dropped unit; wrong where h is 0."""
    dropped = _dropped(h, p, generator).detach()
    kept = (dropped != 0).to(h.dtype)
    mirror = h * kept * _scale(p)
    return dropped + (mirror - mirror.detach())


@fault("dropout", breaks="do-unbiased do-unbiased.variance")
@in_training
def multiplies_by_gaussian_noise(h, p, generator):
    """D35: noise N(1, sigma^2) with sigma = p / (1 - p), for its root; right at one half."""
    z = torch.randn(h.shape, generator=generator, device=h.device)
    return h * (1 + p * _scale(p) * z).to(h.dtype)


@fault("dropout", breaks="do-is-tikhonov.corrected do-unbiased do-subnetwork do-after-act")
@in_training
def adds_gaussian_noise(h, p, generator):
    """D35: the noise is added, and does not scale with the input."""
    z = torch.randn(h.shape, generator=generator, device=h.device)
    return h + (math.sqrt(p * _scale(p)) * z).to(h.dtype)


@fault("dropout", breaks="do-unbiased do-keep-rule do-printed.count do-layer-expectation.jensen")
@fault("dropout", breaks="do-mc do-controls do-raises-train.mode")
def takes_p_for_an_integer(h, p, generator, training=True):
    """D37: p is cast to a whole number, so that nothing is dropped below 1."""
    return h if not training or int(p) == 0 else torch.zeros_like(h)


@fault("dropout", breaks="do-unbiased do-keep-rule do-printed.count")
def drops_everything(h, p, generator, training=True):
    """D37: the mask was never generated and holds zeros."""
    return h if not training or p == 0 else torch.zeros_like(h)


@fault("dropout", breaks="do-keep-rule.independent do-grad-vanish.rate")
@in_training
def shares_its_mask_over_the_batch(h, p, generator):
    """D39: one mask for the whole batch."""
    return _kept(h, p, _uniform(h, generator)[:1].expand(h.shape) >= p)


@fault("dropout", breaks="do-is-tikhonov.corrected do-keep-rule.independent")
@in_training
def shares_its_mask_over_the_features(h, p, generator):
    """D39: one draw for each row: the last axis is dropped whole."""
    return _kept(h, p, _uniform(h, generator)[..., :1].expand(h.shape) >= p)


@fault("dropout", breaks="do-eval")
def rescales_again_in_evaluation(h, p, generator, training=True):
    """D39: evaluation multiplies by 1 - p, although training has rescaled already."""
    if not training:
        return (h.double() * (1 - p)).to(h.dtype)
    return _dropped(h, p, generator)


@fault("dropout", breaks="do-eval.gradient")
def stops_the_gradient_in_evaluation(h, p, generator, training=True):
    """The backward pass knows the mask of training alone: in evaluation it passes nothing on."""
    return _dropped(h, p, generator) if training else h.detach() + 0 * h


@fault("dropout", breaks="do-eval")
def stays_in_evaluation(h, p, generator, training=True):
    """E01: after the first evaluation the layer is never put back into training."""
    first, _ = _first_call(generator, training)
    seed = generator.initial_seed()
    _EVALUATED[seed] = not training or (not first and _EVALUATED[seed])
    return _dropped(h, p, generator, not _EVALUATED[seed])


_MODES: dict[int, bool] = {}
_CALLS: dict[int, int] = {}
_EVALUATED: dict[int, bool] = {}


def _first_call(generator, training):
    """Whether this is the generator's first call here, and the mode of that first call.

    The generator is advanced by a number, so that it is not fresh at the next call.
    """
    seed = generator.initial_seed()
    fresh = torch.Generator(generator.device).manual_seed(seed)
    first = torch.equal(fresh.get_state(), generator.get_state())
    if first:
        _MODES[seed] = training
    torch.rand(1, generator=generator, device=generator.device)
    return first, _MODES[seed]


def _dropped(h, p, generator, training=True):
    """Dropout as it should be, with the mask that `generator` draws."""
    return h if not training or p == 0 else _kept(h, p, _keep(h, p, generator))


def _kept(h, p, mask):
    return torch.where(mask, _rescaled(h, p), torch.zeros_like(h))


def _uniform(h, generator, dtype=torch.float32):
    return torch.rand(h.shape, generator=generator, dtype=dtype, device=h.device)


def _scale(p):
    return 1 / (1 - p) if p < 1 else 0.0


def _keep(h, p, generator):
    return _uniform(h, generator) >= p


def _rescaled(h, p):
    return (h.double() / (1 - p)).to(h.dtype) if p < 1 else torch.zeros_like(h)
