"""Normalisation: over features, with an eps that counts; over a batch, remembered."""

import itertools

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import counts, dtypes
from harness.metrics import arrays
from harness.metrics.gradient_steps import normal, wide

FEATURES = {
    "rows": counts(1, 4), "width": counts(2, 33),
    "size": st.sampled_from([1e-4, 1e-2, 1.0, 16.0]),  # of x, so that eps counts where it is small
    "eps": st.sampled_from([1e-5, 1e-6, 0.0]), "offset": st.sampled_from([0.0, 1.0]),
    "dtype": dtypes(),
}  # fmt: skip
ALWAYS = (
    {"rows": 3, "width": 16, "size": 1e-2, "eps": 1e-5, "offset": 0.0, "dtype": "float64"},
    {"rows": 3, "width": 33, "size": 1.0, "eps": 1e-6, "offset": 1.0, "dtype": "bfloat16"},
    {"rows": 3, "width": 8, "size": 16.0, "eps": 1e-6, "offset": 0.0, "dtype": "float16"},
    {"rows": 2, "width": 2, "size": 1.0, "eps": 1e-5, "offset": 0.0, "dtype": "float32"},
    {"rows": 3, "width": 9, "size": 1e-4, "eps": 0.0, "offset": 0.0, "dtype": "float32"},
)
# Roundings in a 16-bit dtype before the bias: the inverse root, the product with it, the gain.
OWN = 3
SHAPES = st.sampled_from([[4], [3, 8], [5, 1], [2, 3, 4], [2, 1, 2, 3]])
OFFSETS = st.sampled_from([0.0, 1.0, 1e5])


@claim(
    "tl-norm.rms",
    "RMS norm divides by √(mean square + ε); in 16 bits it is off by three roundings at most",
    "RMS 规范化除以 √(均方 + ε)；16 位时误差至多为三次舍入",
    source='d2l, "Batch Normalization", "Layer Normalization"; Zhang and Sennrich 2019, Eq. 4',
    formula="y = γ x / √(mean(x²) + ε)",
    given=FEATURES,
    always=ALWAYS,
    holds=exactly_equal(),
)
def rms_norm_is_its_formula(rms_norm, rows, width, size, eps, offset, dtype, stream, device):
    x, gain, _ = _features(rows, width, size, offset, dtype, stream, device)
    found = wide(rms_norm(x, gain, eps))

    values, g = wide(x), wide(gain)
    right = g * values / np.sqrt((values**2).mean(axis=-1, keepdims=True) + eps)
    return _ratios(found, right, np.abs(right), _roundings(right, OWN, dtype), width, dtype)


@claim(
    "tl-norm.layer",
    "Layer norm divides the centred features by √(variance + ε); in 16 bits it is off by three "
    "roundings at most, and by one more with the bias",
    "层规范化把去均值后的特征除以 √(方差 + ε)；16 位时误差至多为三次舍入，加偏置后再多一次",
    source='d2l, "Batch Normalization", "Layer Normalization"; Ba et al. 2016, Eq. 4',
    formula="y = γ (x - x̄) / √(var(x) + ε) + β",
    given=FEATURES,
    always=ALWAYS,
    holds=exactly_equal(),
)
def layer_norm_is_its_formula(layer_norm, rows, width, size, eps, offset, dtype, stream, device):
    x, gain, bias = _features(rows, width, size, offset, dtype, stream, device)
    found = wide(layer_norm(x, gain, bias, eps))

    values, g, b = wide(x), wide(gain), wide(bias)
    centred = values - values.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps)
    right = g * centred / deviation + b
    # A mean errs with the largest value, and so do all differences from it and their square.
    reach = np.abs(values).max(axis=-1, keepdims=True) / deviation
    lost = np.abs(g) * reach * (1 + np.abs(centred) / deviation)
    own = _roundings(g * centred / deviation, OWN, dtype)
    own = own + _roundings(np.abs(right) + own, 1, dtype)
    return _ratios(found, right, lost + np.abs(b), own, width, dtype)


