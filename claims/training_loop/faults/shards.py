"""Faults of shards: the epoch, the seed, the ranks, the places that are filled or dropped."""

import numpy as np

from harness.declaration.book import fault
from harness.primitives.shards import distributed_sampler


def _dealt(order, rank, ranks, drop_last=False):
    """The shard of an order, as the reference deals it."""
    size = len(order) // ranks if drop_last else -(-len(order) // ranks)
    return np.resize(order, size * ranks)[rank::ranks]


@fault("distributed_sampler", breaks="tl-shards.epochs tl-shards.uniform")
def forgets_the_epoch(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """Nobody calls set_epoch: every epoch has the order of the first."""
    return distributed_sampler(n, rank, ranks, 0, seed, shuffle, drop_last)


@fault("distributed_sampler", breaks="tl-shards")
def seeds_by_rank(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """Every rank has a seed of its own: shards of different orders (as LongLive's were)."""
    return distributed_sampler(n, rank, ranks, epoch, seed + rank, shuffle, drop_last)


@fault("distributed_sampler", breaks="tl-shards.epochs")
def ignores_the_seed(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """The epoch alone seeds: all runs have one order (transformers' until 4.6)."""
    return distributed_sampler(n, rank, ranks, epoch, 0, shuffle, drop_last)


@fault("distributed_sampler", breaks="tl-shards.epochs")
def draws_a_seed_of_its_own(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """No seed reaches it, and one is drawn from the system: nothing can be repeated."""
    return distributed_sampler(
        n, rank, ranks, epoch, int(np.random.default_rng().integers(2**31)), shuffle, drop_last
    )


@fault("distributed_sampler", breaks="tl-shards")
def fills_no_places(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """Shards differ in size by one, and the longer ones wait for the others for ever."""
    if drop_last:
        return distributed_sampler(n, rank, ranks, epoch, seed, shuffle, drop_last)
    return distributed_sampler(n, 0, 1, epoch, seed, shuffle)[rank::ranks]


@fault("distributed_sampler", breaks="tl-shards")
def fills_up_once(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """Too few examples to fill the places by going through them once more (Paddle's until 2.6)."""
    order = distributed_sampler(n, 0, 1, epoch, seed, shuffle)
    if drop_last:
        return _dealt(order, rank, ranks, drop_last)
    return np.concatenate([order, order[: -n % ranks]])[rank::ranks]


@fault("distributed_sampler", breaks="tl-shards tl-shards.uniform")
def fills_up_with_the_first(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """The last places all have example 0."""
    order = distributed_sampler(n, 0, 1, epoch, seed, shuffle)
    if not drop_last:
        order = np.concatenate([order, np.zeros(-n % ranks, dtype=order.dtype)])
    return _dealt(order, rank, ranks, drop_last)


@fault("distributed_sampler", breaks="tl-shards.uniform")
def fills_up_from_the_data(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """The places are filled before the shuffle: the first examples come twice in every epoch."""
    size = n // ranks * ranks if drop_last else -(-n // ranks) * ranks
    order = np.resize(np.arange(n), size)[distributed_sampler(size, 0, 1, epoch, seed, shuffle)]
    return _dealt(order, rank, ranks, drop_last)


@fault("distributed_sampler", breaks="tl-shards")
def always_drops(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """The number of examples is rounded down before the shuffle (as ms-swift's was)."""
    return distributed_sampler(n, rank, ranks, epoch, seed, shuffle, drop_last=True)


@fault("distributed_sampler", breaks="tl-shards tl-shards.uniform")
def never_drops(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """The option does not reach the sampler, and examples come twice in an evaluation."""
    return distributed_sampler(n, rank, ranks, epoch, seed, shuffle)


@fault("distributed_sampler", breaks="tl-shards")
def drops_where_nothing_is_left(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """A place of every rank is dropped also where the ranks share the examples out evenly."""
    shard = distributed_sampler(n, rank, ranks, epoch, seed, shuffle, drop_last)
    return shard[:-1] if drop_last and n % ranks == 0 else shard


@fault("distributed_sampler", breaks="tl-shards")
def overlaps(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """Stretches of the rounded-up size begin at multiples of the rounded-down one."""
    order = distributed_sampler(n, 0, 1, epoch, seed, shuffle)
    start, size = rank * (n // ranks), n // ranks if drop_last else -(-n // ranks)
    return np.resize(order, start + size)[start:]


@fault("distributed_sampler", breaks="tl-shards")
def counts_ranks_of_one_machine(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """The rank within a machine of two: machines read the same shards."""
    return distributed_sampler(n, rank % 2, ranks, epoch, seed, shuffle, drop_last)


@fault("distributed_sampler", breaks="tl-shards")
def shuffles_always(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """The order is random also where it was to stay: evaluation's answers cannot be put back."""
    return distributed_sampler(n, rank, ranks, epoch, seed, drop_last=drop_last)


@fault("distributed_sampler", breaks="tl-shards.uniform")
def shuffles_its_own_shard(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """Every rank keeps its part of the data and shuffles that alone: nothing changes hands."""
    own = _dealt(np.arange(n), rank, ranks, drop_last)
    return own[distributed_sampler(len(own), 0, 1, epoch, seed, shuffle)] if len(own) else own


@fault("distributed_sampler", breaks="tl-shards.uniform")
def turns_the_order(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """One order, begun at another place in every epoch."""
    order = distributed_sampler(n, 0, 1, 0, seed, shuffle)
    return _dealt(np.roll(order, epoch) if shuffle else order, rank, ranks, drop_last)


@fault("distributed_sampler", breaks="tl-shards tl-shards.epochs")
def begins_elsewhere(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """Unshuffled, an epoch begins where the last one stopped."""
    if shuffle:
        return distributed_sampler(n, rank, ranks, epoch, seed, shuffle, drop_last)
    return _dealt(np.roll(np.arange(n), -epoch), rank, ranks, drop_last)


@fault("distributed_sampler", breaks="tl-shards.uniform")
def leaves_the_last_example_last(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """The shuffle never reaches the last place."""
    order = np.append(distributed_sampler(max(1, n - 1), 0, 1, epoch, seed, shuffle), n - 1)[-n:]
    return _dealt(order, rank, ranks, drop_last)


@fault("distributed_sampler", breaks="tl-shards")
def draws_with_replacement(n, rank, ranks, epoch, seed=0, shuffle=True, drop_last=False):
    """A random number for every place: a third of the examples is in no shard."""
    if not shuffle:
        return distributed_sampler(n, rank, ranks, epoch, seed, shuffle, drop_last)
    return _dealt(np.random.default_rng((seed, epoch)).integers(n, size=n), rank, ranks, drop_last)
