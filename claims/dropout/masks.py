"""Dropout: its masks are independent of each other, and a function of the generator's state.

In the book's symbols: m is the mask, m_i = 0 where unit i is dropped, with probability p.
"""

import numpy as np

from claims.dropout.experiments import pairs
from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal, pairwise_independent
from harness.declaration.strategies import counts, drop_probabilities, dtypes, layouts, shapes
from harness.metrics import arrays, tensors

SCRATCH = 'd2l, "Dropout", "Implementation from Scratch": '


@claim(
    "do-keep-rule.independent",
    "Units are dropped independently: across units, samples, calls and replicas",
    "各单元相互独立地被丢弃：不同单元、样本、调用与副本之间都独立",
    source=SCRATCH + "we draw as many samples from U[0, 1] as there are units",
    formula="P(m_i = m_j) = p² + (1-p)²",
    given={
        "p": drop_probabilities(0.05, 0.95),
        "shape": shapes(min_rank=2, min_size=256, max_size=4096),
        "dtype": dtypes("float32", "float64"),
        "layout": layouts(),
    },
    always=(
        {"p": 0.5, "shape": [16, 40], "dtype": "float32", "layout": "contiguous"},
        {"p": 0.5, "shape": [8, 16, 24], "dtype": "float32", "layout": "transposed"},
        {"p": 0.2, "shape": [17, 5, 6], "dtype": "float32", "layout": "contiguous"},
    ),
    holds=pairwise_independent(
        lambda p: p, within=pairs.of_an_agreement(0.05), labels=pairs.pair_labels
    ),
)
def units_are_dropped_independently(dropout, p, shape, dtype, layout, replicates, stream, device):
    totals: dict[str, tuple[int, int]] = {}
    for group in range(-(-replicates // pairs.fewest_pairs(shape))):
        masks = pairs.masks_of_replicas(
            dropout, p, shape, dtype, layout, stream.child(group), device
        )
        totals = pairs.added(totals, pairs.pairs_along_axes(masks))
    return totals


@claim(
    "do-keep-rule.calls",
    "The mask of a call of dropout begins as the mask of the call before it ended no more often "
    "than by chance",
    "每次调用的掩码，开头与前一次掩码的结尾相同的机会不超过随机水平",
    source=SCRATCH + "every call draws its own samples",
    formula="the last s of one mask and the first s of the next agree at p² + (1-p)² of the "
    "places, s = 1 … 32",
    given={"p": drop_probabilities(0.1, 0.9), "units": counts(65, 257)},
    always=({"p": 0.5, "units": 131},),
    # Overlapping masks always agree, which is far more than this.
    holds=pairwise_independent(
        lambda p: p, within=pairs.of_an_agreement(0.3), labels=pairs.overlap_labels()
    ),
)
def calls_take_fresh_random_numbers(dropout, p, units, replicates, stream, device):
    calls = pairs.calls(
        dropout, p, [units], "float32", "contiguous", 2 * replicates * units, stream, device
    )
    masks = np.stack([arrays.as_array(dropped) != 0 for _, dropped in calls])
    return pairs.overlaps(masks[0::2], masks[1::2])


@claim(
    "do-keep-rule.replay",
    "The mask is a function of the generator's state: the same state drops the same units",
    "掩码由随机数生成器的状态决定：状态相同，丢弃的单元就相同",
    source=SCRATCH + "implied: a seeded run can be repeated",
    formula="state = state' ⇒ m = m'",
    given={
        "p": drop_probabilities(0.1, 0.9),
        "shape": shapes(min_size=256),
        "dtype": dtypes(),
        "layout": layouts(),
    },
    holds=exactly_equal(),
)
def the_same_state_drops_the_same_units(dropout, p, shape, dtype, layout, stream, device):
    h, other = (
        tensors.activations_like(
            shape, stream.child(name).torch(device), dtype=dtype, layout=layout, device=device
        )
        for name in ("h", "other")
    )
    first, second = (stream.child("mask").torch(device) for _ in range(2))
    ratios = []
    for _ in range(3):
        once, again = dropout(h, p, first), dropout(other, p, second)
        ratios.append(arrays.truth((once != 0) == (again != 0)))
    return np.concatenate(ratios)
