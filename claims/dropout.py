"""Dropout: the layer, its mask, its gradient, its two modes.

In the book's symbols: h' is 0 with probability p and h / (1 - p) otherwise, so that E[h'] = h.
p is the DROP probability, as in the book and in torch.
"""

from __future__ import annotations

import math

from harness import metrics
from harness.strategies import drop_probabilities, dtypes, layouts, shapes
from harness.trial.claim import Section, claim
from harness.trial.relations import (
    all_hold,
    exactly_equal,
    pairwise_independent,
    rate_equals,
)

SECTION = Section("dropout", "Dropout", "暂退法", 60)
MUTANTS = "dropout=tests.mutants.dropout:"


def one_percent_of_a_deviation(p):
    """1 % of the standard deviation of one mask element: the same sample for every p."""
    return 0.01 * math.sqrt(p * (1 - p))


def agreement_of_independent_masks(p):
    """p^2 + (1 - p)^2."""
    return metrics.agreement_rate(p)


@claim(
    "do-unbiased",
    "Dropout preserves the expectation: E[h'] = h",
    zh="丢弃法不改变期望：E[h'] = h",
    section=SECTION,
    source='d2l, "Dropout": "By design, the expectation remains unchanged, i.e., E[h\'] = h"',
    formula="h'/h ∈ {0, 1/(1-p)},  E[h'] = h",
    given={
        "p": drop_probabilities(),
        "shape": shapes(min_size=1024),
        "dtype": dtypes(),
        "layout": layouts(),
    },
    always=(
        {"p": 0.001, "shape": [64, 65], "dtype": "float32", "layout": "contiguous"},
        {"p": 0.9, "shape": [4, 16, 8, 8], "dtype": "bfloat16", "layout": "channels_last"},
    ),
    holds=all_hold(
        value=exactly_equal(),
        kept=rate_equals(lambda p: 1 - p, within=one_percent_of_a_deviation),
    ),
    mutants=(
        MUTANTS + "forgets_to_rescale",
        MUTANTS + "rescales_by_the_wrong_probability",
        MUTANTS + "drops_on_eight_random_bits",
    ),
    block=1 << 18,
    cost=0.02,
)
def dropout_preserves_the_expectation(dropout, p, shape, dtype, layout, replicates, stream, device):
    values, kept, total = [], 0, 0
    for h, dropped in _calls(dropout, p, shape, dtype, layout, replicates, stream, device):
        values.append(metrics.off_support(dropped, h, p).max(initial=0.0))
        kept += int((dropped != 0).sum())
        total += h.numel()
    return {"value": metrics.as_array(values), "kept": (kept, total)}


@claim(
    "do-keep-rule",
    "Dropout drops each unit with probability p",
    zh="每个单元以概率 p 被丢弃",
    section=SECTION,
    source='d2l, "Dropout", "Implementation from Scratch": samples that are greater than p stay',
    formula="P(h' = 0) = p",
    given={
        "p": drop_probabilities(0.001, 0.999),
        "shape": shapes(min_size=1024),
        "dtype": dtypes(),
        "layout": layouts(),
    },
    always=tuple(
        {"p": p, "shape": [33, 64], "dtype": dtype, "layout": "contiguous"}
        for p in (0.01, 0.99)
        for dtype in ("float32", "bfloat16", "float16")
    ),
    holds=rate_equals(lambda p: p, within=one_percent_of_a_deviation),
    mutants=(
        MUTANTS + "drops_on_eight_random_bits",
        MUTANTS + "draws_the_mask_in_the_input_dtype",
        MUTANTS + "takes_p_for_the_keep_rate",
        MUTANTS + "draws_normal_numbers",
    ),
    block=1 << 18,
    cost=0.02,
)
def dropout_drops_with_rate_p(dropout, p, shape, dtype, layout, replicates, stream, device):
    dropped_units, total = 0, 0
    for h, dropped in _calls(dropout, p, shape, dtype, layout, replicates, stream, device):
        dropped_units += int((dropped == 0).sum())
        total += h.numel()
    return dropped_units, total


@claim(
    "do-keep-rule.edges",
    "At p = 0 dropout is the identity, and at p = 1 everything is dropped",
    zh="p = 0 时暂退法是恒等映射，p = 1 时全部丢弃",
    section=SECTION,
    source='d2l, "Dropout", "Implementation from Scratch": dropout_layer(X, 0.) and (X, 1.)',
    formula="p = 0: h' = h;  p = 1: h' = 0",
    always=tuple(
        {"p": p, "shape": shape, "dtype": dtype, "layout": layout}
        for p in (0.0, 1.0)
        for dtype in ("float32", "float64", "bfloat16", "float16")
        for shape, layout in (([128, 129], "contiguous"), ([16, 8, 9, 7], "channels_last"))
    ),
    holds=exactly_equal(),
    mutants=(
        MUTANTS + "keeps_where_u_is_above_p_on_a_coarse_lattice",
        MUTANTS + "divides_zero_by_zero_at_one",
    ),
    block=1 << 16,
    cost=0.005,
)
def dropout_is_exact_at_both_edges(dropout, p, shape, dtype, layout, replicates, stream, device):
    ratios = []
    for h, dropped in _calls(dropout, p, shape, dtype, layout, replicates, stream, device):
        ratios.append(metrics.mismatch(dropped, h if p == 0.0 else 0 * h).max())
    return metrics.as_array(ratios)


def _calls(dropout, p, shape, dtype, layout, replicates, stream, device):
    """(h, h') of as many calls as it takes to drop `replicates` units, from one generator."""
    generator = stream.child("mask").torch(device)
    h = metrics.activations_like(
        shape, stream.child("h").torch(device), dtype=dtype, layout=layout, device=device
    )
    for _ in range(-(-replicates // h.numel())):
        yield h, dropout(h, p, generator)
