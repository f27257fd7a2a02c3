"""Affine activations, and what keeps a signal's size: f(x) = a x + b needs a² = 1 and b = 0.

o = W h, h' = f(o), q the second moment of h; this holds where n γ = 1, with γ the variance of the
weights. Nonlinear activations keep q with another γ.
"""

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.chains import through
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import (
    all_hold,
    exactly_equal,
    mean_below,
    mean_equals,
    more_often_than_not,
    variance_equals,
)
from harness.declaration.strategies import fans
from harness.metrics import arrays
from harness.text import Text

KEPT: dict[str, Any] = {"within": 0.1, "low": 0.0, "high": signals.LARGEST_RATIO}


@claim(
    "ac-affine",
    "An affine activation a x + b multiplies the variance by a²",
    "仿射激活 ax + b 使方差乘以 a²",
    source="Mu Li's notes, 假设线性的激活函数: Var[h] = a² Var[h']",
    formula="Var[a X + b] = a² Var[X]",
    given={
        "fan": fans(16, 256),
        "a": st.sampled_from([-2.0, -1.0, 0.5, 1.7, 3.0]),
        "b": st.sampled_from([0.0, 0.3, -2.0]),
    },
    always=({"fan": [256, 64], "a": 1.7, "b": 0.3},),
    holds=all_hold(identity=exactly_equal(), variance=variance_equals(ratio=1.1)),
)
def affine_activations_multiply_variance(xavier_normal, fan, a, b, replicates, stream, device):
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
        "identity": arrays.rounding_ratio(h.var(), a * a * z.var(), 4 * scale, 2 * len(z) + 8),
        "variance": (float(np.square(h - b).sum() / (a * a * 2 * fan[0] / sum(fan))), len(h)),
    }


@claim(
    "ac-a1",
    "To keep the mean 0 and the variance, an affine activation a x + b needs a = 1 and b = 0",
    "要保持均值为 0 且方差不变，仿射激活 ax + b 必须满足 a = 1、b = 0",
    source="Mu Li's notes, 假设线性的激活函数: β = 0, α = 1",
    formula="of z with mean 0 and E z² = q:  E f(z) = b,  E f(z)² = a² q + b²",
    condition=Text("a > 0 and weights with n γ = 1", "a > 0，且权重满足 nγ = 1"),
    inside=lambda a: a > 0,
    given={"a": st.floats(0.25, 4.0), "b": st.floats(-2.0, 2.0)},
    always=({"a": 0.99, "b": 0.0}, {"a": 1.01, "b": 0.0}, {"a": 1.0, "b": 0.1}),
    # By theory each layer multiplies q by a^2 and adds b^2, exactly: both stay for a^2 = 1 and
    # b = 0 alone, however near to that a and b come.
    holds=all_hold(scale=exactly_equal(), shift=exactly_equal()),
)
def only_the_identity_keeps_the_moments(propagate, xavier_normal, a, b, replicates, stream, device):
    return _moments(propagate, xavier_normal, a, b, replicates, stream, device)


