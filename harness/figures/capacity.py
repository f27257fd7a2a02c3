"""Part B: capacity, shattering, the VC bound, data complexity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from harness.data.classes import noisy_halfspace, shifted_signals
from harness.data.synthetic import noisy_cubic
from harness.figures.figure import Figure, exact, figures, jackknife, mean, median, share
from harness.primitives.shattering import linearly_separable, sine_classifier
from harness.rulers import capacity, nets, shattering
from harness.rulers import polynomial_protocol as protocol
from harness.training.least_squares import fit_least_squares, ridge_regression
from harness.training.mlp import init_mlp, train_mlp
from harness.trial.streams import Stream

DEGREES = (1, 2, 3, 4, 5, 9, 19)


@figures(
    "cap-ucurve",
    Figure(
        "median test loss of least squares, degree 1",
        "最小二乘测试损失中位数，1 阶",
        "8.84",
        median,
        error=0.15,
    ),
    Figure("the same, degree 2", "同上，2 阶", "4.53", median, error=0.1),
    Figure("the same, degree 3", "同上，3 阶", ".01055", median, error=0.00005),
    Figure("the same, degree 4", "同上，4 阶", ".01084", median, error=0.00005),
    Figure("the same, degree 9", "同上，9 阶", ".0282", median, error=0.001),
    Figure("the same, degree 19", "同上，19 阶", "1.6e5", median, error=4e4),
    Figure("P(degree 4 above degree 3)", "P(4 阶高于 3 阶)", ".653", share, out_of=1000),
    Figure("P(degree 5 above degree 3)", "P(5 阶高于 3 阶)", ".785", share, out_of=1000),
    Figure("P(degree 19 above degree 3)", "P(19 阶高于 3 阶)", ".999", share, out_of=1000),
)
def errors_by_degree(stream: Stream) -> Sequence[Any]:
    data = protocol.drawn(noisy_cubic, 4000, stream)
    _, test = capacity.losses_by_degree(fit_least_squares, data, DEGREES)
    one, two, three, four, five, nine, nineteen = test.T
    medians = one, two, three, four, nine, nineteen
    return *medians, four > three, five > three, nineteen > three


@figures(
    "cap-perfect-then-drop",
    Figure(
        "drop of the test accuracy after its best epoch, 20 % wrong labels",
        "测试准确率自最佳轮次起的下降，20% 错误标签",
        "",
        mean,
    ),
    Figure("the same, clean labels", "同上，无错误标签", "", mean),
)
def late_drop(stream: Stream) -> Sequence[Any]:
    drops = []
    for flips in (0.2, 0.0):
        run, _ = capacity.overtrained(
            train_mlp, noisy_halfspace, flips, 50, stream.child(str(flips)), "cpu"
        )
        early = capacity.EARLY if flips else capacity.SETTLED
        drops.append(capacity.at_epoch(run, run.test_accuracy, early) - run.test_accuracy[:, -1])
    return drops


@figures("cap-params", Figure("parameters of 784-256-10", "784-256-10 的参数个数", "203530", exact))
def parameters(stream: Stream) -> Sequence[Any]:
    net = init_mlp((784, 256, 10), 1, stream.torch())
    return ([sum(part.numel() for part in net)],)


@figures(
    "cap-two-factors",
    Figure(
        "labelings of 8 points that sin(ax) realises", "sin(ax) 在 8 点上实现的标注数", "256", exact
    ),
)
def sine(stream: Stream) -> Sequence[Any]:
    labels = shattering.labelings(8)
    says = sine_classifier(shattering.halving_points(8), shattering.shattering_parameters(labels))
    return ([(says == labels).all(axis=1).sum()],)


@figures(
    "vc-perceptron",
    *(
        Figure(
            f"labelings of {points} points, {d} inputs",
            f"{d} 个输入、{points} 点的标注数",
            printed,
            exact,
        )
        for d, points, printed in (
            (2, 3, "8"),
            (2, 4, "14"),
            (2, 5, "22"),
            (4, 5, "32"),
            (4, 6, "62"),
        )
    ),
)
def perceptron(stream: Stream) -> Sequence[Any]:
    rng = stream.numpy()
    return [
        [
            shattering.realised(
                linearly_separable, shattering.in_general_position(points, d, rng)
            ).sum()
            for _ in range(5)
        ]
        for d, points in ((2, 3), (2, 4), (2, 5), (4, 5), (4, 6))
    ]


@figures("vc-xor", Figure("labelings of the four corners", "四个角点的标注数", "14", exact))
def xor(stream: Stream) -> Sequence[Any]:
    corners = np.array(shattering.CORNERS, dtype=np.float64)
    return ([shattering.realised(linearly_separable, corners).sum()],)


@figures(
    "vc-bound",
    Figure("bound at h = 11, n = 100, δ = .05", "上界，h=11，n=100，δ=.05", "1.94", exact),
    Figure("bound at n = 1000", "上界，n=1000", ".76", exact),
    Figure("gap at n = 100", "间隔，n=100", ".052", mean),
    Figure("gap at n = 1000", "间隔，n=1000", ".0040", mean),
    Figure(
        "how many times looser at n = 100",
        "n=100 时宽松的倍数",
        "37",
        jackknife(lambda gap: shattering.vc_gap_bound(11, 100, 0.05) / float(gap.mean())),
    ),
    Figure(
        "how many times looser at n = 1000",
        "n=1000 时宽松的倍数",
        "190",
        jackknife(lambda gap: shattering.vc_gap_bound(11, 1000, 0.05) / float(gap.mean())),
    ),
)
def vc_bound(stream: Stream) -> Sequence[Any]:
    gaps = []
    for n in (100, 1000):
        X, y = noisy_halfspace(500, n + 2000, stream.child(n).numpy(), d=10)
        train, test = shattering.linear_gap(ridge_regression, X, y, n)
        gaps.append(test - train)
    bounds = [[shattering.vc_gap_bound(11, n, 0.05)] for n in (100, 1000)]
    return *bounds, *gaps, *gaps


@figures(
    "dc-match",
    Figure(
        "train loss of degree 1 over degree 3, medians",
        "1 阶与 3 阶训练损失中位数之比",
        "881",
        median,
    ),
    Figure(
        "accuracy of a linear model on XOR", "线性模型在 XOR 上的准确率", ".504", mean, error=0.01
    ),
    Figure("accuracy of a net on XOR", "网络在 XOR 上的准确率", ".985", mean, error=0.001),
    Figure(
        "accuracy of a linear model on moving signals", "线性模型在移动信号上的准确率", "", mean
    ),
    Figure("accuracy of a net on moving signals", "网络在移动信号上的准确率", "", mean),
)
def data_complexity(stream: Stream) -> Sequence[Any]:
    data = protocol.drawn(noisy_cubic, 4000, stream)
    train, _ = capacity.losses_by_degree(fit_least_squares, data, (1, 3))
    quadrants = nets.quadrants(30, 1000, stream.child("xor").numpy())
    signals = capacity.task(shifted_signals, 20, 1000, 1000, stream.child("signals"))
    accuracies = [
        nets.train(
            train_mlp, task, stream, hidden=hidden, epochs=30, lr=0.3, batch_size=20
        ).test_accuracy[:, -1]
        for task in (quadrants, signals)
        for hidden in ((), (64,))
    ]
    return train[:, 0] / train[:, 1], *accuracies
