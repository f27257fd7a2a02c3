"""Faults of gradients over ranks: weighed wrongly, summed too narrowly, not at every rank."""

import torch

from harness.declaration.book import fault
from harness.primitives.ranks import data_parallel_step


def _weighed(gradients, weights):
    """Σ_r weights[r] g_r at every rank, in the gradients' own precision."""
    sums = [
        sum(w * g for w, g in zip(weights, parts, strict=True))
        for parts in zip(*gradients, strict=True)
    ]
    return [[g.clone() for g in sums] for _ in gradients]


@fault("data_parallel_step", breaks="tl-ranks")
def averages_the_ranks(gradients, counts):
    """L01: the mean over ranks, as DistributedDataParallel takes it, of unequal shards."""
    return data_parallel_step(gradients, [1] * len(counts))


@fault("data_parallel_step", breaks="tl-ranks")
def adds_the_ranks(gradients, counts):
    """L03: an all-reduce that sums, and nobody divides."""
    return _weighed(gradients, [1.0] * len(counts))


@fault("data_parallel_step", breaks="tl-ranks")
def multiplies_by_the_ranks(gradients, counts):
    """The loss is multiplied by the number of ranks, for a sum that was no mean."""
    return _weighed(gradients, [len(counts) * n / sum(counts) for n in counts])


@fault("data_parallel_step", breaks="tl-ranks")
def divides_by_the_ranks_again(gradients, counts):
    """What is divided by all examples is divided by the ranks once more, in the hook."""
    return _weighed(gradients, [n / sum(counts) / len(counts) for n in counts])


@fault("data_parallel_step", breaks="tl-ranks")
def counts_an_empty_rank(gradients, counts):
    """No rank counts less than one, so that none divides by zero: an empty one counts too."""
    return data_parallel_step(gradients, [max(n, 1) for n in counts])


@fault("data_parallel_step", breaks="tl-ranks")
def takes_the_first_ranks_count(gradients, counts):
    """Every rank multiplies by the count that the first one broadcast."""
    return _weighed(gradients, [counts[0] / sum(counts)] * len(counts))


@fault("data_parallel_step", breaks="tl-ranks")
def reduces_to_the_first_rank(gradients, counts):
    """reduce in place of all_reduce: the first rank alone has the sum, others keep their own."""
    found = data_parallel_step(gradients, counts)
    return [found[0], *([g.clone() for g in rank] for rank in gradients[1:])]


@fault("data_parallel_step", breaks="tl-ranks")
def begins_with_its_own(gradients, counts):
    """Each rank adds the others to its own, in an order that is its own: bits differ."""
    places = range(len(counts))
    orders = [[rank, *(other for other in places if other != rank)] for rank in places]
    return [
        _weighed([gradients[i] for i in order], [counts[i] / sum(counts) for i in order])[0]
        for order in orders
    ]


@fault("data_parallel_step", breaks="tl-ranks")
def flattens_by_memory(gradients, counts):
    """A bucket is filled in the order of memory, which differs where one rank's lies by columns."""
    flat = [[g.as_strided(g.shape, _strides(g.shape)) for g in rank] for rank in gradients]
    return data_parallel_step(flat, counts)


def _strides(shape):
    return torch.empty(shape).stride()


@fault("data_parallel_step", breaks="tl-ranks")
def leaves_single_numbers_out(gradients, counts):
    """Only matrices and vectors go into the bucket: a temperature stays each rank's own."""
    found = data_parallel_step(gradients, counts)
    return [
        [g if g.dim() else own.clone() for g, own in zip(rank, owns, strict=True)]
        for rank, owns in zip(found, gradients, strict=True)
    ]


@fault("data_parallel_step", breaks="tl-ranks")
def travels_in_single_precision(gradients, counts):
    """The bucket is float32, whatever the gradients are."""
    single = [[g.float() for g in rank] for rank in gradients]
    found = data_parallel_step(single, counts)
    return [
        [g.to(own.dtype) for g, own in zip(*pair, strict=True)]
        for pair in zip(found, gradients, strict=True)
    ]


@fault("data_parallel_step", breaks="tl-ranks")
def shares_one_memory(gradients, counts):
    """One answer for all ranks: what one of them clips in place is clipped for the others."""
    return [data_parallel_step(gradients, counts)[0]] * len(counts)


@fault("data_parallel_step", breaks="tl-ranks.sixteen")
def adds_in_sixteen_bits(gradients, counts):
    """The all-reduce is in the gradients' own 16 bits: every addition rounds."""
    return _weighed(gradients, [n / sum(counts) for n in counts])


@fault("data_parallel_step", breaks="tl-ranks.sixteen")
def multiplies_in_sixteen_bits(gradients, counts):
    """Sums over tokens in 16 bits are divided afterwards: they are rounded, and overflow."""
    found = _weighed(gradients, counts)
    return [[g / sum(counts) for g in rank] for rank in found]


@fault("data_parallel_step", breaks="tl-ranks.sixteen")
def compresses_each_rank(gradients, counts):
    """Each rank's share is rounded to 16 bits on the way, and added in float32."""
    weighed = [
        [(g.float() * n / sum(counts)).to(g.dtype) for g in rank]
        for rank, n in zip(gradients, counts, strict=True)
    ]
    total = [
        sum(g.float() for g in parts).to(parts[0].dtype) for parts in zip(*weighed, strict=True)
    ]
    return [[g.clone() for g in total] for _ in gradients]


@fault("data_parallel_step", breaks="tl-ranks.nonfinite")
def zeroes_what_is_not_finite(gradients, counts):
    """nan_to_num before the sum: the overflow of one rank is seen by none."""
    tame = [[torch.nan_to_num(g, 0.0, 0.0, 0.0) for g in rank] for rank in gradients]
    return data_parallel_step(tame, counts)


@fault("data_parallel_step", breaks="tl-ranks.nonfinite")
def leaves_a_diverged_rank_out(gradients, counts):
    """A rank whose gradient is not finite does not take part, and the others do not know."""
    finite = [all(bool(g.isfinite().all()) for g in rank) for rank in gradients]
    weights = [n if one else 0 for n, one in zip(counts, finite, strict=True)]
    tame = [[torch.nan_to_num(g, 0.0, 0.0, 0.0) for g in rank] for rank in gradients]
    return data_parallel_step(tame, weights)


@fault("data_parallel_step", breaks="tl-ranks.nonfinite")
def spoils_the_whole_bucket(gradients, counts):
    """Gradients are scaled by a norm over all of them: one NaN makes every number NaN."""
    found = data_parallel_step(gradients, counts)
    norm = torch.stack([g.float().norm() for g in found[0]]).norm()
    return [[g * (norm / norm).to(g.dtype) for g in rank] for rank in found]
