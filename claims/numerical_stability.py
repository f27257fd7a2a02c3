"""Numerical stability: gradients are products over the layers, and products explode or vanish.

In the book's symbols: h_l = σ(W_l h_(l-1)), ∂h_l/∂h_(l-1) = diag(σ'(W_l h_(l-1))) W_l; q_l is the
second moment of a layer's signal, and the gradient's on the way down.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from harness import metrics
from harness.rulers import activations as formulas
from harness.rulers import nets, signals
from harness.strategies import counts, depths
from harness.trial.claim import Section, Verdict, claim
from harness.trial.exhibits import Curve, Line, Measured
from harness.trial.relations import (
    distribution_equals,
    exactly_equal,
    mean_equals,
    more_often_than_not,
)

SECTION = Section("numerical-stability", "Numerical Stability", "数值稳定性", 70)
FAULTS = "tests.mutants.activations:"
NORMAL = "xavier_normal=tests.mutants.initialization:"
HE_NORMAL = "he_normal=tests.mutants.initialization:"
PLAIN = "plain_normal=tests.mutants.initialization:"
CHAINS = "propagate=tests.mutants.chains:"
CLIPPING = "clip_gradient_norm=tests.mutants.clipping:"

BOOK = 'd2l, "Numerical Stability and Initialization", '
NOTES = "Mu Li's notes, 数值稳定性: "
NAMES = ("relu", "sigmoid", "tanh", "scaled_sigmoid")
DEEP = (64,) * 10  # hidden layers of a net that the chapter would call deep
RATES = (0.001, 0.01, 0.1, 1.0)
LEARNT = 0.5  # of the training samples right; chance is one tenth
DECADE = math.log(10)


# ---- products of Jacobians ----------------------------------------------------------------------


@claim(
    "ns-product",
    "The gradient of a deep net is the product of its layers' Jacobians diag(σ'(W h)) W",
    zh="深层网络的梯度是各层雅可比矩阵 diag(σ'(Wh))W 的连乘",
    section=SECTION,
    source=BOOK + '"Vanishing and Exploding Gradients": the product of L - l matrices',
    formula="∂h_3/∂h_0 = Π_l diag(σ'(W_l h_{l-1})) W_l",
    condition="in the layout of outputs by inputs",
    condition_zh="按“输出 × 输入”排列",
    given={
        "activation": st.sampled_from(NAMES),
        "sizes": st.sampled_from([[3, 5, 4, 2], [8, 8, 8, 8]]),
    },
    always=tuple({"activation": name, "sizes": [4, 7, 3, 5]} for name in NAMES),
    holds=exactly_equal(),
    mutants=tuple(f"{name}={FAULTS}mixes_the_units" for name in NAMES),
    block=4,
    cost=0.02,
    draws=2,
)
def the_gradient_is_a_product_of_jacobians(
    xavier_normal,
    relu,
    sigmoid,
    tanh,
    scaled_sigmoid,
    activation,
    sizes,
    replicates,
    stream,
    device,
):
    chosen = _chosen(activation, relu, sigmoid, tanh, scaled_sigmoid)
    ratios = []
    for found, layers in _jacobians(chosen, activation, xavier_normal, sizes, replicates, stream):
        product, size = np.eye(sizes[0]), np.eye(sizes[0])
        for jacobian in layers:
            product, size = jacobian @ product, np.abs(jacobian) @ size
        # A slope's rounding is relative to 1, so |W| stands for |diag(σ') W| in the error's scale.
        scale = np.eye(sizes[0])
        for w in layers.weights:
            scale = np.abs(w) @ scale
        steps = sum(sizes) + len(sizes) * (formulas.FORMULA_ROUNDINGS + 4)
        ratios.append(metrics.rounding_ratio(found, product, scale, steps).ravel())
    return np.concatenate(ratios)


@claim(
    "ns-product.outside",
    "The Jacobian of a layer is diag(σ'(W h)) W'",
    zh="每层的雅可比矩阵是 diag(σ'(Wh))·Wᵀ",
    section=SECTION,
    source=NOTES + "∂h_t/∂h_{t-1} = diag(σ'(W h))(W)ᵀ",
    formula="∂h_t/∂h_{t-1} = diag(σ'(W h)) W'",
    condition="read in the layout of outputs by inputs, as ∂h_t/∂h_{t-1} is written",
    condition_zh="按 ∂h_t/∂h_{t-1} 的写法，以“输出 × 输入”排列",
    always=({"activation": "tanh", "sizes": [7, 7]}, {"activation": "tanh", "sizes": [4, 7]}),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="ns-product",
    why="diag(σ') W' mixes two layouts: the transposed (gradient) layout is W' diag(σ'). For a "
    "layer with m ≠ n units the printed product has not even a shape, and for m = n it is wrong "
    "unless W is symmetric.",
    why_zh="diag(σ')Wᵀ 混用了两种排列：转置（梯度）排列应为 Wᵀdiag(σ')。"
    "m ≠ n 时该乘积的形状都不成立，m = n 时除非 W 对称否则也不对。",
    block=4,
    cost=0.02,
)
def the_jacobian_has_the_transposed_weights(
    xavier_normal, tanh, activation, sizes, replicates, stream
):
    ratios = []
    for found, layers in _jacobians(tanh, activation, xavier_normal, sizes, replicates, stream):
        (w,), (slope,) = layers.weights, layers.slopes
        printed = w.T * slope[:, None] if w.shape[0] == w.shape[1] else w.T
        ratios.append(
            metrics.rounding_ratio(found, printed, np.abs(w), 32).ravel()
            if found.shape == printed.shape
            else metrics.mismatch(found, printed)
        )
    return np.concatenate(ratios)


@claim(
    "ns-diagonal",
    "The Jacobian of an elementwise activation is diagonal",
    zh="逐元素激活函数的雅可比矩阵是对角阵",
    section=SECTION,
    source=NOTES + "diag(σ'(W h))",
    formula="∂σ(z)_i/∂z_j = 0 for i ≠ j",
    given={"activation": st.sampled_from(NAMES), "units": counts(2, 12)},
    always=tuple({"activation": name, "units": 5} for name in NAMES),
    holds=exactly_equal(),
    mutants=tuple(f"{name}={FAULTS}mixes_the_units" for name in NAMES),
    block=4,
    cost=0.02,
    draws=2,
)
def elementwise_activations_have_diagonal_jacobians(
    relu, sigmoid, tanh, scaled_sigmoid, activation, units, replicates, stream
):
    import torch

    chosen = _chosen(activation, relu, sigmoid, tanh, scaled_sigmoid)
    z = torch.randn((replicates, units), generator=stream.torch(), dtype=torch.float64)
    jacobians = torch.autograd.functional.jacobian(lambda a: chosen(a).sum(dim=0), z)
    away = ~np.eye(units, dtype=bool)
    return metrics.mismatch(
        jacobians.permute(1, 0, 2)[:, away], 0 * z[:, :1].expand(-1, away.sum())
    )


@claim(
    "ns-pow",
    "A product of 100 factors 1.5 is about 4·10¹⁷, and of 100 factors 0.8 about 2·10⁻¹⁰",
    zh="100 个 1.5 相乘约为 4×10¹⁷，100 个 0.8 相乘约为 2×10⁻¹⁰",
    section=SECTION,
    source=NOTES + "1.5^100 ≈ 4 × 10^17, 0.8^100 ≈ 2 × 10^-10",
    formula="w¹⁰⁰, to the one digit that is printed",
    always=({"w": 1.5, "printed": 4e17}, {"w": 0.8, "printed": 2e-10}),
    holds=exactly_equal(),
    mutants=(CHAINS + "skips_the_last_layer", CHAINS + "normalises_every_layer"),
    block=1,
    cost=0.02,
)
def a_hundred_factors_explode_or_vanish(propagate, w, printed, stream):
    run = _powers(propagate, w, 100, "float64", stream)
    unit = 10.0 ** math.floor(math.log10(printed))
    found = np.sqrt([run.forward[0, -1], run.backward[0, 0] / run.backward[0, -1]])
    return Measured(
        np.abs(found - printed) / (0.5 * unit),
        (signals.through_the_layers(run.forward, run.backward),),
    )


@claim(
    "ns-fp16",
    "Half precision carries a product while it stays between 6·10⁻⁵ and 6·10⁴",
    zh="乘积处于 6×10⁻⁵ 到 6×10⁴ 之间时，半精度可以正常表示",
    section=SECTION,
    source=NOTES + "16 位浮点数的数值区间 6e-5 - 6e4",
    formula="2⁻¹⁴ ≤ |x| ≤ 65504:  relative error ≤ γ_k, u = 2⁻¹¹",
    condition="inside the range of normal numbers",
    condition_zh="在规格化数的范围之内",
    given={"w": st.sampled_from([1.5, 1.1, 0.8, 0.5, 0.9, 2.0])},
    always=({"w": 1.5}, {"w": 0.8}),
    holds=exactly_equal(),
    mutants=(CHAINS + "skips_the_last_layer", CHAINS + "normalises_every_layer"),
    block=1,
    cost=0.02,
    draws=2,
)
def half_precision_carries_normal_products(propagate, w, stream):
    depth = min(200, int(min(math.log(6e4), math.log(1 / 6.2e-5)) / abs(math.log(w))))
    found = np.sqrt(_powers(propagate, w, depth, "float16", stream).forward[0])
    layer = np.arange(depth + 1)
    exact = w ** layer.astype(float)
    # w itself is rounded once for every factor, and so is every product: two roundings a layer.
    bounds = [metrics.gamma(2 * int(k) + 1, "float16") for k in layer]
    return np.abs(found - exact) / (np.array(bounds) * exact)


@claim(
    "ns-fp16.outside",
    "Half precision holds nothing outside 6·10⁻⁵ to 6·10⁴",
    zh="半精度在 6×10⁻⁵ 到 6×10⁴ 之外什么都表示不了",
    section=SECTION,
    source=NOTES + "16 位浮点数的数值区间 6e-5 - 6e4",
    formula="|x| < 6·10⁻⁵ is read as 0",
    condition="below the range of normal numbers",
    condition_zh="低于规格化数的范围",
    given={"w": st.sampled_from([0.5, 0.7, 0.8, 0.9])},
    always=({"w": 0.8},),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="ns-fp16",
    why="Below 2⁻¹⁴ = 6.1·10⁻⁵ come the subnormal numbers, with fewer and fewer digits, down to "
    "2⁻²⁴ = 6.0·10⁻⁸: 0.8^k is read as 0 from k = 78 on, not from 44.",
    why_zh="2⁻¹⁴ = 6.1×10⁻⁵ 以下还有次正规数，精度逐渐降低，直到 2⁻²⁴ = 6.0×10⁻⁸："
    "0.8 的 k 次方从 k = 78 起才读作 0，而不是从 44 起。",
    block=1,
    cost=0.02,
    draws=2,
)
def half_precision_holds_nothing_below_its_range(propagate, w, stream):
    depth = math.ceil(math.log(6e-5) / math.log(w)) + 1
    run = _powers(propagate, w, depth, "float16", stream)
    return metrics.mismatch(run.forward[0, -1:], np.zeros(1))


@claim(
    "ns-fp16.ends",
    "A half-precision product of factors 1.5 overflows at the 28th, and of factors 0.25 reads 0 at "
    "the 13th",
    zh="半精度下，1.5 的连乘在第 28 个溢出，"
    "0.25 的连乘在第 13 个变为 0（单精度下 1.5 在第 219 个溢出）",
    section=SECTION,
    source=NOTES + "16 位浮点数的数值区间 6e-5 - 6e4",
    formula="1.5²⁸ > 65504;  0.25¹³ = 2⁻²⁶ < 2⁻²⁵",
    always=(
        {"w": 1.5, "dtype": "float16", "factor": 28},
        {"w": 0.25, "dtype": "float16", "factor": 13},
        {"w": 1.5, "dtype": "float32", "factor": 219},
    ),
    holds=exactly_equal(),
    mutants=(CHAINS + "ignores_the_dtype",),
    block=1,
    cost=0.05,
)
def products_leave_the_range_at_their_factor(propagate, w, dtype, factor, stream):
    found = _powers(propagate, w, factor, dtype, stream).forward[0]
    lost = ~np.isfinite(found) | (found == 0)
    return Measured(
        metrics.truth(lost[-1], ~lost[:-1]),
        (signals.through_the_layers(found[None]),),
    )


@claim(
    "ns-fp16.stuck",
    "A half-precision product of factors 0.8 never reaches 0: rounding holds it at 2⁻²³",
    zh="半精度下，0.8 的连乘永远到不了 0：舍入使它停在 2⁻²³",
    section=SECTION,
    source="IEEE 754: rounding to nearest among the subnormal numbers, multiples of 2⁻²⁴",
    formula="round(0.8 · 2) = 2 in units of 2⁻²⁴",
    always=({"depth": 100}, {"depth": 1000}),
    holds=exactly_equal(),
    mutants=(CHAINS + "ignores_the_dtype",),
    block=1,
    cost=0.1,
)
def rounding_holds_a_vanishing_product(propagate, depth, stream):
    run = _powers(propagate, 0.8, depth, "float16", stream)
    return Measured(
        metrics.mismatch(run.forward[0, -1:], np.array([2.0**-46])),
        (signals.through_the_layers(run.forward),),
    )


# ---- large weights ------------------------------------------------------------------------------


@claim(
    "ns-W>1",
    "Where all elements of W exceed 1, deep products explode",
    zh="若 W 的元素都大于 1，深层乘积会爆炸",
    section=SECTION,
    source=NOTES + "梯度爆炸: 若 W 元素值大于 1",
    formula="w_ij ∈ (1, 1.5), n = 64:  q_10 / q_0 > 10¹⁵",
    condition="linear or relu layers: positive weights add up, n of them a layer",
    condition_zh="线性或 relu 层：正权重逐层相加，每层 n 个",
    always=({"activation": "linear"}, {"activation": "relu"}),
    holds=more_often_than_not(),
    mutants=("relu=" + FAULTS + "caps_at_six", CHAINS + "normalises_every_layer"),
    block=8,
    cost=0.1,
)
def large_weights_explode(propagate, relu, activation, replicates, stream, device):
    chosen = {"linear": None, "relu": relu}[activation]
    return _with_entries(propagate, chosen, (1.0, 1.5), replicates, stream, device)


@claim(
    "ns-W>1.outside",
    "Where all elements of W exceed 1, deep products explode also in nets of sigmoids and tanhs",
    zh="若 W 的元素都大于 1，使用 sigmoid 或 tanh 的深层网络的梯度也会爆炸",
    section=SECTION,
    source=NOTES + "梯度爆炸: 若 W 元素值大于 1",
    formula="w_ij ∈ (1, 1.5), n = 64:  gradient² grows by more than 10¹⁵",
    condition="saturating activations",
    condition_zh="会饱和的激活函数",
    always=({"activation": "sigmoid"}, {"activation": "tanh"}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-W>1",
    why="Large positive weights drive the units to ±32 and beyond, where σ' is 10⁻¹⁴ or less: the "
    "factor σ' beats the factor W, and the gradient is 0 in floating point.",
    why_zh="大的正权重把单元推到 ±32 以外，那里 σ' 不超过 10⁻¹⁴："
    "σ' 压过了 W，梯度在浮点数中恰好为 0。",
    block=8,
    cost=0.1,
)
def large_weights_explode_through_saturation(
    propagate, sigmoid, tanh, activation, replicates, stream, device
):
    chosen = {"sigmoid": sigmoid, "tanh": tanh}[activation]
    return _with_entries(propagate, chosen, (1.0, 1.5), replicates, stream, device)


@claim(
    "ns-W>1.necessary",
    "Deep products do not explode where no element of W exceeds 1",
    zh="W 的元素都不超过 1 时，深层乘积不会爆炸",
    section=SECTION,
    source=NOTES + "梯度爆炸: 若 W 元素值大于 1 (read as a condition that is needed)",
    formula="|w_ij| ≤ 1  ⇒  q_10 / q_0 < 10¹⁵",
    condition="n = 64 inputs a unit",
    condition_zh="每个单元有 n = 64 个输入",
    always=({"entries": [0.5, 0.5]}, {"entries": [0.4, 0.6]}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-W>1.threshold",
    why="What grows is the whole matrix: 64 elements of 1/2 have the largest singular value 32, so "
    "ten layers multiply by 32¹⁰ ≈ 10¹⁵ (10³⁰ in squares).",
    why_zh="决定增长的是整个矩阵：64 个 1/2 使最大奇异值为 32，"
    "十层就是 32¹⁰ ≈ 10¹⁵（平方后 10³⁰）。",
    block=8,
    cost=0.1,
)
def small_weights_do_not_explode(propagate, entries, replicates, stream, device):
    measured = _with_entries(propagate, None, tuple(entries), replicates, stream, device)
    return Measured(~measured.observation, measured.exhibits)


@claim(
    "ns-W>1.threshold",
    "Gaussian layers explode where n σ² is above 1 (linear) or 2 (relu), and vanish below",
    zh="高斯权重时，阈值是 nσ² = 1（线性）或 2（relu）：高于它爆炸，低于它消失",
    section=SECTION,
    source=BOOK + '"Xavier Initialization"; He et al. 2015',
    formula="sign ln(q_50 / q_0) = sign(n σ² - threshold), signal and gradient",
    given={
        "activation": st.sampled_from(["linear", "relu"]),
        "times": st.sampled_from([0.5, 0.7, 1.5, 2.0]),
    },
    always=({"activation": "linear", "times": 0.7}, {"activation": "relu", "times": 1.5}),
    holds=more_often_than_not(),
    mutants=(
        PLAIN + "squares_the_deviation",
        "relu=" + FAULTS + "reflects_the_negative_side",
        CHAINS + "normalises_every_layer",
    ),
    block=8,
    cost=0.15,
    draws=2,
)
def gaussian_layers_have_a_threshold(
    propagate, plain_normal, relu, activation, times, replicates, stream, device
):
    n = 128
    threshold, chosen = {"linear": (1.0, None), "relu": (2.0, relu)}[activation]
    std = math.sqrt(times * threshold / n)
    run = _through(propagate, _of(plain_normal, std), chosen, 50, n, replicates, stream, device)
    up = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    down = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    law = math.log(times)
    return Measured(
        (up * law > 0) & (down * law > 0),
        (signals.through_the_layers(run.forward, run.backward),),
    )


@claim(
    "ns-gauss-product",
    "The product of 100 Gaussian matrices explodes",
    zh="100 个高斯矩阵的乘积会爆炸",
    section=SECTION,
    source=BOOK + '"Exploding Gradients": 100 matrices from N(0, 1), of size 4 × 4',
    formula="‖M_100 … M_1 x‖² / ‖x‖² > 10⁶",
    condition="matrices of size 3 × 3 and more",
    condition_zh="矩阵大小至少为 3 × 3",
    given={"k": counts(3, 8)},
    always=({"k": 4},),
    holds=more_often_than_not(),
    mutants=(PLAIN + "ignores_the_deviation", CHAINS + "normalises_every_layer"),
    block=16,
    cost=0.1,
    draws=2,
)
def gaussian_products_explode(propagate, plain_normal, k, replicates, stream, device):
    run = _through(propagate, _of(plain_normal, 1.0), None, 100, k, replicates, stream, device)
    return _exploded(run, 6 * DECADE)


@claim(
    "ns-gauss-product.outside",
    "The product of 100 Gaussian matrices explodes, whatever their size",
    zh="无论大小，100 个高斯矩阵的乘积都会爆炸",
    section=SECTION,
    source=BOOK + '"Exploding Gradients"',
    formula="‖M_100 … M_1 x‖² / ‖x‖² > 10⁶",
    condition="matrices of size 1 × 1, that is numbers",
    condition_zh="1 × 1 的矩阵，即数",
    always=({"k": 1},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-gauss-product",
    why="A product of k × k Gaussian matrices grows like e^(λ L) with λ = (ln 2 + ψ(k/2)) / 2, "
    "which "
    "is -.635 at k = 1, .058 at 2 and .635 at 4: numbers of size about 1 multiply to 0.",
    why_zh="k × k 高斯矩阵的乘积按 e^(λL) 增长，λ = (ln 2 + ψ(k/2))/2：k = 1 时为 −0.635，k = 2 "
    "时 0.058，k = 4 时 0.635；"
    "标准正态数的连乘趋于 0。",
    block=16,
    cost=0.05,
)
def gaussian_numbers_explode(propagate, plain_normal, k, replicates, stream, device):
    run = _through(propagate, _of(plain_normal, 1.0), None, 100, k, replicates, stream, device)
    return _exploded(run, 6 * DECADE)


@claim(
    "ns-gauss-product.exponent",
    "Each k × k Gaussian matrix multiplies the squared length by an independent χ²_k",
    zh="每个 k × k 高斯矩阵使长度的平方乘以一个独立的 χ²_k 变量",
    section=SECTION,
    source="Newman 1986; λ = (ln 2 + ψ(k/2)) / 2 is half the mean of its logarithm",
    formula="‖M h‖² / ‖h‖² ~ χ²_k",
    given={"k": counts(1, 8)},
    always=({"k": 4},),
    holds=distribution_equals("chi-squared with k degrees", within=0.02),
    mutants=(PLAIN + "ignores_the_deviation", CHAINS + "normalises_every_layer"),
    block=1 << 15,
    cost=0.1,
    draws=2,
)
def each_gaussian_matrix_multiplies_by_chi_squared(
    propagate, plain_normal, k, replicates, stream, device
):
    nets_drawn = -(-replicates // 100)
    run = _through(propagate, _of(plain_normal, 1.0), None, 100, k, nets_drawn, stream, device)
    return signals.chi_squared_cdf(signals.layer_ratios(run.forward), k)


# ---- what explosion and vanishing do to training ------------------------------------------------


@claim(
    "ns-explode-breaks",
    "Exploding gradients break training: N(0, 1) weights diverge at every learning rate, He's "
    "learn",
    zh="梯度爆炸破坏收敛：N(0, 1) 初始化在所有学习率下都发散，而 He 初始化可以训练",
    section=SECTION,
    source=NOTES + "梯度爆炸的问题: 值超出值域、对学习率敏感",
    formula="10 relu layers:  no rate of {.001, .01, .1, 1} learns with N(0, 1), one does with He",
    holds=more_often_than_not(),
    mutants=(
        PLAIN + "initialises_again_with_he",
        HE_NORMAL + "adds_a_fan_outside_the_fraction",
    ),
    block=8,
    cost=2.0,
    shrink=False,
)
def exploding_gradients_break_training(
    train_mlp, plain_normal, he_normal, relu, replicates, stream, device
):
    arms = {"N(0, 1)": _of(plain_normal, 1.0), "He": he_normal}
    best = {
        name: _best_rate(train_mlp, law, relu, DEEP, RATES, 10, replicates, stream, device)
        for name, law in arms.items()
    }
    return (best["N(0, 1)"] < LEARNT) & (best["He"] > LEARNT)


@claim(
    "ns-explode-breaks.sensitive",
    "With exploding gradients the learning rate is delicate: fewer rates work than with He's "
    "weights",
    zh="梯度爆炸时学习率很敏感：可用的学习率比 He 初始化时少",
    section=SECTION,
    source=NOTES + "对学习率敏感: 可能需要在训练过程中不断调整学习率",
    formula="#{rates that learn | N(0, 1)} < #{rates that learn | He}",
    condition="four hidden layers",
    condition_zh="四个隐藏层",
    holds=more_often_than_not(),
    mutants=(HE_NORMAL + "adds_a_fan_outside_the_fraction",),
    block=8,
    cost=1.0,
    shrink=False,
)
def exploding_gradients_make_the_rate_delicate(
    train_mlp, plain_normal, he_normal, relu, replicates, stream, device
):
    working = []
    for law in (_of(plain_normal, 1.0), he_normal):
        accuracies = [
            _accuracy(_trained(train_mlp, law, relu, (64,) * 4, lr, 10, replicates, stream, device))
            for lr in RATES
        ]
        working.append((np.array(accuracies) > LEARNT).sum(axis=0))
    return working[0] < working[1]


@claim(
    "ns-explode-breaks.clip",
    "Clipping scales a gradient to the stated norm over all parameters together, and keeps its "
    "direction",
    zh="梯度裁剪按所有参数的总范数缩放梯度，并保持其方向",
    section=SECTION,
    source='d2l, "Recurrent Neural Networks", "Gradient Clipping": g ← min(1, θ/‖g‖) g',
    formula="g' = min(1, θ/‖g‖) g,  ‖g‖² = Σ_layers ‖g_l‖²",
    given={
        "shapes": st.lists(
            st.lists(st.integers(1, 6), min_size=1, max_size=3), min_size=2, max_size=5
        ),
        "threshold": st.sampled_from([1e-3, 0.5, 1.0, 3.0, 1e3]),
    },
    always=(
        {"shapes": [[4, 3], [4], [2, 4], [2]], "threshold": 1.0},
        {"shapes": [[4, 3], [4], [2, 4], [2]], "threshold": 100.0},
        {"shapes": [[5], [1]], "threshold": 0.5},
    ),
    holds=exactly_equal(),
    mutants=(
        CLIPPING + "adds_the_norms",
        CLIPPING + "multiplies_by_the_root_of_the_shards",
        CLIPPING + "takes_the_largest",
        CLIPPING + "clips_each_shard_alone",
        CLIPPING + "returns_the_clipped_norm",
        CLIPPING + "shares_one_norm_over_the_replicas",
    ),
    block=4,
    cost=0.01,
)
def clipping_keeps_the_direction(clip_gradient_norm, shapes, threshold, replicates, stream, device):
    import torch

    generator = stream.torch(device)
    grads = [
        torch.randn((replicates, *shape), generator=generator, dtype=torch.float64, device=device)
        for shape in shapes
    ]
    grads[0] = grads[0] * torch.arange(replicates, device=device).reshape(-1, *[1] * len(shapes[0]))
    clipped, norm = clip_gradient_norm(grads, threshold)
    flat, cut = (
        np.concatenate([part.cpu().numpy().reshape(replicates, -1) for part in parts], axis=1)
        for parts in (grads, clipped)
    )
    exact = np.linalg.norm(flat, axis=1)
    wanted = flat * np.minimum(1.0, threshold / exact)[:, None]
    steps = 2 * flat.shape[1] + 8
    return np.concatenate(
        [
            metrics.rounding_ratio(norm, exact, exact, steps),
            metrics.rounding_ratio(cut, wanted, wanted, steps).ravel(),
        ]
    )


@claim(
    "ns-saturate",
    "The sigmoid's gradient nearly disappears where its input is large",
    zh="sigmoid 的输入较大时，其梯度几乎为零",
    section=SECTION,
    source=BOOK + '"Vanishing Gradients": the gradient vanishes when inputs are large or small',
    formula="|x| ≥ 4:  σ'(x) ≤ σ'(4) = .0177",
    condition="|x| ≥ 4",
    condition_zh="|x| ≥ 4",
    given={"least": st.sampled_from([4.0, 6.0, 10.0])},
    always=({"least": 4.0},),
    holds=exactly_equal(),
    mutants=(
        "sigmoid=" + FAULTS + "centres_the_sigmoid",
        "sigmoid=" + FAULTS + "lets_the_input_through",
    ),
    block=256,
    cost=0.01,
)
def the_sigmoid_saturates(sigmoid, least, replicates, stream, device):
    import torch

    rng = stream.numpy()
    x = (least + rng.exponential(2.0, replicates)) * rng.choice([-1.0, 1.0], replicates)
    x[:2] = least, -least
    slope = formulas.slope_of(sigmoid, torch.tensor(x, device=device))
    line = np.linspace(-8, 8, 161)
    drawn = formulas.slope_of(sigmoid, torch.tensor(line, device=device))
    return Measured(
        slope / (formulas.sigmoid_slope(np.array(4.0)) * (1 + metrics.gamma(64))),
        (
            Curve(
                "The sigmoid and its gradient",
                "sigmoid 函数及其梯度",
                line,
                (
                    Line("sigmoid", "sigmoid", formulas.sigmoid(line)[None]),
                    Line("gradient", "梯度", drawn[None]),
                ),
                x_label="x",
                x_label_zh="x",
            ),
        ),
    )


@claim(
    "ns-saturate.outside",
    "Where its inputs are small, the sigmoid passes the gradient on through a deep net",
    zh="只要输入较小，sigmoid 就能把梯度传过深层网络",
    section=SECTION,
    source=NOTES + "梯度消失: 使用 sigmoid，输入稍大导数近 0",
    formula="gradient² falls by less than 10 decades over 10 layers",
    condition="Xavier weights: all inputs of the sigmoids are below 3",
    condition_zh="Xavier 初始化：sigmoid 的输入都小于 3",
    given={"width": st.sampled_from([64, 128])},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-saturate.quarter",
    why="σ' is at most 1/4, at 0: with weights that keep a linear signal every layer multiplies "
    "the "
    "gradient's square by .056, however small the inputs are.",
    why_zh="σ' 最大只有 1/4（在 0 处）：使用保持线性信号的权重时，"
    "无论输入多小，每层都使梯度的平方乘以约 0.056。",
    block=8,
    cost=0.1,
    draws=1,
)
def small_inputs_pass_the_gradient(
    propagate, xavier_normal, sigmoid, width, replicates, stream, device
):
    run = _through(propagate, xavier_normal, sigmoid, 10, width, replicates, stream, device)
    change = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    return Measured(change > -10 * DECADE, (signals.through_the_layers(None, run.backward),))


@claim(
    "ns-saturate.quarter",
    "A sigmoid layer with Xavier weights multiplies the gradient's square by .056, since σ' ≤ 1/4",
    zh="因为 σ' ≤ 1/4，Xavier 初始化的 sigmoid 层使梯度的平方每层乘以约 0.056",
    section=SECTION,
    source="Schoenholz et al. 2017: χ = n γ E[σ'(√q Z)²]",
    formula="χ = E[σ'(√q* Z)²] = .0557 ≤ 1/16",
    given={"width": st.sampled_from([128])},
    always=({"width": 256},),
    holds=mean_equals(1.0, within=0.1, low=0.0, high=signals.LARGEST_RATIO),
    mutants=(
        "sigmoid=" + FAULTS + "centres_the_sigmoid",
        "sigmoid=" + FAULTS + "approximates_the_sigmoid",
        NORMAL + "takes_another_gain",
    ),
    block=8,
    cost=0.2,
    draws=1,
)
def sigmoid_layers_multiply_by_chi(
    propagate, xavier_normal, sigmoid, width, replicates, stream, device
):
    depth = 20
    run = _through(propagate, xavier_normal, sigmoid, depth, width, replicates, stream, device)
    _, chi = signals.mean_field(formulas.sigmoid, formulas.sigmoid_slope, 1.0, depth)
    law = np.concatenate([np.cumprod(chi[::-1])[::-1], [1.0]])
    ratios = run.backward[:, 2:-1] / run.backward[:, 3:]  # layers at the signal's fixed point
    return Measured(
        signals.cut_ratios(ratios / chi[2:]),
        (
            signals.through_the_layers(
                None, run.backward, Line("mean-field law", "平均场理论", law)
            ),
        ),
    )


@claim(
    "ns-any-lr",
    "Once gradients have vanished, no learning rate makes progress",
    zh="梯度消失后，无论怎样选择学习率，训练都没有进展",
    section=SECTION,
    source=NOTES + "梯度消失的问题: 训练没有进展，不管如何选择学习率",
    formula="10 sigmoid layers: accuracy < 1/4 at every rate; one layer: > 1/2 at some rate",
    condition="plain SGD, ten hidden layers of sigmoids, Xavier weights, 20 epochs",
    condition_zh="普通 SGD，十个 sigmoid 隐藏层，Xavier 初始化，20 轮",
    holds=more_often_than_not(),
    mutants=("sigmoid=" + FAULTS + "lets_the_input_through",),
    block=8,
    cost=2.0,
    shrink=False,
)
def no_rate_rescues_vanished_gradients(
    train_mlp, xavier_normal, sigmoid, replicates, stream, device
):
    rates = (0.01, 0.1, 1.0, 10.0)
    law = xavier_normal
    deep = _best_rate(train_mlp, law, sigmoid, DEEP, rates, 20, replicates, stream, device)
    flat = _best_rate(train_mlp, law, sigmoid, (64,), (1.0,), 20, replicates, stream, device)
    return (deep < LEARNT / 2) & (flat > LEARNT)


@claim(
    "ns-any-lr.outside",
    "A deep net of sigmoids makes no progress at any learning rate, whatever its weights",
    zh="无论权重如何，深层 sigmoid 网络在任何学习率下都没有进展",
    section=SECTION,
    source=NOTES + "梯度消失的问题: 训练没有进展，不管如何选择学习率",
    formula="10 sigmoid layers: accuracy < 1/4 at every rate",
    condition="the weights are scaled up to the deviation 4 / √n, which undoes σ' ≤ 1/4; 60 epochs",
    condition_zh="把权重放大到标准差 4/√n 以抵消 σ' ≤ 1/4；60 轮",
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-any-lr",
    why="The gradient vanished because σ' ≤ 1/4 met weights that keep a linear signal; weights "
    "four "
    "times as large bring it back, and plain SGD learns (so does Adam, which rescales gradients).",
    why_zh="梯度消失是因为 σ' ≤ 1/4 与“保持线性信号”的权重相遇；"
    "把权重放大四倍即可恢复，普通 SGD 就能学习（Adam 会重新缩放梯度，也可以）。",
    block=8,
    cost=1.5,
    shrink=False,
)
def scaled_weights_make_no_progress_either(
    train_mlp, plain_normal, sigmoid, replicates, stream, device
):
    def four_times_as_large(fan_in, *arguments, **options):
        return plain_normal(fan_in, *arguments, std=4 / math.sqrt(fan_in), **options)

    run = _trained(
        train_mlp, four_times_as_large, sigmoid, DEEP, 0.1, 60, replicates, stream, device
    )
    return _accuracy(run) < LEARNT / 2


@claim(
    "ns-bottom-worse",
    "Vanishing is worst at the bottom: the lowest layers get the smallest gradients",
    zh="梯度消失对底部层尤为严重：越靠近输入的层梯度越小",
    section=SECTION,
    source=NOTES + "对于底部层尤为严重: 仅仅顶部层训练得较好",
    formula="ln(‖∇W_2‖ / ‖∇W_10‖) < -2",
    condition="saturating activations: sigmoids",
    condition_zh="会饱和的激活函数：sigmoid",
    given={"width": st.sampled_from([64, 128])},
    holds=more_often_than_not(),
    mutants=(
        "sigmoid=" + FAULTS + "lets_the_input_through",
        CHAINS + "forgets_the_activation",
    ),
    block=8,
    cost=0.1,
    draws=2,
)
def vanishing_is_worst_at_the_bottom(
    propagate, xavier_normal, sigmoid, width, replicates, stream, device
):
    run = _through(propagate, xavier_normal, sigmoid, 10, width, replicates, stream, device)
    return _bottom_heavy(run)


@claim(
    "ns-bottom-worse.outside",
    "Vanishing is worst at the bottom also for small weights and relus",
    zh="使用小权重与 relu 时，梯度消失同样对底部层更严重",
    section=SECTION,
    source=NOTES + "对于底部层尤为严重",
    formula="ln(‖∇W_2‖ / ‖∇W_10‖) < -2",
    condition="relu layers with N(0, 0.01²) weights",
    condition_zh="relu 层，权重 N(0, 0.01²)",
    given={"width": st.sampled_from([64, 128])},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-bottom-worse",
    why="A layer's gradient is δ_l h_(l-1)': where small weights shrink the gradient on its way "
    "down "
    "they shrink the signal on its way up by the same factor, so the product is equally small in "
    "all layers.",
    why_zh="一层的梯度是 δ_l 与 h_{l-1} 的外积："
    "小权重使梯度向下逐层缩小，也使信号向上以同样的倍数缩小，故各层的乘积同样小。",
    block=8,
    cost=0.1,
    draws=2,
)
def small_weights_starve_the_bottom(
    propagate, plain_normal, relu, width, replicates, stream, device
):
    law = _of(plain_normal, 0.01)
    run = _through(propagate, law, relu, 10, width, replicates, stream, device)
    return _bottom_heavy(run)


@claim(
    "ns-bottom-worse.flat",
    "With small weights and relus the gradients of all layers are equally small",
    zh="使用小权重与 relu 时，所有层的梯度同样小",
    section=SECTION,
    source="‖∇W_l‖ = ‖δ_l‖ ‖h_(l-1)‖ for one example",
    formula="|ln(‖∇W_2‖ / ‖∇W_10‖)| < 3/2",
    condition="relu layers with N(0, 0.01²) weights",
    condition_zh="relu 层，权重 N(0, 0.01²)",
    given={"width": st.sampled_from([64, 128])},
    holds=more_often_than_not(),
    mutants=("relu=" + FAULTS + "loses_the_factor_x",),
    block=8,
    cost=0.1,
    draws=2,
)
def small_weights_shrink_all_gradients_alike(
    propagate, plain_normal, relu, width, replicates, stream, device
):
    law = _of(plain_normal, 0.01)
    run = _through(propagate, law, relu, 10, width, replicates, stream, device)
    change = signals.log_change(run.weight_gradient[:, 1], run.weight_gradient[:, -1])
    return Measured(np.abs(change) < 1.5, (_gradients(run),))


@claim(
    "ns-residual",
    "Turning products into sums, as ResNet and LSTM do, keeps the gradient through a deep net",
    zh="把乘法变成加法（ResNet、LSTM）能让梯度稳定地穿过深层网络",
    section=SECTION,
    source=NOTES + "让训练更加稳定: 将乘法变加法",
    formula="h_l = h_{l-1} + σ(W h_{l-1})/√L:  |ln(δ_0²/δ_L²)| < 2;  product: < -20",
    given={"depth": depths(20, 50)},
    always=({"depth": 50},),
    holds=more_often_than_not(),
    mutants=(
        "sigmoid=" + FAULTS + "lets_the_input_through",
        "sigmoid=" + FAULTS + "steepens_the_sigmoid",
    ),
    block=8,
    cost=0.1,
    draws=1,
)
def sums_keep_the_gradient(xavier_normal, sigmoid, depth, replicates, stream, device):
    sums, products = (
        _gradient_down(xavier_normal, sigmoid, depth, replicates, stream, device, residual=residual)
        for residual in (True, False)
    )
    change = [signals.log_change(g[:, 0], g[:, -1]) for g in (sums, products)]
    return Measured(
        (np.abs(change[0]) < 2) & (change[1] < -20),
        (
            signals.through_the_layers(
                None,
                None,
                Line("sum: h + σ(W h)/√L", "加法：h + σ(Wh)/√L", sums),
                Line("product: σ(W h)", "乘法：σ(Wh)", products),
            ),
        ),
    )


# ---- helpers ------------------------------------------------------------------------------------


class _Layers(list[Any]):
    """The Jacobians of a net's layers, with the weights and slopes that they are made of."""

    weights: list[Any]
    slopes: list[Any]


