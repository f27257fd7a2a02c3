"""Part C: the polynomial experiment, by the chapter's protocol on many data sets."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data.synthetic import noisy_cubic
from harness.figures.figure import (
    Figure,
    correlation,
    exact,
    figures,
    jackknife,
    mean,
    median,
    quantile,
    share,
)
from harness.primitives.folds import holdout
from harness.primitives.polynomials import polynomial_features
from harness.rulers import degree_choice
from harness.rulers import polynomial_protocol as protocol
from harness.rulers import polynomials as rulers
from harness.training.least_squares import fit_least_squares
from harness.training.linear import train_linear
from harness.training.selection import select_model
from harness.trial.streams import Stream, block_stream

Array = npt.NDArray[np.float64]
RUNS = 2000
EARLIER = 2000  # replicates behind the catalogue's figures


@functools.cache
def _run(degree: int, epochs: int) -> tuple[Array, Array, Array]:
    """Training and test loss (RUNS,) and weights of the chapter's run, on common data."""
    stream = block_stream("figures", "polynomial protocol", "figures", "cpu", 0)
    data = protocol.drawn(noisy_cubic, RUNS, stream)
    with np.errstate(all="ignore"):
        fit = protocol.trained(
            train_linear, polynomial_features, data, degree, epochs, stream, every=None
        )
    train, test = (np.where(np.isfinite(loss), loss, np.inf) for loss in protocol.last_losses(fit))
    return train, test, np.asarray(fit.w, dtype=np.float64)


@functools.cache
def _start(degree: int) -> Array:
    stream = block_stream("figures", "polynomial protocol", "figures", "cpu", 0)
    return protocol.initial_weights(RUNS, degree, stream)


@figures(
    "po-rescale",
    Figure(
        "diverged, raw powers to degree 3", "发散比例，原始幂至 3 阶", ".008", share, out_of=500
    ),
    Figure(
        "diverged, raw powers to degree 5", "发散比例，原始幂至 5 阶", ".956", share, out_of=500
    ),
    Figure(
        "diverged, raw powers to degree 7", "发散比例，原始幂至 7 阶", "1.000", share, out_of=500
    ),
    Figure(
        "diverged, x^i / i! to degree 19", "发散比例，x^i / i! 至 19 阶", "0.000", share, out_of=500
    ),
    Figure(
        "condition number of X'X, raw, degree 7 (median)",
        "X'X 的条件数，原始，7 阶（中位数）",
        "1.0e6",
        median,
    ),
    Figure("the same, x^i / i!, degree 7", "同上，x^i / i!，7 阶", "3.0e6", median),
    Figure("P(worse conditioned by x^i / i!), degree 7", "P(x^i / i! 条件更差)，7 阶", "", share),
    Figure("the same, degree 9", "同上，9 阶", "", share),
    Figure("the same, degree 11", "同上，11 阶", "", share),
)
def rescaling(stream: Stream) -> Sequence[Any]:
    def raw(x: Any, degree: int) -> Array:
        return np.asarray(np.asarray(x)[..., None] ** np.arange(degree + 1))

    data = protocol.drawn(noisy_cubic, 1000, stream)
    diverged = []
    for features, degree in ((raw, 3), (raw, 5), (raw, 7), (polynomial_features, 19)):
        with np.errstate(all="ignore"):
            fit = protocol.trained(train_linear, features, data, degree, 30, stream, every=None)
            loss = fit.train_loss[:, -1]
        diverged.append(~(loss < 1e3))
    conditions = {
        degree: [
            np.linalg.cond(features(data.x, degree)) for features in (raw, polynomial_features)
        ]
        for degree in (7, 9, 11)
    }
    worse = [scaled > plain for plain, scaled in conditions.values()]
    return *diverged, conditions[7][0] ** 2, conditions[7][1] ** 2, *worse


@figures(
    "po-printed-rows",
    Figure("x behind the first row", "第一行背后的 x", "-.828246", exact),
    Figure("x behind the second row", "第二行背后的 x", "1.400293", exact),
    Figure("residual of the first label, in σ", "第一个标签的残差（σ）", "1.53", exact),
    Figure("residual of the second label, in σ", "第二个标签的残差（σ）", ".45", exact),
)
def printed_rows(stream: Stream) -> Sequence[Any]:
    x = rulers.behind_the_printed_features()
    residuals = np.abs(np.array(rulers.PRINTED_LABELS) - rulers.cubic(x)) / rulers.NOISE
    return [x[0]], [x[1]], [residuals[0]], [residuals[1]]


