"""The sigmoid's saturation: σ'(x) = σ(x) σ(-x) is at most 1/4, and nearly 0 for large |x|.

Through h_l = σ(W_l h_(l-1)) the gradient's square is multiplied by χ = n γ E[σ'(√q Z)²] a layer.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import activations, signals
from claims.numerical_stability.experiments.chains import through, with_std
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import exactly_equal, mean_equals, more_often_than_not
from harness.metrics import arrays
from harness.text import Text

BOOK = 'd2l, "Numerical Stability and Initialization", '
NOTES = "Mu Li's notes, 数值稳定性: "
DECADE = math.log(10)
FOUR = (
    'the 2026 edition, "Vanishing Gradients": each layer attenuates the backward signal by at '
    "least a factor of four"
)


@claim(
    "ns-saturate",
    "The sigmoid's gradient nearly disappears where its input is large",
    "sigmoid 的输入较大时，其梯度几乎为零",
    source=BOOK + '"Vanishing Gradients": the gradient vanishes when inputs are large or small',
    formula="|x| ≥ 4:  σ'(x) ≤ σ'(4) = 0.0177",
    condition=Text("|x| ≥ 4", "|x| ≥ 4"),
    inside=lambda least: least >= 4,
    given={"least": st.sampled_from([4.0, 6.0, 10.0])},
    always=({"least": 4.0},),
    holds=exactly_equal(),
)
def the_sigmoid_saturates(sigmoid, least, replicates, stream, device):
    import torch

    rng = stream.numpy()
    x = (least + rng.exponential(2.0, replicates)) * rng.choice([-1.0, 1.0], replicates)
    x[:2] = (least, -least)[:replicates]
    slope = activations.slope_of(sigmoid, torch.tensor(x, device=device))
    line = np.linspace(-8, 8, 161)
    drawn = activations.slope_of(sigmoid, torch.tensor(line, device=device))
    return Measured(
        slope / (activations.sigmoid_slope(np.array(4.0)) * (1 + arrays.gamma(64))),
        Curve(
            Text("The sigmoid and its gradient", "sigmoid 函数及其梯度"),
            line,
            (
                Line(Text("sigmoid", "sigmoid"), activations.sigmoid(line)[None]),
                Line(Text("gradient", "梯度"), drawn[None]),
            ),
            x_label=Text("x", "x"),
        ),
    )


@claim(
    "ns-saturate.outside",
    "Where its inputs stay within ±3, the sigmoid passes the gradient on through a deep net",
    "只要输入不超出 ±3，sigmoid 就能把梯度传过深层网络",
    source=NOTES + "梯度消失: 使用 sigmoid，输入稍大导数近 0",
    formula="gradient² falls by less than 10 decades over 10 layers",
    condition=Text(
        "ten layers, Xavier weights; a layer with a larger input has all its inputs scaled down to "
        "within ±3",
        "十层，Xavier 初始化；某层若有更大的输入，则该层全部输入按比例缩小到 ±3 以内",
    ),
    given={"width": st.sampled_from([64, 128])},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-saturate.quarter",
    why=Text(
        "σ' is at most 1/4, at 0: with weights that keep a linear signal every layer multiplies "
        "the gradient's square by 0.056, however small the inputs are.",
        "σ' 最大只有 1/4（在 0 处）：使用保持线性信号的权重时，"
        "无论输入多小，每层都使梯度的平方乘以约 0.056。",
    ),
)
def small_inputs_pass_the_gradient(
    propagate, xavier_normal, sigmoid, width, replicates, stream, device
):
    def within_three(z):
        largest = z.detach().abs().amax(dim=tuple(range(1, z.dim())), keepdim=True)
        return sigmoid(z * (3.0 / largest).clamp(max=1.0))

    run = through(propagate, xavier_normal, within_three, 10, width, replicates, stream, device)
    change = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    return Measured(change > -10 * DECADE, signals.by_layer(None, run.backward))


@claim(
    "ns-saturate.quarter",
    "A sigmoid layer with Xavier weights multiplies the gradient's square by 0.056 on average, "
    "since σ' ≤ 1/4",
    "因为 σ' ≤ 1/4，Xavier 初始化的 sigmoid 层使梯度的平方每层平均乘以约 0.056",
    source="Schoenholz et al. 2017: χ = n γ E[σ'(√q Z)²]",
    formula="χ = E[σ'(√q* Z)²] = 0.0557 ≤ 1/16",
    condition=Text("layers of equal width, 128 or 256", "各层等宽，宽度 128 或 256"),
    given={"width": st.sampled_from([128])},
    always=({"width": 256},),
    holds=mean_equals(1.0, within=0.1, low=0.0, high=signals.LARGEST_RATIO),
)
def sigmoids_multiply_by_chi(propagate, xavier_normal, sigmoid, width, replicates, stream, device):
    depth = 20
    run = through(propagate, xavier_normal, sigmoid, depth, width, replicates, stream, device)
    _, chi = signals.mean_field(activations.sigmoid, activations.sigmoid_slope, 1.0, depth)
    law = np.concatenate([np.cumprod(chi[::-1])[::-1], [1.0]])
    ratios = run.backward[:, 2:-1] / run.backward[:, 3:]  # layers at the signal's fixed point
    return Measured(
        signals.cut_ratios(ratios / chi[2:]),
        signals.by_layer(None, run.backward, Line(Text("mean-field law", "平均场理论"), law)),
    )


@claim(
    "ns-saturate.four",
    "Each sigmoid layer attenuates the gradient by at least a factor of four, on average over the "
    "layers: ten do by 10⁶",
    "各 sigmoid 层平均每层把梯度缩小到四分之一或更小：十层缩小到 10⁻⁶",
    source=FOUR,
    formula="‖∂l/∂h_0‖ ≤ 4⁻ᴸ ‖∂l/∂h_L‖",
    condition=Text(
        "Xavier's weights; 10 or 20 layers of equal width, 64 or 128",
        "Xavier 初始化；10 或 20 个等宽的层，宽度 64 或 128",
    ),
    given={"width": st.sampled_from([64, 128]), "depth": st.sampled_from([10, 20])},
    # χ = .0448 from inputs of variance 1 and .0557 further up are ln(.0448) + 9 ln(.0557) = -29.1
    # in ten layers, against 10 ln(1/16) = -27.7; a chain's deviation is about .6.
    holds=more_often_than_not(),
)
def sigmoid_layers_divide_by_four(
    propagate, xavier_normal, sigmoid, width, depth, replicates, stream, device
):
    run = through(propagate, xavier_normal, sigmoid, depth, width, replicates, stream, device)
    return _divided_by_four(run, depth)


@claim(
    "ns-saturate.four-outside",
    "Each sigmoid layer attenuates the gradient by at least a factor of four on average, whatever "
    "its weights",
    "无论权重如何，各 sigmoid 层平均每层都把梯度缩小到四分之一或更小",
    source=FOUR,
    formula="‖∂l/∂h_0‖ ≤ 4⁻ᴸ ‖∂l/∂h_L‖",
    condition=Text(
        "ten layers of 128 units with weights of four and eight times Xavier's deviation",
        "十层，每层 128 个单元，权重的标准差为 Xavier 的四倍或八倍",
    ),
    always=({"times": 4}, {"times": 8}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-saturate.four",
    why=Text(
        "σ' ≤ 1/4 bounds the activation's part alone, and W has its own: a layer with k times "
        "Xavier's weights multiplies the gradient's square by 0.40 at k = 4 and 0.79 at k = 8, "
        "against 1/16, though more of its units are saturated.",
        "σ' ≤ 1/4 只约束激活函数那一部分，W 还有自己的倍数：权重为 Xavier 的 k 倍时，"
        "尽管更多单元饱和，每层仍使梯度的平方乘以 0.40（k = 4）或 0.79（k = 8），而不是 1/16。",
    ),
)
def any_sigmoid_layers_divide_by_four(
    propagate, plain_normal, sigmoid, times, replicates, stream, device
):
    law = with_std(plain_normal, times / math.sqrt(128))
    run = through(propagate, law, sigmoid, 10, 128, replicates, stream, device)
    return _divided_by_four(run, 10)


def _divided_by_four(run, depth):
    change = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    quarters = Line(Text("1/4 a layer", "每层 1/4"), 16.0 ** (np.arange(depth + 1.0) - depth))
    picture = signals.by_layer(None, run.backward, quarters)
    return Measured(change <= -depth * math.log(16), picture)
