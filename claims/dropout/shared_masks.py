"""Dropout by sharing pattern: whole channels, and the whole path of an example.

h' is 0 in a whole channel (or example) with probability p and h / (1 - p) in all of it otherwise.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.dropout.experiments import pairs, patterns
from harness.declaration.claim import claim
from harness.declaration.relations import all_hold, exactly_equal, pairwise_independent, rate_equals
from harness.declaration.strategies import drop_probabilities, dtypes, layouts
from harness.metrics import arrays, dropout_masks, tensors

SCRATCH = 'd2l, "Dropout": a unit is dropped; '

GIVEN = {"p": drop_probabilities(0.1, 0.9), "dtype": dtypes(), "layout": layouts()}
CHANNELS = ([64, 32, 5], [32, 64, 2, 3], [64, 32, 4, 2], [32, 32, 3, 2, 2])
PATHS = ([512, 8], [256, 16, 2], [256, 8, 3], [128, 16, 2, 2])


def always(shapes):
    """Every rank in single precision, one of them channels last."""
    layouts = ["contiguous", "channels_last", "contiguous"]
    return tuple(
        {"p": p, "shape": shape, "dtype": "float32", "layout": layout}
        for p, shape, layout in zip((0.2, 0.5, 0.3), shapes, layouts, strict=False)
    )


HOLDS = all_hold(
    shared=exactly_equal(),
    rate=rate_equals(lambda p: 1 - p, within=pairs.of_an_element(0.04)),
    independent=pairwise_independent(
        lambda p: p, within=pairs.of_an_agreement(0.1), labels=patterns.LABELS
    ),
)


@claim(
    "do-keep-rule.channels",
    "Channel dropout drops whole channels, each sample's channels independently, at the rate p",
    "通道暂退以概率 p 整体丢弃通道，各样本的各通道相互独立",
    source=SCRATCH + "the unit is a channel (Tompson et al. 2015)",
    formula="m_nc shared over space,  P(m_nc = 0) = p",
    given={**GIVEN, "shape": st.sampled_from(CHANNELS)},
    always=always(CHANNELS),
    holds=HOLDS,
)
def whole_channels_are_dropped(
    channel_dropout, p, shape, dtype, layout, replicates, stream, device
):
    h = _values(shape, dtype, layout, stream, device)
    return _masks(channel_dropout, 2, p, h, replicates, stream)


@claim(
    "do-keep-rule.paths",
    "Path dropout drops whole samples, each on its own, at the rate p",
    "路径暂退以概率 p 整体丢弃样本，各样本相互独立",
    source=SCRATCH + "the unit is a sample's path (Huang et al. 2016)",
    formula="m_n shared over all else,  P(m_n = 0) = p",
    given={**GIVEN, "shape": st.sampled_from(PATHS)},
    always=always(PATHS),
    holds=HOLDS,
)
def whole_paths_are_dropped(path_dropout, p, shape, dtype, layout, replicates, stream, device):
    h = _values(shape, dtype, layout, stream, device)
    return _masks(path_dropout, 1, p, h, replicates, stream)


def _values(shape, dtype, layout, stream, device):
    generator = stream.child("h").torch(device)
    return tensors.activations_like(shape, generator, dtype=dtype, layout=layout, device=device)


def _masks(dropout, own, p, h, replicates, stream):
    """What the first `own` axes, which draw their own numbers, and the others show."""
    generator, units = stream.child("mask").torch(h.device), math.prod(h.shape[:own])
    masks, ratios = [], [arrays.mismatch(dropout(h, p, generator, training=False), h).ravel()]
    for _ in range(max(8, -(-replicates // units // 8) * 8)):
        dropped = dropout(h, p, generator)
        ratios.append(dropout_masks.off_support(dropped, h, p))
        kept = arrays.as_array(dropped).reshape(*h.shape[:own], -1) != 0
        ratios.append(arrays.truth(kept.all(axis=-1) == kept.any(axis=-1)))
        masks.append(kept[..., 0])
    found = np.array(masks)
    return {
        "shared": np.concatenate([ratio.max(keepdims=True) for ratio in ratios]),
        "rate": (int(found.sum()), found.size),
        "independent": patterns.pairs(found),
    }
