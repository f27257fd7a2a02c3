"""Dropout: the layer and its values.

In the book's symbols: h' is 0 with probability p and h / (1 - p) otherwise, so that E[h'] = h.
p is the DROP probability, as in the book and in torch.
"""

import numpy as np

from claims.dropout.experiments import pairs
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Grid, Histogram, Line, Measured
from harness.declaration.relations import (
    all_hold,
    exactly_equal,
    inside_the_law,
    mean_equals,
    rate_equals,
)
from harness.declaration.strategies import drop_probabilities, dtypes, layouts, shapes
from harness.metrics import arrays, dropout_masks
from harness.text import Text

SCRATCH = 'd2l, "Dropout", "Implementation from Scratch": '
DRAWN = 16  # calls whose masks are drawn
PATH = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)  # drop probabilities of a picture
ELEMENTS = 4096  # a deviation of a mean at p = .9 is .05
PRINTED_SURVIVORS = 5  # of the 15 entries of arange(16) that show whether they survived


@claim(
    "do-unbiased",
    "Dropout preserves the expectation, E[h'] = h, by giving 0 or h / (1 - p)",
    "暂退法给出 0 或 h / (1 - p)，从而不改变期望：E[h'] = h",
    source='d2l, "Dropout": "By design, the expectation remains unchanged, i.e., E[h\'] = h"',
    formula="h'/h ∈ {0, 1/(1-p)},  P(h' ≠ 0) = 1 - p,  so that E[h'] = h",
    condition=Text("a drop probability below one", "丢弃概率小于 1"),
    given={
        "p": drop_probabilities(),
        "shape": shapes(min_size=1024),
        "dtype": dtypes(),
        "layout": layouts(),
    },
    always=(
        {"p": 0.001, "shape": [64, 65], "dtype": "float32", "layout": "contiguous"},
        {"p": 0.2, "shape": [12, 17, 8], "dtype": "float32", "layout": "transposed"},
        {"p": 0.9, "shape": [4, 16, 8, 8], "dtype": "bfloat16", "layout": "channels_last"},
    ),
    holds=all_hold(
        value=exactly_equal(), kept=rate_equals(lambda p: 1 - p, within=pairs.of_an_element(0.02))
    ),
)
def dropout_preserves_the_expectation(dropout, p, shape, dtype, layout, replicates, stream, device):
    values, kept, total = [], 0, 0
    for h, dropped in pairs.calls(dropout, p, shape, dtype, layout, replicates, stream, device):
        values.append(dropout_masks.off_support(dropped, h, p).max(initial=0.0))
        kept += int((dropped != 0).sum())
        total += h.numel()
    return {"value": arrays.as_array(values), "kept": (kept, total)}


@claim(
    "do-unbiased.outside",
    "Dropout preserves the expectation whatever the drop probability",
    "无论丢弃概率是多少，暂退法都不改变期望",
    source='d2l, "Dropout": "By design, the expectation remains unchanged, i.e., E[h\'] = h"',
    formula="E[h'/h] = 1",
    condition=Text("everything is dropped: p = 1", "全部丢弃：p = 1"),
    always=({"p": 1.0},),
    holds=mean_equals(1.0, within=0.01, low=0.0, high=1.0),
    expected=Verdict.REFUTED,
    twin="do-unbiased",
    why=Text(
        "At p = 1 nothing is left to be rescaled: the output is 0 and its bias is -h. The factor "
        "1 / (1 - p) that makes dropout unbiased exists for p < 1 only.",
        "p = 1 时没有任何单元可供放大，输出恒为 0，偏差为 -h；"
        "使期望不变的放大系数 1/(1-p) 只在 p < 1 时存在。",
    ),
)
def dropout_preserves_the_expectation_at_p_one(dropout, p, replicates, stream, device):
    like = ([replicates], "float64", "contiguous", replicates)
    calls = pairs.calls(dropout, p, *like, stream, device)
    found = np.concatenate([arrays.as_array(dropped / h) for h, dropped in calls])
    return Measured(found, _mean_ratios(dropout, stream.child("picture"), device))


