"""The relu, max(x, 0), which halves the second moment, and He's weights, which double it.

o = W h, h = relu(o): E[h²] = Var[o] / 2, so q stays where γ = 2 / n_in and falls by half where
γ = 1 / n_in; the gradient's does the same.
"""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import activations, signals
from claims.numerical_stability.experiments.chains import through
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Line, Measured
from harness.declaration.relations import all_hold, exactly_equal, mean_equals
from harness.declaration.strategies import counts, dtypes, shapes
from harness.metrics import arrays, tensors
from harness.text import Text

NOTES = "Mu Li's notes, 检查常用激活函数: "
KEPT: dict[str, Any] = {"within": 0.1, "low": 0.0, "high": signals.LARGEST_RATIO}
EQUALLY_WIDE = Text(
    "50 relu layers of equal width, 128 to 256", "50 个等宽的 relu 层，宽度 128 到 256"
)


@claim(
    "ac-relu.formula",
    "relu(x) = max(x, 0), and its slope is 1 above 0 and 0 below",
    "relu(x) = max(x, 0)，导数在零以上为 1、以下为 0",
    source='d2l, "Multilayer Perceptrons", "ReLU Function"',
    formula="relu x = max(x, 0),  d relu/dx = 1{x > 0} for x ≠ 0 by the code's own gradient",
    given={
        "scale": st.sampled_from([1.0, 10.0, 1e3]),
        "dtype": dtypes("float32", "float64", "bfloat16", "float16"),
    },
    always=({"scale": 10.0, "dtype": "float64"},),
    holds=exactly_equal(),
)
def relu_is_its_formula(relu, scale, dtype, replicates, stream, device):
    return activations.against_the_formula("relu", relu, scale, dtype, replicates, stream, device)


@claim(
    "ac-relu.at-zero",
    "The slope of relu at 0, where it has none, is taken as 0",
    "relu 在零点不可导，导数约定为 0",
    source='d2l, "Multilayer Perceptrons", "ReLU Function": we default to the left-hand-side '
    "derivative",
    formula="relu'(0) = 0",
    given={"dtype": dtypes(), "shape": shapes(max_size=512)},
    holds=exactly_equal(),
)
def relu_has_no_slope_at_zero(relu, dtype, shape, stream, device):
    import torch

    x = tensors.activations_like(
        shape, stream.torch(device), dtype=dtype, layout="contiguous", device=device
    )
    signs = torch.where(x > 0, 0.0, -0.0).to(x.dtype)
    return np.concatenate(
        [arrays.mismatch(activations.slope_of(relu, zeros), np.zeros(x.shape)).ravel()
         for zeros in (0 * x.abs(), signs)]
    )  # fmt: skip


@claim(
    "ac-relu.nan",
    "relu hides no NaN: a net that has diverged goes on showing it",
    "relu 不掩盖 NaN：网络一旦发散，就会一直看得出来",
    source="derived here: max(x, 0) of numbers that are not ordered (IEEE 754-2019, maximum)",
    formula="relu(NaN) = NaN",
    given={"dtype": dtypes(), "size": counts(1, 70)},
    holds=exactly_equal(),
)
def relu_hides_no_nan(relu, dtype, size, stream, device):
    rng = stream.numpy()
    x = activations.inputs(rng, size, 1.0, dtype, device)
    x[int(rng.integers(size))] = math.nan
    return arrays.mismatch(relu(x), np.maximum(arrays.as_array(x), 0.0))


@claim(
    "ac-relu",
    "relu(x) ≈ x near 0, so Xavier keeps the variance through relu layers",
    "relu(x) 在零附近近似为 x，因此 Xavier 能在 relu 网络中保持方差",
    source=NOTES + "relu(x) = 0 + x for x ≥ 0",
    formula="E[q_{l+1} / q_l] = 1",
    given={"width": st.sampled_from([64, 128])},
    always=({"width": 256},),
    holds=all_hold(forward=mean_equals(1.0, **KEPT), backward=mean_equals(1.0, **KEPT)),
    expected=Verdict.REFUTED,
    twin="ac-relu.corrected",
    why=Text(
        "relu is the identity on one side only, at every scale: half of the units are cut, so each "
        "layer halves the second moment of signal and gradient, 10⁻¹⁵ after 50 layers.",
        "relu 只在零的一侧是恒等映射（任何尺度都如此）：一半单元被置零，"
        "每层使信号与梯度的二阶矩减半，50 层后约为 10⁻¹⁵。",
    ),
)
def xavier_keeps_relu_variances(propagate, xavier_normal, relu, width, replicates, stream, device):
    run = through(propagate, xavier_normal, relu, 50, width, replicates, stream, device)
    return _kept(run, 0.5)


