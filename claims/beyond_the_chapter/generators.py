"""Random generators that are split for workers and layers, and folded with epochs and steps."""

import numpy as np
from hypothesis import strategies as st

from claims.beyond_the_chapter.experiments import generator_keys
from harness.declaration.claim import claim
from harness.declaration.relations import (
    all_hold,
    always_true,
    distribution_equals,
    pairwise_independent,
)
from harness.declaration.strategies import counts
from harness.metrics import arrays

IMPLIED = 'd2l, "Linear Regression Implementation": examples are read in random order; '
CHILDREN, SIZE = 32, 64
PAIRED = 512  # pairs of the label that has the fewest, in the numbers of one seed

HOLDS = all_hold(
    repeats=always_true(),
    law=distribution_equals("U(0, 1)", within=0.02),
    independent=pairwise_independent(
        0.5, within=0.02, labels=lambda: (*generator_keys.PAIRS, *generator_keys.SHIFTS)
    ),
)


@claim(
    "mb.split",
    "Generators that are split off one seed draw independent numbers, the same at every run and "
    "however many are split off",
    "由同一种子分出的生成器产生的随机数相互独立，且每次运行都相同，与分出多少个无关",
    source=IMPLIED + "each worker has a generator of its own",
    formula="u_i independent of u_j;  no two alike of neighbouring seeds;  seed = seed' ⇒ u_i = "
    "u_i', however many there are",
    given={"first": counts(0, 1 << 20)},
    always=({"first": 0},),
    holds=HOLDS,
)
def split_generators_are_independent(split_uniforms, first, replicates, stream):
    more = max(2, replicates // PAIRED)
    seeds = [first, *(stream.child(r).seed() % (1 << 31) for r in range(1, more))]
    drawn = [split_uniforms(seed, CHILDREN, SIZE) for seed in seeds]
    again = split_uniforms(seeds[0], CHILDREN, SIZE)
    fewer = split_uniforms(seeds[1], CHILDREN // 2, SIZE)
    neighbours = np.concatenate([split_uniforms(first + i, 8, 2) for i in range(8)])
    facts = [
        len(np.unique(neighbours, axis=0)) == len(neighbours),
        np.array_equal(again, drawn[0]),
        np.array_equal(fewer, drawn[1][: CHILDREN // 2]),
        not np.array_equal(drawn[0], drawn[1]),
        arrays.finely_spread(np.array(drawn)),
    ]
    found = np.array(drawn)
    return {
        "repeats": arrays.truth(np.array(facts)),
        "law": found.ravel(),
        "independent": {**generator_keys.pairs(found), **generator_keys.shifts(found)},
    }


@claim(
    "mb.fold-in",
    "Numbers that are folded into a generator, as epoch and step are, give independent streams",
    "把轮数、步数等数字折入生成器，得到相互独立的随机流",
    source=IMPLIED + "every epoch has an order of its own",
    formula="fold(k, a, b), fold(k, b, a), fold(k, a+1, b-1) and fold(k, b-1) independent, for "
    "many a, b",
    given={"first": counts(0, 1 << 20), "step": st.sampled_from([1, 2, 7, 1000])},
    always=({"first": 0, "step": 1},),
    holds=HOLDS,
)
def folded_generators_are_independent(folded_uniforms, first, step, replicates, stream):
    seeds = [first, *(stream.child(r).seed() % (1 << 31) for r in range(1, replicates // PAIRED))]
    # Neighbours in this list are what faults take for one another.
    numbers = generator_keys.folded(CHILDREN, step)
    drawn = [[folded_uniforms(seed, one, SIZE) for one in numbers] for seed in seeds]
    again = folded_uniforms(seeds[0], numbers[3], SIZE)
    found = np.array(drawn)
    return {
        "repeats": arrays.truth(np.array_equal(again, found[0, 3]), arrays.finely_spread(found)),
        "law": found.ravel(),
        "independent": {**generator_keys.pairs(found), **generator_keys.shifts(found)},
    }


@claim(
    "mb.fold-in.apart",
    "No two lists of numbers that are folded in give the same stream, nor do two seeds: zeros, "
    "lengths, carries and high bits count",
    "折入的数字列表不同，随机流就不同，种子不同时也一样：零、长度、进位与高位都算数",
    source=IMPLIED + "every epoch has an order of its own",
    formula="(s, a) ≠ (s', a')  ⇒  u ≠ u'",
    given={"first": counts(0, 1 << 20), "number": counts(1, 1000)},
    always=({"first": 0, "number": 1},),
    holds=always_true(),
)
def no_two_lists_of_numbers_collide(folded_uniforms, first, number, stream):
    keys = generator_keys.mistakable(number)
    seeds = [first, first + number, first + (1 << 16), first + (1 << 30)]
    # Numbers enough for a stream that begins a block of a counter, of four or eight, later.
    drawn = np.array([folded_uniforms(seed, key, 12) for seed in seeds for key in keys])
    again = folded_uniforms(seeds[-1], keys[-1], 12)
    return arrays.truth(generator_keys.apart(drawn), np.array_equal(again, drawn[-1]))


@claim(
    "mb.split.apart",
    "No child of a seed is one of another seed's, near or far, or of its own later children",
    "一个种子的子生成器不会与其他种子（无论远近）的子生成器相同，也不会与自己后来的子生成器相同",
    source=IMPLIED + "each worker has a generator of its own",
    formula="(s, i) ≠ (s', i')  ⇒  u ≠ u'",
    given={"first": counts(0, 1 << 20), "apart": counts(1, 1000)},
    always=({"first": 0, "apart": 1},),
    holds=always_true(),
)
def no_two_children_collide(split_uniforms, first, apart, stream):
    seeds = [first, first + apart, first + (1 << 16), first + (1 << 30)]
    drawn = np.concatenate([split_uniforms(seed, 33, 12) for seed in seeds])
    return arrays.truth(generator_keys.apart(drawn))