def _mean_ratios(dropout, stream, device):
    """The mean of h'/h over `ELEMENTS` elements, by drop probability."""
    means = []
    for p in PATH:
        like = ([ELEMENTS], "float64", "contiguous", ELEMENTS)
        ((h, dropped),) = pairs.calls(dropout, p, *like, stream.child(p), device)
        means.append(float(arrays.as_array(dropped / h).mean()))
    return Curve(
        Text(
            f"What comes out over what goes in, on average over {ELEMENTS} elements",
            f"输出与输入之比，{ELEMENTS} 个元素的平均",
        ),
        PATH,
        (Line(Text("mean of h' / h", "h' / h 的平均"), np.array([means])),),
        x_label=Text("drop probability", "丢弃概率"),
        y_label=Text("h' / h", "h' / h"),
        marks={Text("unbiased", "无偏"): 1.0},
    )


@claim(
    "do-unbiased.variance",
    "Dropout adds noise of variance h² p / (1 - p)",
    "暂退法引入方差为 h² p / (1 - p) 的噪声",
    source='d2l, "Dropout": follows from the two values of h\' and their probabilities',
    formula="E[(h' - h)²] / h² = p / (1 - p)",
    condition=Text("a drop probability below one", "丢弃概率小于 1"),
    given={"p": drop_probabilities(0.1, 0.9), "dtype": dtypes()},
    # At p = 0.1 a dropout that forgets to rescale has 0.9 of the variance: at the margin's edge.
    always=({"p": 0.5, "dtype": "float32"},),
    # A tenth of the variance: 5 % of the deviation. Squares are counted in units of the stated
    # variance, in which dropout's are p / (1 - p) or (1 - p) / p, at most 9 here.
    holds=mean_equals(1.0, within=0.1, low=0.0, high=9.0, cap=1 << 20),
)
def dropout_adds_noise_of_the_stated_variance(dropout, p, dtype, replicates, stream, device):
    calls = pairs.calls(dropout, p, [replicates], dtype, "contiguous", 1, stream, device)
    noise = np.concatenate(
        [arrays.as_array(dropped) / arrays.as_array(h) - 1 for h, dropped in calls]
    )
    return np.minimum(np.nan_to_num(noise**2 * (1 - p) / p, nan=9.0), 9.0)


@claim(
    "do-keep-rule",
    "Dropout drops each unit with probability p",
    "每个单元以概率 p 被丢弃",
    source=SCRATCH + "samples that are greater than p stay",
    formula="P(h' = 0) = p",
    given={
        "p": drop_probabilities(0.001, 0.999),
        "shape": shapes(min_size=1024),
        "dtype": dtypes(),
        "layout": layouts(),
    },
    always=(
        *(
            {"p": p, "shape": [33, 64], "dtype": dtype, "layout": "contiguous"}
            for p in (0.01, 0.99)
            for dtype in ("float32", "bfloat16", "float16")
        ),
        {"p": 0.3, "shape": [9, 16, 16], "dtype": "float32", "layout": "contiguous"},
    ),
    holds=rate_equals(lambda p: p, within=pairs.of_an_element(0.01)),
)
def dropout_drops_with_rate_p(dropout, p, shape, dtype, layout, replicates, stream, device):
    dropped_units, total = 0, 0
    for h, dropped in pairs.calls(dropout, p, shape, dtype, layout, replicates, stream, device):
        dropped_units += int((dropped == 0).sum())
        total += h.numel()
    return dropped_units, total