@claim(
    "ac-relu.half",
    "With Xavier weights, each relu layer halves the second moment of signal and gradient",
    "用 Xavier 初始化时，每个 relu 层使信号与梯度的二阶矩减半",
    source="He et al. 2015, section 2.2",
    formula="E[q_{l+1} / q_l] = 1/2",
    condition=EQUALLY_WIDE,
    given={"width": st.sampled_from([128])},
    always=({"width": 256},),
    holds=all_hold(
        forward=mean_equals(0.5, within=0.05, low=0.0, high=signals.LARGEST_RATIO),
        backward=mean_equals(0.5, within=0.05, low=0.0, high=signals.LARGEST_RATIO),
    ),
)
def relu_halves_second_moments(propagate, xavier_normal, relu, width, replicates, stream, device):
    run = through(propagate, xavier_normal, relu, 50, width, replicates, stream, device)
    return _kept(run, 0.5)


@claim(
    "ac-relu.variance",
    "For X ~ N(0, 1), relu(X) has mean 1/√(2π), second moment 1/2 and so variance (π - 1)/(2π)",
    "若 X ~ N(0, 1)，则 relu(X) 的均值为 1/√(2π)、二阶矩为 1/2，方差为 (π−1)/(2π)",
    source="the half-normal law",
    formula="E relu(X) = 1/√(2π),  E relu(X)² = 1/2",
    holds=all_hold(
        mean=mean_equals(1 / math.sqrt(2 * math.pi), within=0.02, low=-6.0, high=6.0, cap=1 << 20),
        square=mean_equals(0.5, within=0.04, low=0.0, high=36.0, cap=1 << 20),
    ),
)
def relu_of_a_normal_number(relu, replicates, stream, device):
    import torch

    x = torch.randn(replicates, generator=stream.torch(device), dtype=torch.float64, device=device)
    h = relu(x).clamp(-6.0, 6.0)  # P(X > 6) = 1e-9 does not move the mean
    return {"mean": h, "square": h.square()}


@claim(
    "ac-relu.corrected",
    "He's weights keep the second moment of signal and gradient through relu layers, layer by "
    "layer",
    "He 初始化使 relu 网络每一层信号与梯度的二阶矩保持不变",
    source='He et al. 2015; d2l, "Numerical Stability and Initialization", "Beyond"',
    formula="γ = 2/n_in:  E[q_{l+1} / q_l] = 1, signal and gradient",
    condition=EQUALLY_WIDE,
    given={"width": st.sampled_from([128, 192])},
    always=({"width": 256},),
    holds=all_hold(forward=mean_equals(1.0, **KEPT), backward=mean_equals(1.0, **KEPT)),
)
def he_keeps_relu_variances(propagate, he_normal, relu, width, replicates, stream, device):
    run = through(propagate, he_normal, relu, 50, width, replicates, stream, device)
    return _kept(run, 1.0)


@claim(
    "ac-relu.corrected-uniform",
    "He's uniform weights keep the second moment of signal and gradient through relu layers too",
    "He 均匀初始化同样使 relu 网络每一层信号与梯度的二阶矩保持不变",
    source="He et al. 2015",
    formula="γ = 2/n_in:  E[q_{l+1} / q_l] = 1, signal and gradient",
    condition=EQUALLY_WIDE,
    given={"width": st.sampled_from([128, 192])},
    always=({"width": 256},),
    holds=all_hold(forward=mean_equals(1.0, **KEPT), backward=mean_equals(1.0, **KEPT)),
)
def he_uniform_keeps_relu_variances(propagate, he_uniform, relu, width, replicates, stream, device):
    run = through(propagate, he_uniform, relu, 50, width, replicates, stream, device)
    return _kept(run, 1.0)


def _kept(run, factor):
    law = factor ** np.arange(run.forward.shape[1])
    return Measured(
        {
            "forward": signals.cut_ratios(signals.layer_ratios(run.forward)),
            "backward": signals.cut_ratios(run.backward[:, :-1] / run.backward[:, 1:]),
        },
        signals.by_layer(
            run.forward, run.backward, Line(Text(f"{factor:g} per layer", f"每层 {factor:g}"), law)
        ),
    )


@claim(
    "ac-relu.infinite",
    "relu of minus infinity is 0, of infinity infinity",
    "relu 在负无穷处等于 0，在正无穷处等于无穷",
    source="derived here: max(x, 0) at infinity (IEEE 754-2019)",
    formula="relu(-∞) = 0,  relu(∞) = ∞",
    always=tuple({"dtype": name} for name in ("float32", "float64", "bfloat16", "float16")),
    holds=exactly_equal(),
)
def relu_has_its_limits(relu, dtype, device):
    return activations.at_the_ends(relu, 0.0, float("inf"), dtype, device)