@claim(
    "tl-norm.batch",
    "Batch norm follows the batch in training and its running mean and unbiased variance at test "
    "time, which a training step moves once",
    "批量规范化在训练时用小批量统计量，测试时用移动平均的均值和无偏方差；每个训练步只更新一次",
    source='d2l, "Batch Normalization": moving averages; Ioffe and Szegedy 2015, Algorithm 2',
    formula="y = γ (x - a) / √(v + ε) + β;  training: a = x̄, v = Σ (x - x̄)² / n, and then "
    "r ← (1 - m) r + m s,  s = x̄, and Σ (x - x̄)² / (n - 1);  test: (a, v) = r",
    given={
        "rows": counts(2, 6), "width": counts(1, 5), "eps": st.sampled_from([1e-5, 1e-3]),
        "momentum": st.sampled_from([0.1, 0.01, 0.5]), "size": st.sampled_from([1e-2, 1.0]),
        "dtype": dtypes("float32", "float64"),
    },
    always=(
        {"rows": 2, "width": 3, "eps": 1e-3, "momentum": 0.1, "size": 1e-2, "dtype": "float64"},
        {"rows": 6, "width": 4, "eps": 1e-5, "momentum": 0.5, "size": 1.0, "dtype": "float32"},
    ),
    holds=exactly_equal(),
)  # fmt: skip
def batch_norm_remembers(batch_norm, rows, width, eps, momentum, size, dtype, stream, device):
    gain, bias = (normal(stream.child(name), (width,), dtype, device) for name in ("g", "b"))
    # Two layers take turns: what is remembered of one is no other's.
    layers, answers = [(np.zeros(width), np.ones(width), None) for _ in range(2)], []
    operations = 8 * rows + 64
    turns = itertools.product((True, True, False, True, False), (0, 1))
    for step, (training, layer) in enumerate(turns):
        mean, var, state = layers[layer]
        x = normal(stream.child("x", step), (rows, width), dtype, device) * size
        found, state = batch_norm(x, gain, bias, state, eps, momentum, training)
        values = wide(x)
        if training:
            now, squares = values.mean(axis=0), ((values - values.mean(axis=0)) ** 2).sum(axis=0)
            mean = (1 - momentum) * mean + momentum * now
            var = (1 - momentum) * var + momentum * squares / (rows - 1)
            centred, deviation = values - now, np.sqrt(squares / rows + eps)
        else:
            centred, deviation = values - mean, np.sqrt(var + eps)
        layers[layer] = (mean, var, state)
        g, b = wide(gain), wide(bias)
        reach = (np.abs(values).max(axis=0) + np.abs(mean) + size) / deviation
        lost = np.abs(g) * reach * (1 + reach) + np.abs(b)
        answers += [
            arrays.rounding_ratio(
                wide(found), g * centred / deviation + b, lost, operations, dtype
            ),
            arrays.rounding_ratio(wide(state[0]), mean, 4 * size, operations, dtype),
            arrays.rounding_ratio(wide(state[1]), var, var + 16 * size**2, operations, dtype),
        ]
    return np.concatenate([one.ravel() for one in answers])


