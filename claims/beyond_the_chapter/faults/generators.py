"""Faults of generators that are split for workers and folded with epochs and steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.primitives import keys

Uniforms = keys.Uniforms


def gives_every_child_the_parents_state(seed: int, children: int, size: int) -> Uniforms:
    """R05: workers are forked and go on from the same state."""
    return np.stack([keys.split_uniforms(seed, 1, size)[0]] * children)


def gives_neighbours_the_same_key(seed: int, children: int, size: int) -> Uniforms:
    """R15: a key is used twice, once as a key and once as what it was split from."""
    return keys.split_uniforms(seed, children, size)[np.arange(children) // 2 * 2]


def cuts_one_stream_with_overlaps(seed: int, children: int, size: int) -> Uniforms:
    """D09's counterpart: each child starts where the one before is half way through."""
    half = size // 2
    stream = keys.split_uniforms(seed, 1, half * (children + 1))[0]
    return np.stack([stream[i * half : i * half + size] for i in range(children)])


def takes_seed_zero_for_none(seed: int, children: int, size: int) -> Uniforms:
    """R09: `if seed:` reads 0 as no seed, and nothing can be repeated."""
    global _UNSEEDED
    _UNSEEDED += 1
    return keys.split_uniforms(seed or (1 << 40) + _UNSEEDED, children, size)


def splits_by_the_number_of_children(seed: int, children: int, size: int) -> Uniforms:
    """R09's counterpart: a child's stream depends on how many there are."""
    return keys.split_uniforms(seed * 1009 + children, children, size)


def folds_in_any_order(seed: int, numbers: Sequence[int], size: int) -> Uniforms:
    """R15: folding commutes: (epoch, step) and (step, epoch) give the same stream."""
    return keys.folded_uniforms(seed, sorted(numbers), size)


def ignores_what_is_folded_in(seed: int, numbers: Sequence[int], size: int) -> Uniforms:
    """R07: every epoch has the same order: the epoch never reaches the generator."""
    return keys.folded_uniforms(seed, (), size)


def adds_the_numbers_to_the_seed(seed: int, numbers: Sequence[int], size: int) -> Uniforms:
    """R15's counterpart: seed + epoch + step: epoch 1, step 0 is epoch 0, step 1."""
    return keys.folded_uniforms(seed + sum(numbers), (), size)


def folds_in_the_last_number_alone(seed: int, numbers: Sequence[int], size: int) -> Uniforms:
    """R07's counterpart: the step alone, the same in every epoch."""
    return keys.folded_uniforms(seed, numbers[-1:], size)


_UNSEEDED = 0
