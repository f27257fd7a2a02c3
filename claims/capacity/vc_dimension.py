"""VC dimension: what a perceptron can shatter, counted exactly, and what the bound on the gap says.

A class shatters a set of points if it realises all 2^P labelings of its P points; the VC dimension
is the size of the largest set that it shatters.
"""

import numpy as np
from hypothesis import strategies as st

from claims.capacity.experiments import shattering
from harness.declaration.claim import Untestable, Verdict, claim
from harness.declaration.exhibits import Grid, Histogram, Measured
from harness.declaration.relations import (
    all_hold,
    always_true,
    exactly_equal,
    more_often_than_not,
    probability_below,
)
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text

NOTES = 'Mu Li\'s notes, "Underfitting and Overfitting", slides on the VC dimension: '
DELTA = 0.05  # the bound may fail in one sample of twenty
INPUTS = 10  # a perceptron of ten inputs has VC dimension 11
IMAGES = 60_000  # training images of Fashion-MNIST
LEVELS = st.sampled_from([[0, 1], [-1, 1], [0, 7], [3, 4], [-5, -2]])
ON_A_LINE = st.lists(st.integers(-9, 9), min_size=3, max_size=3, unique=True)


@claim(
    "vc-perceptron",
    "A perceptron with N inputs has VC dimension N + 1: it shatters N + 1 points, and no N + 2",
    "N 维输入的感知机的 VC 维是 N + 1：能打散 N + 1 个点，但打散不了任何 N + 2 个点",
    source=NOTES + '"the VC dimension of a perceptron with N inputs is N + 1"',
    formula="labelings of P points = 2 Σ_{k≤N} C(P-1, k)",
    condition=Text("with a bias; points in general position", "带偏置；点处于一般位置"),
    given={"inputs": counts(1, 4)},
    always=({"inputs": 2},),
    holds=all_hold(
        shatters_one_more=always_true(),
        shatters_no_two_more=always_true(),
        counts_as_cover=exactly_equal(),
    ),
)
def perceptrons_shatter_one_point_more_than_inputs(linearly_separable, inputs, replicates, stream):
    rng = stream.child("points").numpy()
    sizes = (inputs + 1, inputs + 2, inputs + 3)
    found = np.array(
        [
            [
                shattering.realised(
                    linearly_separable, shattering.in_general_position(points, inputs, rng)
                ).sum()
                for points in sizes
            ]
            for _ in range(replicates)
        ]
    )
    expected = np.array([shattering.covers_count(points, inputs) for points in sizes])
    return {
        "shatters_one_more": arrays.truth(found[:, 0] == 2 ** sizes[0]),
        "shatters_no_two_more": arrays.truth(found[:, 1] < 2 ** sizes[1]),
        "counts_as_cover": arrays.truth(found == expected),
    }


@claim(
    "vc-perceptron.any-three",
    "A line classifies any three points of the plane, whatever their labels",
    "平面上任意三个点，无论标签如何，都能被一条直线分开",
    source=NOTES + "the picture of three points and their eight labelings",
    formula="labelings of 3 points = 8",
    given={"places": ON_A_LINE},
    always=({"places": [-1, 0, 1]},),
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="vc-perceptron.collinear",
    why=Text(
        "The VC dimension asks for one set of three points that is shattered, not for all: of "
        "three points on a line the middle one cannot be cut off from the two outer ones.",
        "VC 维只要求存在一组能被打散的三个点，而不是任意三个点：三点共线时，"
        "无法把中间的点与两端的点分开。",
    ),
)
def a_line_classifies_any_three_points(linearly_separable, places):
    return arrays.truth(_on_a_line(linearly_separable, places))


