"""The sigmoid, 1/2 + x/4 - x³/48 + O(x⁵) near 0, and 4 sigmoid(x) - 2, which is 2 tanh(x/2)."""

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import activations
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import dtypes
from harness.metrics import arrays
from harness.text import Text

NOTES = "Mu Li's notes, 检查常用激活函数: "


@claim(
    "ac-4sig",
    "4 sigmoid(x) - 2 = 2 tanh(x / 2), which is 0 at 0 with slope 1",
    "4·sigmoid(x) − 2 = 2·tanh(x/2)，在零点取值 0、斜率 1",
    source=NOTES + "调整 sigmoid: 4 × sigmoid(x) - 2",
    formula="|4σ(x) - 2 - 2 tanh(x/2)| ≤ rounding of 4σ and 2",
    given={"scale": st.sampled_from([0.01, 1.0, 30.0, 1e3]), "dtype": dtypes("float32", "float64")},
    always=({"scale": 1.0, "dtype": "float64"},),
    holds=exactly_equal(),
)
def the_scaled_sigmoid_is_a_tanh(scaled_sigmoid, scale, dtype, replicates, stream, device):
    x = activations.inputs(stream.numpy(), replicates, scale, dtype, device)
    exact = activations.scaled_sigmoid(x.double().cpu().numpy())
    # The terms are 4 sigmoid(x) <= 4 and 2: near 0 the form is right absolutely, not relatively.
    value = arrays.rounding_ratio(scaled_sigmoid(x), exact, 6.0, 8, dtype)
    slope = activations.slope_of(scaled_sigmoid, 0 * x[:1])
    ends = activations.at_the_ends(scaled_sigmoid, -2.0, 2.0, dtype, device)
    return np.concatenate([value, arrays.rounding_ratio(slope, 1.0, 1.0, 4, dtype), ends])


@claim(
    "ac-4sig.relative",
    "4 sigmoid(x) - 2 is as accurate as 2 tanh(x / 2) also near 0",
    "在零附近，4·sigmoid(x) − 2 与 2·tanh(x/2) 一样精确",
    source=NOTES + "4 × sigmoid(x) - 2 (as one would compute it)",
    formula="|4σ(x) - 2 - 2 tanh(x/2)| ≤ k u |2 tanh(x/2)|",
    always=({"dtype": "float32"}, {"dtype": "float64"}),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="ac-4sig",
    why=Text(
        "4 sigmoid(x) is near 2, so that subtracting 2 cancels the leading digits and leaves the "
        "rounding of 2: in float32 the relative error is 0.1 % at x = 1e-5 and 100 % at 1e-7.",
        "4·sigmoid(x) 接近 2，减去 2 抵消了有效数字，只剩舍入误差："
        "float32 下 x = 1e-5 时相对误差约 0.1%，1e-7 时达 100%。",
    ),
)
def the_scaled_sigmoid_is_relatively_accurate(scaled_sigmoid, dtype, replicates, stream, device):
    x = activations.inputs(stream.numpy(), replicates, 1.0, dtype, device)
    exact = activations.scaled_sigmoid(x.double().cpu().numpy())
    return arrays.rounding_ratio(
        scaled_sigmoid(x), exact, exact, activations.FORMULA_ROUNDINGS, dtype
    )


@claim(
    "ac-4sig.series",
    "sigmoid(x) = 1/2 + x/4 - x³/48 + O(x⁵) near 0",
    "sigmoid(x) 在零附近等于 1/2 + x/4 − x³/48 + O(x⁵)",
    source=NOTES + "sigmoid(x) = 1/2 + x/4 - x³/48 + O(x⁵)",
    formula="|σ(x) - (1/2 + x/4 - x³/48)| ≤ |x|⁵/480",
    given={"scale": st.sampled_from([0.1, 0.5, 1.0])},
    always=({"scale": 1.0},),
    holds=exactly_equal(),
)
def sigmoid_follows_its_series(sigmoid, scale, replicates, stream, device):
    x = activations.inputs(stream.numpy(), replicates, scale, "float64", device)
    wide = x.cpu().numpy()
    gap = np.abs(sigmoid(x).cpu().numpy() - (0.5 + wide / 4 - wide**3 / 48))
    # The series alternates for |x| <= 1, so the next term, x^5 / 480, bounds the rest (Leibniz).
    return gap / (np.abs(wide) ** 5 / 480 + arrays.gamma(activations.FORMULA_ROUNDINGS))


@claim(
    "ac-4sig.sigmoid",
    "sigmoid(x) = 1 / (1 + exp(-x)), and its slope is sigmoid(x) (1 - sigmoid(x))",
    "sigmoid(x) = 1/(1 + exp(−x))，导数为 sigmoid(x)(1 − sigmoid(x))",
    source='d2l, "Multilayer Perceptrons", "Sigmoid Function"',
    formula="σ(x) = 1 / (1 + e^(-x)),  dσ/dx = σ (1 - σ) by the code's own gradient",
    given={"scale": st.sampled_from([1.0, 10.0, 30.0, 1e4]), "dtype": dtypes()},
    always=({"scale": 3.0, "dtype": "float64"}, {"scale": 1e4, "dtype": "float32"}),
    holds=exactly_equal(),
)
def sigmoid_is_its_formula(sigmoid, scale, dtype, replicates, stream, device):
    return activations.against_the_formula(
        "sigmoid", sigmoid, scale, dtype, replicates, stream, device
    )


@claim(
    "ac-4sig.sigmoid-infinite",
    "sigmoid reaches 0 and 1 at infinity, and a NaN stays one",
    "sigmoid 在无穷远处等于 0 和 1，NaN 仍为 NaN",
    source='d2l, "Multilayer Perceptrons", "Sigmoid Function": its limits',
    formula="sigmoid(-∞) = 0,  sigmoid(∞) = 1,  sigmoid(NaN) = NaN",
    always=tuple({"dtype": name} for name in ("float32", "float64", "bfloat16", "float16")),
    holds=exactly_equal(),
)
def sigmoid_has_its_limits(sigmoid, dtype, device):
    return activations.at_the_ends(sigmoid, 0.0, 1.0, dtype, device)
