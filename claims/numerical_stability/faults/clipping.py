"""Faults of gradient clipping, each from the description of row L07 of the catalogue of bugs."""

import math

import torch
from torch import Tensor

from harness.declaration.book import fault
from harness.primitives import clipping


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip")
def adds_the_norms(grads, max_norm):
    """L07: the norms of the shards are added, not their squares; right for one shard."""
    norm = torch.stack([_norm(g) for g in grads]).sum(dim=0)
    return _scaled(grads, max_norm, norm), norm


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip")
def multiplies_by_the_root_of_the_shards(grads, max_norm):
    """L07: every shard is counted as if it were as large as all of them on average."""
    norm = torch.stack([_norm(g) for g in grads]).sum(dim=0) / math.sqrt(len(grads))
    return _scaled(grads, max_norm, norm), norm


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip")
def takes_the_largest(grads, max_norm):
    """L07: the largest shard's norm stands for all (the infinity norm's rule)."""
    norm = torch.stack([_norm(g) for g in grads]).amax(dim=0)
    return _scaled(grads, max_norm, norm), norm


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip")
def clips_each_shard_alone(grads, max_norm):
    """L07: the norm is right, but every shard is scaled by its own, so that the direction turns."""
    norm = _whole(grads)
    return [_scaled([g], max_norm, _norm(g))[0] for g in grads], norm


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip")
def returns_the_clipped_norm(grads, max_norm):
    """L07: what is reported is the norm after clipping, min(norm, max_norm)."""
    norm = _whole(grads)
    return _scaled(grads, max_norm, norm), norm.clamp(max=max_norm)


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip")
def shares_one_norm_over_the_replicas(grads, max_norm):
    """L07: gradients of all replicas are concatenated before the norm is taken."""
    norm = torch.stack([g.square().sum() for g in grads]).sum().sqrt().expand(len(grads[0]))
    return _scaled(grads, max_norm, norm), norm


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip-edges")
def divides_by_a_norm_of_zero(grads, max_norm):
    """A replica without a gradient becomes 0 / 0."""
    norm = _whole(grads)
    factor = torch.where(norm == 0, torch.nan, (max_norm / norm).clamp(max=1))
    return _times(grads, factor), norm


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip-edges")
def turns_divergence_into_zeros(grads, max_norm):
    """An infinite norm gives the factor 0, and what is not finite is set to 0."""
    norm = _whole(grads)
    factor = (max_norm / norm.nan_to_num(torch.inf)).clamp(max=1)
    return [g.nan_to_num(0.0, 0.0, 0.0) for g in _times(grads, factor)], norm


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip-half")
def squares_in_sixteen_bits(grads, max_norm):
    """The squares are summed in the dtype of the gradients, which overflows at 65504."""
    norm = torch.stack([g.square().flatten(1).sum(dim=1) for g in grads]).sum(dim=0).sqrt()
    return _times(grads, (max_norm / norm).clamp(max=1)), norm


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip")
def sums_numbers_over_the_replicas(grads, max_norm):
    """A parameter that is one number has no axis to sum over: the replicas' are added up."""
    squares = [g.square().sum(dim=tuple(range(1, g.dim()))) for g in grads]
    norm = torch.stack([s.expand(len(grads[0])) for s in squares]).sum(dim=0).sqrt()
    return _scaled(grads, max_norm, norm), norm


def _whole(grads):
    squares = [g.double().square().flatten(1).sum(dim=1) for g in grads]
    return torch.stack(squares).sum(dim=0).sqrt()


def _times(grads, factor):
    return [(g * factor.reshape(-1, *[1] * (g.dim() - 1))).to(g.dtype) for g in grads]


def _norm(g):
    total: Tensor = g.square().flatten(1).sum(dim=1).sqrt()
    return total


def _scaled(grads, max_norm, norm):
    return _times(grads, torch.where(norm <= max_norm, torch.ones_like(norm), max_norm / norm))


@fault("clip_gradient_norm", breaks="ns-explode-breaks.clip ns-explode-breaks.clip-edges")
def lengthens_short_gradients(grads, max_norm):
    """Every gradient is given the norm, those below it too."""
    _, norm = clipping.clip_gradient_norm(grads, max_norm)
    factor = torch.where(norm > 0, max_norm / norm, 1.0)
    return [(g * factor.reshape(-1, *[1] * (g.dim() - 1))).to(g.dtype) for g in grads], norm
