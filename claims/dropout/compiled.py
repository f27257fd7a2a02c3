"""Dropout where faults hide: compiled and warmed up, checkpointed, in 16 bits, on infinities."""

import numpy as np
from hypothesis import strategies as st

from claims.dropout.experiments import compiled, pairs
from harness.declaration.claim import claim
from harness.declaration.relations import all_hold, exactly_equal, pairwise_independent, rate_equals
from harness.declaration.strategies import drop_probabilities, dtypes, layouts, shapes
from harness.metrics import arrays, dropout_masks, tensors

SCRATCH = 'd2l, "Dropout", "Implementation from Scratch": '
PRACTICE = 'd2l, "Dropout", "Dropout in Practice": '
LAGS = tuple(f"call, lag {lag}" for lag in (1, 2, 4))


@claim(
    "do-keep-rule.compiled",
    "A compiled dropout layer, once warm, still draws a new mask at every call, rescales what it "
    "keeps and knows its mode",
    "编译后的暂退层在预热之后，每次调用仍抽取新的掩码、放大保留的值，并区分训练与测试模式",
    source=SCRATCH + "every call draws its own samples",
    formula="after warm-up: h' ∈ {0, h/(1-p)},  P(h' = 0) = p,  m_t independent of m_s;  eval: h' "
    "= h",
    given={"p": drop_probabilities(0.1, 0.9)},
    always=({"p": 0.3},),
    holds=all_hold(
        value=exactly_equal(),
        rate=rate_equals(lambda p: 1 - p, within=pairs.of_an_element(0.05)),
        calls=pairwise_independent(lambda p: p, within=pairs.of_an_agreement(0.1), labels=LAGS),
    ),
)
def a_compiled_layer_draws_anew(dropout, p, replicates, stream, device):
    generator, units = stream.child("mask").torch(device), 4096
    h = tensors.activations_like(
        [64, 64], stream.child("h").torch(device), dtype="float32", layout="contiguous",
        device=device,
    )  # fmt: skip
    layer = compiled.compiled(dropout)
    ratios, masks = [], []
    for training in (True, False, True, False):
        layer(h, p, generator, training=training)  # compiled at the first call in each mode
    for _ in range(-(-replicates // units // 8) * 8):
        dropped = layer(h, p, generator, training=True)
        evaluated = layer(h, p, generator, training=False)
        ratios.append(dropout_masks.off_support(dropped, h, p).max())
        ratios.append(arrays.mismatch(evaluated, h).max())
        masks.append(arrays.as_array(dropped) != 0)
    found = np.array(masks)
    return {
        "value": np.array(ratios),
        "rate": (int(found.sum()), found.size),
        "calls": {f"call, lag {lag}": dropout_masks.agreements(found, 0, lag) for lag in (1, 2, 4)},
    }


@claim(
    "do-keep-rule.extremes",
    "Drop probabilities of 2^-12 and 1 - 2^-12 are kept, in 16 bits too",
    "丢弃概率为 2^-12 和 1 - 2^-12 时，丢弃的比例仍然正确，16 位浮点数下也是如此",
    source=SCRATCH + "samples that are greater than p stay",
    formula="P(h' = 0) = p at p = 2^-12, 1 - 2^-12",
    always=tuple(
        {"p": p, "dtype": dtype}
        for p, dtype in (
            (2.0**-12, "float32"),
            (2.0**-12, "bfloat16"),
            (2.0**-12, "float16"),
            (1 - 2.0**-12, "float32"),
            (1 - 2.0**-12, "bfloat16"),
        )
    ),
    # Half of what is rare: a rate of 0 or of 1 is far beyond it, and so is one rounded to 256ths.
    holds=rate_equals(lambda p: p, within=2.0**-13),
)
def extreme_rates_are_exact(dropout, p, dtype, replicates, stream, device):
    h = tensors.activations_like(
        [128, 128], stream.child("h").torch(device), dtype=dtype, layout="contiguous", device=device
    )
    generator, lost, total = stream.child("mask").torch(device), 0, 0
    while total < replicates:
        lost += int((dropout(h, p, generator) == 0).sum())
        total += h.numel()
    return lost, total


@claim(
    "do-grad-vanish.checkpoint",
    "The gradient uses the forward mask where the backward pass computes the layer again, too",
    "即使反向传播时重新计算该层（梯度检查点），梯度仍使用前向的掩码",
    source=PRACTICE + "the gradients of the dropped units vanish",
    formula="∂h'/∂h = m / (1 - p), recomputed from the same state",
    given={
        "p": drop_probabilities(0.1, 0.9),
        "shape": shapes(min_size=1024),
        "dtype": dtypes("float32", "float64"),
        "layout": layouts(),
    },
    always=({"p": 0.1, "shape": [32, 64], "dtype": "float32", "layout": "contiguous"},),
    holds=exactly_equal(),
)
def a_recomputed_layer_repeats_its_mask(dropout, p, shape, dtype, layout, stream, device):
    h, cotangent = (
        tensors.activations_like(
            shape, stream.child(name).torch(device), dtype=dtype, layout=layout, device=device
        )
        for name in ("h", "v")
    )
    generator, ratios = stream.child("mask").torch(device), []
    for _ in range(3):
        leaf = pairs.with_zeros(h, stream.child("zeros").torch(device)).requires_grad_()
        dropped = compiled.checkpointed(dropout, leaf, p, generator)
        dropped.backward(cotangent)
        gradient = pairs.gradient_of(leaf)
        ratios.append(
            pairs.gradient_off_mask(gradient, cotangent, leaf.detach(), dropped.detach(), p)
        )
    return np.concatenate(ratios)


@claim(
    "do-unbiased.sixteen-bit",
    "A value kept in 16 bits is rounded as it should: 1 - p or its inverse once at most, and the "
    "result once",
    "16 位下保留的值舍入正确：1 - p 或其倒数至多舍入一次，结果舍入一次",
    source=SCRATCH + "the kept values are divided by 1 - p",
    formula="h' ∈ {0, fl(h / (1-p)), fl(h · fl(1/(1-p))), fl(h / fl(1-p))}",
    given={
        "p": drop_probabilities(0.01, 0.9),
        "shape": shapes(min_size=1024),
        "dtype": st.sampled_from(["bfloat16", "float16"]),
        "layout": layouts(),
    },
    always=tuple(
        {"p": p, "shape": [33, 64], "dtype": dtype, "layout": "contiguous"}
        for p in (0.1, 0.3)
        for dtype in ("bfloat16", "float16")
    ),
    holds=exactly_equal(),
)
def kept_values_are_rounded_exactly(dropout, p, shape, dtype, layout, stream, device):
    h = tensors.activations_like(
        shape, stream.child("h").torch(device), dtype=dtype, layout=layout, device=device
    )
    generator, facts = stream.child("mask").torch(device), []
    for _ in range(3):
        dropped = dropout(h, p, generator)
        facts.append(arrays.truth(compiled.rounded_once(dropped, h, p)))
    return np.concatenate(facts)


@claim(
    "do-keep-rule.infinite",
    "A dropped infinity is 0 and a kept one stays infinite, finite values stay finite, and at p = "
    "1 all are 0",
    "被丢弃的无穷大变为 0，保留的仍为无穷大，有限值仍为有限值；p = 1 时全为 0",
    source=SCRATCH + "a dropped unit is replaced by 0",
    formula="h = ±∞: h' ∈ {0, ±∞};  p = 1: h' = 0",
    given={"p": drop_probabilities(0.1, 0.9), "dtype": dtypes(), "layout": layouts()},
    always=(
        {"p": 0.5, "dtype": "float32", "layout": "contiguous"},
        {"p": 0.5, "dtype": "bfloat16", "layout": "contiguous"},
    ),
    holds=all_hold(
        value=exactly_equal(), rate=rate_equals(lambda p: 1 - p, within=pairs.of_an_element(0.05))
    ),
)
def infinities_are_dropped_too(dropout, p, dtype, layout, replicates, stream, device):
    h, sign = compiled.infinite(
        [64, 64], stream.child("h").torch(device), dtype=dtype, layout=layout, device=device
    )
    generator, ratios, kept, total = stream.child("mask").torch(device), [], 0, 0
    ratios.append(arrays.truth(arrays.as_array(dropout(h, 1.0, generator)) == 0).ravel())
    while total < replicates:
        dropped = arrays.as_array(dropout(h, p, generator))
        endless = np.isinf(arrays.as_array(h))
        ratios.append(arrays.truth((dropped[endless] == 0) | (dropped == sign * np.inf)[endless]))
        ratios.append(arrays.truth(np.isfinite(dropped[~endless])))
        kept += int((dropped != 0)[endless].sum())
        total += int(endless.sum())
    return {"value": np.concatenate(ratios), "rate": (kept, total)}
