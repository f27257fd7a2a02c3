"""Capacity: how many parameters a model has, what they buy, and how error depends on it.

In the book's symbols: X, y, w, b, d inputs, lambda the weight decay; a class is nested in another
if it is a part of it, as polynomials of degree 3 are among those of degree 19.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from harness import metrics
from harness.rulers import capacity, nets, shattering
from harness.rulers import polynomial_protocol as protocol
from harness.strategies import counts, degrees, penalties
from harness.trial.claim import Section, Verdict, claim
from harness.trial.exhibits import Measured
from harness.trial.relations import (
    all_hold,
    always_true,
    exactly_equal,
    more_often_than_not,
    probability_above,
)

SECTION = Section("capacity", "Model Complexity", "模型复杂性", 20)
SOURCE = 'd2l, "Underfitting or Overfitting?", "Model Complexity": '
NOTES = 'Mu Li\'s notes, "Underfitting and Overfitting", slides on capacity: '
MUTANTS = "tests.mutants.capacity:"
TRUE_DEGREE = 3
DEGREES = tuple(range(20))
WIDTHS = (2, 32, 128)
SIGNALS = 300  # training signals; a wide net learns them by heart in 60 epochs
DEGREE = ("degree", "阶数")
TRIED = 4096  # values of the one parameter, many more than it has different labelings


@claim(
    "cap-params",
    "A linear model has (d + 1) k parameters, a perceptron with one hidden layer "
    "(d + 1) m + (m + 1) k",
    zh="线性模型有 (d+1)k 个参数，单隐藏层感知机有 (d+1)m + (m+1)k 个参数",
    section=SECTION,
    source=NOTES + '"estimating capacity": d + 1 and (d + 1) m + (m + 1) k',
    formula="(d+1)k;  (d+1)m + (m+1)k",
    given={"d": counts(1, 100), "m": counts(1, 300), "k": counts(1, 12)},
    always=({"d": 784, "m": 256, "k": 10}, {"d": 1, "m": 1, "k": 1}),
    holds=exactly_equal(),
    mutants=(
        f"init_mlp={MUTANTS}forgets_the_biases",
        f"init_mlp={MUTANTS}forgets_the_last_bias",
        f"init_mlp={MUTANTS}forgets_the_hidden_layers",
        f"init_mlp={MUTANTS}shares_one_row_of_weights",
    ),
    block=2,
    cost=0.005,
    devices="cpu",
)
def a_net_has_so_many_parameters(init_mlp, d, m, k, replicates, stream):
    generator = stream.child("init").torch("cpu")
    linear, hidden = (
        sum(p.numel() for p in init_mlp(sizes, replicates, generator)) / replicates
        for sizes in ((d, k), (d, m, k))
    )
    return metrics.truth(linear == (d + 1) * k, hidden == (d + 1) * m + (m + 1) * k)


@claim(
    "cap-two-factors",
    "Capacity is governed by the number of parameters and by the range of their values",
    zh="模型容量由参数的个数和参数值的取值范围决定",
    section=SECTION,
    source=NOTES + '"two main factors: the number of parameters, the range of their values"',
    formula="dof = tr(∂ŷ/∂y) = 1 + Σ s²/(s² + nλ): up with the columns, down with λ",
    condition="a linear model; capacity is its degrees of freedom",
    condition_zh="线性模型；以自由度衡量容量",
    given={"p": counts(2, 12), "decay": penalties(0.01, 3.0)},
    always=({"p": 8, "decay": 0.1},),
    holds=all_hold(number=always_true(), range=always_true(), freedom=exactly_equal()),
    mutants=(
        f"ridge_regression={MUTANTS}forgets_the_penalty",
        f"ridge_regression={MUTANTS}penalises_by_the_sum",
        f"ridge_regression={MUTANTS}loses_the_last_column",
    ),
    block=4,
    cost=0.05,
    draws=4,
    devices="cpu",
)
def capacity_is_governed_by_number_and_range(ridge_regression, p, decay, replicates, stream):
    n = 30
    X = stream.child("data").numpy().standard_normal((replicates, n, p))
    decays = decay * np.array([0.1, 1.0, 10.0, 100.0])
    by_range = np.stack(
        [capacity.degrees_of_freedom(ridge_regression, X, one) for one in decays], axis=1
    )
    by_number = np.stack(
        [
            capacity.degrees_of_freedom(ridge_regression, X[..., :columns], decay)
            for columns in range(1, p + 1)
        ],
        axis=1,
    )
    stated, condition = capacity.stated_degrees_of_freedom(X, decay)
    picture = capacity.curves_by(
        np.log10(decays),
        {("degrees of freedom", "自由度"): by_range},
        ("Degrees of freedom and the penalty", "自由度与惩罚"),
        ("log10 λ", "log10 λ"),
        ("degrees of freedom", "自由度"),
    )
    return Measured(
        {
            "number": metrics.truth(np.diff(by_number, axis=1) > 0),
            "range": metrics.truth(np.diff(by_range, axis=1) < 0, by_range > 1, by_range < p + 1),
            "freedom": metrics.rounding_ratio(
                # Householder's QR of n + p rows: errors grow with the squared condition number
                # (Higham 2002, Theorem 20.3).
                by_number[:, -1], stated, condition * stated, operations=8 * (n + p) * p,
            ),
        },
        (picture,),
    )  # fmt: skip


@claim(
    "cap-two-factors.outside",
    "No class has a greater capacity than its number of parameters: with one it shatters one point",
    zh="容量不会超过参数个数：只有一个参数的函数类只能打散一个点",
    section=SECTION,
    source=NOTES + '"two main factors: the number of parameters, the range of their values"',
    formula="labelings of n > 1 points by one parameter < 2^n",
    condition="not linear in the parameter: 1{sin(ax) > 0}",
    condition_zh="对参数非线性：1{sin(ax) > 0}",
    given={"n": counts(2, 10)},
    always=({"n": 8},),
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="cap-two-factors",
    why="sin(ax) writes the labels into the binary digits of its one parameter and reads them off "
    "at the points 2^-1 ... 2^-n: one parameter without a bound on its range has an infinite VC "
    "dimension.",
    why_zh="sin(ax) 把标签写进唯一参数的二进制位，再在点 2^-1 … 2^-n 处读出："
    "一个取值范围不受限的参数就有无穷大的 VC 维。",
    block=1,
    cost=0.002,
    draws=2,
    devices="cpu",
)
def one_parameter_shatters_no_two_points(sine_classifier, n):
    return metrics.truth(_labelings_by_a_sine(sine_classifier, n) < 2**n)


@claim(
    "cap-two-factors.sine",
    "One parameter can shatter any number of points: sin(ax) realises all 2^n labelings",
    zh="一个参数可以打散任意多个点：sin(ax) 能实现全部 2^n 种标签",
    section=SECTION,
    source=NOTES + "corrected by an example of Vapnik 1995",
    formula="a = π (1 + Σ 2^i over the false labels i),  x_j = 2^-j",
    given={"n": counts(2, 12)},
    always=({"n": 8},),
    holds=exactly_equal(),
    mutants=(
        f"sine_classifier={MUTANTS}clips_its_parameter",
        f"sine_classifier={MUTANTS}takes_the_parameter_for_degrees",
    ),
    block=1,
    cost=0.005,
    draws=3,
    devices="cpu",
)
def one_parameter_shatters_many_points(sine_classifier, n):
    return metrics.truth(_labelings_by_a_sine(sine_classifier, n) == 2**n)


@claim(
    "cap-two-factors.range",
    "A bound on the one parameter's range bounds what it can realise",
    zh="限制这个参数的取值范围，就限制了它能实现的标签数",
    section=SECTION,
    source=NOTES + '"the range of their values"',
    formula="0 < a ≤ A ⇒ labelings ≤ 1 + Σ ⌊A x_i / π⌋",
    condition="1{sin(ax) > 0} with 0 < a ≤ A",
    condition_zh="1{sin(ax) > 0}，0 < a ≤ A",
    given={"n": counts(6, 12), "largest": st.integers(5, 100)},
    always=({"n": 8, "largest": 30},),
    holds=always_true(),
    mutants=(f"sine_classifier={MUTANTS}amplifies_its_parameter",),
    block=4,
    cost=0.01,
    draws=3,
    devices="cpu",
)
def a_bounded_parameter_realises_few_labelings(sine_classifier, n, largest, replicates, stream):
    rng = stream.child("points").numpy()
    held = []
    for _ in range(replicates):
        x = rng.uniform(0.1, 1.0, n)
        a = rng.uniform(0.0, largest, TRIED)
        found = len(np.unique(sine_classifier(x, a), axis=0))
        held.append(found <= shattering.most_sign_patterns(x, float(largest)))
    return metrics.truth(held)


@claim(
    "cap-two-factors.redundant",
    "More parameters need not mean more capacity: behind linear hidden units a perceptron realises "
    "no more labelings than without them",
    zh="参数更多未必容量更大：加上线性隐藏单元的感知机并不能实现更多的标签",
    section=SECTION,
    source=NOTES + "corrected: parameters that say the same twice do not count",
    formula="labelings of 4 points in the plane = 14 for every number m of linear hidden units",
    given={"m": counts(3, 32)},
    always=({"m": 16},),
    holds=exactly_equal(),
    mutants=(
        f"linearly_separable={MUTANTS}lets_points_lie_on_the_boundary",
        f"linearly_separable={MUTANTS}stops_after_three_sweeps",
        f"linearly_separable={MUTANTS}cuts_along_one_axis",
    ),
    block=2,
    cost=0.1,
    draws=3,
    devices="cpu",
)
def linear_hidden_units_add_no_capacity(linearly_separable, m, replicates, stream):
    rng = stream.child("points").numpy()
    found = []
    for _ in range(replicates):
        # Whole numbers and short binary fractions: the hidden values are exact and stay in a plane.
        x = np.round(shattering.in_general_position(4, 2, rng) * 1024) / 1024
        W = np.concatenate([np.eye(2), rng.integers(-3, 4, (m - 2, 2))])
        hidden = x @ W.T + rng.integers(-3, 4, m)
        found.append(shattering.realised(linearly_separable, hidden).sum())
    return metrics.truth(np.array(found) == shattering.covers_count(4, 2))


@claim(
    "cap-train-monotone",
    "The larger the capacity, the lower the training error",
    zh="模型容量越大，训练误差越小",
    section=SECTION,
    source=NOTES + "the curve of the training error against capacity",
    formula="F₁ ⊂ F₂ ⇒ min R̂ over F₂ ≤ min R̂ over F₁",
    condition="nested classes and their exact minimisers: polynomials by least squares",
    condition_zh="嵌套的函数类及其精确最小化：多项式的最小二乘",
    given={"n": counts(100, 200)},
    always=({"n": 100},),
    holds=always_true(),
    mutants=(
        f"fit_least_squares={MUTANTS}solves_in_raw_powers",
        f"fit_least_squares={MUTANTS}fits_half_of_the_sample",
    ),
    block=32,
    cost=0.3,
    draws=2,
    devices="cpu",
)
def training_error_falls_with_capacity(noisy_cubic, fit_least_squares, n, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream, n=n)
    train, test = capacity.losses_by_degree(fit_least_squares, data, DEGREES)
    # Fitted values are right to 1e-9 of the labels and the loss is stationary there: what is left
    # is the rounding of a mean of n squares.
    return Measured(capacity.rises(train, data.y, 8 * n), (_by_degree(train, test),))


@claim(
    "cap-train-monotone.outside",
    "The larger the capacity, the lower the training error, however the model is trained",
    zh="无论如何训练，模型容量越大，训练误差越小",
    section=SECTION,
    source=NOTES + "the curve of the training error against capacity",
    formula="train(high degree) < train(3)",
    condition="a fixed budget of 400 epochs of SGD, as in the chapter",
    condition_zh="固定 400 轮 SGD，与书中一致",
    given={"degree": degrees(12, 19)},
    always=({"degree": 19},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="cap-train-monotone",
    why="The minimum over the larger class is lower, but SGD does not reach it: the higher powers "
    "are nearly collinear with the lower ones, so the same steps go less far.",
    why_zh="更大的函数类的最小值确实更低，但 SGD 走不到：高次幂与低次幂几乎共线，"
    "同样的步数走得更少。",
    block=8,
    cost=0.3,
    draws=1,
    shrink=False,
    devices="cpu",
)
def training_error_falls_with_capacity_by_sgd(
    noisy_cubic, polynomial_features, train_linear, degree, replicates, stream
):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    low, high = (
        protocol.trained(train_linear, polynomial_features, data, one, 400, stream)
        for one in (TRUE_DEGREE, degree)
    )
    picture = protocol.loss_curves(
        f"Degrees 3 and {degree}, equal epochs",
        f"3 阶与 {degree} 阶，轮数相同",
        {("degree 3", "3 阶"): low, (f"degree {degree}", f"{degree} 阶"): high},
    )
    return Measured(
        metrics.exceeds(low.train_loss[:, -1], high.train_loss[:, -1]),
        (picture,),
    )


@claim(
    "cap-ucurve",
    "With growing capacity the generalisation error first falls, then rises",
    zh="随着模型容量增大，泛化误差先下降后上升",
    section=SECTION,
    source=SOURCE + "the figure of the influence of model complexity",
    formula="test(2) > test(3) < test(high)",
    condition="capacity is a polynomial's degree, fitted by least squares",
    condition_zh="容量指多项式的阶数，用最小二乘拟合",
    given={"high": degrees(10, 19)},
    always=({"high": 19},),
    holds=all_hold(falls=more_often_than_not(), rises=more_often_than_not()),
    mutants=(
        f"fit_least_squares={MUTANTS}caps_the_degree_at_one",
        f"fit_least_squares={MUTANTS}caps_the_degree_at_three",
    ),
    block=8,
    cost=0.1,
    draws=2,
    shrink=False,
    devices="cpu",
)
def generalisation_error_falls_then_rises(noisy_cubic, fit_least_squares, high, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream)
    train, test = capacity.losses_by_degree(fit_least_squares, data, DEGREES)
    observed = {
        "falls": metrics.exceeds(test[:, TRUE_DEGREE - 1], test[:, TRUE_DEGREE]),
        "rises": metrics.exceeds(test[:, high], test[:, TRUE_DEGREE]),
    }
    return Measured(observed, (_by_degree(train, test),))


@claim(
    "cap-ucurve.next",
    "One degree too many already raises the generalisation error, more often than not",
    zh="只多出一阶，泛化误差就更可能上升而不是下降",
    section=SECTION,
    source=SOURCE + "the figure of the influence of model complexity",
    formula="P(test(4) > test(3)) > 1/2",
    condition="polynomials fitted by least squares to 100 samples",
    condition_zh="对 100 个样本用最小二乘拟合多项式",
    always=({"n": 100},),
    holds=probability_above(
        0.5, 0.6, of="a higher test loss of degree 4", of_zh="4 阶的测试损失更高"
    ),
    mutants=(f"fit_least_squares={MUTANTS}caps_the_degree_at_three",),
    block=256,
    cost=0.1,
    devices="cpu",
)
def one_degree_too_many_hurts(noisy_cubic, fit_least_squares, n, replicates, stream):
    data = protocol.drawn(noisy_cubic, replicates, stream, n=n)
    _, test = capacity.losses_by_degree(fit_least_squares, data, (TRUE_DEGREE, TRUE_DEGREE + 1))
    return metrics.exceeds(test[:, 1], test[:, 0])


@claim(
    "cap-ucurve.outside",
    "With growing width a net's generalisation error first falls, then rises",
    zh="随着网络变宽，泛化误差先下降后上升",
    section=SECTION,
    source=SOURCE + "the figure of the influence of model complexity, read for a net's width",
    formula="test error(128) > test error(32) + 0.01",
    condition="capacity is the width of a net that learns its 300 signals by heart",
    condition_zh="容量指网络的宽度；网络已把 300 个信号背熟",
    always=({"flips": 0.0}, {"flips": 0.2}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="cap-ucurve.width",
    why="SGD from small weights finds functions of small norm, and the norm that is needed to fit "
    "the data falls with the width: past the width that fits all labels, more width smooths.",
    why_zh="从小权重出发的 SGD 找到的是小范数的函数，而拟合数据所需的范数随宽度下降："
    "宽到足以拟合全部标签之后，再变宽只会更平滑。",
    block=4,
    cost=1.0,
    shrink=False,
)
def generalisation_error_rises_with_width(
    shifted_signals, train_mlp, flips, replicates, stream, device
):
    error, picture = _by_width(
        shifted_signals, train_mlp, WIDTHS[1:], flips, replicates, stream, device
    )
    return Measured(metrics.exceeds(error[:, 1], error[:, 0], 0.01), (picture,))


@claim(
    "cap-ucurve.width",
    "With growing width a net's generalisation error falls and does not turn",
    zh="随着网络变宽，泛化误差不断下降，并不回升",
    section=SECTION,
    source=SOURCE + "corrected for nets; 20 % wrong training labels included",
    formula="test error(2) > (32) > (128) - 0.01",
    condition="capacity is the width of a net that learns its 300 signals by heart",
    condition_zh="容量指网络的宽度；网络已把 300 个信号背熟",
    always=({"flips": 0.0}, {"flips": 0.2}),
    holds=more_often_than_not(),
    mutants=(
        f"train_mlp={MUTANTS}gives_every_net_one_hidden_unit",
        f"train_mlp={MUTANTS}takes_a_thousandth_of_the_step",
    ),
    block=4,
    cost=1.2,
    shrink=False,
)
def generalisation_error_falls_with_width(
    shifted_signals, train_mlp, flips, replicates, stream, device
):
    error, picture = _by_width(
        shifted_signals, train_mlp, WIDTHS, flips, replicates, stream, device
    )
    falls = metrics.exceeds(error[:, 0], error[:, 1])
    return Measured(falls & ~metrics.exceeds(error[:, 2], error[:, 1], 0.01), (picture,))


@claim(
    "cap-ucurve.interpolation",
    "Past the point where the training data are fitted exactly, the generalisation error falls "
    "again",
    zh="越过恰好拟合全部训练数据的点之后，泛化误差再次下降",
    section=SECTION,
    source=SOURCE + "beyond the figure: double descent (Belkin, Hsu, Ma and Mandal 2019)",
    formula="test(p = n) > 2 test(p = n/5), 2 test(p = 8n)",
    condition="linear regression on p of 400 features, 50 samples, the shortest solution",
    condition_zh="50 个样本，取 400 个特征中的 p 个做线性回归，取最短解",
    always=({"n": 50},),
    holds=all_hold(rises=more_often_than_not(), falls_again=more_often_than_not()),
    mutants=(f"minimum_norm={MUTANTS}penalises_ten_times_too_much",),
    block=8,
    cost=0.2,
    devices="cpu",
)
def generalisation_error_falls_again(linear_200, minimum_norm, n, replicates, stream):
    X, y = linear_200(replicates, n + 200, stream.child("data").numpy(), d=8 * n)
    columns = (n // 5, n // 2, n, 2 * n, 4 * n, 8 * n)
    by_columns = []
    for p in columns:
        w = minimum_norm(X[:, :n, :p], y[:, :n])
        by_columns.append(np.square(np.matvec(X[:, n:, :p], w) - y[:, n:]).mean(axis=1))
    losses = np.stack(by_columns, axis=1)
    narrow, peak, wide = losses[:, 0], losses[:, 2], losses[:, -1]
    picture = capacity.curves_by(
        columns,
        {("test", "测试"): losses},
        ("Test loss and the number of features", "测试损失与特征个数"),
        ("features", "特征个数"),
        ("mean squared error", "均方误差"),
        log_y=True,
    )
    return Measured(
        {
            "rises": metrics.ratio_exceeds(peak, narrow, 2.0),
            "falls_again": metrics.ratio_exceeds(peak, wide, 2.0),
        },
        (picture,),
    )


def _labelings_by_a_sine(sine_classifier, n):
    """How many labelings of 2^-1 ... 2^-n the parameters made for all of them realise."""
    a = shattering.shattering_parameters(shattering.labelings(n))
    return len(np.unique(sine_classifier(shattering.halving_points(n), a), axis=0))


def _by_width(shifted_signals, train_mlp, widths, flips, replicates, stream, device):
    """Test errors (R, widths) on the same signals, and their picture."""
    data = capacity.task(shifted_signals, replicates, SIGNALS, 1000, stream, flips)
    options = (train_mlp, data, stream, device)
    runs = [
        nets.train(*options, hidden=[width], epochs=60, lr=0.3, batch_size=25) for width in widths
    ]
    error = np.stack([capacity.last_error(run) for run in runs], axis=1)
    train = np.stack([1 - run.train_accuracy[:, -1] for run in runs], axis=1)
    picture = capacity.curves_by(
        np.log2(widths),
        {("train", "训练"): train, ("test", "测试"): error},
        (f"Error by width, {flips:.0%} wrong labels", f"各宽度的错误率，{flips:.0%} 错误标签"),
        ("log2 width", "log2 宽度"),
        ("error", "错误率"),
    )
    return error, picture


def _by_degree(train, test):
    return capacity.curves_by(
        DEGREES,
        {("train", "训练"): train, ("test", "测试"): test},
        ("Loss of the exact fit by degree", "精确拟合的损失与阶数"),
        DEGREE,
        ("mean squared error", "均方误差"),
        log_y=True,
    )