@claim(
    "vc-perceptron.collinear",
    "Of the eight labelings of three points on a line, a perceptron realises six",
    "三点共线时，八种标签组合中感知机只能实现六种",
    source=NOTES + "corrected: three points in general position",
    formula="labelings = 6: all but + - + and - + -",
    condition=Text("three points on a line", "三点共线"),
    given={"places": ON_A_LINE},
    always=({"places": [-1, 0, 1]},),
    holds=exactly_equal(),
)
def a_line_realises_six_labelings_of_collinear_points(linearly_separable, places):
    every = shattering.labelings(3)[:, np.argsort(places)]
    alternates = (every[:, 0] == every[:, 2]) & (every[:, 0] != every[:, 1])
    found, small = (_on_a_line(linearly_separable, places, unit) for unit in (1.0, 2.0**-17))
    truth = arrays.truth(found == ~alternates, small == ~alternates)
    return Measured(truth, _labelings(found, every))


@claim(
    "vc-xor",
    "A perceptron with two inputs cannot learn XOR",
    "二维输入的感知机无法学会 XOR",
    source=NOTES + '"it cannot classify four points: XOR"; d2l, "Multilayer Perceptrons"',
    formula="of 16 labelings of the corners, 14 are realised: all but XOR and its complement",
    given={"levels": LEVELS},
    always=({"levels": [0, 1]},),
    holds=exactly_equal(),
)
def a_perceptron_cannot_learn_xor(linearly_separable, levels):
    found = shattering.realised(linearly_separable, _corners(levels))
    every = shattering.labelings(4)
    is_xor = (every == shattering.XOR).all(axis=1) | (every != shattering.XOR).all(axis=1)
    return Measured(arrays.truth(found == ~is_xor), _labelings(found, every))


@claim(
    "vc-xor.hidden",
    "Behind one hidden layer of two ReLU units, XOR is linearly separable",
    "经过两个 relu 单元的一个隐藏层后，XOR 变得线性可分",
    source='d2l, "Multilayer Perceptrons": hidden layers overcome the limits of linear models',
    formula="h = relu(x₁ + x₂), relu(x₁ + x₂ - 1);  XOR = h₁ - 2h₂",
    always=({"units": 2},),
    holds=always_true(),
)
def a_hidden_layer_separates_xor(linearly_separable, relu, units):
    import torch

    x = torch.tensor(_corners([0, 1]))
    W, b = torch.ones(units, 2, dtype=x.dtype), -torch.arange(units, dtype=x.dtype)
    h = arrays.as_array(relu(x @ W.T + b))
    return arrays.truth(linearly_separable(h[None], np.array([shattering.XOR])))


vc_mlp = Untestable(
    "vc-mlp",
    Text(
        "The VC dimension of some multilayer perceptrons is O(N log N)",
        "一些多层感知机的 VC 维是 O(N log N)",
    ),
    source=NOTES + '"the VC dimension of some multilayer perceptrons is O(N log2 N)"',
    reason=Text(
        "A rate for N without end cannot be observed, and the VC dimension of even a small net is "
        "a maximum over all sets of points, which no enumeration ends. It is a theorem for "
        "threshold units, at most 2 N log2(e M) with N weights and M units; ReLU nets of L layers "
        "have order N L log N, sigmoid nets up to order N⁴.",
        "N 趋于无穷的阶无法观测；而且即使很小的网络，其 VC 维也是对所有点集取的最大值，"
        "无法穷举。对阈值单元这是一个定理：N 个权重、M 个单元时至多 2N log2(eM)；"
        "L 层 relu 网络的阶为 N L log N，sigmoid 网络可达 N⁴ 阶。",
    ),
    citation="Baum and Haussler 1989, Neural Computation 1; Bartlett, Harvey, Liaw and Mehrabian "
    "2019, JMLR 20; Karpinski and Macintyre 1997, JCSS 54",
)