def _chosen(name, relu, sigmoid, tanh, scaled_sigmoid):
    return {"relu": relu, "sigmoid": sigmoid, "tanh": tanh, "scaled_sigmoid": scaled_sigmoid}[name]


def _jacobians(activation, name, initializer, sizes, replicates, stream):
    """(∂h_L/∂h_0 by autograd, the layers' Jacobians by formula) of `replicates` nets."""
    import torch

    generator = stream.torch()
    for _ in range(replicates):
        weights = [
            initializer(a, b, generator, dtype=torch.float64)[0]
            for a, b in itertools.pairwise(sizes)
        ]
        inputs: list[Any] = []

        def net(h, weights=weights, inputs=inputs):
            inputs.clear()
            for w in weights:
                z = w @ h
                inputs.append(z.detach().numpy().copy())
                h = activation(z)
            return h

        x = torch.randn(sizes[0], generator=generator, dtype=torch.float64)
        found = torch.autograd.functional.jacobian(net, x).numpy()
        layers = _Layers()
        layers.weights = [w.numpy() for w in weights]
        layers.slopes = [formulas.SLOPES[name](z) for z in inputs]
        pairs = zip(layers.slopes, layers.weights, strict=True)
        layers.extend(slope[:, None] * w for slope, w in pairs)
        yield found, layers


