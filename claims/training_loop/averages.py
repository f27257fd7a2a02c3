"""Averages of the weights over training: with a decay, with equal weights, of 16-bit weights."""

import numpy as np
from hypothesis import strategies as st

from claims.training_loop.experiments.running_averages import averaged, flat, right
from harness.declaration.claim import claim
from harness.declaration.relations import always_true, mean_equals
from harness.declaration.strategies import counts, dtypes
from harness.metrics import arrays
from harness.metrics.gradient_steps import normal
from harness.statistics.float_error import unit_roundoff

SOURCE = 'd2l, "RMSProp", "The Algorithm": the leaky average s ← γ s + (1 - γ) g²; '
SHAPES = ((3, 4), (3, 4), (5,))  # two of one shape, so that their order shows
FEW = 8  # calls at most
MANY, REACH = 32, 8.0  # calls of 16-bit weights; spacings beyond which an error counts as so many
OPERATIONS = 8  # of a call: the share, a difference, two products, a sum, the correction


@claim(
    "tl-average",
    "The first average is the weights, every further one decay times the last and 1 - decay times "
    "the weights, or that with its start corrected; whole numbers are copied",
    "首个平均值就是权重，此后每个都是上一个乘以衰减率，加上权重乘以 (1 - 衰减率)，或再修正起点"
    "的影响；整数直接复制",
    source=SOURCE + "Tarvainen and Valpola 2017, section 2; torch, get_ema_multi_avg_fn",
    formula="a_1 = w_1,  a_k = β a_{k-1} + (1 - β) w_k;  or a_k = Σ β^(k-i) w_i / Σ β^(k-i)",
    given={
        "decay": st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999]), "calls": counts(1, FEW),
        "dtype": dtypes("float32", "float64"),
    },
    always=(
        {"decay": 0.0, "calls": 3, "dtype": "float32"},
        {"decay": 0.9, "calls": 1, "dtype": "float64"},
        {"decay": 0.9, "calls": FEW, "dtype": "float64"},
        {"decay": 0.999, "calls": FEW, "dtype": "float32"},
    ),
    holds=always_true(),
)  # fmt: skip
def averages_forget_by_their_decay(average_weights, decay, calls, dtype, stream, device):
    weights = _weights(calls, dtype, stream, device)
    run = averaged(average_weights, weights, decay=decay)
    return _ratios(run, flat(weights, 1), dtype, ((decay, False), (decay, True)))


@claim(
    "tl-average.equal",
    "Without a decay the average is the plain mean of all weights so far",
    "不设衰减率时，平均值就是迄今所有权重的算术平均",
    source="Izmailov et al. 2018, Algorithm 1; torch, AveragedModel",
    formula="a_k = (w_1 + … + w_k) / k",
    given={"calls": counts(1, FEW), "dtype": dtypes("float32", "float64")},
    always=({"calls": 2, "dtype": "float64"}, {"calls": FEW, "dtype": "float32"}),
    holds=always_true(),
)
def without_a_decay_all_weights_count_alike(average_weights, calls, dtype, stream, device):
    weights = _weights(calls, dtype, stream, device)
    run = averaged(average_weights, weights)
    return _ratios(run, flat(weights, 1), dtype, ((1.0, True),))


@claim(
    "tl-average.sixteen",
    "Steps of an average that are smaller than the spacing of 16-bit weights arrive on average",
    "平均值的更新量即使小于 16 位权重的间距，平均而言也会生效",
    source=SOURCE + "Micikevicius et al. 2018, section 3.1: a copy in single precision",
    formula="E[a_k - (β a_{k-1} + (1 - β) w_k)] = 0, in spacings, of which a run moves 2 or more",
    given={"decay": st.sampled_from([0.9, 0.99, 0.999]), "dtype": dtypes("bfloat16", "float16")},
    always=(
        {"decay": 0.99, "dtype": "bfloat16"},
        {"decay": 0.999, "dtype": "bfloat16"},
        {"decay": 0.99, "dtype": "float16"},
    ),
    # A scheme that loses a quarter of the least way fails.
    holds=mean_equals(0.0, within=0.5, low=-REACH, high=REACH),
)
def small_steps_of_an_average_arrive(average_weights, decay, dtype, replicates, stream, device):
    import torch

    draws, spacing = stream.numpy(), 2 * unit_roundoff(dtype)  # of numbers in [1, 2)
    values = draws.uniform(1.0, 1.2, replicates) + np.zeros((MANY, 1))
    # Steps of .4 spacings at most: rounded to nearest none of them counts.
    most = min(0.4 / (1 - decay), 100) * spacing
    values[1:] += most * draws.uniform(0.5, 1.0, (MANY - 1, replicates))
    weights = [torch.as_tensor(values, device=device).to(getattr(torch, dtype))]
    run, values = averaged(average_weights, weights, decay=decay), flat(weights, 1)
    errors = [
        (run.averages[-1] - right(values, decay, corrected=corrected)[-1]) / spacing
        for corrected in (False, True)
    ]
    far = [np.clip(np.nan_to_num(error, nan=REACH), -REACH, REACH) for error in errors]
    return min(far, key=lambda error: np.abs(error).mean())


def _weights(calls, dtype, stream, device):
    return [
        normal(stream.child(str(i)), (calls, *shape), dtype, device)
        for i, shape in enumerate(SHAPES)
    ]


def _ratios(run, values, dtype, conventions):
    """The ratios by the (decay, corrected) that the averages come nearest to: each is right."""
    scale = arrays.gamma(OPERATIONS * len(values), dtype) * np.abs(values).max(axis=0)
    near = []
    for decay, corrected in conventions:
        exact = right(values, decay, corrected=corrected)
        # The correction 1 - decay^k is a difference of numbers near 1.
        allowed = scale / (1 - decay) if corrected and decay < 1 else scale
        far = np.nan_to_num(np.abs(run.averages - exact) / allowed, nan=np.inf).max()
        near.append((far, exact, allowed))
    _, exact, allowed = min(near, key=lambda one: one[0])
    return np.concatenate([
        arrays.bounded_ratio(run.averages, exact, allowed).ravel(),
        arrays.truth(np.array(run.copied), np.array(run.free)),
    ])  # fmt: skip
