"""Initial weights: the laws of Xavier and He, and what they do to signals and gradients by depth.

In the book's symbols: o = W x with w_ij of mean 0 and variance gamma (the book's sigma^2), n_in
inputs and n_out outputs; a signal's second moment is multiplied by n_in gamma on the way up, a
gradient's by n_out gamma on the way down.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from hypothesis import strategies as st

from harness import metrics
from harness.rulers import nets, signals
from harness.strategies import depths, dtypes, fans
from harness.trial.claim import Section, Verdict, claim, untestable
from harness.trial.exhibits import Curve, Histogram, Line, Measured
from harness.trial.relations import (
    all_hold,
    distribution_equals,
    exactly_equal,
    mean_equals,
    more_often_than_not,
    pairwise_independent,
    rate_equals,
    uniform_variance_equals,
    variance_equals,
)

SECTION = Section("initialization", "Parameter Initialization", "参数初始化", 80)
NORMAL = "xavier_normal=tests.mutants.initialization:"
UNIFORM = "xavier_uniform=tests.mutants.initialization:"
HE_NORMAL = "he_normal=tests.mutants.initialization:"
HE_UNIFORM = "he_uniform=tests.mutants.initialization:"
PLAIN = "plain_normal=tests.mutants.initialization:"

BOOK = 'd2l, "Numerical Stability and Initialization", "Xavier Initialization": '
LAGS = (1, 2, 4)
DEEP = 10  # layers of a net that the chapter would call deep
TEN_DECADES = 10 * math.log(10)


def widths(*sizes):
    """The widths of a chain whose layers are all equally wide."""
    return st.sampled_from(list(sizes))


# ---- the laws of the weights --------------------------------------------------------------------


@claim(
    "in-xavier-formula",
    "Xavier's normal weights have mean 0 and variance 2 / (n_in + n_out)",
    zh="Xavier 正态初始化的权重均值为 0、方差为 2/(n_in+n_out)；正态分布的第二个参数是方差",
    section=SECTION,
    source=BOOK + "a Gaussian with zero mean and variance 2 / (n_in + n_out)",
    formula="w ~ N(0, σ²),  σ = √(2/(n_in+n_out))",
    given={"fan": fans(), "dtype": dtypes("float32", "float64", "bfloat16")},
    always=({"fan": [256, 64], "dtype": "float32"}, {"fan": [64, 256], "dtype": "float32"}),
    holds=all_hold(
        variance=variance_equals(),
        law=distribution_equals("normal", within=0.02),
        extremes=exactly_equal(),
    ),
    mutants=(
        NORMAL + "cuts_at_two_sigma",
        NORMAL + "cuts_and_repairs_the_variance",
        NORMAL + "throws_rare_outliers",
        NORMAL + "counts_the_inputs_alone",
        NORMAL + "adds_a_fan_outside_the_fraction",
        NORMAL + "passes_the_variance_as_deviation",
        NORMAL + "passes_the_deviation_as_variance",
        NORMAL + "passes_the_deviation_as_mean",
        NORMAL + "keeps_the_framework_default",
        NORMAL + "takes_another_gain",
    ),
    block=1 << 17,
    cost=0.02,
    draws=4,
)
def xavier_normal_has_the_stated_law(xavier_normal, fan, dtype, replicates, stream, device):
    return _normal_law(xavier_normal, fan, 2 / sum(fan), dtype, replicates, stream, device)


@claim(
    "in-uniform",
    "Xavier's uniform weights lie within ±√(6 / (n_in + n_out)) and have variance (b - a)² / 12",
    zh="Xavier 均匀初始化的权重位于 ±√(6/(n_in+n_out)) 之内，方差为 (b-a)²/12",
    section=SECTION,
    source=BOOK + "the uniform distribution U(-a, a) has variance a²/3",
    formula="w ~ U(-a, a),  a = √(6/(n_in+n_out)),  Var w = a²/3",
    given={"fan": fans(), "dtype": dtypes("float32", "float64")},
    always=({"fan": [256, 64], "dtype": "float32"}, {"fan": [64, 256], "dtype": "float32"}),
    holds=all_hold(
        variance=uniform_variance_equals(),
        law=distribution_equals("uniform", within=0.02),
    ),
    mutants=(
        UNIFORM + "cuts_at_two_sigma",
        UNIFORM + "counts_the_outputs_alone_uniform",
        UNIFORM + "adds_a_fan_outside_the_fraction_uniform",
        UNIFORM + "keeps_the_framework_default",
        UNIFORM + "draws_no_negative_weights",
    ),
    block=1 << 17,
    cost=0.02,
    draws=4,
)
def xavier_uniform_has_the_stated_law(xavier_uniform, fan, dtype, replicates, stream, device):
    edge = math.sqrt(6 / sum(fan))
    return _uniform_law(xavier_uniform, fan, edge, dtype, replicates, stream, device)


@claim(
    "ac-relu.he-normal",
    "He's normal weights have mean 0 and variance 2 / n_in",
    zh="He 正态初始化的权重均值为 0、方差为 2/n_in",
    section=SECTION,
    source='He et al. 2015, equation 10; d2l, "Numerical Stability and Initialization", "Beyond"',
    formula="w ~ N(0, 2/n_in)",
    given={"fan": fans(), "dtype": dtypes("float32", "float64", "bfloat16")},
    always=({"fan": [256, 64], "dtype": "float32"}, {"fan": [64, 256], "dtype": "float32"}),
    holds=all_hold(
        variance=variance_equals(),
        law=distribution_equals("normal", within=0.02),
        extremes=exactly_equal(),
    ),
    mutants=(
        HE_NORMAL + "swaps_the_fans",
        HE_NORMAL + "cuts_at_two_sigma_of_he",
        HE_NORMAL + "takes_one_head_for_the_model",
        HE_NORMAL + "forgets_the_factor_two",
        HE_NORMAL + "keeps_the_framework_default",
    ),
    block=1 << 17,
    cost=0.02,
    draws=4,
)
def he_normal_has_the_stated_law(he_normal, fan, dtype, replicates, stream, device):
    return _normal_law(he_normal, fan, 2 / fan[0], dtype, replicates, stream, device)


@claim(
    "ac-relu.he-uniform",
    "He's uniform weights lie within ±√(6 / n_in) and have variance 2 / n_in",
    zh="He 均匀初始化的权重位于 ±√(6/n_in) 之内，方差为 2/n_in",
    section=SECTION,
    source='He et al. 2015; d2l, "Numerical Stability and Initialization", "Beyond"',
    formula="w ~ U(-a, a),  a = √(6/n_in)",
    given={"fan": fans(), "dtype": dtypes("float32", "float64")},
    always=({"fan": [256, 64], "dtype": "float32"}, {"fan": [64, 256], "dtype": "float32"}),
    holds=all_hold(
        variance=uniform_variance_equals(),
        law=distribution_equals("uniform", within=0.02),
    ),
    mutants=(
        HE_UNIFORM + "swaps_the_fans_uniform",
        HE_UNIFORM + "keeps_the_framework_default",
        HE_UNIFORM + "cuts_at_two_sigma_of_he",
    ),
    block=1 << 17,
    cost=0.02,
    draws=4,
)
def he_uniform_has_the_stated_law(he_uniform, fan, dtype, replicates, stream, device):
    edge = math.sqrt(6 / fan[0])
    return _uniform_law(he_uniform, fan, edge, dtype, replicates, stream, device)


@claim(
    "in-plain-fails.law",
    "The plain initialiser draws N(0, σ²) whatever the layer's sizes, and σ is the deviation",
    zh="普通初始化与层的大小无关，从 N(0, σ²) 抽取权重，传入的 σ 是标准差",
    section=SECTION,
    source='d2l, "Numerical Stability and Initialization", "Default Initialization"',
    formula="w ~ N(0, σ²)",
    given={
        "fan": fans(),
        "std": st.sampled_from([0.01, 0.1, 1.0, 3.0]),
        "dtype": dtypes("float32"),
    },
    always=({"fan": [64, 256], "std": 0.01, "dtype": "float32"},),
    holds=all_hold(
        variance=variance_equals(),
        law=distribution_equals("normal", within=0.02),
        extremes=exactly_equal(),
    ),
    mutants=(
        PLAIN + "squares_the_deviation",
        PLAIN + "ignores_the_deviation",
    ),
    block=1 << 17,
    cost=0.02,
    draws=4,
)
def plain_normal_has_the_stated_law(plain_normal, fan, std, dtype, replicates, stream, device):
    def initializer(*arguments, **options):
        return plain_normal(*arguments, std=std, **options)

    return _normal_law(initializer, fan, std**2, dtype, replicates, stream, device)


@claim(
    "in-iid",
    "Weights and inputs are independent and identically distributed",
    zh="权重与输入独立同分布",
    section=SECTION,
    source="Mu Li's notes, 参数初始化: 假设权重与输入独立同分布",
    formula="w ~ h",
    given={"fan": fans(31, 300)},
    always=({"fan": [256, 64]},),
    holds=rate_equals(0.5, within=0.02),
    expected=Verdict.REFUTED,
    twin="in-iid.corrected",
    why="Weights are drawn with variance 2 / (n_in + n_out) and inputs have variance 1, so the two "
    "are not identically distributed; |w| < |h| almost always. What the derivation needs is that "
    "w is independent of h and has mean 0.",
    why_zh="权重的方差是 2/(n_in+n_out)，输入的方差是 1，二者并不同分布（几乎总有 |w| < |h|）；"
    "推导只需要 w 与 h 独立且 w 的均值为 0。",
    block=1 << 15,
    cost=0.01,
    draws=2,
)
def weights_are_distributed_as_the_inputs(xavier_normal, fan, replicates, stream, device):
    w = _drawn(xavier_normal, fan, "float64", replicates, stream, device)
    h = stream.child("inputs").numpy().standard_normal(w.shape)
    return np.abs(w) < np.abs(h)


@claim(
    "in-iid.corrected",
    "E[w h] = E[w] E[h] = 0 for weights of mean 0 that are independent of h, whatever h's law",
    zh="只要 w 与 h 独立且 E[w]=0，无论 h 服从什么分布都有 E[wh] = E[w]E[h] = 0",
    section=SECTION,
    source='d2l, "Numerical Stability and Initialization", "Xavier Initialization"',
    formula="E[w h] = E[w] E[h] = 0",
    given={"fan": fans(31, 300)},
    always=({"fan": [256, 64]},),
    holds=mean_equals(0.0, within=0.02, low=-1.0, high=1.0, cap=1 << 20),
    mutants=(UNIFORM + "draws_no_negative_weights",),
    block=1 << 15,
    cost=0.01,
    draws=2,
)
def products_with_independent_weights_have_mean_zero(
    xavier_uniform, fan, replicates, stream, device
):
    # h = u^2 has neither the weights' mean nor their spread, and is bounded, so no law is assumed.
    w = _drawn(xavier_uniform, fan, "float64", replicates, stream, device)
    h = stream.child("inputs").numpy().random(w.shape) ** 2
    return np.clip(w / math.sqrt(6 / sum(fan)), -1.0, 1.0) * h


@claim(
    "in-iid.weights",
    "The weights are independent of one another: within a layer, across replicas and across calls",
    zh="权重之间相互独立：同一层内、不同副本之间、不同调用之间",
    section=SECTION,
    source=BOOK + "the weights are all drawn independently from the same distribution",
    formula="P(sign w = sign w') = 1/2",
    given={"fan": st.sampled_from([[31, 64], [64, 31], [100, 64], [64, 128]])},
    holds=pairwise_independent(
        0.5,
        within=0.02,
        labels=(
            *(f"{axis} {lag}" for axis in ("replica", "output", "input") for lag in LAGS),
            "call",
        ),
    ),
    mutants=(
        NORMAL + "gives_every_replica_the_same",
        NORMAL + "draws_the_same_each_call",
        NORMAL + "repeats_each_row",
    ),
    block=1 << 17,
    cost=0.05,
    draws=2,
)
def weights_are_independent(xavier_normal, fan, replicates, stream, device):
    generator = stream.child("weights").torch(device)
    copies = -(-4 * replicates // (fan[0] * fan[1]))
    first, second = (
        (xavier_normal(*fan, generator, replicates=copies, device=device) > 0).cpu().numpy()
        for _ in range(2)
    )
    pairs = {
        f"{name} {lag}": metrics.agreements(first, axis, lag)
        for axis, name in enumerate(("replica", "output", "input"))
        for lag in LAGS
    }
    return pairs | {"call": metrics.pairs_agree(first, second)}


# ---- one layer up, one layer down ---------------------------------------------------------------


@claim(
    "in-forward",
    "A linear layer multiplies the variance by n_in γ: Var[h_t] = n γ Var[h_(t-1)]",
    zh="无激活时线性层使方差乘以 n_in·γ：Var[h_t] = n γ Var[h_{t-1}]",
    section=SECTION,
    source=BOOK + "Var[o] = n_in σ² γ²",
    formula="Var[h_t] = n_{t-1} γ_t Var[h_{t-1}]",
    condition="the inputs have mean 0",
    condition_zh="输入的均值为 0",
    given={"fan": fans(), "mean": st.just(0.0)},
    always=({"fan": [256, 64], "mean": 0.0},),
    holds=variance_equals(ratio=1.1),
    mutants=(
        NORMAL + "counts_the_inputs_alone",
        NORMAL + "passes_the_deviation_as_variance",
        NORMAL + "cuts_at_two_sigma",
    ),
    block=1 << 15,
    cost=0.15,
    draws=3,
)
def a_layer_multiplies_the_variance(xavier_normal, fan, mean, replicates, stream, device):
    z = _one_layer(xavier_normal, fan, mean, replicates, stream, device)
    return signals.sum_of_squares(z, 2 * fan[0] / sum(fan))


@claim(
    "in-forward.outside",
    "A linear layer multiplies the variance by n_in γ also when the inputs are not centred",
    zh="即使输入均值不为 0，线性层也使方差乘以 n_in·γ",
    section=SECTION,
    source="Mu Li's notes, 正向方差: Var[h_t] = n γ Var[h_{t-1}]",
    formula="Var[h_t] = n_{t-1} γ_t Var[h_{t-1}]",
    condition="the inputs have a mean of half a deviation or more",
    condition_zh="输入的均值不小于半个标准差",
    given={"fan": fans(), "mean": st.sampled_from([0.5, 1.0, 2.0])},
    always=({"fan": [256, 64], "mean": 1.0},),
    holds=variance_equals(ratio=1.1),
    expected=Verdict.REFUTED,
    twin="in-forward",
    why="The weights multiply the second moment E[h²] = Var[h] + E[h]², not the variance: inputs "
    "with mean and deviation 1 (an exponential law) give twice the stated variance.",
    why_zh="权重放大的是二阶矩 E[h²] = Var[h] + E[h]² 而不是方差："
    "均值与标准差都为 1 的输入（如指数分布）得到两倍方差。",
    block=1 << 15,
    cost=0.15,
    draws=2,
)
def a_layer_multiplies_the_variance_of_uncentred_inputs(
    xavier_normal, fan, mean, replicates, stream, device
):
    z = _one_layer(xavier_normal, fan, mean, replicates, stream, device)
    return signals.sum_of_squares(z, 2 * fan[0] / sum(fan))


@claim(
    "in-forward.second-moment",
    "A linear layer turns the inputs' second moment into variance: Var[h_t] = n γ E[h_(t-1)²]",
    zh="线性层的输出方差由输入的二阶矩决定：Var[h_t] = n γ E[h_{t-1}²]",
    section=SECTION,
    source='d2l, "Xavier Initialization", with E[x²] in place of Var[x]',
    formula="Var[h_t] = n_{t-1} γ_t E[h_{t-1}²]",
    given={"fan": fans(), "mean": st.sampled_from([0.0, 0.5, 1.0, 2.0])},
    always=({"fan": [256, 64], "mean": 1.0},),
    holds=variance_equals(ratio=1.1),
    mutants=(NORMAL + "counts_the_inputs_alone", NORMAL + "takes_another_gain"),
    block=1 << 15,
    cost=0.15,
    draws=3,
)
def a_layer_multiplies_the_second_moment(xavier_normal, fan, mean, replicates, stream, device):
    z = _one_layer(xavier_normal, fan, mean, replicates, stream, device)
    return signals.sum_of_squares(z, 2 * fan[0] / sum(fan) * (1 + mean**2))


@claim(
    "in-backward",
    "A linear layer multiplies the gradient's variance by n_out γ on the way down",
    zh="反向传播时线性层使梯度方差乘以 n_out·γ",
    section=SECTION,
    source=BOOK + "the gradients' variance can blow up unless n_out σ² = 1",
    formula="Var[∂l/∂h_{t-1}] = n_t γ_t Var[∂l/∂h_t]",
    condition="the gradient that arrives is independent of the layer's weights",
    condition_zh="传入的梯度与该层权重独立",
    given={"fan": fans()},
    always=({"fan": [256, 64]}, {"fan": [64, 256]}),
    holds=variance_equals(ratio=1.1),
    mutants=(
        NORMAL + "counts_the_inputs_alone",
        NORMAL + "passes_the_variance_as_deviation",
    ),
    block=1 << 15,
    cost=0.15,
    draws=3,
)
def a_layer_multiplies_the_gradient_variance(xavier_normal, fan, replicates, stream, device):
    back = _one_layer_down(xavier_normal, fan, replicates, stream, device, of_the_loss=False)
    return signals.sum_of_squares(back, 2 * fan[1] / sum(fan))


@claim(
    "in-backward.outside",
    "A linear layer multiplies the gradient's variance by n_out γ also under a squared loss",
    zh="使用平方损失时，反向传播的梯度方差同样只乘以 n_out·γ",
    section=SECTION,
    source="Mu Li's notes, 反向方差: n_t γ_t = 1",
    formula="Var[∂l/∂h_{t-1}] = n_t γ_t Var[∂l/∂h_t]",
    condition="the gradient that arrives is the squared loss's own, ∂l/∂o = o - y with y = 0",
    condition_zh="传入的梯度就是平方损失的梯度 ∂l/∂o = o − y（y = 0）",
    given={"fan": fans(16, 256)},
    always=({"fan": [256, 64]},),
    holds=variance_equals(ratio=1.1),
    expected=Verdict.REFUTED,
    twin="in-backward",
    why="The loss's gradient o = W x is made of the same weights that it is multiplied by, so "
    "W'(W x) has a component along x that independent gradients lack: for a square layer the "
    "second moment doubles.",
    why_zh="损失的梯度 o = Wx 由同一组权重构成，"
    "W'(Wx) 在 x 方向上多出一个独立梯度所没有的分量：方阵时二阶矩翻倍。",
    block=1 << 15,
    cost=0.15,
    draws=2,
)
def a_layer_multiplies_the_variance_of_the_loss_gradient(
    xavier_normal, fan, replicates, stream, device
):
    back = _one_layer_down(xavier_normal, fan, replicates, stream, device, of_the_loss=True)
    return signals.sum_of_squares(back, 2 * fan[1] / sum(fan))


@claim(
    "in-backward.mechanism",
    "Through L square linear layers, a squared loss's own gradient grows to L + 1 times its size",
    zh="经过 L 个方阵线性层后，平方损失自身的梯度二阶矩增大到 L+1 倍",
    section=SECTION,
    source="the second moment of a product of L Gaussian matrices (Fuss-Catalan: L + 1)",
    formula="E‖W'…W'·W…W x‖² / E‖W…W x‖² = L + 1",
    given={"depth": depths(1, 4)},
    always=({"depth": 1}, {"depth": 4}),
    holds=mean_equals(1.0, within=0.15, low=0.0, high=signals.LARGEST_RATIO),
    mutants=(NORMAL + "takes_another_gain", NORMAL + "passes_the_deviation_as_variance"),
    block=64,
    cost=0.3,
    draws=1,
)
def the_loss_gradient_grows_with_depth(xavier_normal, depth, replicates, stream, device):
    import torch

    n = 192
    generator = stream.torch(device)
    x = torch.randn((replicates, n, 1), generator=generator, dtype=torch.float64, device=device)
    options = {"replicates": replicates, "dtype": torch.float64, "device": device}
    layers = [xavier_normal(n, n, generator, **options) for _ in range(depth)]
    o = x
    for w in layers:
        o = w @ o
    delta = o
    for w in reversed(layers):
        delta = w.mT @ delta
    ratio = delta.square().sum(dim=(1, 2)) / o.square().sum(dim=(1, 2))
    return signals.cut_ratios(ratio.cpu().numpy() / (depth + 1))


@claim(
    "in-both",
    "No variance keeps both the signal and the gradient unless n_in = n_out",
    zh="除非输入维度等于输出维度，否则无法同时满足前向与反向两个条件",
    section=SECTION,
    source=BOOK + "n_in σ² = 1 and n_out σ² = 1: both conditions cannot be satisfied at once",
    formula="n_in γ = 1  ⇒  the gradient is multiplied by n_out/n_in ≠ 1, and the reverse",
    given={"fan": fans(16, 256)},
    always=({"fan": [256, 64]}, {"fan": [64, 256]}),
    holds=all_hold(
        algebra=exactly_equal(),
        forward=variance_equals(ratio=1.1),
        backward=variance_equals(ratio=1.1),
    ),
    mutants=(PLAIN + "squares_the_deviation", PLAIN + "ignores_the_deviation"),
    block=1 << 15,
    cost=0.3,
    draws=2,
)
def both_conditions_hold_only_for_square_layers(plain_normal, fan, replicates, stream, device):
    def kept_forward(*arguments, **options):
        return plain_normal(*arguments, std=fan[0] ** -0.5, **options)

    z = _one_layer(kept_forward, fan, 0.0, replicates, stream, device)
    back = _one_layer_down(kept_forward, fan, replicates, stream, device, of_the_loss=False)
    gammas = np.array([1 / fan[0], 1 / fan[1], 2 / sum(fan)])
    kept = (np.isclose(fan[0] * gammas, 1)) & (np.isclose(fan[1] * gammas, 1))
    return {
        "algebra": metrics.truth(kept == (fan[0] == fan[1])),
        "forward": signals.sum_of_squares(z, 1.0),
        "backward": signals.sum_of_squares(back, fan[1] / fan[0]),
    }


# ---- through a deep chain -----------------------------------------------------------------------


@claim(
    "in-xavier-stable",
    "Xavier keeps signals and gradients stable from the sizes of the layers alone",
    zh="Xavier 只由层的大小就能保证输出与梯度的稳定",
    section=SECTION,
    source="Mu Li's notes, Xavier 初始: 权重初始化由输入、输出维度决定，保证稳定",
    formula="E[q_{l+2} / q_l] = 1 over a cycle n_a → n_b → n_a",
    given={"fan": st.sampled_from([[16, 128], [32, 128], [64, 256], [128, 32], [256, 64]])},
    always=({"fan": [64, 1024]},),
    holds=all_hold(
        forward=mean_equals(1.0, within=0.1, low=0.0, high=signals.LARGEST_RATIO),
        backward=mean_equals(1.0, within=0.1, low=0.0, high=signals.LARGEST_RATIO),
    ),
    expected=Verdict.REFUTED,
    twin="in-xavier-stable.square",
    why="Xavier is a compromise: a layer multiplies the signal by 2 n_in / (n_in + n_out), and "
    "over a cycle of widths a, b, a these factors multiply to 4ab / (a + b)², below 1 unless "
    "a = b (the geometric mean is at most the arithmetic one), forward and backward alike.",
    why_zh="Xavier 是折中：每层信号乘以 2n_in/(n_in+n_out)，宽度 a→b→a 的一轮乘积为 4ab/(a+b)²，"
    "除非 a = b 总小于 1（几何平均不大于算术平均），前向与反向都一样。",
    block=8,
    cost=0.1,
    draws=2,
)
def xavier_is_stable_over_a_cycle_of_widths(
    propagate, xavier_normal, fan, replicates, stream, device
):
    cycles = 3
    chain = [*[fan[0], fan[1]] * cycles, fan[0]]
    run = _through(propagate, xavier_normal, None, chain, replicates, stream, device)
    forward = run.forward[:, 2::2] / run.forward[:, :-2:2]
    backward = run.backward[:, :-2:2] / run.backward[:, 2::2]
    return Measured(
        {"forward": signals.cut_ratios(forward), "backward": signals.cut_ratios(backward)},
        (signals.through_the_layers(run.forward, run.backward),),
    )


@claim(
    "in-xavier-stable.square",
    "Xavier keeps the variance stable, layer by layer, forward and backward",
    zh="在等宽的深层线性网络中，Xavier 使每一层的前向与反向方差保持稳定",
    section=SECTION,
    source=BOOK + "keep the variance of outputs and gradients fixed through the layers",
    formula="‖W h‖²/‖h‖² ~ χ²_n / n,  ‖W'δ‖²/‖δ‖² ~ χ²_n / n",
    condition="the layers are linear and equally wide",
    condition_zh="各层为线性且宽度相同",
    given={"width": widths(32, 64, 128), "depth": depths(10, 50)},
    always=({"width": 256, "depth": 50},),
    holds=all_hold(forward=variance_equals(ratio=1.1), backward=variance_equals(ratio=1.1)),
    mutants=(
        NORMAL + "cuts_at_two_sigma",
        NORMAL + "passes_the_deviation_as_variance",
        NORMAL + "takes_another_gain",
        NORMAL + "keeps_the_framework_default",
    ),
    block=1 << 14,
    cost=0.15,
    draws=2,
)
def xavier_keeps_the_variance_stable(
    propagate, xavier_normal, width, depth, replicates, stream, device
):
    nets = -(-replicates // (width * depth))
    chain = [width] * (depth + 1)
    run = _through(propagate, xavier_normal, None, chain, nets, stream, device)
    ones = [1.0] * depth
    return Measured(
        {
            "forward": signals.chi_squared_up(run.forward, chain, ones),
            "backward": signals.chi_squared_down(run.backward, chain, ones),
        },
        (signals.through_the_layers(run.forward, run.backward),),
    )


@claim(
    "in-xavier-stable.uniform",
    "Xavier's uniform weights keep the variance stable too, layer by layer, both ways",
    zh="Xavier 均匀初始化同样使每一层的前向与反向方差保持稳定",
    section=SECTION,
    source=BOOK + "sampling from U(-√(6/(n_in+n_out)), √(6/(n_in+n_out)))",
    formula="E[‖W h‖²/‖h‖²] = 1,  E[‖W'δ‖²/‖δ‖²] = 1",
    condition="the layers are linear and equally wide",
    condition_zh="各层为线性且宽度相同",
    given={"width": widths(64, 128), "depth": depths(10, 50)},
    holds=all_hold(
        forward=mean_equals(1.0, within=0.1, low=0.0, high=signals.LARGEST_RATIO),
        backward=mean_equals(1.0, within=0.1, low=0.0, high=signals.LARGEST_RATIO),
    ),
    mutants=(
        UNIFORM + "keeps_the_framework_default",
        UNIFORM + "adds_a_fan_outside_the_fraction_uniform",
    ),
    block=4,
    cost=0.1,
    draws=2,
)
def xavier_uniform_keeps_the_variance_stable(
    propagate, xavier_uniform, width, depth, replicates, stream, device
):
    chain = [width] * (depth + 1)
    run = _through(propagate, xavier_uniform, None, chain, replicates, stream, device)
    return _ratios(run)


@claim(
    "in-xavier-stable.cycle",
    "Xavier multiplies the signal by 2 n_in / (n_in + n_out) and the gradient by "
    "2 n_out / (n_in + n_out)",
    zh="Xavier 使信号乘以 2n_in/(n_in+n_out)，使梯度乘以 2n_out/(n_in+n_out)",
    section=SECTION,
    source="Glorot and Bengio 2010, section 4.2.1: the compromise between the two conditions",
    formula="over a → b → a: 4ab/(a+b)² ≤ 1",
    given={"fan": st.sampled_from([[16, 128], [32, 128], [64, 256], [128, 32], [256, 64]])},
    always=({"fan": [64, 1024]},),
    holds=all_hold(forward=variance_equals(ratio=1.1), backward=variance_equals(ratio=1.1)),
    mutants=(
        NORMAL + "counts_the_inputs_alone",
        NORMAL + "takes_another_gain",
    ),
    block=1 << 14,
    cost=0.1,
    draws=2,
)
def xavier_follows_its_factors_over_a_cycle(
    propagate, xavier_normal, fan, replicates, stream, device
):
    chain = [fan[0], fan[1]] * 3 + [fan[0]]
    nets = -(-replicates // sum(chain[1:]))
    run = _through(propagate, xavier_normal, None, chain, nets, stream, device)
    up = [2 * a / (a + b) for a, b in itertools.pairwise(chain)]
    down = [2 * b / (a + b) for a, b in itertools.pairwise(chain)]
    law = np.cumprod([1.0, *up])
    return Measured(
        {
            "forward": signals.chi_squared_up(run.forward, chain, up),
            "backward": signals.chi_squared_down(run.backward, chain, down),
        },
        (
            signals.through_the_layers(
                run.forward, None, Line("2 n_in / (n_in + n_out), multiplied", "理论乘积", law)
            ),
        ),
    )


@claim(
    "in-xavier-stable.fan-in",
    "Weights of variance 1 / n_in keep the signal over a cycle of widths, where Xavier shrinks it",
    zh="方差为 1/n_in 的权重在宽窄交替的网络中保持信号不变，而 Xavier 会使其缩小",
    section=SECTION,
    source=BOOK + "n_in σ² = 1 alone keeps the forward variance",
    formula="n_in γ = 1",
    given={"fan": st.sampled_from([[16, 128], [32, 128], [64, 256], [128, 32], [256, 64]])},
    holds=variance_equals(ratio=1.1),
    mutants=(PLAIN + "squares_the_deviation", PLAIN + "ignores_the_deviation"),
    block=1 << 14,
    cost=0.1,
    draws=2,
)
def fan_in_weights_keep_the_signal_over_a_cycle(
    propagate, plain_normal, fan, replicates, stream, device
):
    def initializer(fan_in, *arguments, **options):
        return plain_normal(fan_in, *arguments, std=fan_in**-0.5, **options)

    chain = [fan[0], fan[1]] * 3 + [fan[0]]
    nets = -(-replicates // sum(chain[1:]))
    run = _through(propagate, initializer, None, chain, nets, stream, device)
    return Measured(
        signals.chi_squared_up(run.forward, chain, [1.0] * (len(chain) - 1)),
        (signals.through_the_layers(run.forward),),
    )


@claim(
    "in-typical",
    "Constant variance describes an actual network: its last signal is within a factor of 2",
    zh='"方差恒定"描述了一个实际的网络：最后一层信号的二阶矩与输入相差不到两倍',
    section=SECTION,
    source='d2l, "Xavier Initialization" (implied); Hanin 2018 for the law',
    formula="|ln(q_L / q_0)| < ln 2",
    condition="the net is at least 16 times as wide as it is deep",
    condition_zh="网络的宽度至少是深度的 16 倍",
    given={"width": widths(128, 256), "depth": depths(4, 8)},
    always=({"width": 256, "depth": 16},),
    holds=more_often_than_not(),
    mutants=(NORMAL + "takes_another_gain", NORMAL + "passes_the_deviation_as_variance"),
    block=16,
    cost=0.1,
    draws=2,
)
def constant_variance_describes_a_wide_net(
    propagate, xavier_normal, width, depth, replicates, stream, device
):
    return _typical(propagate, xavier_normal, width, depth, replicates, stream, device)


@claim(
    "in-typical.outside",
    "Constant variance describes an actual network, however deep and narrow it is",
    zh='无论网络多深多窄，"方差恒定"都描述了一个实际的网络',
    section=SECTION,
    source='d2l, "Xavier Initialization" (implied)',
    formula="|ln(q_L / q_0)| < ln 2",
    condition="the net is at least 4 times as deep as it is wide",
    condition_zh="网络的深度至少是宽度的 4 倍",
    given={"width": widths(4, 8, 16), "depth": st.just(64)},
    always=({"width": 16, "depth": 64},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="in-typical",
    why="Every layer multiplies q by χ²_n / n, whose logarithm has mean about -1/n and variance "
    "2/n: ln q_L is about N(-L/n, 2L/n). The mean of q_L stays 1: rare nets carry it, while the "
    "typical net shrinks by e^(-L/n).",
    why_zh="每层使 q 乘以 χ²_n/n，其对数均值约 −1/n、方差 2/n，故 ln q_L 约为 N(−L/n, 2L/n)："
    "均值由少数网络撑住而保持 1，典型网络却缩小为 e^(−L/n)。",
    block=16,
    cost=0.1,
    draws=2,
)
def constant_variance_describes_a_narrow_net(
    propagate, xavier_normal, width, depth, replicates, stream, device
):
    return _typical(propagate, xavier_normal, width, depth, replicates, stream, device)


@claim(
    "in-typical.mechanism",
    "The typical net shrinks although the mean of the squares is constant",
    zh="尽管平方的均值不变，典型的网络在变小",
    section=SECTION,
    source="ln(χ²_n / n) has mean ψ(n/2) - ln(n/2) < 0 (Jensen)",
    formula="P(q_L < q_0) > 1/2 although E q_L = q_0",
    condition="the net is at least 4 times as deep as it is wide",
    condition_zh="网络的深度至少是宽度的 4 倍",
    given={"width": widths(4, 8, 16), "depth": st.just(64)},
    holds=more_often_than_not(margin=0.35),
    mutants=(NORMAL + "passes_the_deviation_as_variance",),
    block=16,
    cost=0.1,
    draws=2,
)
def the_typical_net_shrinks(propagate, xavier_normal, width, depth, replicates, stream, device):
    chain = [width] * (depth + 1)
    run = _through(propagate, xavier_normal, None, chain, replicates, stream, device)
    return Measured(
        run.forward[:, -1] < run.forward[:, 0], (signals.through_the_layers(run.forward),)
    )


@claim(
    "in-plain-fails.factor",
    "N(0, σ²) weights multiply signal and gradient by n σ² in every layer, whatever n is",
    zh="N(0, σ²) 初始化使信号与梯度在每一层都乘以 n·σ²，σ 却不随 n 调整",
    section=SECTION,
    source=BOOK + "Var[o] = n_in σ² γ², without any choice of σ",
    formula="q_l / q_{l-1} ~ σ² χ²_n",
    given={"width": widths(32, 64, 128), "std": st.sampled_from([0.01, 0.1, 1.0])},
    always=({"width": 256, "std": 0.01}, {"width": 256, "std": 0.1}),
    holds=all_hold(forward=variance_equals(ratio=1.1), backward=variance_equals(ratio=1.1)),
    mutants=(PLAIN + "squares_the_deviation", PLAIN + "ignores_the_deviation"),
    block=1 << 14,
    cost=0.1,
    draws=2,
)
def plain_weights_multiply_by_a_factor(
    propagate, plain_normal, width, std, replicates, stream, device
):
    nets = -(-replicates // (DEEP * width))
    run = _plain(propagate, plain_normal, std, width, nets, stream, device)
    chain, factors = [width] * (DEEP + 1), [width * std**2] * DEEP
    return Measured(
        {
            "forward": signals.chi_squared_up(run.forward, chain, factors),
            "backward": signals.chi_squared_down(run.backward, chain, factors),
        },
        (signals.through_the_layers(run.forward, run.backward),),
    )


@claim(
    "in-plain-fails.vanishes",
    "With N(0, 0.01²) weights signals and gradients vanish with depth",
    zh="用 N(0, 0.01²) 初始化时，信号与梯度随深度消失",
    section=SECTION,
    source="Mu Li's notes, 参数初始化: N(0, 0.01) 对小网络没问题，但不能保证深层网络",
    formula="q_10 / q_0 < 10⁻¹⁰, forward and backward",
    given={"width": widths(32, 64, 128)},
    always=({"width": 256},),
    holds=more_often_than_not(),
    mutants=(PLAIN + "squares_the_deviation",),
    block=8,
    cost=0.05,
    draws=2,
)
def small_normal_weights_vanish(propagate, plain_normal, width, replicates, stream, device):
    run = _plain(propagate, plain_normal, 0.01, width, replicates, stream, device)
    up = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    down = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    return Measured(
        np.maximum(up, down) < -TEN_DECADES,
        (signals.through_the_layers(run.forward, run.backward),),
    )


@claim(
    "in-plain-fails.explodes",
    "With N(0, 1) weights signals and gradients explode with depth",
    zh="用 N(0, 1) 初始化时，信号与梯度随深度爆炸",
    section=SECTION,
    source='d2l, "Numerical Stability and Initialization", "Exploding Gradients"',
    formula="q_10 / q_0 > 10¹⁰, forward and backward",
    given={"width": widths(32, 64, 128)},
    always=({"width": 256},),
    holds=more_often_than_not(),
    mutants=(PLAIN + "ignores_the_deviation",),
    block=8,
    cost=0.05,
    draws=2,
)
def unit_normal_weights_explode(propagate, plain_normal, width, replicates, stream, device):
    run = _plain(propagate, plain_normal, 1.0, width, replicates, stream, device)
    up = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    down = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    return Measured(
        np.minimum(up, down) > TEN_DECADES,
        (signals.through_the_layers(run.forward, run.backward),),
    )


# ---- what it does to training -------------------------------------------------------------------


@claim(
    "in-plain-fails",
    "N(0, 0.01²) weights are good enough for a small net, but not for a deep one",
    zh="N(0, 0.01²) 的初始化对小网络没问题，但不能保证深层网络",
    section=SECTION,
    source="Mu Li's notes, 参数初始化: 使用 N(0, 0.01) 可能对小网络没问题，但不能保证深度神经网络",
    formula="accuracy > 1/2 with one hidden layer, < 1/4 with ten",
    given={"lr": st.sampled_from([0.1, 0.2, 0.3])},
    always=({"lr": 0.1},),
    holds=more_often_than_not(),
    mutants=(PLAIN + "initialises_again_with_he",),
    block=8,
    cost=0.4,
    draws=1,
    shrink=False,
)
def plain_weights_train_small_nets_only(
    train_mlp, plain_normal, relu, lr, replicates, stream, device
):
    task = nets.clouds(replicates, 200, stream.child("data").numpy(), tests=10)
    runs = [
        nets.train(
            train_mlp,
            task,
            stream,
            device,
            hidden=(64,) * layers,
            epochs=20,
            lr=lr,
            batch_size=20,
            record_every=2,
            initializer=plain_normal,
            activation=relu,
        )
        for layers in (1, DEEP)
    ]
    small, deep = (np.where(run.diverged, 0.0, run.train_accuracy[:, -1]) for run in runs)
    lines = (("one hidden layer", "一个隐藏层"), ("ten hidden layers", "十个隐藏层"))
    return Measured(
        (small > 0.5) & (deep < 0.25),
        (
            Curve(
                "Training loss with N(0, 0.01²) weights",
                "N(0, 0.01²) 初始化的训练损失",
                runs[0].epochs,
                tuple(
                    Line(*names, signals.positive(run.train_loss))
                    for names, run in zip(lines, runs, strict=True)
                ),
                x_label="epoch",
                x_label_zh="轮次",
                y_label="cross-entropy",
                y_label_zh="交叉熵",
                log_y=True,
            ),
        ),
    )


steep_starts = untestable(
    "in-steep",
    "Where the initial loss is steep the updates are large, where it is flat they are small",
    zh="初始损失陡峭处更新大，平坦处更新慢",
    section=SECTION,
    source="Mu Li's notes, 参数初始化: 远离最优解的地方损失函数表面可能很复杂，"
    "最优解附近表面会比较平",
    reason="For gradient descent the size of a step is the learning rate times the gradient's "
    "norm: "
    "the sentence is that definition, and it says nothing about which initialisation is better.",
    reason_zh="对梯度下降而言，更新的大小就是学习率乘以梯度范数：这句话只是定义，"
    "并不说明哪种初始化更好。",
    citation="Goodfellow, Bengio and Courville 2016, Deep Learning, section 8.4",
)


# ---- helpers ------------------------------------------------------------------------------------


def _drawn(initializer, fan, dtype, numbers, stream, device):
    """About `numbers` weights of an initialiser as float64, in layers of the given fans."""
    copies = -(-numbers // (fan[0] * fan[1]))
    w = initializer(
        *fan,
        stream.child("weights").torch(device),
        replicates=copies,
        dtype=metrics.dtype_of(dtype),
        device=device,
    )
    return w.double().cpu().numpy()


def _normal_law(initializer, fan, variance, dtype, numbers, stream, device):
    z = _drawn(initializer, fan, dtype, numbers, stream, device) / math.sqrt(variance)
    return Measured(
        {
            "variance": (float(np.square(z).sum()), z.size),
            "law": signals.standard_normal_cdf(z),
            "extremes": np.array([np.abs(z).max() / signals.FURTHEST_DEVIATION]),
        },
        (_weights_drawn(z, "w / σ"),),
    )


def _uniform_law(initializer, fan, edge, dtype, numbers, stream, device):
    share = _drawn(initializer, fan, dtype, numbers, stream, device) / edge
    return Measured(
        {"variance": share, "law": signals.uniform_cdf(share)}, (_weights_drawn(share, "w / a"),)
    )


def _weights_drawn(values, label):
    return Histogram(
        "Initial weights", "初始权重", values.ravel()[:4096], x_label=label, x_label_zh=label
    )


def _one_layer(initializer, fan, mean, outputs, stream, device):
    """W h for two-point inputs of that mean and variance 1; ‖h‖² is n (1 + mean²) exactly.

    So it is Gaussian given h with a variance that does not depend on the draw.
    """
    import torch

    copies = -(-outputs // fan[1])
    generator = stream.child("forward").torch(device)
    signs = torch.ones((copies, fan[0]), dtype=torch.float64, device=device)
    signs[:, ::2] = -1.0
    order = torch.rand(signs.shape, generator=generator, device=device).argsort(dim=1)
    h = mean + signs.gather(1, order)
    if fan[0] % 2:  # an odd layer has one sign too many
        h = h * math.sqrt(fan[0] * (1 + mean**2)) / h.norm(dim=1, keepdim=True)
    w = initializer(*fan, generator, replicates=copies, dtype=torch.float64, device=device)
    return torch.bmm(w, h.unsqueeze(2))


def _one_layer_down(initializer, fan, outputs, stream, device, *, of_the_loss):
    """W'δ, scaled to ‖δ‖² = n_out, for a random δ or for δ = W x, the squared loss's own."""
    import torch

    copies = -(-outputs // fan[0])
    generator = stream.child("backward").torch(device)
    w = initializer(*fan, generator, replicates=copies, dtype=torch.float64, device=device)
    n = fan[0] if of_the_loss else fan[1]
    delta = torch.randn((copies, n, 1), generator=generator, dtype=torch.float64, device=device)
    if of_the_loss:
        delta = torch.bmm(w, delta)
    delta = delta * math.sqrt(fan[1]) / delta.norm(dim=1, keepdim=True)
    return torch.bmm(w.mT, delta)


def _through(propagate, initializer, activation, chain, nets, stream, device):
    """One example through each of `nets` chains of those widths: per-layer ratios then are iid."""
    return propagate(
        len(chain) - 1,
        chain,
        initializer,
        activation,
        nets,
        stream.torch(device),
        examples=1,
        device=device,
    )


def _ratios(run):
    return Measured(
        {
            "forward": signals.cut_ratios(signals.layer_ratios(run.forward)),
            "backward": signals.cut_ratios(run.backward[:, :-1] / run.backward[:, 1:]),
        },
        (signals.through_the_layers(run.forward, run.backward),),
    )


def _typical(propagate, initializer, width, depth, nets, stream, device):
    run = _through(propagate, initializer, None, [width] * (depth + 1), nets, stream, device)
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    law = np.array([-depth / width + k * math.sqrt(2 * depth / width) for k in (-2, 0, 2)])
    return Measured(
        np.abs(change) < math.log(2),
        (
            Histogram(
                "ln(q_L / q_0) of single nets",
                "单个网络的 ln(q_L / q_0)",
                change,
                marks={"-L/n - 2 sd": law[0], "-L/n": law[1], "-L/n + 2 sd": law[2]},
                marks_zh={
                    "-L/n - 2 sd": "−L/n − 2 倍标准差",
                    "-L/n": "−L/n",
                    "-L/n + 2 sd": "−L/n + 2 倍标准差",
                },
                x_label="ln(q_L / q_0)",
                x_label_zh="ln(q_L / q_0)",
            ),
        ),
    )


def _plain(propagate, plain_normal, std, width, nets, stream, device):
    def initializer(*arguments, **options):
        return plain_normal(*arguments, std=std, **options)

    return _through(propagate, initializer, None, [width] * (DEEP + 1), nets, stream, device)
