"""Faults of generators that are split for workers and folded with epochs and steps."""

import numpy as np

from harness.declaration.book import fault
from harness.primitives import keys

Uniforms = keys.Uniforms


@fault("split_uniforms", breaks="mb.split")
def gives_every_child_the_parents_state(seed, children, size):
    """R05: workers are forked and go on from the same state."""
    return np.stack([keys.split_uniforms(seed, 1, size)[0]] * children)


@fault("split_uniforms", breaks="mb.split")
def gives_neighbours_the_same_key(seed, children, size):
    """R15: a key is used twice, once as a key and once as what it was split from."""
    return keys.split_uniforms(seed, children, size)[np.arange(children) // 2 * 2]


@fault("split_uniforms", breaks="mb.split")
def cuts_one_stream_with_overlaps(seed, children, size):
    """D09's counterpart: each child starts where the one before is half way through."""
    half = size // 2
    stream = keys.split_uniforms(seed, 1, half * (children + 1))[0]
    return np.stack([stream[i * half : i * half + size] for i in range(children)])


@fault("split_uniforms", breaks="mb.split")
def takes_seed_zero_for_none(seed, children, size):
    """R09: `if seed:` reads 0 as no seed, and nothing can be repeated."""
    global _UNSEEDED
    _UNSEEDED += 1
    return keys.split_uniforms(seed or (1 << 40) + _UNSEEDED, children, size)


@fault("split_uniforms", breaks="mb.split")
def splits_by_the_number_of_children(seed, children, size):
    """R09's counterpart: a child's stream depends on how many there are."""
    return keys.split_uniforms(seed * 1009 + children, children, size)


@fault("split_uniforms", breaks="mb.split")
def adds_the_worker_to_the_seed(seed, children, size):
    """seed + worker: the second worker of one seed is the first of the next."""
    return np.stack([keys.split_uniforms(seed + i, 1, size)[0] for i in range(children)])


@fault("folded_uniforms", breaks="mb.fold-in")
def folds_in_any_order(seed, numbers, size):
    """R15: folding commutes: (epoch, step) and (step, epoch) give the same stream."""
    return keys.folded_uniforms(seed, sorted(numbers), size)


@fault("folded_uniforms", breaks="mb.fold-in")
def ignores_what_is_folded_in(seed, numbers, size):
    """R07: every epoch has the same order: the epoch never reaches the generator."""
    return keys.folded_uniforms(seed, (), size)


@fault("folded_uniforms", breaks="mb.fold-in")
def adds_the_numbers_to_the_seed(seed, numbers, size):
    """R15's counterpart: seed + epoch + step: epoch 1, step 0 is epoch 0, step 1."""
    return keys.folded_uniforms(seed + sum(numbers), (), size)


@fault("folded_uniforms", breaks="mb.fold-in")
def folds_in_the_last_number_alone(seed, numbers, size):
    """R07's counterpart: the step alone, the same in every epoch."""
    return keys.folded_uniforms(seed, numbers[-1:], size)


_UNSEEDED = 0


@fault("folded_uniforms", breaks="mb.fold-in.apart")
def counts_in_thousands(seed, numbers, size):
    """key = 1000 key + number: step 1000 of an epoch is step 0 of the next."""
    key = 0
    for number in numbers:
        key = 1000 * key + number
    return keys.folded_uniforms(seed, [key], size)


@fault("folded_uniforms", breaks="mb.fold-in.apart")
def writes_the_numbers_side_by_side(seed, numbers, size):
    """The digits are put into one number: (1, 23) is (12, 3)."""
    return keys.folded_uniforms(seed, [int("".join(map(str, numbers)) or 0)], size)


@fault("folded_uniforms", breaks="mb.fold-in.apart")
def keeps_sixteen_bits(seed, numbers, size):
    """Numbers are cut to 16 bits: step 65,537 is step 1."""
    return keys.folded_uniforms(seed, [number % (1 << 16) for number in numbers], size)


@fault("folded_uniforms", breaks="mb.fold-in.apart")
def pads_with_zeros(seed, numbers, size):
    """NumPy's SeedSequence([seed, 1]) is SeedSequence([seed, 1, 0]): a short list is padded."""
    return np.random.default_rng([seed, *numbers]).random(size)


@fault("folded_uniforms", breaks="mb.fold-in.apart")
def folds_two_numbers_at_most(seed, numbers, size):
    """(epoch, step) are folded in; what comes after them is not."""
    return keys.folded_uniforms(seed, numbers[:2], size)


@fault("split_uniforms", breaks="mb.split.apart")
def keeps_sixteen_bits_of_the_seed(seed, children, size):
    """Seeds are cut to 16 bits."""
    return keys.split_uniforms(seed % (1 << 16), children, size)


@fault("split_uniforms", breaks="mb.split.apart")
def multiplies_the_seed(seed, children, size):
    """31 seed + worker: the 32nd worker of one seed is the first of the next."""
    return np.stack([keys.folded_uniforms(31 * seed + i, [], size) for i in range(children)])


@fault("split_uniforms", breaks="mb.split")
def squares_its_uniforms(seed, children, size):
    """Numbers in [0, 1), and not uniform ones."""
    return keys.split_uniforms(seed, children, size) ** 2


@fault("folded_uniforms", breaks="mb.fold-in")
def draws_from_the_lower_half(seed, numbers, size):
    """A bit is lost, and no number reaches one half."""
    return keys.folded_uniforms(seed, numbers, size) / 2


@fault("folded_uniforms", breaks="mb.fold-in.apart")
def forgets_the_high_bits_of_the_seed(seed, numbers, size):
    """Seeds are cut to 16 bits."""
    return keys.folded_uniforms(seed % (1 << 16), numbers, size)


@fault("folded_uniforms", breaks="mb.fold-in mb.fold-in.apart")
def draws_anew_at_every_call(seed, numbers, size):
    """The stream goes on from where the last call left it."""
    global _UNSEEDED
    _UNSEEDED += 1
    return keys.folded_uniforms(seed, (*numbers, _UNSEEDED), size)


@fault("folded_uniforms", breaks="mb.fold-in")
def draws_sixteen_bits(seed, numbers, size):
    """65,536 values in place of a continuous law."""
    return np.floor(keys.folded_uniforms(seed, numbers, size) * 65_536) / 65_536


@fault("folded_uniforms", breaks="mb.fold-in.apart")
def starts_later_in_one_stream(seed, numbers, size):
    """The last number is the place of a counter: one further is one block of four further."""
    *others, last = numbers or [0]
    key = int(keys.folded_uniforms(seed, [len(numbers), *others], 1)[0] * 2**53)
    return np.random.Generator(np.random.Philox(key=key, counter=int(last))).random(size)
