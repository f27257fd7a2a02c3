"""Random orders: the permutation itself, and the minibatches that an epoch is cut into."""

import itertools

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import all_hold, always_true, rate_equals
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text

SOURCE = 'd2l, "Linear Regression Implementation from Scratch", "Reading the Dataset"'
ORDERS = tuple(itertools.permutations(range(3)))


@claim(
    "mb.permutation",
    "A shuffle puts three examples into each of their six orders equally often",
    "洗牌把三个样本排成六种顺序的机会均等",
    source=f"{SOURCE}: the examples are read at random, in no particular order",
    formula="P(order) = 1/6",
    # Swapping with any index gives 4/27 and 5/27, a distance of .0185 from 1/6.
    holds=all_hold(
        **{
            "order_" + "".join(map(str, order)): rate_equals(1 / 6, within=0.015)
            for order in ORDERS
        }
    ),
)
def three_examples_take_every_order_equally_often(permutation, replicates, stream):
    generator = stream.numpy()
    drawn = np.array([permutation(3, generator) for _ in range(replicates)])
    return {"order_" + "".join(map(str, order)): (drawn == order).all(axis=1) for order in ORDERS}


@claim(
    "mb.permutation.places",
    "In a shuffle of any length a place keeps its example with probability 1/n, and from a place "
    "to the next it goes down as often as up",
    "任意长度的洗牌：每个位置以 1/n 的概率保留原样本，从一个位置到下一个，下降与上升的机会均等",
    source=f"{SOURCE}: the examples are read at random, in no particular order",
    formula="P(π(i) = i) = 1/n to a third of it,  P(π(i) > π(i + 1)) = 1/2",
    given={"n": counts(2, 24)},
    always=({"n": 2}, {"n": 16}, {"n": 32}),
    holds=all_hold(
        kept=rate_equals(lambda n: 1 / n, within=lambda n: 1 / (3 * n)),
        down=rate_equals(0.5, within=0.05),
        whole=always_true(),
    ),
)
def a_shuffle_favours_no_place(permutation, n, replicates, stream):
    generator, places = stream.child("order").numpy(), stream.child("place").numpy()
    drawn = np.array([permutation(n, generator) for _ in range(replicates)])
    rows = np.arange(replicates)
    place, step = places.integers(0, n, replicates), places.integers(0, n - 1, replicates)
    return {
        "kept": drawn[rows, place] == place,
        "down": drawn[rows, step] > drawn[rows, step + 1],
        "whole": arrays.truth((np.sort(drawn, axis=1) == np.arange(n)).all(axis=1)),
    }


