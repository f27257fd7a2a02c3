"""The typical net: q_L of a single linear net with Xavier's weights, beside its mean q_0.

In layers of n units q_l / q_(l-1) ~ χ²_n / n, so that ln(q_L / q_0) is about N(-L/n, 2L/n).
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.chains import through_widths
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import more_often_than_not
from harness.declaration.strategies import depths, widths
from harness.text import Text

DEEP_AND_NARROW = Text(
    "a linear net with Xavier's weights, 4 times as deep as wide or deeper",
    "Xavier 初始化的线性网络，深度至少是宽度的 4 倍",
)


@claim(
    "in-typical",
    "Constant variance describes an actual network: more often than not, its last signal is within "
    "a factor of 2",
    "“方差恒定”适用于单个实际的网络：多数情况下，最后一层信号的二阶矩与输入之比在 1/2 与 2 之间",
    source='d2l, "Xavier Initialization" (implied); Hanin 2018 for the law',
    formula="|ln(q_L / q_0)| < ln 2",
    condition=Text(
        "a linear net with Xavier's weights, 16 times as wide as deep or wider",
        "Xavier 初始化的线性网络，宽度至少是深度的 16 倍",
    ),
    inside=lambda width, depth: width >= 16 * depth,
    given={"width": widths(128, 256), "depth": depths(4, 8)},
    always=({"width": 256, "depth": 16},),
    holds=more_often_than_not(),
)
def constant_variance_describes_a_wide_net(
    propagate, xavier_normal, width, depth, replicates, stream, device
):
    return _typical(propagate, xavier_normal, width, depth, replicates, stream, device)


@claim(
    "in-typical.outside",
    "Constant variance describes an actual network, however deep and narrow it is",
    "无论网络多深多窄，“方差恒定”都适用于单个实际的网络",
    source='d2l, "Xavier Initialization" (implied)',
    formula="|ln(q_L / q_0)| < ln 2",
    condition=DEEP_AND_NARROW,
    inside=lambda width, depth: depth >= 4 * width,
    given={"width": widths(4, 8, 16), "depth": st.just(64)},
    always=({"width": 16, "depth": 64},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="in-typical",
    why=Text(
        "Every layer multiplies q by χ²_n / n, whose logarithm has mean about -1/n and variance "
        "2/n: ln q_L is about N(-L/n, 2L/n). The mean of q_L stays 1: rare nets carry it, while "
        "the typical net shrinks by e^(-L/n).",
        "每层使 q 乘以 χ²_n/n，其对数均值约 −1/n、方差 2/n，故 ln q_L 约为 N(−L/n, 2L/n)："
        "均值由少数网络撑住而保持 1，典型网络却缩小为 e^(−L/n)。",
    ),
)
def constant_variance_describes_a_narrow_net(
    propagate, xavier_normal, width, depth, replicates, stream, device
):
    return _typical(propagate, xavier_normal, width, depth, replicates, stream, device)


@claim(
    "in-typical.mechanism",
    "The typical net shrinks although the mean of the squares is constant",
    "尽管平方的均值不变，典型网络的信号却在缩小",
    source="ln(χ²_n / n) has mean ψ(n/2) - ln(n/2) < 0 (Jensen)",
    formula="P(q_L < q_0) > 1/2 although E q_L = q_0",
    condition=DEEP_AND_NARROW,
    inside=lambda width, depth: depth >= 4 * width,
    given={"width": widths(4, 8, 16), "depth": st.just(64)},
    holds=more_often_than_not(margin=0.35),
)
def the_typical_net_shrinks(propagate, xavier_normal, width, depth, replicates, stream, device):
    chain = [width] * (depth + 1)
    run = through_widths(propagate, xavier_normal, None, chain, replicates, stream, device)
    return Measured(run.forward[:, -1] < run.forward[:, 0], signals.by_layer(run.forward))


def _typical(propagate, initializer, width, depth, nets, stream, device):
    run = through_widths(propagate, initializer, None, [width] * (depth + 1), nets, stream, device)
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    law = np.array([-depth / width + k * math.sqrt(2 * depth / width) for k in (-2, 0, 2)])
    return Measured(
        np.abs(change) < math.log(2),
        Histogram(
            Text("ln(q_L / q_0) of single nets", "单个网络的 ln(q_L / q_0)"),
            change,
            marks={
                Text("-L/n - 2 sd", "−L/n − 2 倍标准差"): law[0],
                Text("-L/n", "−L/n"): law[1],
                Text("-L/n + 2 sd", "−L/n + 2 倍标准差"): law[2],
            },
            x_label=Text("ln(q_L / q_0)", "ln(q_L / q_0)"),
        ),
    )
