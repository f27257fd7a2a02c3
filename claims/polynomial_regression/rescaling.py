"""Why the polynomial's features are x^i / i!: what rescaling does to training and to conditioning.

The data are the noisy cubic of polynomial_regression.py.
"""

import numpy as np

from claims.polynomial_regression.experiments import protocol
from harness.declaration.claim import claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import more_often_than_not
from harness.declaration.strategies import degrees
from harness.metrics import arrays
from harness.text import Text

DIVERGED = 1e3  # a loss that no useful fit of these data has; data of loss 60 start the training


@claim(
    "po-rescale",
    "Dividing by i! keeps training from exploding: raw powers diverge, rescaled ones do not",
    "除以 i! 使训练不致爆炸：原始幂次会发散，缩放后不会",
    source='d2l, "Polynomial Regression": "It allows us to avoid very large values for large '
    'exponents i"',
    condition=Text(
        "from degree 7 on; learning rate 0.01, 30 epochs, diverged: loss above 1000 or NaN",
        "7 阶及以上；学习率 0.01，30 轮；损失超过 1000 或 NaN 视为发散",
    ),
    inside=lambda degree: degree >= 7,
    given={"degree": degrees(7, 19)},
    always=({"degree": 7}, {"degree": 19}),
    holds=more_often_than_not(
        "that raw powers diverge and rescaled ones do not", "原始幂次发散而缩放后不发散"
    ),
)
def rescaling_keeps_training_finite(
    noisy_cubic, polynomial_features, train_linear, degree, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    raw, rescaled = (
        protocol.trained(train_linear, features, data, degree, 30, stream, every=1)
        for features in (raw_powers, polynomial_features)
    )
    powers = np.arange(degree + 1)
    return Measured(
        arrays.exceeds(raw.train_loss[:, -1], DIVERGED)
        & ~arrays.exceeds(rescaled.train_loss[:, -1], DIVERGED),
        Curve(
            Text("Largest feature of 100 samples", "100 个样本中最大的特征值"),
            powers,
            (
                Line(Text("x^i", "x^i"), np.abs(raw_powers(data.x, degree)).max(axis=1)),
                Line(Text("as trained", "训练所用"), _largest(polynomial_features, data.x, degree)),
            ),
            x_label=Text("i", "i"),
            log_y=True,
        ),
    )


@claim(
    "po-rescale.cubic",
    "For the cubic alone the rescaling is not needed: raw powers do not diverge either",
    "仅就三阶而言并不需要缩放：原始幂次同样不会发散",
    source='d2l, "Polynomial Regression"',
    formula="train(raw powers) ≤ 1000, and a number",
    condition=Text(
        "degree 3, learning rate 0.01, 30 epochs; diverged: loss above 1000 or NaN",
        "3 阶，学习率 0.01，30 轮；损失超过 1000 或 NaN 视为发散",
    ),
    holds=more_often_than_not("that raw powers do not diverge", "原始幂次不发散"),
)
def the_cubic_needs_no_rescaling(noisy_cubic, train_linear, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    raw = protocol.trained(train_linear, raw_powers, data, 3, 30, stream)
    return ~arrays.exceeds(raw.train_loss[:, -1], DIVERGED)


@claim(
    "po-rescale.conditioning",
    "At degrees 11 to 13 on a hundred samples rescaling does not help the conditioning: the "
    "columns x^i / i! are worse conditioned than x^i",
    "在 11 到 13 阶、100 个样本时，缩放并不改善条件数：以 x^i / i! 为列的矩阵，条件数比以 x^i "
    "为列的更大",
    source='d2l, "Polynomial Regression"',
    formula="cond(x^i / i!) > cond(x^i)",
    condition=Text(
        "degrees 11 to 13, 100 samples; in the median it is so from degree 7 on, in nearly every "
        "sample only at higher degrees",
        "11 到 13 阶，100 个样本；中位数从 7 阶起就是如此，几乎每份样本都如此则要到更高的阶",
    ),
    inside=lambda degree: 11 <= degree <= 13,
    given={"degree": degrees(11, 13)},
    always=({"degree": 11},),
    holds=more_often_than_not(
        "that the rescaled columns are worse conditioned", "缩放后条件数更大"
    ),
)
def rescaling_worsens_the_conditioning(polynomial_features, degree, replicates, stream):
    x = stream.child("x").numpy().standard_normal((replicates, 100))
    rescaled = np.linalg.cond(polynomial_features(x, degree))
    return arrays.exceeds(rescaled, np.linalg.cond(raw_powers(x, degree)))


@claim(
    "po-rescale.low-degree",
    "At low degrees and with many samples the columns x^i / i! are the better conditioned ones",
    "在阶数低、样本多时，各列 x^i / i! 的条件数反而更小",
    source='d2l, "Polynomial Regression"',
    formula="cond(x^i / i!) < cond(x^i)",
    condition=Text("degrees 3 and 4, 1000 samples", "3 阶和 4 阶，1000 个样本"),
    inside=lambda degree: 3 <= degree <= 4,
    always=({"degree": 3}, {"degree": 4}),
    # In the limit of all samples the moments of N(0, 1) decide: rescaling divides the condition
    # number by 1.9 at degree 3, by 2.8 at degree 4, and by more at every higher degree. It is the
    # largest of a hundred x that turns this round from degree 7 on.
    holds=more_often_than_not(
        "that the rescaled columns are better conditioned", "缩放后条件数更小"
    ),
)
def rescaling_helps_low_degrees(polynomial_features, degree, replicates, stream):
    x = stream.child("x").numpy().standard_normal((replicates, 1000))
    rescaled = np.linalg.cond(polynomial_features(x, degree))
    return arrays.exceeds(np.linalg.cond(raw_powers(x, degree)), rescaled)


def raw_powers(x, degree):
    """x^i for i = 0 ... degree, in the last axis."""
    return np.power(x[..., None], np.arange(degree + 1))


def _largest(polynomial_features, x, degree):
    return np.abs(polynomial_features(x, degree)).max(axis=1)