@claim(
    "vc-bound",
    "Except with probability δ, the VC dimension bounds the gap between training error and "
    "generalisation error, of all functions of the class at once",
    "以不低于 1 - δ 的概率，VC 维可以界定训练误差与泛化误差之间的差距，"
    "且对函数类中的全部函数同时成立",
    source=NOTES + '"it can measure the interval between training error and generalisation error"',
    formula="P(sup_f |R(f) - R̂(f)| > √(8/n (h ln(2en/h) + ln(4/δ)))) < δ",
    condition=Text(
        "training and test examples are independent and of one law; the class of all thresholds of "
        "one input, both ways round, h = 2; δ = 0.05",
        "训练与测试样本独立同分布；函数类为单个输入的全部阈值函数（两个方向），h = 2；δ = 0.05",
    ),
    always=({"n": 1000}, {"n": 3000}),
    holds=probability_below(DELTA, 0.001, of=Text("a gap above the bound", "差距超过上界")),
)
def the_vc_dimension_bounds_the_gap(noisy_halfspace, n, replicates, stream):
    gap, bound = _largest(noisy_halfspace, n, replicates, stream)
    return Measured(arrays.exceeds(gap, bound), _slack(gap, bound, n))


@claim(
    "vc-bound.outside",
    "The VC dimension bounds the gap between training error and the error on any later data",
    "无论之后遇到什么数据，VC 维都界定其误差与训练误差之间的差距",
    source=NOTES + '"it can measure the interval between training error and generalisation error"',
    formula="P(|R' - R̂| > bound) < δ",
    condition=Text(
        "the test data follow another law: some inputs have changed their sign",
        "测试数据来自另一分布：部分输入变号",
    ),
    inside=lambda turned: turned > 0,
    given={"turned": counts(8, 10)},
    always=({"turned": 8},),
    holds=probability_below(DELTA, 0.001, of=Text("a gap above the bound", "差距超过上界")),
    expected=Verdict.REFUTED,
    twin="vc-bound",
    why=Text(
        "The theorem compares two samples of one law. With eight of ten inputs turned over, the "
        "angle between old and new truth is 127 degrees and the test error near 0.66; no property "
        "of the class can know of that.",
        "该定理比较的是同一分布的两个样本。十个输入中有八个变号时，新旧真实方向的夹角为 127°，"
        "测试误差约 0.66；函数类的任何性质都无从知晓这一点。",
    ),
)
def the_vc_dimension_bounds_any_gap(noisy_halfspace, ridge_regression, turned, replicates, stream):
    n = 10_000  # the bound is 0.28
    X, y = noisy_halfspace(replicates, 2 * n, stream.child("data").numpy(), d=INPUTS)
    X[:, n:, :turned] *= -1
    train, test = shattering.linear_gap(ridge_regression, X, y, n)
    return arrays.exceeds(abs(test - train), shattering.vc_gap_bound(INPUTS + 1, n, DELTA))


@claim(
    "vc-bound.loose",
    "The VC bound is too loose: more than five times the largest gap that any function of the "
    "class has",
    "VC 界太松：是函数类中最大差距的五倍以上",
    source=NOTES + '"the bounds are very loose"',
    formula="5 sup_f |R(f) - R̂(f)| < √(8/n (h ln(2en/h) + ln(4/δ)))",
    condition=Text("thresholds of one input, h = 2", "单个输入的阈值函数，h = 2"),
    always=({"n": 300}, {"n": 1000}, {"n": 3000}),
    # The largest gap falls like 1.3/√n, and the bound is √(8 (2 ln n + 6)/n): over 200 replicates
    # it has the median 9 times the gap at n = 300, and 10 times at n = 1000 and 3000.
    holds=more_often_than_not("a gap below a fifth of the bound", "差距小于上界的五分之一"),
)
def the_vc_bound_is_five_times_the_gap(noisy_halfspace, n, replicates, stream):
    gap, bound = _largest(noisy_halfspace, n, replicates, stream)
    return Measured(arrays.exceeds(bound, 5 * gap), _slack(gap, bound, n))


