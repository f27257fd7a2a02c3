"""The sigmoid's saturation: σ'(x) = σ(x) σ(-x) is at most 1/4, and nearly 0 for large |x|.

Through h_l = σ(W_l h_(l-1)) the gradient's square is multiplied by χ = n γ E[σ'(√q Z)²] a layer.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import activations, signals
from claims.numerical_stability.experiments.chains import through
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import exactly_equal, mean_equals, more_often_than_not
from harness.metrics import arrays
from harness.text import Text

BOOK = 'd2l, "Numerical Stability and Initialization", '
NOTES = "Mu Li's notes, 数值稳定性: "
DECADE = math.log(10)


@claim(
    "ns-saturate",
    "The sigmoid's gradient nearly disappears where its input is large",
    "sigmoid 的输入较大时，其梯度几乎为零",
    source=BOOK + '"Vanishing Gradients": the gradient vanishes when inputs are large or small',
    formula="|x| ≥ 4:  σ'(x) ≤ σ'(4) = .0177",
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
    "Where its inputs are small, the sigmoid passes the gradient on through a deep net",
    "只要输入较小，sigmoid 就能把梯度传过深层网络",
    source=NOTES + "梯度消失: 使用 sigmoid，输入稍大导数近 0",
    formula="gradient² falls by less than 10 decades over 10 layers",
    condition=Text(
        "Xavier weights; a layer with an input above 3 is scaled down to 3",
        "Xavier 初始化；某层若有超过 3 的输入，则整层缩小到 3",
    ),
    given={"width": st.sampled_from([64, 128])},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-saturate.quarter",
    why=Text(
        "σ' is at most 1/4, at 0: with weights that keep a linear signal every layer multiplies "
        "the gradient's square by .056, however small the inputs are.",
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
    "A sigmoid layer with Xavier weights multiplies the gradient's square by .056, since σ' ≤ 1/4",
    "因为 σ' ≤ 1/4，Xavier 初始化的 sigmoid 层使梯度的平方每层乘以约 0.056",
    source="Schoenholz et al. 2017: χ = n γ E[σ'(√q Z)²]",
    formula="χ = E[σ'(√q* Z)²] = .0557 ≤ 1/16",
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
