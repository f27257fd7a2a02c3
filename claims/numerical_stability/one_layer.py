"""One layer's variance: W multiplies a signal's by n_in γ on the way up, a gradient's by n_out γ.

o = W h with w_ij of mean 0 and variance γ (the book's σ²), n_in inputs and n_out outputs.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import (
    all_hold,
    exactly_equal,
    mean_equals,
    variance_equals,
)
from harness.declaration.strategies import depths, fans
from harness.metrics import arrays
from harness.text import Text

BOOK = 'd2l, "Numerical Stability and Initialization", "Xavier Initialization": '


@claim(
    "in-forward",
    "A linear layer multiplies the variance by n_in γ: Var[h_t] = n γ Var[h_(t-1)]",
    "无激活时线性层使方差乘以 n_in·γ：Var[h_t] = n γ Var[h_{t-1}]",
    source=BOOK + "Var[o] = n_in σ² γ²",
    formula="Var[h_t] = n_{t-1} γ_t Var[h_{t-1}]",
    condition=Text("the inputs have mean 0", "输入的均值为 0"),
    inside=lambda mean: mean == 0,
    given={"fan": fans(), "mean": st.just(0.0)},
    always=({"fan": [256, 64], "mean": 0.0},),
    holds=variance_equals(ratio=1.1),
)
def a_layer_multiplies_the_variance(xavier_normal, fan, mean, replicates, stream, device):
    z = _one_layer(xavier_normal, fan, mean, replicates, stream, device)
    return signals.sum_of_squares(z, 2 * fan[0] / sum(fan))


@claim(
    "in-forward.mean",
    "A layer's outputs and the gradients below it have mean 0, whatever comes in",
    "无论输入如何，一层的输出与传到其下的梯度均值都为 0",
    source=BOOK + "E[o] = 0",
    formula="E[(W h)_i] = 0,  E[(W'δ)_j] = 0,  in their own deviations, cut at ±4",
    condition=Text(
        "a linear layer whose weights have mean 0 and are independent of what comes in",
        "线性层，权重均值为 0，且与传入的量独立",
    ),
    given={"fan": fans(), "mean": st.sampled_from([0.0, 1.0, 3.0])},
    always=({"fan": [256, 64], "mean": 1.0},),
    # A tenth of a deviation moves no unit that the deviation itself does not move more.
    holds=all_hold(
        outputs=mean_equals(0.0, within=0.1, low=-4.0, high=4.0),
        gradients=mean_equals(0.0, within=0.1, low=-4.0, high=4.0),
    ),
)
def outputs_and_gradients_have_mean_0(xavier_normal, fan, mean, replicates, stream, device):
    up = _one_layer(xavier_normal, fan, mean, replicates, stream, device)
    down = _one_layer_down(xavier_normal, fan, replicates, stream, device, of_the_loss=False)
    squares = {"outputs": fan[0] * (1 + mean**2), "gradients": fan[1]}  # of what comes in
    return {
        name: np.clip(arrays.as_array(values).ravel() / math.sqrt(2 * square / sum(fan)), -4.0, 4.0)
        for values, (name, square) in zip((up, down), squares.items(), strict=True)
    }


@claim(
    "in-forward.outside",
    "A linear layer multiplies the variance by n_in γ also when the inputs are not centred",
    "即使输入均值不为 0，线性层也使方差乘以 n_in·γ",
    source="Mu Li's notes, 正向方差: Var[h_t] = n γ Var[h_{t-1}]",
    formula="Var[h_t] = n_{t-1} γ_t Var[h_{t-1}]",
    condition=Text("the inputs' mean is half a deviation or more", "输入的均值不小于半个标准差"),
    inside=lambda mean: mean >= 0.5,
    given={"fan": fans(), "mean": st.sampled_from([0.5, 1.0, 2.0])},
    always=({"fan": [256, 64], "mean": 1.0},),
    holds=variance_equals(ratio=1.1),
    expected=Verdict.REFUTED,
    twin="in-forward",
    why=Text(
        "The weights multiply the second moment E[h²] = Var[h] + E[h]², not the variance: inputs "
        "with mean and deviation 1 (an exponential law) give twice the stated variance.",
        "权重放大的是二阶矩 E[h²] = Var[h] + E[h]² 而不是方差：均值与标准差都为 1 "
        "的输入（如指数分布）得到的方差是所述值的两倍。",
    ),
)
def a_layer_multiplies_uncentred_inputs(xavier_normal, fan, mean, replicates, stream, device):
    z = _one_layer(xavier_normal, fan, mean, replicates, stream, device)
    return signals.sum_of_squares(z, 2 * fan[0] / sum(fan))


@claim(
    "in-forward.second-moment",
    "A linear layer turns the inputs' second moment into variance: Var[h_t] = n γ E[h_(t-1)²]",
    "线性层的输出方差由输入的二阶矩决定：Var[h_t] = n γ E[h_{t-1}²]",
    source='d2l, "Xavier Initialization", with E[x²] in place of Var[x]',
    formula="Var[h_t] = n_{t-1} γ_t E[h_{t-1}²]",
    given={"fan": fans(), "mean": st.sampled_from([0.0, 0.5, 1.0, 2.0])},
    always=({"fan": [256, 64], "mean": 1.0},),
    holds=variance_equals(ratio=1.1),
)
def a_layer_multiplies_the_second_moment(xavier_normal, fan, mean, replicates, stream, device):
    z = _one_layer(xavier_normal, fan, mean, replicates, stream, device)
    return signals.sum_of_squares(z, 2 * fan[0] / sum(fan) * (1 + mean**2))


@claim(
    "in-backward",
    "A linear layer multiplies the gradient's variance by n_out γ on the way down",
    "反向传播时线性层使梯度方差乘以 n_out·γ",
    source=BOOK + "the gradients' variance can blow up unless n_out σ² = 1",
    formula="Var[∂l/∂h_{t-1}] = n_t γ_t Var[∂l/∂h_t]",
    condition=Text(
        "the gradient that arrives is independent of the layer's weights",
        "传入的梯度与该层权重独立",
    ),
    given={"fan": fans()},
    always=({"fan": [256, 64]}, {"fan": [64, 256]}),
    holds=variance_equals(ratio=1.1),
)
def a_layer_multiplies_the_gradient_variance(xavier_normal, fan, replicates, stream, device):
    back = _one_layer_down(xavier_normal, fan, replicates, stream, device, of_the_loss=False)
    return signals.sum_of_squares(back, 2 * fan[1] / sum(fan))


@claim(
    "in-backward.outside",
    "A linear layer multiplies the gradient's variance by n_out γ also under a squared loss",
    "使用平方损失时，反向传播的梯度方差同样乘以 n_out·γ",
    source="Mu Li's notes, 反向方差: n_t γ_t = 1",
    formula="Var[∂l/∂h_{t-1}] = n_t γ_t Var[∂l/∂h_t]",
    condition=Text(
        "the gradient that arrives is the squared loss's own, ∂l/∂o = o - y with y = 0",
        "传入的梯度就是平方损失的梯度 ∂l/∂o = o − y（y = 0）",
    ),
    given={"fan": fans(16, 256)},
    always=({"fan": [256, 64]},),
    holds=variance_equals(ratio=1.1),
    expected=Verdict.REFUTED,
    twin="in-backward",
    why=Text(
        "The loss's gradient o = W x is made of the same weights that it is multiplied by, so "
        "W'(W x) has a component along x that independent gradients lack: for a square layer the "
        "second moment doubles.",
        "损失的梯度 o = Wx 由同一组权重构成，"
        "W'(Wx) 在 x 方向上多出一个独立梯度所没有的分量：方阵时二阶矩翻倍。",
    ),
)
def a_layer_multiplies_the_variance_of_gradients(xavier_normal, fan, replicates, stream, device):
    back = _one_layer_down(xavier_normal, fan, replicates, stream, device, of_the_loss=True)
    return signals.sum_of_squares(back, 2 * fan[1] / sum(fan))


@claim(
    "in-backward.mechanism",
    "Through L square linear layers, the squared length of a squared loss's own gradient grows to "
    "L + 1 times",
    "经过 L 个方阵线性层后，平方损失自身的梯度的长度平方增大到 L+1 倍",
    source="the second moment of a product of L Gaussian matrices (Fuss-Catalan: L + 1)",
    formula="E[‖W'…W'·W…W x‖² / ‖W…W x‖²] = L + 1",
    condition=Text("weights with n γ = 1, L from 1 to 4", "权重满足 nγ = 1，L 为 1 到 4"),
    given={"depth": depths(1, 4)},
    always=({"depth": 1}, {"depth": 4}),
    holds=mean_equals(1.0, within=0.15, low=0.0, high=signals.LARGEST_RATIO),
)
def the_loss_gradient_grows_with_depth(xavier_normal, depth, replicates, stream, device):
    import torch

    n = 192
    generator = stream.torch(device)
    x = torch.randn((replicates, n, 1), generator=generator, dtype=torch.float64, device=device)
    options = {"replicates": replicates, "dtype": torch.float32, "device": device}
    layers = [xavier_normal(n, n, generator, **options).double() for _ in range(depth)]
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
    "除非输入维度等于输出维度，否则没有哪个权重方差能同时满足前向与反向两个条件",
    source=BOOK + "n_in σ² = 1 and n_out σ² = 1: both conditions cannot be satisfied at once",
    formula="n_in γ = 1  ⇒  the gradient is multiplied by n_out/n_in ≠ 1, and the reverse",
    condition=Text("linear layers", "线性层"),
    given={"fan": fans(16, 256)},
    always=({"fan": [256, 64]}, {"fan": [64, 256]}),
    holds=all_hold(
        algebra=exactly_equal(),
        forward=variance_equals(ratio=1.1),
        backward=variance_equals(ratio=1.1),
    ),
)
def both_conditions_hold_only_for_square_layers(plain_normal, fan, replicates, stream, device):
    def kept_forward(*arguments, **options):
        return plain_normal(*arguments, std=fan[0] ** -0.5, **options)

    z = _one_layer(kept_forward, fan, 0.0, replicates, stream, device)
    back = _one_layer_down(kept_forward, fan, replicates, stream, device, of_the_loss=False)
    gammas = np.array([1 / fan[0], 1 / fan[1], 2 / sum(fan)])
    kept = (np.isclose(fan[0] * gammas, 1)) & (np.isclose(fan[1] * gammas, 1))
    return {
        "algebra": arrays.truth(kept == (fan[0] == fan[1])),
        "forward": signals.sum_of_squares(z, 1.0),
        "backward": signals.sum_of_squares(back, fan[1] / fan[0]),
    }


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
    w = initializer(*fan, generator, replicates=copies, dtype=torch.float32, device=device)
    return torch.bmm(w.double(), h.unsqueeze(2))


def _one_layer_down(initializer, fan, outputs, stream, device, *, of_the_loss):
    """W'δ, scaled to ‖δ‖² = n_out, for a random δ or for δ = W x, the squared loss's own."""
    import torch

    copies = -(-outputs // fan[0])
    generator = stream.child("backward").torch(device)
    w = initializer(*fan, generator, replicates=copies, dtype=torch.float32, device=device)
    w, n = w.double(), fan[0] if of_the_loss else fan[1]
    delta = torch.randn((copies, n, 1), generator=generator, dtype=torch.float64, device=device)
    if of_the_loss:
        delta = torch.bmm(w, delta)
    delta = delta * math.sqrt(fan[1]) / delta.norm(dim=1, keepdim=True)
    return torch.bmm(w.mT, delta)
