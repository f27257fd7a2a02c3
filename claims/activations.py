"""Activation functions: what they do to means, variances and gradients, layer by layer.

In the book's symbols: o = W h, h' = f(o); q is the second moment of a layer's signal.
Near 0, tanh(x) = x - x³/3 + O(x⁵), relu(x) = x for x > 0, sigmoid(x) = 1/2 + x/4 - x³/48 + O(x⁵).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from harness import metrics
from harness.rulers import activations as formulas
from harness.rulers import nets, signals
from harness.strategies import dtypes, fans
from harness.trial.claim import Section, Verdict, claim
from harness.trial.exhibits import Curve, Line, Measured
from harness.trial.relations import (
    all_hold,
    exactly_equal,
    mean_below,
    mean_equals,
    more_often_than_not,
    variance_equals,
)

SECTION = Section("activations", "Activation Functions and Stability", "激活函数与数值稳定", 90)
FAULTS = "tests.mutants.activations:"
NORMAL = "xavier_normal=tests.mutants.initialization:"
HE_NORMAL = "he_normal=tests.mutants.initialization:"
HE_UNIFORM = "he_uniform=tests.mutants.initialization:"
PLAIN = "plain_normal=tests.mutants.initialization:"
CHAINS = "propagate=tests.mutants.chains:"

NOTES = "Mu Li's notes, 检查常用激活函数: "
KEPT: dict[str, Any] = {"within": 0.1, "low": 0.0, "high": signals.LARGEST_RATIO}
LEARNT = 0.5  # of the training samples right; chance is one tenth
DEEP = (64,) * 10  # hidden layers of a net that the chapter would call deep


# ---- affine activations -------------------------------------------------------------------------


@claim(
    "ac-affine",
    "An affine activation a x + b multiplies the variance by a²",
    zh="线性激活 ax + b 使方差乘以 a²",
    section=SECTION,
    source="Mu Li's notes, 假设线性的激活函数: Var[h] = a² Var[h']",
    formula="Var[a X + b] = a² Var[X]",
    given={
        "fan": fans(16, 256),
        "a": st.sampled_from([-2.0, -1.0, 0.5, 1.7, 3.0]),
        "b": st.sampled_from([0.0, 0.3, -2.0]),
    },
    always=({"fan": [256, 64], "a": 1.7, "b": 0.3},),
    holds=all_hold(identity=exactly_equal(), variance=variance_equals(ratio=1.1)),
    mutants=(NORMAL + "takes_another_gain", NORMAL + "counts_the_inputs_alone"),
    block=1 << 14,
    cost=0.1,
    draws=2,
)
def an_affine_activation_multiplies_the_variance(
    xavier_normal, fan, a, b, replicates, stream, device
):
    import torch

    copies = -(-replicates // fan[1])
    generator = stream.torch(device)
    w = xavier_normal(*fan, generator, replicates=copies, dtype=torch.float64, device=device)
    x = torch.randn((copies, fan[0], 1), generator=generator, dtype=torch.float64, device=device)
    z = w @ (x * math.sqrt(fan[0]) / x.norm(dim=1, keepdim=True))
    z = z.cpu().numpy().ravel()
    h = a * z + b
    # Sums of n squares of a z + b - mean: n + 4 roundings of terms up to (|a z| + |b|)^2.
    scale = np.square(np.abs(a * z) + abs(b)).mean()
    return {
        "identity": metrics.rounding_ratio(h.var(), a * a * z.var(), 4 * scale, 2 * len(z) + 8),
        "variance": (float(np.square(h - b).sum() / (a * a * 2 * fan[0] / sum(fan))), len(h)),
    }


@claim(
    "ac-a1",
    "To keep the mean 0 and the variance, an affine activation a x + b needs a = 1 and b = 0",
    zh="要保持均值为 0 且方差不变，线性激活 ax + b 必须满足 a = 1、b = 0",
    section=SECTION,
    source="Mu Li's notes, 假设线性的激活函数: β = 0, α = 1",
    formula="a ≠ 1 or b ≠ 0  ⇒  q_20 / q_0 outside [1/2, 2]",
    condition="a > 0 and weights with n γ = 1",
    condition_zh="a > 0，且权重满足 nγ = 1",
    given={"ab": st.sampled_from([[0.5, 0.0], [0.8, 0.0], [1.25, 0.0], [2.0, 0.0], [1.0, 0.7]])},
    always=({"ab": [1.0, 1.0]},),
    holds=more_often_than_not(),
    mutants=(CHAINS + "forgets_the_activation", CHAINS + "normalises_every_layer"),
    block=16,
    cost=0.1,
    draws=2,
)
def only_the_identity_keeps_the_moments(propagate, xavier_normal, ab, replicates, stream, device):
    run = _affine(propagate, xavier_normal, ab, replicates, stream, device)
    return _moved(run)


@claim(
    "ac-a1.outside",
    "An affine activation with a ≠ 1 cannot keep the mean 0 and the variance, whatever a's sign",
    zh="无论 a 的符号，只要 a ≠ 1，线性激活就不能保持均值为 0 且方差不变",
    section=SECTION,
    source="Mu Li's notes, 假设线性的激活函数: β = 0, α = 1",
    formula="a ≠ 1  ⇒  q_20 / q_0 outside [1/2, 2]",
    condition="a = -1",
    condition_zh="a = −1",
    always=({"ab": [-1.0, 0.0]},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ac-a1",
    why="The condition is a² = 1, and a = -1 satisfies it: it flips the signal and keeps its "
    "moments. "
    "With weights of variance 1 / (n a²) any a does.",
    why_zh="条件只是 a² = 1，a = −1 同样满足：信号变号而各阶矩不变；"
    "若权重方差取 1/(n a²)，则任何 a 都可以。",
    block=16,
    cost=0.1,
)
def a_reflection_moves_the_moments(propagate, xavier_normal, ab, replicates, stream, device):
    run = _affine(propagate, xavier_normal, ab, replicates, stream, device)
    return _moved(run)


@claim(
    "ac-identity-only",
    "Only the identity keeps the signal's size: a nonlinear activation shrinks it in every layer",
    zh="要保持数值稳定，激活函数只能是自身：非线性激活会使信号逐层缩小",
    section=SECTION,
    source="Mu Li's notes, 假设线性的激活函数: 激活函数只能是它本身",
    formula="E[q_{l+1} / q_l] < 1",
    always=({"activation": "relu"}, {"activation": "tanh"}),
    holds=mean_below(0.95, 0.9, low=0.0, high=signals.LARGEST_RATIO),
    expected=Verdict.REFUTED,
    twin="ac-identity-only.corrected",
    why="The argument fixes the weights at n γ = 1. With n γ = 2 the relu passes half of a doubled "
    "second moment, and tanh has a fixed point at q = .31, which attracts.",
    why_zh="推导只考虑了 nγ = 1。取 nγ = 2 时，"
    "relu 通过加倍后二阶矩的一半，tanh 则有吸引的不动点 q ≈ 0.31。",
    block=32,
    cost=0.3,
)
def nonlinear_activations_shrink_the_signal(
    propagate, he_normal, relu, tanh, activation, replicates, stream, device
):
    chosen = {"relu": relu, "tanh": tanh}[activation]
    return _eleventh_layer(propagate, he_normal, chosen, replicates, stream, device)


@claim(
    "ac-identity-only.corrected",
    "With weights of variance 2 / n_in, relu and tanh keep the signal's size, each at its own "
    "level",
    zh="权重方差为 2/n_in 时，relu 与 tanh 都能保持信号的大小（各自停在自己的水平）",
    section=SECTION,
    source="He et al. 2015; Poole et al. 2016 for the fixed point",
    formula="E[q_11 / q_10] = 1",
    always=({"activation": "relu"}, {"activation": "tanh"}),
    holds=mean_equals(1.0, **KEPT),
    mutants=(
        HE_NORMAL + "forgets_the_factor_two",
        "relu=" + FAULTS + "reflects_the_negative_side",
        "tanh=" + FAULTS + "lets_the_input_through",
    ),
    block=32,
    cost=0.3,
)
def he_weights_keep_the_size_of_nonlinear_signals(
    propagate, he_normal, relu, tanh, activation, replicates, stream, device
):
    chosen = {"relu": relu, "tanh": tanh}[activation]
    return _eleventh_layer(propagate, he_normal, chosen, replicates, stream, device)


# ---- tanh ---------------------------------------------------------------------------------------


@claim(
    "ac-tanh",
    "tanh(x) ≈ x near 0: |tanh(x) - x| ≤ |x|³ / 3",
    zh="tanh(x) 在零附近近似为 x：|tanh(x) − x| ≤ |x|³/3",
    section=SECTION,
    source=NOTES + "tanh(x) = 0 + x - x³/3 + O(x⁵)",
    formula="|tanh x - x| ≤ |x|³/3",
    condition="one application, at any x",
    condition_zh="单次作用，任意 x",
    given={"scale": st.sampled_from([0.1, 1.0, 10.0]), "dtype": dtypes("float32", "float64")},
    always=({"scale": 1.0, "dtype": "float64"},),
    holds=exactly_equal(),
    mutants=(
        "tanh=" + FAULTS + "halves_the_argument",
        "tanh=" + FAULTS + "stretches_the_tanh",
    ),
    block=1024,
    cost=0.01,
)
def tanh_is_the_identity_near_zero(tanh, scale, dtype, replicates, stream, device):
    x = formulas.inputs(stream.numpy(), replicates, scale, dtype, device)
    wide = x.double().cpu().numpy()
    gap = np.abs(tanh(x).double().cpu().numpy() - wide)
    rounding = formulas.FORMULA_ROUNDINGS * metrics.gamma(1, dtype) * np.abs(wide)
    return gap / (np.abs(wide) ** 3 / 3 + rounding)


@claim(
    "ac-tanh.outside",
    "Because tanh(x) ≈ x near 0, Xavier keeps the variance through a deep tanh net",
    zh="由于 tanh(x) 在零附近近似为 x，Xavier 能在深层 tanh 网络中保持方差",
    section=SECTION,
    source=NOTES + "tanh 在零点附近近似 f(x) = x",
    formula="|ln(q_50 / q_0)| < ln 2",
    condition="through 50 layers",
    condition_zh="经过 50 层",
    given={"width": st.sampled_from([64, 128])},
    always=({"width": 256},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ac-tanh",
    why="The cubic term adds up: each layer loses about 2 q² of q, so that q_l falls like 1 / (2 "
    "l). "
    "It is a slow, polynomial decay, which is why depth 10 still trains.",
    why_zh="三次项会逐层累积：每层约损失 2q²，故 q_l 按 1/(2l) 衰减；"
    "这是缓慢的多项式衰减，所以 10 层仍可训练。",
    block=8,
    cost=0.1,
    draws=1,
)
def xavier_keeps_the_variance_of_a_deep_tanh_net(
    propagate, xavier_normal, tanh, width, replicates, stream, device
):
    run = _through(propagate, xavier_normal, tanh, 50, width, replicates, stream, device)
    q, _ = signals.mean_field(np.tanh, formulas.tanh_slope, 1.0, 50)
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    return Measured(
        np.abs(change) < math.log(2),
        (
            signals.through_the_layers(
                run.forward, run.backward, Line("mean-field law", "平均场理论", q)
            ),
        ),
    )


@claim(
    "ac-tanh.law",
    "In a deep tanh net with Xavier weights the second moment falls as the mean-field law says, "
    "like 1 / (2 l)",
    zh="在 Xavier 初始化的深层 tanh 网络中，二阶矩按平均场理论下降，约为 1/(2l)",
    section=SECTION,
    source="Poole et al. 2016, equation 3",
    formula="q_l = E[tanh(√q_{l-1} Z)²] → 1/(2 l)",
    always=({"width": 256, "depth": 16},),
    holds=mean_equals(1.0, within=0.25, low=0.0, high=signals.LARGEST_RATIO),
    mutants=(
        "tanh=" + FAULTS + "halves_the_argument",
        NORMAL + "passes_the_deviation_as_variance",
    ),
    block=8,
    cost=0.3,
)
def deep_tanh_nets_follow_the_mean_field_law(
    propagate, xavier_normal, tanh, width, depth, replicates, stream, device
):
    run = _through(propagate, xavier_normal, tanh, depth, width, replicates, stream, device)
    q, _ = signals.mean_field(np.tanh, formulas.tanh_slope, 1.0, depth)
    half = np.concatenate([[1.0], 1 / (2 * np.arange(1, depth + 1))])
    return Measured(
        signals.cut_ratios(run.forward[:, -1] / q[-1]),
        (
            signals.through_the_layers(
                run.forward,
                None,
                Line("mean-field law", "平均场理论", q),
                Line("1 / (2 l)", "1/(2l)", half),
            ),
        ),
    )


@claim(
    "ac-tanh.formula",
    "tanh(x) = (1 - exp(-2x)) / (1 + exp(-2x)), and its slope is 1 - tanh(x)²",
    zh="tanh(x) = (1 − exp(−2x))/(1 + exp(−2x))，导数为 1 − tanh²(x)",
    section=SECTION,
    source='d2l, "Multilayer Perceptrons", "Tanh Function"',
    formula="tanh x = (1 - e^(-2x)) / (1 + e^(-2x))",
    given={"scale": st.sampled_from([1.0, 10.0, 30.0]), "dtype": dtypes("float32", "float64")},
    always=({"scale": 3.0, "dtype": "float64"},),
    holds=exactly_equal(),
    mutants=(
        "tanh=" + FAULTS + "halves_the_argument",
        "tanh=" + FAULTS + "lets_the_input_through",
        "tanh=" + FAULTS + "stretches_the_tanh",
    ),
    block=1024,
    cost=0.01,
)
def tanh_is_its_formula(tanh, scale, dtype, replicates, stream, device):
    return _formula("tanh", tanh, scale, dtype, replicates, stream, device)


# ---- relu ---------------------------------------------------------------------------------------


@claim(
    "ac-relu.formula",
    "relu(x) = max(x, 0), and its slope is 1 above 0 and 0 below",
    zh="relu(x) = max(x, 0)，导数在零以上为 1、以下为 0",
    section=SECTION,
    source='d2l, "Multilayer Perceptrons", "ReLU Function"',
    formula="relu x = max(x, 0)",
    given={
        "scale": st.sampled_from([1.0, 10.0, 1e3]),
        "dtype": dtypes("float32", "float64", "bfloat16", "float16"),
    },
    always=({"scale": 10.0, "dtype": "float64"},),
    holds=exactly_equal(),
    mutants=(
        "relu=" + FAULTS + "loses_the_factor_x",
        "relu=" + FAULTS + "leaks_below_zero",
        "relu=" + FAULTS + "caps_at_six",
        "relu=" + FAULTS + "reflects_the_negative_side",
    ),
    block=1024,
    cost=0.01,
)
def relu_is_its_formula(relu, scale, dtype, replicates, stream, device):
    return _formula("relu", relu, scale, dtype, replicates, stream, device)


@claim(
    "ac-relu",
    "relu(x) ≈ x near 0, so Xavier keeps the variance through relu layers",
    zh="relu(x) 在零附近近似为 x，因此 Xavier 能在 relu 网络中保持方差",
    section=SECTION,
    source=NOTES + "relu(x) = 0 + x for x ≥ 0",
    formula="E[q_{l+1} / q_l] = 1",
    given={"width": st.sampled_from([64, 128])},
    always=({"width": 256},),
    holds=all_hold(forward=mean_equals(1.0, **KEPT), backward=mean_equals(1.0, **KEPT)),
    expected=Verdict.REFUTED,
    twin="ac-relu.corrected",
    why="relu is the identity on one side only, at every scale: half of the units are cut, so each "
    "layer halves the second moment of signal and gradient, 10⁻¹⁵ after 50 layers.",
    why_zh="relu 只在零的一侧是恒等映射（任何尺度都如此）：一半单元被截断，"
    "每层使信号与梯度的二阶矩减半，50 层后约为 10⁻¹⁵。",
    block=4,
    cost=0.1,
    draws=1,
)
def xavier_keeps_the_variance_of_relu_layers(
    propagate, xavier_normal, relu, width, replicates, stream, device
):
    run = _through(propagate, xavier_normal, relu, 50, width, replicates, stream, device)
    return _kept(run, 0.5)


@claim(
    "ac-relu.half",
    "With Xavier weights, each relu layer halves the second moment of signal and gradient",
    zh="用 Xavier 初始化时，每个 relu 层使信号与梯度的二阶矩减半",
    section=SECTION,
    source="He et al. 2015, section 2.2",
    formula="E[q_{l+1} / q_l] = 1/2",
    given={"width": st.sampled_from([128])},
    always=({"width": 256},),
    holds=all_hold(
        forward=mean_equals(0.5, within=0.05, low=0.0, high=signals.LARGEST_RATIO),
        backward=mean_equals(0.5, within=0.05, low=0.0, high=signals.LARGEST_RATIO),
    ),
    mutants=(
        NORMAL + "takes_another_gain",
        NORMAL + "passes_the_deviation_as_variance",
        "relu=" + FAULTS + "reflects_the_negative_side",
        CHAINS + "forgets_the_activation",
    ),
    block=4,
    cost=0.1,
    draws=1,
)
def relu_halves_the_second_moment(
    propagate, xavier_normal, relu, width, replicates, stream, device
):
    run = _through(propagate, xavier_normal, relu, 50, width, replicates, stream, device)
    return _kept(run, 0.5)


@claim(
    "ac-relu.variance",
    "For X ~ N(0, 1), relu(X) has mean 1/√(2π), second moment 1/2 and so variance (π - 1)/(2π)",
    zh="若 X ~ N(0, 1)，则 relu(X) 的均值为 1/√(2π)、二阶矩为 1/2，方差为 (π−1)/(2π)",
    section=SECTION,
    source="the half-normal law",
    formula="E relu(X) = 1/√(2π),  E relu(X)² = 1/2",
    holds=all_hold(
        mean=mean_equals(1 / math.sqrt(2 * math.pi), within=0.02, low=-6.0, high=6.0, cap=1 << 20),
        square=mean_equals(0.5, within=0.04, low=0.0, high=36.0, cap=1 << 20),
    ),
    mutants=(
        "relu=" + FAULTS + "leaks_below_zero",
        "relu=" + FAULTS + "loses_the_factor_x",
    ),
    block=1 << 14,
    cost=0.02,
)
def relu_of_a_normal_number(relu, replicates, stream, device):
    import torch

    x = torch.randn(replicates, generator=stream.torch(device), dtype=torch.float64, device=device)
    h = relu(x).clamp(-6.0, 6.0)  # P(X > 6) = 1e-9 does not move the mean
    return {"mean": h, "square": h.square()}


@claim(
    "ac-relu.corrected",
    "He's weights keep the variance of relu layers, forward and backward, layer by layer",
    zh="He 初始化使 relu 网络每一层的前向与反向方差保持稳定",
    section=SECTION,
    source='He et al. 2015; d2l, "Numerical Stability and Initialization", "Beyond"',
    formula="γ = 2/n_in:  E[q_{l+1} / q_l] = 1, signal and gradient",
    given={"width": st.sampled_from([128, 192])},
    always=({"width": 256},),
    holds=all_hold(forward=mean_equals(1.0, **KEPT), backward=mean_equals(1.0, **KEPT)),
    mutants=(
        HE_NORMAL + "forgets_the_factor_two",
        HE_NORMAL + "cuts_at_two_sigma_of_he",
        "relu=" + FAULTS + "reflects_the_negative_side",
    ),
    block=4,
    cost=0.1,
    draws=1,
)
def he_keeps_the_variance_of_relu_layers(
    propagate, he_normal, relu, width, replicates, stream, device
):
    run = _through(propagate, he_normal, relu, 50, width, replicates, stream, device)
    return _kept(run, 1.0)


@claim(
    "ac-relu.corrected-uniform",
    "He's uniform weights keep the variance of relu layers too, forward and backward",
    zh="He 均匀初始化同样使 relu 网络每一层的前向与反向方差保持稳定",
    section=SECTION,
    source="He et al. 2015",
    formula="γ = 2/n_in:  E[q_{l+1} / q_l] = 1, signal and gradient",
    given={"width": st.sampled_from([128, 192])},
    always=({"width": 256},),
    holds=all_hold(forward=mean_equals(1.0, **KEPT), backward=mean_equals(1.0, **KEPT)),
    mutants=(
        HE_UNIFORM + "keeps_the_framework_default",
        "relu=" + FAULTS + "reflects_the_negative_side",
    ),
    block=4,
    cost=0.1,
    draws=1,
)
def he_uniform_keeps_the_variance_of_relu_layers(
    propagate, he_uniform, relu, width, replicates, stream, device
):
    run = _through(propagate, he_uniform, relu, 50, width, replicates, stream, device)
    return _kept(run, 1.0)


# ---- sigmoid, scaled and not --------------------------------------------------------------------


@claim(
    "ac-4sig",
    "4 sigmoid(x) - 2 = 2 tanh(x / 2), which is 0 at 0 with slope 1",
    zh="4·sigmoid(x) − 2 = 2·tanh(x/2)，在零点取值 0、斜率 1",
    section=SECTION,
    source=NOTES + "调整 sigmoid: 4 × sigmoid(x) - 2",
    formula="|4σ(x) - 2 - 2 tanh(x/2)| ≤ rounding of 4σ and 2",
    given={"scale": st.sampled_from([0.01, 1.0, 30.0]), "dtype": dtypes("float32", "float64")},
    always=({"scale": 1.0, "dtype": "float64"},),
    holds=exactly_equal(),
    mutants=(
        "scaled_sigmoid=" + FAULTS + "loses_the_shift",
        "scaled_sigmoid=" + FAULTS + "scales_by_two",
        "scaled_sigmoid=" + FAULTS + "forgets_to_scale",
    ),
    block=1024,
    cost=0.01,
)
def the_scaled_sigmoid_is_a_tanh(scaled_sigmoid, scale, dtype, replicates, stream, device):
    x = formulas.inputs(stream.numpy(), replicates, scale, dtype, device)
    exact = formulas.scaled_sigmoid(x.double().cpu().numpy())
    # The terms are 4 sigmoid(x) <= 4 and 2: near 0 the form is right absolutely, not relatively.
    value = metrics.rounding_ratio(scaled_sigmoid(x), exact, 6.0, 8, dtype)
    slope = formulas.slope_of(scaled_sigmoid, 0 * x[:1])
    return np.concatenate([value, metrics.rounding_ratio(slope, 1.0, 1.0, 4, dtype)])


@claim(
    "ac-4sig.relative",
    "4 sigmoid(x) - 2 is as accurate as 2 tanh(x / 2) also near 0",
    zh="在零附近，4·sigmoid(x) − 2 与 2·tanh(x/2) 一样精确",
    section=SECTION,
    source=NOTES + "4 × sigmoid(x) - 2 (as one would compute it)",
    formula="|4σ(x) - 2 - 2 tanh(x/2)| ≤ k u |2 tanh(x/2)|",
    always=({"dtype": "float32"}, {"dtype": "float64"}),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="ac-4sig",
    why="4 sigmoid(x) is near 2, so that subtracting 2 cancels the leading digits and leaves the "
    "rounding of 2: in float32 the relative error is 0.1 % at x = 1e-5 and 100 % at 1e-7.",
    why_zh="4·sigmoid(x) 接近 2，减去 2 抵消了有效数字，只剩舍入误差："
    "float32 下 x = 1e-5 时相对误差约 0.1%，1e-7 时达 100%。",
    block=1024,
    cost=0.01,
)
def the_scaled_sigmoid_is_relatively_accurate(scaled_sigmoid, dtype, replicates, stream, device):
    x = formulas.inputs(stream.numpy(), replicates, 1.0, dtype, device)
    exact = formulas.scaled_sigmoid(x.double().cpu().numpy())
    return metrics.rounding_ratio(
        scaled_sigmoid(x), exact, exact, formulas.FORMULA_ROUNDINGS, dtype
    )


@claim(
    "ac-4sig.series",
    "sigmoid(x) = 1/2 + x/4 - x³/48 + O(x⁵) near 0",
    zh="sigmoid(x) 在零附近等于 1/2 + x/4 − x³/48 + O(x⁵)",
    section=SECTION,
    source=NOTES + "sigmoid(x) = 1/2 + x/4 - x³/48 + O(x⁵)",
    formula="|σ(x) - (1/2 + x/4 - x³/48)| ≤ |x|⁵/480",
    given={"scale": st.sampled_from([0.1, 0.5, 1.0])},
    always=({"scale": 1.0},),
    holds=exactly_equal(),
    mutants=(
        "sigmoid=" + FAULTS + "approximates_the_sigmoid",
        "sigmoid=" + FAULTS + "centres_the_sigmoid",
        "sigmoid=" + FAULTS + "steepens_the_sigmoid",
    ),
    block=1024,
    cost=0.01,
)
def sigmoid_follows_its_series(sigmoid, scale, replicates, stream, device):
    x = formulas.inputs(stream.numpy(), replicates, scale, "float64", device)
    wide = x.cpu().numpy()
    gap = np.abs(sigmoid(x).cpu().numpy() - (0.5 + wide / 4 - wide**3 / 48))
    # The series alternates for |x| <= 1, so the next term, x^5 / 480, bounds the rest (Leibniz).
    return gap / (np.abs(wide) ** 5 / 480 + metrics.gamma(formulas.FORMULA_ROUNDINGS))


@claim(
    "ac-4sig.sigmoid",
    "sigmoid(x) = 1 / (1 + exp(-x)), and its slope is sigmoid(x) (1 - sigmoid(x))",
    zh="sigmoid(x) = 1/(1 + exp(−x))，导数为 sigmoid(x)(1 − sigmoid(x))",
    section=SECTION,
    source='d2l, "Multilayer Perceptrons", "Sigmoid Function"',
    formula="σ(x) = 1 / (1 + e^(-x))",
    given={"scale": st.sampled_from([1.0, 10.0, 30.0]), "dtype": dtypes("float32", "float64")},
    always=({"scale": 3.0, "dtype": "float64"},),
    holds=exactly_equal(),
    mutants=(
        "sigmoid=" + FAULTS + "approximates_the_sigmoid",
        "sigmoid=" + FAULTS + "centres_the_sigmoid",
        "sigmoid=" + FAULTS + "steepens_the_sigmoid",
    ),
    block=1024,
    cost=0.01,
)
def sigmoid_is_its_formula(sigmoid, scale, dtype, replicates, stream, device):
    return _formula("sigmoid", sigmoid, scale, dtype, replicates, stream, device)


@claim(
    "ac-4sig-solves",
    "Scaling the sigmoid to 4 sigmoid(x) - 2 makes a deep net trainable",
    zh="把 sigmoid 调整为 4·sigmoid(x) − 2 后，深层网络可以训练",
    section=SECTION,
    source=NOTES + "调整 sigmoid",
    formula="accuracy > 1/2 with 4σ - 2, < 1/4 with σ",
    condition="at learning rates up to 0.1",
    condition_zh="学习率不超过 0.1",
    given={"lr": st.sampled_from([0.03, 0.05])},
    always=({"lr": 0.1},),
    holds=more_often_than_not(),
    mutants=(
        "scaled_sigmoid=" + FAULTS + "forgets_to_scale",
        "scaled_sigmoid=" + FAULTS + "scales_by_two",
    ),
    block=8,
    cost=0.6,
    draws=1,
    shrink=False,
)
def the_scaled_sigmoid_trains_a_deep_net(
    train_mlp, xavier_normal, sigmoid, scaled_sigmoid, lr, replicates, stream, device
):
    return _scaled_against_plain(
        train_mlp, xavier_normal, sigmoid, scaled_sigmoid, lr, replicates, stream, device
    )


@claim(
    "ac-4sig-solves.outside",
    "Scaling the sigmoid to 4 sigmoid(x) - 2 removes its problems at any learning rate",
    zh="无论学习率多大，把 sigmoid 调整为 4·sigmoid(x) − 2 都能解决它的问题",
    section=SECTION,
    source=NOTES + "调整 sigmoid",
    formula="accuracy > 1/2 with 4σ - 2, < 1/4 with σ",
    condition="at learning rates of 1 and more",
    condition_zh="学习率不小于 1",
    given={"lr": st.sampled_from([2.0, 3.0])},
    always=({"lr": 1.0},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ac-4sig-solves",
    why="The scaled sigmoid is 2 tanh(x / 2): it loses the mean shift and the factor 1/4, but it "
    "still saturates, and a step that throws the units into saturation leaves no gradient.",
    why_zh="调整后的函数就是 2·tanh(x/2)：消除了均值偏移与 1/4 因子，"
    "但仍会饱和；一步过大把单元推入饱和区后就不再有梯度。",
    block=8,
    cost=0.6,
    draws=1,
    shrink=False,
)
def the_scaled_sigmoid_trains_at_large_rates(
    train_mlp, xavier_normal, sigmoid, scaled_sigmoid, lr, replicates, stream, device
):
    return _scaled_against_plain(
        train_mlp, xavier_normal, sigmoid, scaled_sigmoid, lr, replicates, stream, device
    )


@claim(
    "ac-4sig-solves.saturates",
    "4 sigmoid(x) - 2 still saturates: its slope is below 1/50 where |x| ≥ 6",
    zh="4·sigmoid(x) − 2 仍会饱和：|x| ≥ 6 时导数小于 1/50",
    section=SECTION,
    source=NOTES + "调整 sigmoid",
    formula="f'(x) = 4σ(x)σ(-x) < 4 e^(-|x|) < 1/50",
    given={"scale": st.sampled_from([8.0, 20.0])},
    always=({"scale": 6.0},),
    holds=exactly_equal(),
    mutants=("scaled_sigmoid=" + FAULTS + "lets_the_input_through",),
    block=256,
    cost=0.01,
)
def the_scaled_sigmoid_saturates(scaled_sigmoid, scale, replicates, stream, device):
    import torch

    rng = stream.numpy()
    x = scale * (1 + rng.random(replicates)) * rng.choice([-1.0, 1.0], replicates)
    slope = formulas.slope_of(scaled_sigmoid, torch.tensor(x, device=device))
    return np.abs(slope) * 50


# ---- in short -----------------------------------------------------------------------------------


@claim(
    "su-init",
    "A fitting initialisation and activation make a deep net trainable",
    zh="合理的初始化与激活函数可以提升数值稳定性，使深层网络可训练",
    section=SECTION,
    source="Mu Li's notes, 总结: 合理的权重初始值和激活函数的选取可以提升数值稳定性",
    formula="accuracy > 1/2 with tanh and Xavier and with relu and He; < 1/4 with N(0, 0.01²)",
    given={"lr": st.sampled_from([0.03, 0.05])},
    always=({"lr": 0.04},),
    holds=more_often_than_not(),
    mutants=(
        "tanh=" + FAULTS + "loses_the_shift",
        HE_NORMAL + "takes_one_head_for_the_model",
        NORMAL + "passes_the_variance_as_deviation",
        PLAIN + "initialises_again_with_he",
    ),
    block=8,
    cost=1.0,
    draws=1,
    shrink=False,
)
def fitting_initialisation_trains_a_deep_net(
    train_mlp,
    xavier_normal,
    he_normal,
    plain_normal,
    tanh,
    relu,
    lr,
    replicates,
    stream,
    device,
):
    arms = {
        "tanh, Xavier": ("tanh，Xavier", xavier_normal, tanh),
        "relu, He": ("relu，He", he_normal, relu),
        "relu, N(0, 0.01²)": ("relu，N(0, 0.01²)", plain_normal, relu),
    }
    runs = _arms(train_mlp, arms, lr, replicates, stream, device)
    good, fair, poor = (_accuracy(run) for run in runs.values())
    trained = (np.minimum(good, fair) > LEARNT) & (poor < LEARNT / 2)
    return Measured(trained, (_losses(arms, runs),))


# ---- helpers ------------------------------------------------------------------------------------


def _formula(name, activation, scale, dtype, numbers, stream, device):
    """Value and slope of an activation against the definition, in units of the rounding allowed."""
    x = formulas.inputs(stream.numpy(), numbers, scale, dtype, device)
    wide = x.double().cpu().numpy()
    exact = formulas.FORMULAS[name](wide)
    steps = formulas.FORMULA_ROUNDINGS
    value = metrics.rounding_ratio(activation(x), exact, exact, steps, dtype)
    # Slopes are computed from the value, as f (1 - f) or 1 - f²: right to the rounding of 1.
    slope = metrics.rounding_ratio(
        formulas.slope_of(activation, x), formulas.SLOPES[name](wide), 1.0, steps, dtype
    )
    return np.concatenate([value, slope])


def _through(propagate, initializer, activation, depth, width, nets, stream, device):
    """One example through each of `nets` chains."""
    return propagate(
        depth,
        width,
        initializer,
        activation,
        nets,
        stream.torch(device),
        examples=1,
        device=device,
    )


def _kept(run, factor):
    law = factor ** np.arange(run.forward.shape[1])
    return Measured(
        {
            "forward": signals.cut_ratios(signals.layer_ratios(run.forward)),
            "backward": signals.cut_ratios(run.backward[:, :-1] / run.backward[:, 1:]),
        },
        (
            signals.through_the_layers(
                run.forward, run.backward, Line(f"{factor:g} per layer", f"每层 {factor:g}", law)
            ),
        ),
    )


def _affine(propagate, initializer, ab, nets, stream, device):
    def activation(z):
        return ab[0] * z + ab[1]

    return _through(propagate, initializer, activation, 20, 128, nets, stream, device)


def _moved(run):
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    return Measured(np.abs(change) > math.log(2), (signals.through_the_layers(run.forward),))


def _eleventh_layer(propagate, initializer, activation, nets, stream, device):
    """q_11 / q_10 of independent nets: one ratio a net, since those of tanh are not independent."""
    run = _through(propagate, initializer, activation, 11, 64, nets, stream, device)
    return Measured(
        signals.cut_ratios(run.forward[:, -1] / run.forward[:, -2]),
        (signals.through_the_layers(run.forward),),
    )


def _arms(train_mlp, arms, lr, replicates, stream, device):
    """Each arm's run on the same data, orders and random numbers; ten hidden layers of 64."""
    task = nets.clouds(replicates, 200, stream.child("data").numpy(), tests=10)
    return {
        name: nets.train(
            train_mlp,
            task,
            stream,
            device,
            hidden=DEEP,
            epochs=20,
            lr=lr,
            batch_size=20,
            record_every=2,
            initializer=initializer,
            activation=activation,
        )
        for name, (_, initializer, activation) in arms.items()
    }


def _accuracy(run):
    """The training accuracy at the end; a diverged net knows nothing."""
    return np.where(run.diverged, 0.0, run.train_accuracy[:, -1])


def _scaled_against_plain(
    train_mlp, initializer, sigmoid, scaled_sigmoid, lr, replicates, stream, device
):
    arms = {
        "4 sigmoid - 2": ("4·sigmoid − 2", initializer, scaled_sigmoid),
        "sigmoid": ("sigmoid", initializer, sigmoid),
    }
    runs = _arms(train_mlp, arms, lr, replicates, stream, device)
    scaled, plain = (_accuracy(run) for run in runs.values())
    return Measured((scaled > LEARNT) & (plain < LEARNT / 2), (_losses(arms, runs),))


def _losses(arms, runs):
    return Curve(
        "Training loss of a net with ten hidden layers",
        "十个隐藏层网络的训练损失",
        next(iter(runs.values())).epochs,
        tuple(
            Line(name, arms[name][0], signals.positive(run.train_loss))
            for name, run in runs.items()
        ),
        x_label="epoch",
        x_label_zh="轮次",
        y_label="cross-entropy",
        y_label_zh="交叉熵",
        log_y=True,
    )
