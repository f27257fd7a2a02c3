"""The tanh, which is x - x³/3 + O(x⁵) near 0, and how q falls through deep nets of it.

q_l = E[tanh(√q_(l-1) Z)²], with Xavier's weights, is about 1 / (2 l).
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import activations, signals
from claims.numerical_stability.experiments.chains import through
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Line, Measured
from harness.declaration.relations import exactly_equal, mean_equals, more_often_than_not
from harness.declaration.strategies import dtypes
from harness.metrics import arrays
from harness.text import Text

NOTES = "Mu Li's notes, 检查常用激活函数: "


@claim(
    "ac-tanh",
    "tanh(x) ≈ x near 0: |tanh(x) - x| ≤ |x|³ / 3",
    "tanh(x) 在零附近近似为 x：|tanh(x) − x| ≤ |x|³/3",
    source=NOTES + "tanh(x) = 0 + x - x³/3 + O(x⁵)",
    formula="|tanh x - x| ≤ |x|³/3",
    condition=Text("one application, at any x", "单次作用，任意 x"),
    given={"scale": st.sampled_from([0.1, 1.0, 10.0]), "dtype": dtypes("float32", "float64")},
    always=({"scale": 1.0, "dtype": "float64"},),
    holds=exactly_equal(),
)
def tanh_is_the_identity_near_zero(tanh, scale, dtype, replicates, stream, device):
    x = activations.inputs(stream.numpy(), replicates, scale, dtype, device)
    wide = x.double().cpu().numpy()
    gap = np.abs(tanh(x).double().cpu().numpy() - wide)
    rounding = activations.FORMULA_ROUNDINGS * arrays.gamma(1, dtype) * np.abs(wide)
    return gap / (np.abs(wide) ** 3 / 3 + rounding)


@claim(
    "ac-tanh.outside",
    "Because tanh(x) ≈ x near 0, Xavier keeps the variance through a deep tanh net",
    "由于 tanh(x) 在零附近近似为 x，Xavier 能在深层 tanh 网络中保持方差",
    source=NOTES + "tanh 在零点附近近似 f(x) = x",
    formula="|ln(q_50 / q_0)| < ln 2",
    condition=Text("through 50 layers", "经过 50 层"),
    given={"width": st.sampled_from([64, 128])},
    always=({"width": 256},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ac-tanh",
    why=Text(
        "The cubic term adds up: each layer loses about 2 q² of q, so that q_l falls like 1 / (2 "
        "l). It is a slow, polynomial decay, which is why depth 10 still trains.",
        "三次项会逐层累积：每层约损失 2q²，故 q_l 按 1/(2l) 衰减；"
        "这是缓慢的多项式衰减，所以 10 层仍可训练。",
    ),
)
def xavier_keeps_the_variance_of_a_deep_tanh_net(
    propagate, xavier_normal, tanh, width, replicates, stream, device
):
    run = through(propagate, xavier_normal, tanh, 50, width, replicates, stream, device)
    q, _ = signals.mean_field(np.tanh, activations.tanh_slope, 1.0, 50)
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    return Measured(
        np.abs(change) < math.log(2),
        signals.by_layer(run.forward, run.backward, Line(Text("mean-field law", "平均场理论"), q)),
    )


@claim(
    "ac-tanh.law",
    "In a deep tanh net with Xavier weights the second moment falls as the mean-field law says, "
    "like 1 / (2 l)",
    "在 Xavier 初始化的深层 tanh 网络中，二阶矩按平均场理论下降，约为 1/(2l)",
    source="Poole et al. 2016, equation 3",
    formula="q_l = E[tanh(√q_{l-1} Z)²] → 1/(2 l)",
    condition=Text("16 layers of 256 units", "16 层，每层 256 个单元"),
    always=({"width": 256, "depth": 16},),
    holds=mean_equals(1.0, within=0.25, low=0.0, high=signals.LARGEST_RATIO),
)
def deep_tanh_nets_follow_the_mean_field_law(
    propagate, xavier_normal, tanh, width, depth, replicates, stream, device
):
    run = through(propagate, xavier_normal, tanh, depth, width, replicates, stream, device)
    q, _ = signals.mean_field(np.tanh, activations.tanh_slope, 1.0, depth)
    half = np.concatenate([[1.0], 1 / (2 * np.arange(1, depth + 1))])
    return Measured(
        signals.cut_ratios(run.forward[:, -1] / q[-1]),
        signals.by_layer(
            run.forward,
            None,
            Line(Text("mean-field law", "平均场理论"), q),
            Line(Text("1 / (2 l)", "1/(2l)"), half),
        ),
    )


@claim(
    "ac-tanh.formula",
    "tanh(x) = (1 - exp(-2x)) / (1 + exp(-2x)), and its slope is 1 - tanh(x)²",
    "tanh(x) = (1 − exp(−2x))/(1 + exp(−2x))，导数为 1 − tanh²(x)",
    source='d2l, "Multilayer Perceptrons", "Tanh Function"',
    formula="tanh x = (1 - e^(-2x)) / (1 + e^(-2x)),  d tanh/dx = 1 - tanh² x by the code's own "
    "gradient",
    given={"scale": st.sampled_from([1.0, 10.0, 30.0, 1e4]), "dtype": dtypes()},
    always=({"scale": 3.0, "dtype": "float64"}, {"scale": 1e4, "dtype": "float32"}),
    holds=exactly_equal(),
)
def tanh_is_its_formula(tanh, scale, dtype, replicates, stream, device):
    return activations.against_the_formula("tanh", tanh, scale, dtype, replicates, stream, device)


@claim(
    "ac-tanh.infinite",
    "tanh reaches -1 and 1 at infinity, and a NaN stays one",
    "tanh 在无穷远处等于 −1 和 1，NaN 仍为 NaN",
    source='d2l, "Multilayer Perceptrons", "Tanh Function": its limits',
    formula="tanh(-∞) = -1,  tanh(∞) = 1,  tanh(NaN) = NaN",
    always=tuple({"dtype": name} for name in ("float32", "float64", "bfloat16", "float16")),
    holds=exactly_equal(),
)
def tanh_has_its_limits(tanh, dtype, device):
    return activations.at_the_ends(tanh, -1.0, 1.0, dtype, device)
