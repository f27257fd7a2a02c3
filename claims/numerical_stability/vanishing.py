"""Vanishing gradients: no rate helps, the bottom suffers most, and sums instead of products help.

h_l = σ(W_l h_(l-1)); ∇W_l = δ_l h_(l-1)' with δ_l the gradient on its way down.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.chains import through, with_std
from claims.numerical_stability.experiments.deep_nets import (
    DEEP,
    LEARNT,
    POINTS,
    accuracy,
    best_rate,
    trained,
)
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import more_often_than_not
from harness.declaration.strategies import depths
from harness.text import Text

NOTES = "Mu Li's notes, 数值稳定性: "


@claim(
    "ns-any-lr",
    "Once gradients have vanished, no learning rate makes progress",
    "梯度消失后，无论怎样选择学习率，训练都没有进展",
    source=NOTES + "梯度消失的问题: 训练没有进展，不管如何选择学习率",
    formula="10 sigmoid layers: accuracy < 1/4 at every rate; one layer: > 1/2 at some rate",
    condition=Text(
        "plain SGD at the rates 0.01, 0.1, 1 and 10; ten hidden layers of 64 sigmoids, Xavier "
        "weights, 20 epochs",
        "普通 SGD，学习率 0.01、0.1、1、10；十个隐藏层，各 64 个 sigmoid，Xavier 初始化，20 轮",
    ),
    holds=more_often_than_not(),
)
def no_rate_saves_vanished_gradients(train_mlp, xavier_normal, sigmoid, replicates, stream, device):
    rates = (0.01, 0.1, 1.0, 10.0)
    net = {"initializer": xavier_normal, "activation": sigmoid}
    deep = best_rate(
        train_mlp, DEEP, rates, 20, replicates, stream, device, record_every=POINTS, **net
    )
    flat = best_rate(train_mlp, (64,), (1.0,), 20, replicates, stream, device, **net)
    return (deep < LEARNT / 2) & (flat > LEARNT)


@claim(
    "ns-any-lr.outside",
    "A deep net of sigmoids makes no progress at any learning rate, whatever its weights",
    "无论权重如何，深层 sigmoid 网络在任何学习率下都没有进展",
    source=NOTES + "梯度消失的问题: 训练没有进展，不管如何选择学习率",
    formula="10 sigmoid layers: accuracy < 1/4 at every rate",
    condition=Text(
        "the weights are scaled up to the deviation 4 / √n, which undoes σ' ≤ 1/4; 60 epochs",
        "把权重放大到标准差 4/√n 以抵消 σ' ≤ 1/4；60 轮",
    ),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-any-lr",
    why=Text(
        "The gradient vanished because σ' ≤ 1/4 met weights that keep a linear signal; weights "
        "four times as large bring it back, and plain SGD learns (so does Adam, which rescales "
        "gradients).",
        "梯度消失是因为 σ' ≤ 1/4 与“保持线性信号”的权重相遇；把权重放大到四倍即可恢复，普通 SGD "
        "就能学习（Adam 会重新缩放梯度，也可以）。",
    ),
)
def scaled_weights_train_no_better(train_mlp, plain_normal, sigmoid, replicates, stream, device):
    def four_times_as_large(fan_in, *arguments, **options):
        return plain_normal(fan_in, *arguments, std=4 / math.sqrt(fan_in), **options)

    net = {"initializer": four_times_as_large, "activation": sigmoid}
    run = trained(train_mlp, DEEP, 0.1, 60, replicates, stream, device, **net)
    return accuracy(run) < LEARNT / 2


@claim(
    "ns-bottom-worse",
    "Vanishing is worst at the bottom: the lowest layers get the smallest gradients",
    "梯度消失对底部层尤为严重：越靠近输入的层梯度越小",
    source=NOTES + "对于底部层尤为严重: 仅仅顶部层训练得较好",
    formula="ln(‖∇W_2‖ / ‖∇W_10‖) < -2",
    condition=Text(
        "ten layers of 64 or 128 sigmoids, which saturate; Xavier weights",
        "十层，每层 64 或 128 个会饱和的 sigmoid；Xavier 初始化",
    ),
    given={"width": st.sampled_from([64, 128])},
    holds=more_often_than_not(),
)
def vanishing_is_worst_below(propagate, xavier_normal, sigmoid, width, replicates, stream, device):
    run = through(propagate, xavier_normal, sigmoid, 10, width, replicates, stream, device)
    return _bottom_heavy(run)


@claim(
    "ns-bottom-worse.outside",
    "Vanishing is worst at the bottom also for small weights and relus",
    "使用小权重与 relu 时，梯度消失同样对底部层更严重",
    source=NOTES + "对于底部层尤为严重",
    formula="ln(‖∇W_2‖ / ‖∇W_10‖) < -2",
    condition=Text("ten relu layers with N(0, 0.01²) weights", "十个 relu 层，权重 N(0, 0.01²)"),
    given={"width": st.sampled_from([64, 128])},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-bottom-worse",
    why=Text(
        "A layer's gradient is δ_l h_(l-1)': where small weights shrink the gradient on its way "
        "down they shrink the signal on its way up by the same factor, so the product is equally "
        "small in all layers.",
        "一层的梯度是 δ_l 与 h_{l-1} 的外积："
        "小权重使梯度向下逐层缩小，也使信号向上以同样的倍数缩小，故各层的乘积同样小。",
    ),
)
def small_weights_starve_the_bottom(
    propagate, plain_normal, relu, width, replicates, stream, device
):
    law = with_std(plain_normal, 0.01)
    run = through(propagate, law, relu, 10, width, replicates, stream, device)
    return _bottom_heavy(run)


@claim(
    "ns-bottom-worse.flat",
    "With small weights and relus the gradients of all layers are small alike: within a factor of "
    "4.5 of one another's",
    "使用小权重与 relu 时，所有层的梯度同样小：彼此之比不超过 4.5",
    source="‖∇W_l‖ = ‖δ_l‖ ‖h_(l-1)‖ for one example",
    formula="max - min of ln ‖∇W_l‖ < 3/2,  max < ln 10⁻⁶,  l = 2 … 10",
    condition=Text(
        "ten relu layers with N(0, 0.01²) weights, from the second on",
        "十个 relu 层，权重 N(0, 0.01²)，从第二层起",
    ),
    given={"width": st.sampled_from([64, 128])},
    # By theory each layer adds a deviation of about .22 at 64 units to ln ‖∇W_l‖, √8 times that,
    # .6, from the second to the tenth: their range is above 3/2 in some 2 % of nets. Their size is
    # about 64 without shrinking and .057⁹ of that with it; 128 and .08⁹ at 128 units: 10⁻⁸.
    holds=more_often_than_not(),
)
def small_weights_shrink_alike(propagate, plain_normal, relu, width, replicates, stream, device):
    law = with_std(plain_normal, 0.01)
    run = through(propagate, law, relu, 10, width, replicates, stream, device)
    sizes = signals.log_change(run.weight_gradient[:, 1:], 1.0)
    with np.errstate(invalid="ignore"):
        alike = np.ptp(sizes, axis=1) < 1.5
    return Measured(alike & (sizes.max(axis=1) < math.log(1e-6)), _gradients(run))


@claim(
    "ns-residual",
    "Turning products into sums, with branches scaled by 1/√L, keeps the gradient through a deep "
    "net",
    "把乘法变成加法，并把支路乘以 1/√L，能让梯度稳定地穿过深层网络",
    source=NOTES + "让训练更加稳定: 将乘法变加法",
    formula="h_l = h_{l-1} + f(W h_{l-1})/√L:  |ln(δ_0²/δ_L²)| < 2;  h_l = σ(W h_{l-1}):  < -20",
    condition=Text(
        "branches of sigmoid or tanh, scaled by 1/√L", "支路为 sigmoid 或 tanh，并乘以 1/√L"
    ),
    given={"depth": depths(20, 50)},
    always=({"depth": 50},),
    # By theory a layer multiplies the gradient's square by 1 + χ/L: e^χ in all, with χ at most
    # 1/16 for sigmoid and 1 for tanh. The product of sigmoids has 16^-L.
    holds=more_often_than_not(),
)
def sums_keep_the_gradient(xavier_normal, sigmoid, tanh, depth, replicates, stream, device):
    sums = [
        _gradient_down(xavier_normal, f, depth, replicates, stream, device, branch=depth**-0.5)
        for f in (sigmoid, tanh)
    ]
    product = _gradient_down(xavier_normal, sigmoid, depth, replicates, stream, device)
    kept = [np.abs(signals.log_change(g[:, 0], g[:, -1])) < 2 for g in sums]
    lost = signals.log_change(product[:, 0], product[:, -1]) < -20
    lines = [
        Line(Text(f"sum, {name}: h + f(W h)/√L", f"加法，{name}：h + f(Wh)/√L"), g)
        for name, g in zip(("sigmoid", "tanh"), sums, strict=True)
    ]
    lines.append(Line(Text("product: σ(W h)", "乘法：σ(Wh)"), product))
    return Measured(np.all([*kept, lost], axis=0), signals.by_layer(None, None, *lines))


@claim(
    "ns-residual.outside",
    "Turning products into sums keeps the gradient through a deep net, with branches as they are",
    "把乘法变成加法能让梯度稳定地穿过深层网络，支路不作缩放也是如此",
    source=NOTES + "让训练更加稳定: 将乘法变加法",
    formula="h_l = h_{l-1} + f(W h_{l-1}), f tanh or relu:  |ln(δ_0²/δ_L²)| < 2",
    condition=Text(
        "plain sums, 50 layers; branches of tanh with Xavier's weights, or of relu with He's",
        "直接相加，50 层；支路为 tanh（Xavier 初始化）或 relu（He 初始化）",
    ),
    given={"activation": st.sampled_from(["tanh", "relu"])},
    always=({"activation": "tanh"}, {"activation": "relu"}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-residual",
    why=Text(
        "A plain sum multiplies the gradient's square by 1 + χ a layer: by 2^50 and more for relus "
        "with He's weights; for tanh, whose inputs grow with the sum, by about a thousand.",
        "直接相加时每层使梯度的平方乘以 1 + χ：He 初始化的 relu 经五十层至少是 2 的 50 次方倍；"
        "tanh 的输入随求和增大，共约一千倍。",
    ),
)
def plain_sums_keep_the_gradient(
    xavier_normal, he_normal, tanh, relu, activation, replicates, stream, device
):
    arm = (xavier_normal, tanh) if activation == "tanh" else (he_normal, relu)
    sums = _gradient_down(*arm, 50, replicates, stream, device, branch=1.0)
    change = signals.log_change(sums[:, 0], sums[:, -1])
    line = Line(Text("sum: h + f(W h)", "加法：h + f(Wh)"), sums)
    return Measured(np.abs(change) < 2, signals.by_layer(None, None, line))


@claim(
    "ns-residual.relu",
    "Turning products into sums keeps the gradient through a deep net, with scaled branches of "
    "relus too",
    "把乘法变成加法能让梯度稳定地穿过深层网络，支路为 relu 并乘以 1/√L 时也是如此",
    source=NOTES + "让训练更加稳定: 将乘法变加法",
    formula="h_l = h_{l-1} + relu(W h_{l-1})/√L:  |ln(δ_0²/δ_L²)| < 2",
    condition=Text("He's weights; 100 layers", "He 初始化；100 层"),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-residual",
    why=Text(
        "A relu's gate depends on its own weights, so that W'(gate ∘ δ) has the mean Σδ_i h/|h| "
        "times 1/√(πn): layer after layer it points along h and adds up, to a part that grows "
        "like √L. It takes branches of 1/L, or a normalisation.",
        "relu 的开关取决于自身的权重，因此 W'(开关 ∘ δ) 的均值为 (Σδ_i) h/|h| 乘以 1/√(πn)：各"
        "层都沿着 h 的方向累加，其份量随 √L 增长；支路需要乘以 1/L，或加以规范化。",
    ),
)
def scaled_sums_of_relus_keep_the_gradient(he_normal, relu, replicates, stream, device):
    sums = _gradient_down(he_normal, relu, 100, replicates, stream, device, branch=0.1)
    change = signals.log_change(sums[:, 0], sums[:, -1])
    line = Line(Text("sum: h + relu(W h)/10", "加法：h + relu(Wh)/10"), sums)
    return Measured(np.abs(change) < 2, signals.by_layer(None, None, line))


def _bottom_heavy(run):
    change = signals.log_change(run.weight_gradient[:, 1], run.weight_gradient[:, -1])
    return Measured(change < -2, _gradients(run))


def _gradients(run):
    return Curve(
        Text("Gradient norm of the weights, layer by layer", "各层权重的梯度范数"),
        np.arange(1, run.weight_gradient.shape[1] + 1),
        (Line(Text("‖∇W_l‖", "‖∇W_l‖"), signals.positive(run.weight_gradient)),),
        x_label=Text("layer", "层"),
        y_label=Text("norm", "范数"),
        log_y=True,
    )


def _gradient_down(initializer, activation, depth, replicates, stream, device, *, branch=None):
    """The mean square (R, L + 1) of a random cotangent at each layer, on the way down.

    h_l = h_(l-1) + branch f(W h_(l-1)), or f(W h_(l-1)) without a branch.
    """
    import torch

    n = 64
    generator = stream.torch(device)
    options = {"generator": generator, "dtype": torch.float64, "device": device}
    h = torch.randn((replicates, n, 1), **options).requires_grad_()
    layers = [h]
    for _ in range(depth):
        w = initializer(n, n, generator, replicates=replicates, dtype=torch.float64, device=device)
        f = activation(w @ h)
        h = f if branch is None else h + branch * f
        layers.append(h)
    cotangent = torch.randn((replicates, n, 1), **options)
    gradients = torch.autograd.grad(h, layers, cotangent)
    return torch.stack([g.square().mean(dim=(1, 2)) for g in gradients], dim=1).cpu().numpy()