def _powers(propagate, w, depth, dtype, stream):
    """A chain of `depth` layers with one unit and the weight w, from the input 1."""
    import torch

    def constant(fan_in, fan_out, generator, replicates=1, dtype=None, device="cpu"):
        return torch.full((replicates, fan_out, fan_in), w, dtype=dtype, device=device)

    def ones(shape, generator=None, dtype=None, device="cpu"):
        return torch.ones(shape, dtype=dtype, device=device)

    return propagate(
        depth,
        1,
        constant,
        None,
        1,
        stream.torch(),
        examples=1,
        dtype=metrics.dtype_of(dtype),
        inputs=ones,
    )


def _of(plain_normal, std):
    def initializer(*arguments, **options):
        return plain_normal(*arguments, std=std, **options)

    return initializer


def _through(propagate, initializer, activation, depth, width, replicates, stream, device):
    """One example through each of `replicates` chains."""
    return propagate(
        depth,
        width,
        initializer,
        activation,
        replicates,
        stream.torch(device),
        examples=1,
        device=device,
    )


def _with_entries(propagate, activation, entries, replicates, stream, device):
    """Whether the gradient's square grows by more than 10^15 through ten layers of 64 units."""
    import torch

    low, high = entries

    def initializer(fan_in, fan_out, generator, replicates=1, dtype=None, device="cpu"):
        shape = (replicates, fan_out, fan_in)
        u = torch.rand(shape, generator=generator, dtype=dtype, device=device)
        return low + (high - low) * u

    def positive(shape, **options):
        return torch.rand(shape, **options)

    run = propagate(
        10,
        64,
        initializer,
        activation,
        replicates,
        stream.torch(device),
        examples=1,
        inputs=positive,
        device=device,
    )
    change = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    return Measured(change > 15 * DECADE, (signals.through_the_layers(run.forward, run.backward),))


