"""Gradients of ranks: combined they are the whole batch's, the same at every rank."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from claims.training_loop.experiments import ranks
from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import dtypes
from harness.metrics import arrays
from harness.statistics.float_error import gamma, unit_roundoff
from harness.text import Text

COUNTS = st.lists(st.integers(0, 9), min_size=1, max_size=4).filter(any)
MEAN = "g = Σ_r n_r g_r / Σ_r n_r"


@claim(
    "tl-ranks",
    "The gradient that ranks agree on is that of the whole batch, however unequal their shards "
    "are, and the same at every rank bit for bit",
    "无论各进程分到的样本数如何不等，各进程得到的梯度都是整批的梯度，并且逐位相同",
    source='d2l, "Training on Multiple GPUs", "Data Parallelism": gradients are aggregated over '
    "all parts of the minibatch; Li et al. 2020, section 3.2",
    formula=f"{MEAN} = 1/n Σ_i ∇l_i,  n = Σ_r n_r",
    given={"counts": COUNTS, "dtype": dtypes("float64", "float32")},
    always=(
        {"counts": [5, 1, 3], "dtype": "float64"},
        {"counts": [4, 4, 4, 4], "dtype": "float32"},
        {"counts": [3, 0, 2], "dtype": "float64"},
        {"counts": [7], "dtype": "float32"},
    ),
    holds=exactly_equal(),
)
def the_whole_batchs_gradient_reaches_every_rank(data_parallel_step, counts, dtype, stream, device):
    examples = ranks.examples(sum(counts), stream)
    found = data_parallel_step(ranks.shards(examples, counts, dtype, device), counts)

    roundings = sum(counts) + ranks.operations(counts)  # of the shards' own means as well
    answers = [
        arrays.rounding_ratio(g, each.mean(0), np.abs(each).mean(0), roundings, dtype)
        for g, each in zip(found[0], examples, strict=True)
    ]
    answers += [
        arrays.mismatch(*pair) for rank in found for pair in zip(rank, found[0], strict=True)
    ]
    for g in found[0]:
        g.fill_(np.inf)
    apart = [bool(g.isfinite().all()) for rank in found[1:] for g in rank]
    return np.concatenate([*map(np.ravel, answers), arrays.truth(*apart, True)])


@claim(
    "tl-ranks.sixteen",
    "16-bit gradients of ranks are added up in higher precision and rounded once",
    "各进程的 16 位梯度以更高精度相加，只舍入一次",
    source="Micikevicius et al. 2018, section 3.3: large sums are to be carried out in FP32",
    formula=f"{MEAN}:  |fl(g) - g| ≤ u |g|,  u = 2⁻⁸ or 2⁻¹¹",
    given={
        "counts": st.lists(st.integers(1, 3000), min_size=1, max_size=6),
        "dtype": dtypes("bfloat16", "float16"),
        "size": st.sampled_from([1.0, 8192.0]),
    },
    always=(
        {"counts": [3000, 500, 1000], "dtype": "bfloat16", "size": 1.0},
        {"counts": [1, 1, 1, 1], "dtype": "float16", "size": 8192.0},
        {"counts": [1, 1, 1, 1], "dtype": "bfloat16", "size": 1.0},
    ),
    holds=replace(
        exactly_equal(),
        words=Text("it is an honest rounding of the exact mean", "结果是精确均值的如实舍入"),
    ),
)
def sixteen_bit_gradients_are_rounded_once(data_parallel_step, counts, dtype, size, stream, device):
    import torch

    given = ranks.gradients(len(counts), dtype, stream, device, size)
    found = data_parallel_step(given, counts)[0]

    least = torch.finfo(getattr(torch, dtype)).smallest_normal  # spacings are even below it
    answers = []
    for g, (mean, scale) in zip(found, ranks.weighted_means(given, counts), strict=True):
        error = gamma(ranks.operations(counts), "float32") * scale
        bound = unit_roundoff(dtype) * np.maximum(np.abs(mean) + error, least) + error
        answers.append(arrays.bounded_ratio(g, mean, bound).ravel())
    return np.concatenate(answers)


@claim(
    "tl-ranks.nonfinite",
    "What is not finite in the gradient of one rank is not finite at any rank, and all else is "
    "as it should be",
    "任一进程梯度中的非有限值会出现在每个进程的同一位置，其余元素不受影响",
    source="Micikevicius et al. 2018, section 3.2: an overflow is looked for in the gradient, and "
    "ranks that see it and ranks that do not would part",
    formula=f"{MEAN}:  finite where every g_r is, at every rank alike",
    given={
        "counts": st.lists(st.integers(1, 9), min_size=2, max_size=4),
        "value": st.sampled_from(["nan", "inf", "-inf"]),
        "last": st.booleans(),
        "dtype": dtypes("float64", "float32"),
    },
    always=(
        {"counts": [5, 1, 3], "value": "nan", "last": False, "dtype": "float32"},
        {"counts": [2, 2], "value": "inf", "last": True, "dtype": "float64"},
    ),
    holds=exactly_equal(),
)
def what_is_not_finite_reaches_every_rank(
    data_parallel_step, counts, value, last, dtype, stream, device
):
    given = ranks.gradients(len(counts), dtype, stream, device)
    right = ranks.weighted_means(given, counts)
    given[-1 if last else 0][0][1, 2] = float(value)
    found = data_parallel_step(given, counts)

    roundings, answers = ranks.operations(counts), []
    for rank in found:
        answers.append(arrays.truth(not bool(rank[0][1, 2].isfinite())))
        rank[0][1, 2] = float(right[0][0][1, 2])  # what is left is as without it
        answers += [
            arrays.rounding_ratio(g, *sides, roundings, dtype).ravel()
            for g, sides in zip(rank, right, strict=True)
        ]
    return np.concatenate(answers)
