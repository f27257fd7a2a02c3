"""What each of several processes reads in an epoch: shards of one order, anew in every epoch."""

import itertools

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import all_hold, always_true, rate_equals
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text

SOURCE = 'd2l, "Training on Multiple GPUs", "Data Parallelism": '
PARTS = "each of k GPUs gets a part of the examples"
SEEDS = counts(0, 2**31 - 1)


@claim(
    "tl-shards",
    "The shards of all ranks are of one size and together hold every example, none twice but to "
    "fill the last places; what drops the rest holds none twice; unshuffled they keep the order",
    "各进程的分片大小相同，合起来包含每个样本，只为补齐末尾才有重复；丢弃余数时无重复；不打乱时保持原顺序",
    source=SOURCE + f"{PARTS}; torch, DistributedSampler",
    formula="|S_r| = ⌈n/R⌉,  every i in ⌊R⌈n/R⌉/n⌋ to ⌈R⌈n/R⌉/n⌉ of the places;  dropped: "
    "|S_r| = ⌊n/R⌋,  S_r ∩ S_q = ∅",
    given={
        "n": counts(1, 40), "ranks": counts(1, 8), "epoch": counts(0, 9), "seed": SEEDS,
        "shuffle": st.booleans(), "drop_last": st.booleans(),
    },
    always=tuple(
        {"n": n, "ranks": ranks, "epoch": 1, "seed": 5, "shuffle": shuffle, "drop_last": drop}
        for n, ranks in ((10, 4), (12, 4), (3, 8))
        for shuffle, drop in itertools.product((True, False), repeat=2)
    ),
    holds=always_true(),
)  # fmt: skip
def shards_hold_every_example(
    distributed_sampler, n, ranks, epoch, seed, shuffle, drop_last, stream
):
    shards = [
        np.asarray(distributed_sampler(n, int(rank), ranks, epoch, seed, shuffle, drop_last))
        for rank in stream.numpy().permutation(ranks)  # no process waits for another one
    ]
    size = n // ranks if drop_last else -(-n // ranks)
    read = np.concatenate(shards).astype(int)
    times = np.bincount(read[(read >= 0) & (read < n)], minlength=n)
    least, most = (0, 1) if drop_last else (size * ranks // n, -(-size * ranks // n))
    facts = [
        np.array([len(shard) == size for shard in shards]),
        (read >= 0) & (read < n),
        (least <= times) & (times <= most),
    ]
    if not shuffle:  # a step down only where the order is gone through again
        down = 0 if drop_last or n % ranks == 0 else 1
        facts.append(np.array([(np.diff(shard) <= 0).sum() <= down for shard in shards]))
    return arrays.truth(*facts)


@claim(
    "tl-shards.epochs",
    "Seed and epoch alone decide the order: asked for again it is the same, and another epoch and "
    "another seed have another one; unshuffled all epochs have the same",
    "顺序仅由种子和轮次决定：再次索取时相同，轮次或种子不同则顺序不同；不打乱时各轮相同",
    source=SOURCE + f"{PARTS}; torch, DistributedSampler.set_epoch",
    formula="S(s, e) = S(s, e),  S(s, e) ≠ S(s, e')  and  S(s, e) ≠ S(s', e)",
    # Two orders of 24 examples coincide with probability 1/24! < 2e-24.
    condition=Text("24 examples or more", "不少于 24 个样本"),
    inside=lambda n: n >= 24,
    given={"n": counts(24, 60), "ranks": counts(1, 4), "seed": SEEDS},
    always=({"n": 24, "ranks": 2, "seed": 0}, {"n": 30, "ranks": 4, "seed": 7}),
    holds=always_true(),
)
def seed_and_epoch_decide_the_order(distributed_sampler, n, ranks, seed, stream):
    def order(seed, epoch, shuffle=True):
        return [
            tuple(map(int, distributed_sampler(n, rank, ranks, epoch, seed, shuffle)))
            for rank in range(ranks)
        ]

    asked = [(seed, epoch) for epoch in range(3)] + [(seed + 1, 0), (seed + 2, 1)]
    found = [order(*one) for one in asked]
    again = {place: order(*asked[place]) for place in stream.numpy().permutation(len(asked))}
    return arrays.truth(
        [found[place] == one for place, one in again.items()],
        # Not of different seeds in different epochs: torch adds the two.
        [found[i] != found[j] for i, j in ((0, 1), (0, 2), (1, 2), (0, 3), (1, 4))],
        order(seed, 0, shuffle=False) == order(seed + 1, 1, shuffle=False),
    )


@claim(
    "tl-shards.uniform",
    "Every order is equally likely and independent of that of the next epoch, and so is which "
    "example comes twice or is left out",
    "各种顺序的机会均等，且与下一轮的顺序独立；哪个样本重复、哪个被丢弃亦然",
    source=SOURCE + "random minibatches; torch, DistributedSampler",
    formula="P(π(1) = 1) = P(π_e(1) = π_{e+1}(1)) = 1/n,  "
    "P(1, 2 in one shard) = (n/R - 1)/(n - 1),  P(1 comes twice) = P(n left out) = 1/(n + 1), "
    "of n + 1 examples; to a half of each",
    always=({"n": 4, "ranks": 2},),
    holds=all_hold(
        **dict.fromkeys(
            ("first", "again"), rate_equals(lambda n: 1 / n, within=lambda n: 1 / (2 * n))
        ),
        together=rate_equals(
            lambda n, ranks: (n / ranks - 1) / (n - 1),
            within=lambda n, ranks: (n / ranks - 1) / (n - 1) / 2,
        ),
        **dict.fromkeys(
            ("twice", "left_out"),
            rate_equals(lambda n: 1 / (n + 1), within=lambda n: 1 / (2 * n + 2)),
        ),
    ),
)
def every_order_is_equally_likely(distributed_sampler, n, ranks, replicates, stream):
    rng = stream.numpy()
    seen = {
        part: np.zeros(replicates, dtype=bool)
        for part in ("first", "again", "together", "twice", "left_out")
    }
    for r in range(replicates):
        seed, epoch = int(rng.integers(2**31)), int(rng.integers(100))

        def read(rank, n=n, epoch=epoch, seed=seed, **options):
            return [int(i) for i in distributed_sampler(n, rank, ranks, epoch, seed, **options)]

        shard, following = read(0), read(0, epoch=epoch + 1)
        seen["first"][r] = shard[0] == 0
        seen["again"][r] = shard[0] == following[0]
        seen["together"][r] = (0 in shard) == (1 in shard)
        padded, kept = (
            [i for rank in range(ranks) for i in read(rank, n + 1, drop_last=drop)]
            for drop in (False, True)
        )
        seen["twice"][r] = padded.count(0) == 2
        seen["left_out"][r] = n not in kept
    return seen
