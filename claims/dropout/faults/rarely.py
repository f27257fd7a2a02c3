"""Faults that few calls or few settings show: what a sweep and the edges are for."""

import torch

from harness.declaration.book import fault
from harness.primitives import dropout as right

STATES = 64  # one in so many generator states


@fault("dropout", breaks="do-unbiased do-keep-rule")
def drops_everything_in_some_states(h, p, generator, training=True):
    """One generator state in 64 keeps nothing."""
    if training and p > 0 and generator.initial_seed() % STATES == 0:
        return h * 0
    return right.dropout(h, p, generator, training)


@fault("dropout", breaks="do-unbiased")
def forgets_to_rescale_at_some_settings(h, p, generator, training=True):
    """One drop probability in 16, by its third digit, is not divided out."""
    dropped = right.dropout(h, p, generator, training)
    return dropped * (1 - p) if training and round(1000 * p) % 16 == 7 else dropped


@fault("dropout", breaks="do-keep-rule.infinite")
def multiplies_by_zero_at_one(h, p, generator, training=True):
    """At p = 1 everything is multiplied by 0, which makes NaN of infinity."""
    if training and p == 1:
        return h * torch.zeros_like(h)
    return right.dropout(h, p, generator, training)