@figures(
    "po-deg3-low",
    Figure(
        "median train loss after 400 epochs", "400 轮后训练损失中位数", ".00979", median, error=4e-5
    ),
    Figure(
        "median test loss after 400 epochs", "400 轮后测试损失中位数", ".0108", median, error=1e-4
    ),
    Figure(
        "P(test loss > 3σ²) after 400 epochs",
        "400 轮后 P(测试损失>3σ²)",
        ".05",
        share,
        out_of=EARLIER,
    ),
    Figure(
        "mean train loss after 1500 epochs", "1500 轮后训练损失均值", ".00959", mean, error=3e-5
    ),
    Figure("mean test loss after 1500 epochs", "1500 轮后测试损失均值", ".01054", mean, error=4e-5),
)
def degree_3(stream: Stream) -> Sequence[Any]:
    early, late = _run(3, 400), _run(3, 1500)
    return early[0], early[1], early[1] > 0.03, late[0], late[1]


@figures(
    "po-deg3-weights",
    Figure(
        "median relative error of the weights", "权重相对误差中位数", ".0048", median, error=2e-4
    ),
    Figure("its 95 % quantile", "其 95% 分位数", ".043", quantile(0.95), error=0.004),
    Figure("P(every weight within .1)", "P(每个权重误差<.1)", ".82", share, out_of=EARLIER),
)
def degree_3_weights(stream: Stream) -> Sequence[Any]:
    off = _run(3, 400)[2] - np.array(rulers.TRUTH)
    relative = np.linalg.norm(off, axis=1) / np.linalg.norm(rulers.TRUTH)
    return relative, relative, np.abs(off).max(axis=1) < 0.1


@figures(
    "po-deg1-high",
    Figure("mean train loss", "训练损失均值", "10.69", mean, error=0.2),
    Figure("mean test loss", "测试损失均值", "11.64", mean, error=0.2),
    Figure("median train loss", "训练损失中位数", "8.47", median, error=0.12),
    Figure(
        "P(train loss above degree 3's)", "P(训练损失高于 3 阶)", "1.000", share, out_of=EARLIER
    ),
)
def degree_1(stream: Stream) -> Sequence[Any]:
    train, test, _ = _run(1, 400)
    return train, test, train, train > _run(3, 400)[0]


@figures(
    "po-printed-deg1",
    Figure(
        "place of the printed w0 in its law",
        "印出的 w0 在其分布中的位置",
        ".16",
        share,
        out_of=EARLIER,
    ),
    Figure(
        "place of the printed w1 in its law",
        "印出的 w1 在其分布中的位置",
        ".65",
        share,
        out_of=EARLIER,
    ),
)
def printed_line(stream: Stream) -> Sequence[Any]:
    below = _run(1, 400)[2] <= np.array(rulers.PRINTED_LINE)
    return below[:, 0], below[:, 1]


@figures(
    "po-printed-deg3",
    Figure(
        "place of the printed w1 in its law",
        "印出的 w1 在其分布中的位置",
        ".007",
        share,
        out_of=EARLIER,
    ),
    Figure(
        "place of the printed w3 in its law",
        "印出的 w3 在其分布中的位置",
        ".999",
        share,
        out_of=EARLIER,
    ),
)
def printed_cubic(stream: Stream) -> Sequence[Any]:
    below = _run(3, 400)[2] <= np.array(rulers.PRINTED_CUBIC)
    return below[:, 1], below[:, 3]


@figures(
    "po-deg19-train",
    Figure("median train loss, 1500 epochs", "1500 轮训练损失中位数", ".01079", median, error=4e-5),
    Figure(
        "P(train above degree 3 at 400 epochs)",
        "P(训练损失高于 400 轮的 3 阶)",
        ".811",
        share,
        out_of=EARLIER,
    ),
    Figure(
        "P(train above degree 3 at equal epochs)",
        "P(训练损失高于同轮数的 3 阶)",
        ".933",
        share,
        out_of=EARLIER,
    ),
)
def degree_19_train(stream: Stream) -> Sequence[Any]:
    high = _run(19, 1500)[0]
    return high, high > _run(3, 400)[0], high > _run(3, 1500)[0]