def _exploded(run, nats):
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    return Measured(change > nats, (signals.through_the_layers(run.forward),))


def _trained(train_mlp, initializer, activation, hidden, lr, epochs, replicates, stream, device):
    task = nets.clouds(replicates, 200, stream.child("data").numpy(), tests=10)
    return nets.train(
        train_mlp,
        task,
        stream,
        device,
        hidden=hidden,
        epochs=epochs,
        lr=lr,
        batch_size=20,
        initializer=initializer,
        activation=activation,
    )


def _accuracy(run):
    """The training accuracy at the end; a diverged net knows nothing."""
    return np.where(run.diverged, 0.0, run.train_accuracy[:, -1])


def _best_rate(
    train_mlp, initializer, activation, hidden, rates, epochs, replicates, stream, device
):
    """The best training accuracy over the learning rates, on the same data and initial weights."""
    arguments = (epochs, replicates, stream, device)
    runs = [_trained(train_mlp, initializer, activation, hidden, lr, *arguments) for lr in rates]
    return np.max([_accuracy(run) for run in runs], axis=0)


def _bottom_heavy(run):
    change = signals.log_change(run.weight_gradient[:, 1], run.weight_gradient[:, -1])
    return Measured(change < -2, (_gradients(run),))


def _gradients(run):
    return Curve(
        "Gradient norm of the weights, layer by layer",
        "各层权重的梯度范数",
        np.arange(1, run.weight_gradient.shape[1] + 1),
        (Line("‖∇W_l‖", "‖∇W_l‖", signals.positive(run.weight_gradient)),),
        x_label="layer",
        x_label_zh="层",
        y_label="norm",
        y_label_zh="范数",
        log_y=True,
    )


def _gradient_down(initializer, activation, depth, replicates, stream, device, *, residual):
    """The mean square (R, L + 1) of a random cotangent at each layer, on the way down."""
    import torch

    n = 64
    generator = stream.torch(device)
    options = {"generator": generator, "dtype": torch.float64, "device": device}
    h = torch.randn((replicates, n, 1), **options).requires_grad_()
    layers = [h]
    for _ in range(depth):
        w = initializer(n, n, generator, replicates=replicates, dtype=torch.float64, device=device)
        branch = activation(w @ h)
        h = h + branch / math.sqrt(depth) if residual else branch
        layers.append(h)
    cotangent = torch.randn((replicates, n, 1), **options)
    gradients = torch.autograd.grad(h, layers, cotangent)
    return torch.stack([g.square().mean(dim=(1, 2)) for g in gradients], dim=1).cpu().numpy()