@claim(
    "vc-bound.net",
    "The VC bound says nothing of a net with a hidden layer of 256 units, or of a deeper one: with "
    "all 60 000 images of Fashion-MNIST it lies above 1",
    "对有一个 256 单元隐藏层的网络或更深的网络，VC 界没有意义：即使用上 Fashion-MNIST 全部 60000 "
    "张图像，它仍大于 1",
    source=NOTES + '"rarely used in deep learning: the bounds are not accurate"',
    formula="h ≥ d ⌊m/3⌋ ⇒ √(8/n (h ln(2en/h) + ln(4/δ))) > 1;  d = 784, m = 256 (m ≥ 6 would do)",
    condition=Text(
        "h is what such a net reaches for certain: three ReLU units single out any d points, so "
        "that m units shatter d ⌊m/3⌋; δ = 0.05",
        "h 只取确定能达到的值：每三个 relu 单元可以挑出任意 d 个点，因此 m 个单元能打散 d⌊m/3⌋ "
        "个点；δ = 0.05",
    ),
    always=({"sizes": [784, 256, 10]}, {"sizes": [784, 256, 256, 10]}),
    holds=always_true(),
)
def the_vc_bound_of_a_net_is_vacuous(init_mlp, sizes, stream):
    parameters = init_mlp(sizes, 1, stream.child("init").torch("cpu"))
    units, inputs = parameters[0].shape[1:]
    hidden = units if len(parameters) > 2 else 0
    h = shattering.relu_dimension_at_least(inputs, hidden)
    return arrays.truth(shattering.vc_gap_bound(h, IMAGES, DELTA) > 1)


vc_bound_use = Untestable(
    "vc-bound.use",
    Text(
        "The VC dimension is rarely used in deep learning, as it is hard to compute",
        "VC 维在深度学习中很少使用，因为很难计算",
    ),
    source=NOTES + '"rarely used in deep learning"',
    reason=Text(
        "What people use is a fact about people, not about nets; whether the bound is loose is "
        "examined beside it.",
        "人们使用什么是关于人的事实，而不是关于网络的事实；上界是否松已在旁边检验。",
    ),
    citation="Zhang, Bengio, Hardt, Recht and Vinyals 2017, ICLR: uniform bounds cannot explain "
    "why nets that fit random labels generalise; Dziugaite and Roy 2017, UAI",
)


def _on_a_line(linearly_separable, places, unit=1.0):
    """Which labelings of three points (t, 2t) are separable; whole numbers are exact."""
    t = np.array(places, dtype=np.float64) * unit
    return shattering.realised(linearly_separable, np.stack([t, 2 * t], axis=1))


def _labelings(found, every):
    """Each labeling a row, each point a column."""
    return Grid(
        Text(
            "Labelings of the points, one a row: ✓ where a line realises it",
            "各点的标签组合，每行一种：✓ 表示直线能实现",
        ),
        every > 0,
        columns=every.shape[1],
        on=Text("one class", "一类"),
        off=Text("the other", "另一类"),
        row_names=tuple("✓" if one else "✗" for one in found),
    )


def _corners(levels):
    """The four corners with the two levels as coordinates, in the order of `CORNERS`."""
    return np.array(levels, dtype=np.float64)[(np.array(shattering.CORNERS) + 1) // 2]


def _largest(noisy_halfspace, n, replicates, stream):
    """The largest gap of the thresholds of the first of two inputs (R,), and the bound on it."""
    X, y = noisy_halfspace(replicates, 2 * n, stream.child("data").numpy(), d=2)
    return shattering.largest_threshold_gap(X[..., 0], y, n), shattering.vc_gap_bound(2, n, DELTA)


def _slack(gap, bound, n):
    return Histogram(
        Text(
            f"How many times the largest gap the bound is, n = {n}",
            f"上界是最大差距的多少倍，n = {n}",
        ),
        bound / gap,
        marks={Text("a tight bound", "紧的上界"): 1.0},
        x_label=Text("VC bound / largest gap", "VC 界 / 最大差距"),
    )