@claim(
    "do-keep-rule.edges",
    "At p = 0 dropout is the identity, and at p = 1 everything is dropped",
    "p = 0 时暂退法是恒等映射，p = 1 时全部丢弃",
    source=SCRATCH + "dropout_layer(X, 0.) and (X, 1.)",
    formula="p = 0: h' = h;  p = 1: h' = 0",
    always=tuple(
        {"p": p, "shape": shape, "dtype": dtype, "layout": layout}
        for p in (0.0, 1.0)
        for dtype in ("float32", "float64", "bfloat16", "float16")
        for shape, layout in (([128, 129], "contiguous"), ([16, 8, 9, 7], "channels_last"))
    ),
    holds=exactly_equal(),
)
def dropout_is_exact_at_both_edges(dropout, p, shape, dtype, layout, replicates, stream, device):
    ratios = []
    for h, dropped in pairs.calls(dropout, p, shape, dtype, layout, replicates, stream, device):
        ratios.append(arrays.mismatch(dropped, h if p == 0.0 else 0 * h).max())
    return arrays.as_array(ratios)


@claim(
    "do-printed",
    "The printed example: at p = 0 all 16 numbers come back, at p = 0.5 each is 0 or doubled, at p "
    "= 1 all are 0",
    "书中打印的例子：p = 0 时 16 个数原样返回，p = 0.5 时每个数为 0 或加倍，p = 1 时全为 0",
    source=SCRATCH + "dropout_layer(torch.arange(16).reshape((2, 8)), p)",
    formula="p = 0: h' = h;  p = 0.5: h' ∈ {0, 2h};  p = 1: h' = 0",
    always=({"p": 0.0}, {"p": 0.5}, {"p": 1.0}),
    holds=exactly_equal(),
)
def the_printed_example_is_reproduced(dropout, p, replicates, stream, device):
    import torch

    h = torch.arange(16, dtype=torch.float32, device=device).expand(replicates, 16).contiguous()
    dropped = dropout(h, p, stream.torch(device))
    kept = h if p == 0 else 2 * h
    dropped_is_right = (dropped == 0) if p > 0 else torch.zeros_like(h, dtype=torch.bool)
    kept_is_right = (dropped == kept) if p < 1 else torch.zeros_like(h, dtype=torch.bool)
    return arrays.truth(dropped_is_right | kept_is_right)


@claim(
    "do-printed.count",
    "The printed mask keeps 5 of the 15 numbers that show it, as dropout with p = 0.5 may",
    "打印出的掩码在 15 个能看出丢弃与否的数中保留 5 个，符合 p = 0.5 的分布",
    source=SCRATCH + "the printed tensor at p = 0.5 (entry 0 is 0 either way)",
    formula="kept ~ Bin(15, 0.5):  P(kept ≤ 5), P(kept ≥ 5) > 0.02",
    # A count beyond which 2 % of masks lie, on either side, would be taken for another law's: 0 to
    # 3 and 12 to 15 are. P(Bin <= 5) = 0.15 and P(Bin >= 5) = 0.94.
    holds=inside_the_law(bound=0.02, expected=0.1, cap=4096),
)
def the_printed_mask_is_inside_its_law(dropout, replicates, stream, device):
    import torch

    h = torch.arange(16, dtype=torch.float32, device=device).expand(replicates, 16).contiguous()
    masks = (dropout(h, 0.5, stream.torch(device)) != 0).cpu().numpy()
    kept = masks.sum(axis=1)
    law = Histogram(
        Text("Survivors of 15 at p = 0.5", "p = 0.5 时 15 个数中的幸存者"),
        kept,
        marks={Text("printed", "书中"): PRINTED_SURVIVORS},
        x_label=Text("numbers that survive", "幸存的个数"),
    )
    tails = {"below": kept <= PRINTED_SURVIVORS, "above": kept >= PRINTED_SURVIVORS}
    picture = Grid(
        Text(
            f"Masks of {DRAWN} calls, one a row; entry 0 is 0 either way",
            f"{DRAWN} 次调用的掩码，每行一次；第 0 个数总是 0",
        ),
        masks[:DRAWN],
        columns=16,
        on=Text("survives", "幸存"),
        off=Text("dropped", "丢弃"),
    )
    return Measured(tails, law, picture)
