"""Dropout by sharing pattern: whole channels, and the whole path of an example.

h' is 0 in a whole channel (or example) with probability p and h / (1 - p) in all of it otherwise.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.dropout.experiments import pairs, patterns
from harness.declaration.claim import claim
from harness.declaration.relations import (
    all_hold,
    always_true,
    exactly_equal,
    pairwise_independent,
    rate_equals,
)
from harness.declaration.strategies import drop_probabilities, dtypes, layouts
from harness.metrics import arrays, dropout_masks, tensors

SCRATCH = 'd2l, "Dropout": a unit is dropped; '

GIVEN = {"p": drop_probabilities(0.1, 0.9), "dtype": dtypes(), "layout": layouts()}
CHANNELS = ([64, 32, 5], [32, 64, 2, 3], [64, 32, 4, 2], [64, 32], [32, 32, 3, 2, 2])
EDGES = ([1, 1], [2, 3], [5, 3, 2, 2])
PATHS = ([512, 8], [256, 16, 2], [256, 8, 3], [64, 64], [128, 16, 2, 2])


def always(shapes):
    """Four shapes in single precision, one of them channels last."""
    layouts = ["contiguous", "channels_last", "contiguous", "contiguous"]
    return tuple(
        {"p": p, "shape": shape, "dtype": "float32", "layout": layout}
        for p, shape, layout in zip((0.2, 0.5, 0.3, 0.5), shapes, layouts, strict=False)
    )


HOLDS = all_hold(
    shared=exactly_equal(),
    rate=rate_equals(lambda p: 1 - p, within=pairs.of_an_element(0.04)),
    independent=pairwise_independent(
        lambda p: p, within=pairs.of_an_agreement(0.1), labels=patterns.LABELS
    ),
)


RARE = all_hold(
    rare=rate_equals(0.002, within=0.001),
    two=rate_equals(0.5, within=0.2),
    halves=pairwise_independent(0.5, within=0.02, labels=("second half",)),
    none=always_true(),
)


@claim(
    "do-keep-rule.channels",
    "Channel dropout drops whole channels, each sample's channels independently, at the rate p; it "
    "divides the kept ones by 1 - p, and at test time nothing changes",
    "通道暂退以概率 p 整体丢弃通道，各样本的各通道相互独立；保留的通道除以 1 - p，测试时什么都不变",
    source=SCRATCH + "the unit is a channel (Tompson et al. 2015)",
    formula="h'_nc = m_nc h_nc / (1-p) over all of space,  P(m_nc = 0) = p, independently;  eval: "
    "h' = h",
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
    "Path dropout drops whole samples, each on its own, at the rate p; it divides the kept ones by "
    "1 - p, and at test time nothing changes",
    "路径暂退以概率 p 整体丢弃样本，各样本相互独立；保留的样本除以 1 - p，测试时什么都不变",
    source=SCRATCH + "the unit is a sample's path (Huang et al. 2016)",
    formula="h'_n = m_n h_n / (1-p) over all else,  P(m_n = 0) = p, independently;  eval: h' = h",
    given={**GIVEN, "shape": st.sampled_from(PATHS)},
    always=always(PATHS),
    holds=HOLDS,
)
def whole_paths_are_dropped(path_dropout, p, shape, dtype, layout, replicates, stream, device):
    h = _values(shape, dtype, layout, stream, device)
    return _masks(path_dropout, 1, p, h, replicates, stream)


@claim(
    "do-keep-rule.channels-edges",
    "Channel dropout keeps everything at p = 0 and at test time and nothing at p = 1; gradients "
    "pass where values do",
    "通道暂退在 p = 0 和测试时保留全部，在 p = 1 时全部置零；梯度只从保留处通过",
    source=SCRATCH + "the unit is a channel (Tompson et al. 2015)",
    formula="p = 0 or eval: h' = h;  p = 1: h' = 0;  ∂h'/∂h = m / (1 - p), 1 where all is kept",
    given={"p": drop_probabilities(0.1, 0.9), "shape": st.sampled_from(EDGES)},
    always=({"p": 0.3, "shape": [1, 1]}, {"p": 0.5, "shape": [5, 3, 2, 2]}),
    holds=exactly_equal(),
)
def channels_at_the_edges(channel_dropout, p, shape, stream, device):
    return _edges(channel_dropout, p, [*shape, 4], stream, device)


@claim(
    "do-keep-rule.paths-edges",
    "Path dropout keeps everything at p = 0 and at test time and nothing at p = 1; gradients pass "
    "where values do",
    "路径暂退在 p = 0 和测试时保留全部，在 p = 1 时全部置零；梯度只从保留处通过",
    source=SCRATCH + "the unit is a sample's path (Huang et al. 2016)",
    formula="p = 0 or eval: h' = h;  p = 1: h' = 0;  ∂h'/∂h = m / (1 - p), 1 where all is kept",
    given={
        "p": drop_probabilities(0.1, 0.9),
        "shape": st.sampled_from([[1], [3], *EDGES, [2, 3, 1, 2, 2, 1]]),
    },
    always=({"p": 0.3, "shape": [1]}, {"p": 0.5, "shape": [5, 3, 2, 2]}),
    holds=exactly_equal(),
)
def paths_at_the_edges(path_dropout, p, shape, stream, device):
    return _edges(path_dropout, p, shape, stream, device)


def _edges(dropout, p, shape, stream, device):
    """Values and gradients where all is kept, nothing is, and some of it."""
    import torch

    h = _values(shape, "float32", "contiguous", stream, device)
    ratios = []
    for rate, training, factor in ((0.0, True, 1.0), (p, False, 1.0), (1.0, True, 0.0)):
        x = h.clone().requires_grad_()
        found = dropout(x, rate, stream.torch(device), training)
        # A constant, as zeros are at p = 1, need not be in the graph: its gradient is 0.
        total = found.sum() if found.requires_grad else (0 * x).sum()
        (gradient,) = torch.autograd.grad(total, x)
        ratios += [arrays.mismatch(found, factor * h), arrays.mismatch(gradient, 0 * h + factor)]
    with torch.no_grad():  # `training` decides, not whether gradients are kept
        ratios.append(arrays.mismatch(dropout(h, 1.0, stream.torch(device)), 0 * h))

    x = h.clone().requires_grad_()
    found = dropout(x, p, stream.torch(device))
    (gradient,) = torch.autograd.grad(found.sum(), x)
    passed = (arrays.as_array(found) != 0) / (1 - p)
    ratios.append(arrays.rounding_ratio(gradient, passed, passed, 4, "float32"))
    return np.concatenate([ratio.ravel() for ratio in ratios])


@claim(
    "do-keep-rule.channels-rare",
    "Channels are dropped at a rate of 0.2 %, too, nothing survives p = 1 among thousands, and of "
    "two channels both may be dropped",
    "丢弃概率为 0.2% 时通道也按此丢弃；p = 1 时数千个通道无一保留；两个通道可能同时被丢弃",
    source=SCRATCH + "the unit is a channel (Tompson et al. 2015)",
    formula="P(m = 0) = p,  P(m_1 = m_2) = 1/2 at p = 1/2",
    given={"dtype": dtypes("float32", "bfloat16")},
    always=({"dtype": "float32"}, {"dtype": "bfloat16"}),
    holds=RARE,
)
def channels_are_dropped_rarely(channel_dropout, dtype, replicates, stream, device):
    return _rarely(channel_dropout, (512, 128, 1), (1, 2, 1), dtype, replicates, stream, device)


@claim(
    "do-keep-rule.paths-rare",
    "Paths are dropped at a rate of 0.2 %, too, nothing survives p = 1 among thousands, and of two "
    "samples both may be dropped",
    "丢弃概率为 0.2% 时样本也按此丢弃；p = 1 时数千个样本无一保留；两个样本可能同时被丢弃",
    source=SCRATCH + "the unit is a sample's path (Huang et al. 2016)",
    formula="P(m = 0) = p,  P(m_1 = m_2) = 1/2 at p = 1/2",
    given={"dtype": dtypes("float32", "bfloat16")},
    always=({"dtype": "float32"}, {"dtype": "bfloat16"}),
    holds=RARE,
)
def paths_are_dropped_rarely(path_dropout, dtype, replicates, stream, device):
    return _rarely(path_dropout, (65_536, 1), (2, 1), dtype, replicates, stream, device)


def _rarely(dropout, many, two, dtype, replicates, stream, device):
    """What is dropped at p = 0.002, which of two units fall alike at 1/2, and halves of many."""
    import torch

    generator, units = stream.torch(device), math.prod(many)
    like = {"dtype": tensors.dtype_of(dtype), "device": device}
    ones, pair = torch.ones(many, **like), torch.ones(two, **like)

    def kept(h, p):
        return arrays.as_array(dropout(h, p, generator)).ravel() != 0

    halves = np.array([kept(ones, 0.5).reshape(2, -1) for _ in range(2)])
    pairs = np.array([kept(pair, 0.5) for _ in range(-(-replicates // 1024))])
    return {
        "rare": np.concatenate([~kept(ones, 0.002) for _ in range(-(-replicates // units))]),
        "two": pairs[:, 0] == pairs[:, 1],
        "halves": {"second half": dropout_masks.pairs_agree(halves[:, 0], halves[:, 1])},
        "none": arrays.truth(not kept(ones, 1.0).any()),
    }


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
