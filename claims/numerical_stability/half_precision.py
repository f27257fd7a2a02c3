"""Products in half precision: where w^100 leaves the numbers that 16 bits can hold.

float16 has u = 2⁻¹¹, normal numbers from 2⁻¹⁴ to 65504 and subnormal ones down to 2⁻²⁴.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import exactly_equal
from harness.metrics import arrays, tensors
from harness.text import Text

NOTES = "Mu Li's notes, 数值稳定性: "


@claim(
    "ns-pow",
    "A product of 100 factors 1.5 is about 4·10¹⁷, and of 100 factors 0.8 about 2·10⁻¹⁰",
    "100 个 1.5 相乘约为 4×10¹⁷，100 个 0.8 相乘约为 2×10⁻¹⁰",
    source=NOTES + "1.5^100 ≈ 4 × 10^17, 0.8^100 ≈ 2 × 10^-10",
    formula="w¹⁰⁰, to the one digit that is printed",
    always=({"w": 1.5, "printed": 4e17}, {"w": 0.8, "printed": 2e-10}),
    holds=exactly_equal(),
)
def a_hundred_factors_explode_or_vanish(propagate, w, printed, stream):
    run = _powers(propagate, w, 100, "float64", stream)
    unit = 10.0 ** math.floor(math.log10(printed))
    found = np.sqrt([run.forward[0, -1], run.backward[0, 0] / run.backward[0, -1]])
    apart = np.abs(found - printed) / (0.5 * unit)
    return Measured(apart, signals.by_layer(run.forward, run.backward))


@claim(
    "ns-fp16",
    "Half precision carries a product while it stays between 6·10⁻⁵ and 6·10⁴",
    "乘积处于 6×10⁻⁵ 到 6×10⁴ 之间时，半精度可以正常表示",
    source=NOTES + "16 位浮点数的数值区间 6e-5 - 6e4",
    formula="2⁻¹⁴ ≤ |x| ≤ 65504:  relative error ≤ γ_k, u = 2⁻¹¹",
    condition=Text("inside the range of normal numbers", "在规格化数的范围之内"),
    given={"w": st.sampled_from([1.5, 1.1, 0.8, 0.5, 0.9, 2.0])},
    always=({"w": 1.5}, {"w": 0.8}),
    holds=exactly_equal(),
)
def half_precision_carries_normal_products(propagate, w, stream):
    depth = min(200, int(min(math.log(6e4), math.log(1 / 6.2e-5)) / abs(math.log(w))))
    found = np.sqrt(_powers(propagate, w, depth, "float16", stream).forward[0])
    layer = np.arange(depth + 1)
    exact = w ** layer.astype(float)
    # w itself is rounded once for every factor, and so is every product: two roundings a layer.
    bounds = [arrays.gamma(2 * int(k) + 1, "float16") for k in layer]
    return np.abs(found - exact) / (np.array(bounds) * exact)


@claim(
    "ns-fp16.outside",
    "Half precision holds nothing outside 6·10⁻⁵ to 6·10⁴",
    "半精度在 6×10⁻⁵ 到 6×10⁴ 之外什么都表示不了",
    source=NOTES + "16 位浮点数的数值区间 6e-5 - 6e4",
    formula="|x| < 6·10⁻⁵ is read as 0",
    condition=Text("below the range of normal numbers", "低于规格化数的范围"),
    given={"w": st.sampled_from([0.5, 0.7, 0.8, 0.9])},
    always=({"w": 0.8},),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="ns-fp16",
    why=Text(
        "Below 2⁻¹⁴ = 6.1·10⁻⁵ come the subnormal numbers, with fewer and fewer digits, down to "
        "2⁻²⁴ = 6.0·10⁻⁸: rounded once, 0.8^k is 0 from k = 78 on, not from 44.",
        "2⁻¹⁴ = 6.1×10⁻⁵ 以下还有非规格化数，有效数字逐渐减少，直到 2⁻²⁴ = "
        "6.0×10⁻⁸：只舍入一次时，0.8 的 k 次方从 k = 78 起才为 0，而不是从 44 起。",
    ),
)
def half_precision_holds_nothing_below_its_range(propagate, w, stream):
    depth = math.ceil(math.log(6e-5) / math.log(w)) + 1
    run = _powers(propagate, w, depth, "float16", stream)
    return arrays.mismatch(run.forward[0, -1:], np.zeros(1))


@claim(
    "ns-fp16.ends",
    "In half precision a product of factors 1.5 overflows at the 28th, and of factors 0.25 reads 0 "
    "at the 13th; in single precision one of factors 1.5 overflows at the 219th",
    "半精度下，1.5 的连乘在第 28 个因子处溢出，0.25 的连乘在第 13 个因子处变为 0；"
    "单精度下，1.5 的连乘在第 219 个因子处溢出",
    source=NOTES + "16 位浮点数的数值区间 6e-5 - 6e4",
    formula="1.5²⁸ > 65504;  0.25¹³ = 2⁻²⁶ < 2⁻²⁵",
    always=(
        {"w": 1.5, "dtype": "float16", "factor": 28},
        {"w": 0.25, "dtype": "float16", "factor": 13},
        {"w": 1.5, "dtype": "float32", "factor": 219},
    ),
    holds=exactly_equal(),
)
def products_leave_the_range_at_their_factor(propagate, w, dtype, factor, stream):
    found = _powers(propagate, w, factor, dtype, stream).forward[0]
    lost = ~np.isfinite(found) | (found == 0)
    return Measured(arrays.truth(lost[-1], ~lost[:-1]), signals.by_layer(found[None]))


@claim(
    "ns-fp16.stuck",
    "A half-precision product of factors 0.8, rounded at every one, never reaches 0: it stays at "
    "2⁻²³",
    "半精度下，每乘一次就舍入的 0.8 的连乘永远到不了 0：它停在 2⁻²³",
    source="IEEE 754: rounding to nearest among the subnormal numbers, multiples of 2⁻²⁴",
    formula="round(0.8 · 2) = 2 in units of 2⁻²⁴",
    always=({"depth": 100}, {"depth": 1000}),
    holds=exactly_equal(),
)
def rounding_holds_a_vanishing_product(propagate, depth, stream):
    run = _powers(propagate, 0.8, depth, "float16", stream)
    return Measured(
        arrays.mismatch(run.forward[0, -1:], np.array([2.0**-46])), signals.by_layer(run.forward)
    )


def _powers(propagate, w, depth, dtype, stream):
    """A chain of `depth` layers with one unit and the weight w, from the input 1."""
    import torch

    def constant(fan_in, fan_out, generator, replicates=1, dtype=None, device="cpu"):
        return torch.full((replicates, fan_out, fan_in), w, dtype=dtype, device=device)

    def ones(shape, generator=None, dtype=None, device="cpu"):
        return torch.ones(shape, dtype=dtype, device=device)

    return propagate(
        [1] * (depth + 1), constant, None, 1, stream.torch(), examples=1,
        dtype=tensors.dtype_of(dtype), inputs=ones,
    )  # fmt: skip
