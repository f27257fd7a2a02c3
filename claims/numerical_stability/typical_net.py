"""The typical net: q_L of a single linear net with Xavier's weights, beside its mean q_0.

In layers of n units q_l / q_(l-1) ~ χ²_n / n, so that ln(q_L / q_0) is about N(-L/n, 2L/n).
"""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.chains import through_widths
from harness.declaration.claim import Section, Verdict, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import more_often_than_not
from harness.declaration.strategies import depths, widths

SECTION = Section(
    "xavier-typical", "Xavier Initialization: the typical net", "Xavier 初始化：典型的网络", 80
)
NORMAL = "xavier_normal=claims.numerical_stability.faults.initialization:"


@claim(
    "in-typical",
    "Constant variance describes an actual network: its last signal is within a factor of 2",
    zh='"方差恒定"描述了一个实际的网络：最后一层信号的二阶矩与输入相差不到两倍',
    section=SECTION,
    source='d2l, "Xavier Initialization" (implied); Hanin 2018 for the law',
    formula="|ln(q_L / q_0)| < ln 2",
    condition="the net is at least 16 times as wide as it is deep",
    condition_zh="网络的宽度至少是深度的 16 倍",
    inside=lambda width, depth: width >= 16 * depth,
    given={"width": widths(128, 256), "depth": depths(4, 8)},
    always=({"width": 256, "depth": 16},),
    holds=more_often_than_not(),
    mutants=(NORMAL + "takes_another_gain", NORMAL + "passes_the_deviation_as_variance"),
    block=16,
    cost=0.1,
    draws=2,
)
def constant_variance_describes_a_wide_net(
    propagate, xavier_normal, width, depth, replicates, stream, device
):
    return _typical(propagate, xavier_normal, width, depth, replicates, stream, device)


@claim(
    "in-typical.outside",
    "Constant variance describes an actual network, however deep and narrow it is",
    zh='无论网络多深多窄，"方差恒定"都描述了一个实际的网络',
    section=SECTION,
    source='d2l, "Xavier Initialization" (implied)',
    formula="|ln(q_L / q_0)| < ln 2",
    condition="the net is at least 4 times as deep as it is wide",
    condition_zh="网络的深度至少是宽度的 4 倍",
    inside=lambda width, depth: depth >= 4 * width,
    given={"width": widths(4, 8, 16), "depth": st.just(64)},
    always=({"width": 16, "depth": 64},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="in-typical",
    why="Every layer multiplies q by χ²_n / n, whose logarithm has mean about -1/n and variance "
    "2/n: ln q_L is about N(-L/n, 2L/n). The mean of q_L stays 1: rare nets carry it, while the "
    "typical net shrinks by e^(-L/n).",
    why_zh="每层使 q 乘以 χ²_n/n，其对数均值约 −1/n、方差 2/n，故 ln q_L 约为 N(−L/n, 2L/n)："
    "均值由少数网络撑住而保持 1，典型网络却缩小为 e^(−L/n)。",
    block=16,
    cost=0.1,
    draws=2,
)
def constant_variance_describes_a_narrow_net(
    propagate, xavier_normal, width, depth, replicates, stream, device
):
    return _typical(propagate, xavier_normal, width, depth, replicates, stream, device)


@claim(
    "in-typical.mechanism",
    "The typical net shrinks although the mean of the squares is constant",
    zh="尽管平方的均值不变，典型的网络在变小",
    section=SECTION,
    source="ln(χ²_n / n) has mean ψ(n/2) - ln(n/2) < 0 (Jensen)",
    formula="P(q_L < q_0) > 1/2 although E q_L = q_0",
    condition="the net is at least 4 times as deep as it is wide",
    condition_zh="网络的深度至少是宽度的 4 倍",
    inside=lambda width, depth: depth >= 4 * width,
    given={"width": widths(4, 8, 16), "depth": st.just(64)},
    holds=more_often_than_not(margin=0.35),
    mutants=(NORMAL + "passes_the_deviation_as_variance",),
    block=16,
    cost=0.1,
    draws=2,
)
def the_typical_net_shrinks(propagate, xavier_normal, width, depth, replicates, stream, device):
    chain = [width] * (depth + 1)
    run = through_widths(propagate, xavier_normal, None, chain, replicates, stream, device)
    return Measured(
        run.forward[:, -1] < run.forward[:, 0], (signals.through_the_layers(run.forward),)
    )


def _typical(propagate, initializer, width, depth, nets, stream, device):
    run = through_widths(propagate, initializer, None, [width] * (depth + 1), nets, stream, device)
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    law = np.array([-depth / width + k * math.sqrt(2 * depth / width) for k in (-2, 0, 2)])
    return Measured(
        np.abs(change) < math.log(2),
        (
            Histogram(
                "ln(q_L / q_0) of single nets",
                "单个网络的 ln(q_L / q_0)",
                change,
                marks={"-L/n - 2 sd": law[0], "-L/n": law[1], "-L/n + 2 sd": law[2]},
                marks_zh={
                    "-L/n - 2 sd": "−L/n − 2 倍标准差",
                    "-L/n": "−L/n",
                    "-L/n + 2 sd": "−L/n + 2 倍标准差",
                },
                x_label="ln(q_L / q_0)",
                x_label_zh="ln(q_L / q_0)",
            ),
        ),
    )