@claim(
    "ac-a1.outside",
    "An affine activation with a ≠ 1 cannot keep the mean 0 and the variance, whatever a's sign",
    "无论 a 的符号如何，只要 a ≠ 1，仿射激活就不能保持均值为 0 且方差不变",
    source="Mu Li's notes, 假设线性的激活函数: β = 0, α = 1",
    formula="a ≠ 1  ⇒  q_20 is not what the identity makes of it",
    condition=Text("a = -1", "a = −1"),
    inside=lambda a: a < 0,
    always=({"a": -1.0},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ac-a1",
    why=Text(
        "The condition is a² = 1, and a = -1 satisfies it: it flips the signal and keeps its "
        "moments. With weights of variance 1 / (n a²) any a does.",
        "条件只是 a² = 1，a = −1 同样满足：信号变号而各阶矩不变；"
        "若权重方差取 1/(n a²)，则任何 a 都可以。",
    ),
)
def a_reflection_moves_the_moments(propagate, xavier_normal, a, replicates, stream, device):
    flipped, plain = (
        _affine(propagate, xavier_normal, (one, 0.0), 20, replicates, stream, device)
        for one in (a, 1.0)
    )
    change = signals.log_change(flipped.forward[:, -1], plain.forward[:, -1])
    return Measured(np.abs(change) > 1e-6, signals.by_layer(flipped.forward))


@claim(
    "ac-identity-only",
    "Only the identity keeps the signal's second moment: a nonlinear activation shrinks it in "
    "every layer",
    "要保持信号的二阶矩，激活函数只能是恒等映射：非线性激活会使它逐层缩小",
    source="Mu Li's notes, 假设线性的激活函数: 激活函数只能是它本身",
    formula="E[q_{l+1} / q_l] < 1",
    condition=Text(
        "the premise of the notes, weights with n γ = 1, under which the second moment is the next "
        "layer's variance; the relu of slope √2",
        "笔记的前提：权重满足 nγ = 1，此时二阶矩就是下一层的方差；斜率为 √2 的 relu",
    ),
    # By theory E f(z)^2 = 2 * (1/2) q for f(z) = sqrt(2) max(z, 0): a mean ratio of 1.
    holds=mean_below(0.95, 0.9, low=0.0, high=signals.LARGEST_RATIO),
    expected=Verdict.REFUTED,
    twin="ac-identity-only.corrected",
    why=Text(
        "The argument looks at affine activations alone. Of nonlinear ones √2 max(x, 0) has "
        "E f(z)² = E z² as well, under the same weights; it is what He's factor 2 amounts to.",
        "推导只考虑了仿射激活。非线性的 √2·max(x, 0) 在同样的权重下也满足 E f(z)² = E z²，这正"
        "是 He 初始化中因子 2 的作用。",
    ),
)
def nonlinear_activations_shrink_the_signal(
    propagate, xavier_normal, relu, replicates, stream, device
):
    def steeper(z):
        return math.sqrt(2) * relu(z)

    return _eleventh_layer(propagate, xavier_normal, steeper, replicates, stream, device)


@claim(
    "ac-identity-only.as-they-are",
    "With weights of n γ = 1, relu and tanh as they are shrink the signal's second moment, still "
    "in the eleventh layer",
    "权重满足 nγ = 1 时，原样的 relu 与 tanh 会使信号的二阶矩缩小，到第十一层仍然如此",
    source="Mu Li's notes, 假设线性的激活函数: 激活函数只能是它本身",
    formula="E[q_11 / q_10] < 1:  1/2 for relu, about 10/11 for tanh (q_l → 1/(2l))",
    condition=Text("weights with n γ = 1", "权重满足 nγ = 1"),
    always=({"activation": "relu"}, {"activation": "tanh"}),
    holds=mean_below(1.0, 0.95, low=0.0, high=signals.LARGEST_RATIO),
)
def relu_and_tanh_shrink_under_the_premise(
    propagate, xavier_normal, relu, tanh, activation, replicates, stream, device
):
    chosen = {"relu": relu, "tanh": tanh}[activation]
    return _eleventh_layer(propagate, xavier_normal, chosen, replicates, stream, device)


@claim(
    "ac-identity-only.corrected",
    "With weights of variance 2 / n_in, relu and tanh keep the signal's second moment from the "
    "tenth layer to the eleventh, each at its own level",
    "权重方差为 2/n_in 时，relu 与 tanh "
    "从第十层到第十一层都能保持信号的二阶矩（各自停在自己的水平）",
    source="He et al. 2015; Poole et al. 2016 for the fixed point",
    formula="E[q_11 / q_10] = 1",
    always=({"activation": "relu"}, {"activation": "tanh"}),
    holds=mean_equals(1.0, **KEPT),
)
def he_weights_keep_the_size_of_nonlinear_signals(
    propagate, he_normal, relu, tanh, activation, replicates, stream, device
):
    chosen = {"relu": relu, "tanh": tanh}[activation]
    return _eleventh_layer(propagate, he_normal, chosen, replicates, stream, device)


def _affine(propagate, initializer, ab, depth, nets, stream, device, width=32):
    def activation(z):
        return ab[0] * z + ab[1]

    return through(propagate, initializer, activation, depth, width, nets, stream, device)


def _moments(propagate, initializer, a, b, nets, stream, device):
    """The moments under a x + b against those under x, through the same weights.

    scale: q_l = a^(2l) times the identity's, layer by layer. shift: after one layer, the mean of
    the q under b and under -b is a² q + b², since the terms 2 a b z cancel.
    """
    shared = (nets, stream, device)
    depth, width = 10, 32
    scaled, plain = (
        _affine(propagate, initializer, (one, 0.0), depth, *shared).forward for one in (a, 1.0)
    )
    powers = np.power(float(a * a), np.arange(depth + 1))
    up, down = (_affine(propagate, initializer, (a, c), 1, *shared).forward for c in (b, -b))
    first = plain[:, 1]
    size = (abs(a) * np.sqrt(first) + abs(b)) ** 2
    # A product with `width` terms, and the activation's two roundings, a layer; then a mean square.
    steps = 2 * (depth * (width + 2) + width + 8)
    return {
        # Sums cancel: | |W| |h| | <= |W|_F |h|, the root of the width times the signal.
        "scale": arrays.rounding_ratio(scaled, powers * plain, powers * plain, steps * width),
        "shift": arrays.rounding_ratio(
            (up[:, 1] + down[:, 1]) / 2, a * a * first + b * b, size, 4 * width + 16
        ),
    }


def _eleventh_layer(propagate, initializer, activation, nets, stream, device):
    """q_11 / q_10 of independent nets: one ratio a net, since those of tanh are not independent."""
    run = through(propagate, initializer, activation, 11, 64, nets, stream, device)
    return Measured(
        signals.cut_ratios(run.forward[:, -1] / run.forward[:, -2]), signals.by_layer(run.forward)
    )