@claim(
    "mb.permutation.long",
    "A long shuffle holds every sample once, leaves no stretch of them where it was, and mixes "
    "them from end to end",
    "对很长的序列洗牌后，每个样本恰好出现一次，没有一段留在原处，且从头到尾充分混合",
    source=f"{SOURCE}: the examples are read at random, in no particular order",
    formula="{π(1), ..., π(n)} = {1, ..., n};  every 64 in a row have a step down;  "
    "Σ |π(i) - i| / n > n/5",
    # 64 random numbers in a row are sorted with probability 1/64! < 1e-89; a mean move of n/5 in
    # place of n/3 is 10 deviations away at n = 257.
    given={"n": st.sampled_from([257, 4097, 65_537, 70_001])},
    always=({"n": 70_001},),
    holds=always_true(),
)
def a_long_shuffle_is_whole_and_random(permutation, n, stream):
    order = np.asarray(permutation(n, stream.numpy()))
    stretches = order[: n // 64 * 64].reshape(-1, 64)
    return arrays.truth(
        np.array_equal(np.sort(order), np.arange(n)),
        (np.diff(stretches, axis=1) < 0).any(axis=1),
        np.abs(order - np.arange(n)).mean() > n / 5,
    )


@claim(
    "mb.once",
    "An epoch's minibatches hold every sample exactly once, the ragged last batch included",
    "一轮的小批量恰好包含每个样本一次，不足一批的最后一批也不例外",
    source=f"{SOURCE}: the last batch may be smaller",
    formula="B_1 ∪ ... ∪ B_m = {1 ... n}, each once;  |B_i| = B for i < m,  1 ≤ |B_m| ≤ B",
    given={"n": counts(3, 200), "batch_size": counts(1, 40)},
    always=tuple({"n": n, "batch_size": size} for n, size in ((20, 5), (103, 10), (7, 10), (9, 8))),
    holds=always_true(),
)
def an_epoch_holds_every_sample_once(minibatches, n, batch_size, stream):
    generator, facts = stream.numpy(), []
    for _ in range(3):
        batches = minibatches(n, batch_size, generator)
        read = np.sort(np.concatenate(batches))
        sizes = [len(batch) for batch in batches]
        facts += [np.array_equal(read, np.arange(n)), 1 <= sizes[-1] <= batch_size]
        facts += [size == batch_size for size in sizes[:-1]]
    return arrays.truth(*facts)


@claim(
    "mb.new-order",
    "Every epoch reads the samples in a new order",
    "每一轮都以新的顺序读取样本",
    source=f"{SOURCE}: a fresh shuffle for every epoch",
    formula="π_t ≠ π_s",
    # Two orders of 20 samples coincide with probability 1/20! = 4e-19.
    condition=Text("20 samples or more", "不少于 20 个样本"),
    inside=lambda n: n >= 20,
    given={"n": counts(20, 200), "batch_size": counts(1, 40)},
    holds=always_true(),
)
def every_epoch_has_a_new_order(minibatches, n, batch_size, stream):
    generator = stream.numpy()
    epochs = [np.concatenate(minibatches(n, batch_size, generator)) for _ in range(5)]
    return arrays.truth(
        *(not np.array_equal(one, other) for one, other in itertools.combinations(epochs, 2))
    )


@claim(
    "mb.company",
    "Which samples share a minibatch is left to chance: neighbours do as often as any others",
    "哪些样本同在一个小批量由随机决定：相邻样本同批的机会与其他任意两个样本相同",
    source=f"{SOURCE}: random minibatches",
    formula="P(1, 2 in one batch) = (B - 1)/(n - 1)",
    condition=Text("B divides n", "B 整除 n"),
    always=({"n": 12, "batch_size": 4}, {"n": 20, "batch_size": 10}),
    holds=rate_equals(lambda n, batch_size: (batch_size - 1) / (n - 1), within=0.05),
)
def company_is_left_to_chance(minibatches, n, batch_size, replicates, stream):
    generator = stream.numpy()
    together = np.zeros(replicates, dtype=bool)
    for r in range(replicates):
        together[r] = any(0 in b and 1 in b for b in minibatches(n, batch_size, generator))
    return together


@claim(
    "mb.places",
    "The minibatches are cut from a shuffle of all samples: none keeps its place more often than "
    "by chance, and a long order is mixed from end to end",
    "小批量取自全部样本的一次洗牌：没有样本比随机更常留在原位，很长的顺序也从头到尾混合",
    source=f"{SOURCE}: the examples are read at random, in no particular order",
    formula="P(π(i) = i) = 1/n to a third of it, for i = 1, i = n and an i at random;  "
    "Σ |π(i) - i| / n > n/5, which is n/3 by chance",
    # A mean move of n/5 in place of n/3 is 10 deviations away at n = 257.
    always=({"n": 7, "batch_size": 3, "long": 4097},),
    holds=all_hold(
        **dict.fromkeys(
            ("first", "last", "kept"),
            rate_equals(lambda n: 1 / n, within=lambda n: 1 / (3 * n)),
        ),
        mixed=always_true(),
    ),
)
def no_sample_keeps_its_place(minibatches, n, batch_size, long, replicates, stream):
    rng = stream.numpy()
    orders = np.array([np.concatenate(minibatches(n, batch_size, rng)) for _ in range(replicates)])
    order = np.concatenate(minibatches(long, 64, rng))
    moved = np.abs(order - np.arange(long)).mean()
    place = stream.child("place").numpy().integers(0, n, replicates)
    return {
        "first": orders[:, 0] == 0,
        "last": orders[:, -1] == n - 1,
        "kept": orders[np.arange(replicates), place] == place,
        "mixed": arrays.truth(moved > long / 5),
    }