@figures(
    "po-deg19-test-high",
    Figure("median test loss of degree 19", "19 阶测试损失中位数", ".0142", median, error=2e-4),
    Figure(
        "P(test above degree 3's), 1500 against 400 epochs",
        "P(测试损失更高)，1500 对 400 轮",
        ".8785",
        share,
        out_of=EARLIER,
    ),
    Figure("the same at equal epochs", "同上，轮数相同", ".970", share, out_of=EARLIER),
    Figure("P(at least twice)", "P(至少两倍)", ".233", share, out_of=EARLIER),
    Figure("P(at least ten times)", "P(至少十倍)", ".041", share, out_of=EARLIER),
)
def degree_19_test(stream: Stream) -> Sequence[Any]:
    high, low = _run(19, 1500)[1], _run(3, 400)[1]
    return high, high > low, high > _run(3, 1500)[1], high > 2 * low, high > 10 * low


@figures(
    "po-highcoef-data",
    Figure(
        "corr(final, initial), coefficient 8",
        "最终与初始的相关，系数 8",
        ".929",
        correlation,
        error=0.004,
    ),
    Figure(
        "the same, coefficient 9",
        "同上，系数 9",
        ".984",
        correlation,
        error=0.001,
    ),
    Figure(
        "the same, coefficient 10",
        "同上，系数 10",
        ".998",
        correlation,
    ),
    Figure("largest move of w10 ... w19 (median)", "w10…w19 的最大移动（中位数）", ".0020", median),
)
def untrained_coefficients(stream: Stream) -> Sequence[Any]:
    w, start = _run(19, 1500)[2], _start(19)
    sound = np.isfinite(w).all(axis=1)
    pairs = [np.stack([w[sound, i], start[sound, i]], axis=1) for i in (8, 9, 10)]
    return *pairs, np.abs(w - start)[sound, 10:].max(axis=1)


@figures(
    "po-noise",
    Figure(
        "variance of degree 19 over the cubic's, by SGD (median over designs)",
        "19 阶与 3 阶方差之比，SGD（各设计中位数）",
        "1.12",
        median,
        error=0.05,
    ),
    Figure(
        "the same by least squares, in the sample",
        "同上，最小二乘，样本内",
        "5",
        jackknife(lambda v: float(v[:, 0].mean() / v[:, 1].mean())),
    ),
)
def noise_taken_in(stream: Stream) -> Sequence[Any]:
    variances = [
        protocol.variance_over_noise(
            noisy_cubic, polynomial_features, train_linear, degree, 100, stream
        )
        for degree in (19, 3)
    ]
    x, _ = noisy_cubic(2000, 100, stream.numpy())
    noise = stream.child("noise").numpy().standard_normal(x.shape)
    fits = [(fit_least_squares(x, noise, d).predict(x) ** 2).mean(axis=1) for d in (19, 3)]
    return variances[0] / variances[1], np.stack(fits, axis=1)


@figures(
    "po-fair",
    Figure(
        "P(test of degree 19 above degree 3), 400 against 400 epochs",
        "P(19 阶测试损失高于 3 阶)，400 对 400 轮",
        ".957",
        share,
        out_of=EARLIER,
    ),
    Figure("the same, 1500 against 400", "同上，1500 对 400", ".8785", share, out_of=EARLIER),
    Figure("the same, 1500 against 1500", "同上，1500 对 1500", ".970", share, out_of=EARLIER),
    Figure(
        "median train loss of degree 19 after 400 epochs",
        "19 阶 400 轮后训练损失中位数",
        ".0180",
        median,
        error=4e-4,
    ),
)
def fairness(stream: Stream) -> Sequence[Any]:
    early, late, low = _run(19, 400), _run(19, 1500)[1], _run(3, 400)[1]
    return early[1] > low, late > low, late > _run(3, 1500)[1], early[0]


@figures(
    "su-val-selects",
    Figure("P(degree 3 is chosen)", "P(选中 3 阶)", ".58", share, out_of=500),
    Figure("P(less than degree 3 is chosen)", "P(选中低于 3 阶)", "0.00", share, out_of=500),
    Figure("median risk over the best degree's", "风险与最优阶数之比的中位数", "1.02", median),
)
def chosen_degrees(stream: Stream) -> Sequence[Any]:
    x, y, train = degree_choice.candidates(noisy_cubic, fit_least_squares, 400, stream)
    halves = holdout(200, 100)
    chosen = degree_choice.selected(select_model, x, y, halves, train).chosen
    degrees = np.array(degree_choice.DEGREES)[chosen]
    risks = np.array([
        degree_choice.fresh_errors(
            train, x, y, halves[0][0], np.full_like(chosen, place), 2000, noisy_cubic, stream
        )
        for place in range(len(degree_choice.DEGREES))
    ])  # fmt: skip
    risk = np.take_along_axis(risks, chosen[None], axis=0)[0]
    return degrees == 3, degrees < 3, risk / risks.min(axis=0)
