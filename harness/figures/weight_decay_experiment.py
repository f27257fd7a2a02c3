"""Part E: the chapter's experiment on weight decay, and the concise version."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data.synthetic import linear_200
from harness.figures.figure import Figure, deviation, figures, mean, median, share
from harness.rulers import weight_decay as rulers
from harness.rulers.weight_decay_runs import Runs
from harness.training.least_squares import minimum_norm, ridge_regression
from harness.training.linear import train_linear
from harness.trial.streams import Stream, block_stream

Array = npt.NDArray[np.float64]
RUNS = 2000


@functools.cache
def _runs() -> tuple[Any, Any, Any]:
    """The shared runs, and the histories at λ = 0 and λ = 3 from N(0, 1) weights."""
    stream = block_stream("figures", "weight decay protocol", "figures", "cpu", 0)
    runs = Runs(train_linear, linear_200, RUNS, stream)
    return runs, runs.train(0.0), runs.train(3.0)


@figures(
    "wd-printed-14.7",
    Figure("mean norm at λ = 0", "λ=0 时范数均值", "13.425", mean, error=0.703 / 44.7),
    Figure("its sd", "其标准差", ".703", deviation, error=0.703 / 63),
    Figure(
        "place of the printed 14.708 in its law",
        "印出的 14.708 在其分布中的位置",
        ".966",
        share,
        out_of=RUNS,
    ),
)
def norm_without(stream: Stream) -> Sequence[Any]:
    norm = rulers.norm(_runs()[1].w)
    return norm, norm, norm <= 14.708


@figures(
    "wd-printed-.363",
    Figure("mean norm at λ = 3", "λ=3 时范数均值", ".3654", mean, error=0.0192 / 44.7),
    Figure("its sd", "其标准差", ".0192", deviation, error=0.0192 / 63),
    Figure(
        "place of the printed .3632 in its law",
        "印出的 .3632 在其分布中的位置",
        ".462",
        share,
        out_of=RUNS,
    ),
)
def norm_with(stream: Stream) -> Sequence[Any]:
    norm = rulers.norm(_runs()[2].w)
    return norm, norm, norm <= 0.3632


@figures(
    "wd-sparser",
    Figure("Hoyer's sparsity at λ = 0", "λ=0 的 Hoyer 稀疏度", ".2161", mean, error=0.0005),
    Figure("the same at λ = 3", "λ=3 的 Hoyer 稀疏度", ".2163", mean, error=0.0005),
    Figure("paired difference", "配对差", ".0002", mean, error=0.0001),
    Figure(
        "participation ratio at λ = 0, of 200", "λ=0 的参与比（共 200）", "68.2", mean, error=0.15
    ),
    Figure("the same at λ = 3", "λ=3 的参与比", "68.1", mean, error=0.15),
    Figure("share of |w| < .001 at λ = 0", "λ=0 时 |w|<.001 的比例", ".001", mean),
    Figure("the same at λ = 3", "λ=3 时 |w|<.001 的比例", ".031", mean),
)
def sparsity(stream: Stream) -> Sequence[Any]:
    found = [np.asarray(run.w, dtype=np.float64) for run in _runs()[1:]]
    plain, decayed = (rulers.hoyer(w) for w in found)
    ratios = [(w**2).sum(axis=1) ** 2 / (w**4).sum(axis=1) for w in found]
    small = [(np.abs(w) < 1e-3).mean(axis=1) for w in found]
    return plain, decayed, decayed - plain, *ratios, *small


@figures(
    "wd-demo-direction",
    Figure("mean test loss at λ = 0", "λ=0 的测试损失均值", "90.38", mean, error=0.25),
    Figure("mean test loss at λ = 3", "λ=3 的测试损失均值", ".0914", mean, error=0.0003),
    Figure("mean log ratio of the two", "两者对数比的均值", "6.92", mean, error=0.25 / 44.7),
    Figure("P(λ = 0 is worse)", "P(λ=0 更差)", "1.000", share, out_of=RUNS),
)
def demo(stream: Stream) -> Sequence[Any]:
    plain, decayed = (run.test_loss[:, -1] for run in _runs()[1:])
    return plain, decayed, np.log(plain / decayed), plain > decayed


@figures(
    "wd-demo-mechanism",
    Figure("P(λ = 3 is worse than a constant)", "P(λ=3 不如常数预测)", "1.000", share, out_of=RUNS),
    Figure(
        "share of the norm that is left from the start, λ = 3",
        "λ=3 时范数中初始值残留的比例",
        ".988",
        mean,
    ),
    Figure(
        "mean test loss, λ = 0 from zero weights",
        "零初始、λ=0 的测试损失均值",
        ".01013",
        mean,
        error=4e-5,
    ),
    Figure(
        "mean test loss, λ = 3 from zero weights",
        "零初始、λ=3 的测试损失均值",
        ".00976",
        mean,
        error=4e-5,
    ),
)
def mechanism(stream: Stream) -> Sequence[Any]:
    runs, _, decayed = _runs()
    constant = np.square(runs.y_test - 0.05).mean(axis=1) / 2
    zero = [runs.train(w, initial=runs.zero).test_loss[:, -1] for w in (0.0, 3.0)]
    left = rulers.norm(rulers.null_part(runs.X, decayed.w)) / rulers.norm(decayed.w)
    return decayed.test_loss[:, -1] > constant, left, *zero


@figures(
    "wd-solves",
    Figure(
        "P(ridge lowers the risk), n = 30, d = 20, λ = .1",
        "P(岭降低风险)，n=30，d=20，λ=.1",
        ".996",
        share,
        out_of=1000,
    ),
)
def ridge_lowers_the_risk(stream: Stream) -> Sequence[Any]:
    X, y, truth = rulers.gaussian_task(stream.numpy(), 4000, 30, 20)
    ridge = ridge_regression(X, y, 0.1, intercept=False)[0]
    plain = rulers.excess_risk(minimum_norm(X, y), truth)
    return (rulers.excess_risk(ridge, truth) < plain,)


@figures(
    "wd-concise-same",
    Figure(
        "median norm, concise as printed", "简洁实现（照印）范数中位数", ".393", median, error=0.004
    ),
    Figure("median norm, from scratch", "从零实现范数中位数", ".365", median, error=0.0005),
    Figure(
        "median test loss, concise, in the half-squared loss",
        "简洁实现测试损失中位数（含 ½）",
        ".199",
        median,
        error=0.01,
    ),
    Figure("median test loss, from scratch", "从零实现测试损失中位数", ".085", median, error=0.003),
)
def concise(stream: Stream) -> Sequence[Any]:
    runs, _, decayed = _runs()
    R = 500
    printed = train_linear(
        runs.X[:R], runs.y[:R], runs.X_test[:R], runs.y_test[:R], lr=0.003, epochs=100,
        batch_size=5, weight_decay=3.0, initial=runs.initial[:R], initial_bias=runs.bias[:R],
        half=False, rng=stream.child("order").numpy(),
    )  # fmt: skip
    norms, scratch = rulers.norm(printed.w), rulers.norm(decayed.w)
    return norms, scratch, printed.test_loss[:, -1] / 2, decayed.test_loss[:, -1]