@claim(
    "tl-norm.rms-edges",
    "RMS norm acts on the last axis alone at every rank, and its gradient passes through the root",
    "无论输入有几个轴，RMS 规范化只作用于最后一个轴，其梯度也经过根号",
    source='d2l, "Batch Normalization", "Layer Normalization"; Zhang and Sennrich 2019, Eq. 4',
    formula="y = γ x / √(mean(x²) + ε), and ∂/∂x, ∂/∂γ",
    given={"shape": SHAPES, "offset": OFFSETS},
    always=({"shape": [2, 3, 4], "offset": 0.0}, {"shape": [5, 1], "offset": 1.0}),
    holds=exactly_equal(),
)
def rms_norm_acts_on_the_last_axis(rms_norm, shape, offset, stream, device):
    def exact(x, gain):
        return gain * x / (x.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt()

    tensors = _of_the_last_axis(shape, offset, 2, stream, device)
    return _with_gradients(lambda *t: rms_norm(*t, 1e-5), exact, tensors, offset, stream)


@claim(
    "tl-norm.layer-edges",
    "Layer norm acts on the last axis alone at every rank, keeps its digits far from 0, and its "
    "gradient passes through mean and variance",
    "无论输入有几个轴，层规范化只作用于最后一个轴；远离 0 时不丢失有效位数；其梯度经过均值与方差",
    source='d2l, "Batch Normalization", "Layer Normalization"; Ba et al. 2016, Eq. 4',
    formula="y = γ (x - x̄) / √(var(x) + ε) + β, and ∂/∂x, ∂/∂γ, ∂/∂β",
    given={"shape": SHAPES, "offset": OFFSETS},
    always=({"shape": [2, 3, 4], "offset": 0.0}, {"shape": [3, 8], "offset": 1e5}),
    holds=exactly_equal(),
)
def layer_norm_acts_on_the_last_axis(layer_norm, shape, offset, stream, device):
    def exact(x, gain, bias):
        centred = x - x.mean(dim=-1, keepdim=True)
        return gain * centred / (centred.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt() + bias

    tensors = _of_the_last_axis(shape, offset, 3, stream, device)
    return _with_gradients(lambda *t: layer_norm(*t, 1e-5), exact, tensors, offset, stream)


@claim(
    "tl-norm.batch-edges",
    "Batch norm's gradient passes through the batch's statistics, far from 0 too, and a momentum "
    "of 1 leaves nothing of the past, however small the variance",
    "批量规范化的梯度经过小批量的统计量，远离 0 时也是如此；动量为 1 时不保留任何过去的统计量，"
    "方差再小也一样",
    source='d2l, "Batch Normalization": moving averages; Ioffe and Szegedy 2015, Algorithm 1',
    formula="y = γ (x - x̄) / √(var + ε) + β, and ∂/∂x;  m = 1 ⇒ r = s",
    given={"rows": counts(2, 6), "offset": OFFSETS, "size": st.sampled_from([1e-3, 1.0])},
    always=(
        {"rows": 4, "offset": 1e5, "size": 1.0},
        {"rows": 3, "offset": 0.0, "size": 1e-3},
    ),
    holds=exactly_equal(),
)
def batch_norm_passes_gradients_through(batch_norm, rows, offset, size, stream, device):
    import torch

    def exact(x, gain, bias):
        centred = x - x.mean(dim=0)
        return gain * centred / (centred.square().mean(dim=0) + 1e-5).sqrt() + bias

    x, gain, bias = (
        normal(stream.child(name), form, "float64", device)
        for name, form in (("x", (rows, 3)), ("g", (3,)), ("b", (3,)))
    )
    x = (x + offset) * size
    with torch.no_grad():
        _, (mean, var) = batch_norm(x, gain, bias, None, 1e-5, 1.0)
    operations, reach = 8 * rows + 64, np.abs(wide(x)).max(axis=0) ** 2 + size**2
    running = [
        arrays.rounding_ratio(wide(mean), wide(x).mean(axis=0), reach**0.5, operations),
        arrays.rounding_ratio(wide(var), wide(x).var(axis=0, ddof=1), 1 + reach, operations),
    ]
    found = _with_gradients(
        lambda *t: batch_norm(*t, None, 1e-5)[0], exact, (x, gain, bias), offset, stream
    )
    return np.concatenate([*running, found])


def _of_the_last_axis(shape, offset, count, stream, device):
    """x of that shape about the offset, and gain and bias (d,); the first gain is all ones."""
    x = normal(stream.child("x"), shape, "float64", device) + offset
    return (x, *(normal(stream.child("t", i), shape[-1:], "float64", device).abs()
                 for i in range(1, count)))  # fmt: skip


def _with_gradients(function, exact, tensors, offset, stream):
    """Ratios of the values and all gradients, for a random cotangent, to those of the formula.

    A difference from the mean errs with the numbers, of size offset + 4, and is divided by √ε at
    least: 4,096 roundings leave room for that.
    """
    import torch

    answers = []
    for one in (function, exact):
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        y = one(*leaves)
        cotangent = normal(stream.child("c"), y.shape, "float64", y.device.type)
        slopes = torch.autograd.grad(y, leaves, cotangent, allow_unused=True)
        answers.append([y, *(torch.zeros(()) if s is None else s for s in slopes)])
    scale = offset + 4
    return np.concatenate(
        [
            arrays.rounding_ratio(
                wide(found), wide(right), scale * (1 + np.abs(wide(right)).max()), 4096
            ).ravel()
            for found, right in zip(*answers, strict=True)
        ]
    )


def _features(rows, width, size, offset, dtype, stream, device):
    """x (rows, width), of which an odd number of rows lies transposed in memory; gain and bias."""
    x = (normal(stream.child("x"), (rows, width), "float64", device) + offset) * size
    gain, bias = (normal(stream.child(name), (width,), dtype, device) for name in ("g", "b"))
    x = x.to(gain.dtype)
    return x.T.contiguous().T if rows % 2 else x, gain, bias


def _roundings(value, count, dtype):
    """What so many roundings in a 16-bit dtype may do to a value; nothing in a longer one."""
    short = dtype in ("float16", "bfloat16")
    return arrays.gamma(count, dtype) * np.abs(value) if short else np.zeros_like(value)


def _ratios(found, right, lost, own, width, dtype):
    """|found - right| / bound: roundings in float32 at least of terms `lost`, and `own` besides.

    A float16 below its smallest normal number may lose its digits.
    """
    longer = "float64" if dtype == "float64" else "float32"
    small = 2.0**-24 if dtype == "float16" else 0.0
    bound = arrays.gamma(4 * width + 64, longer) * lost + own + small
    return arrays.bounded_ratio(found, right, bound).ravel()
