"""Part A: training, validation and test errors, k-fold cross-validation.

Least squares on n examples of p Gaussian features with noise variance 1, n = 40 and p = 10 unless
said otherwise; the risk of a fit is 1 + |w_hat - w|^2, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.data.coins import irrelevant_features
from harness.data.synthetic import noisy_cubic
from harness.figures.figure import (
    Figure,
    correlation,
    deviation,
    figures,
    jackknife,
    mean,
    root_mean_square,
    share,
    variance_ratio,
)
from harness.primitives.folds import holdout, k_fold
from harness.rulers import selection as rulers
from harness.training.least_squares import (
    fit_least_squares,
    ordinary_least_squares,
    ridge_regression,
)
from harness.training.neighbours import nearest_neighbour
from harness.training.selection import cross_validate, select_model
from harness.trial.streams import Stream

Array = npt.NDArray[np.float64]
RUNS = 4000
PENALTIES = np.geomspace(0.01, 10, 12)


@figures(
    "ms-spurious",
    Figure("P(shared by all 5), 1 feature", "5 人共有，1 个特征", ".0625", share),
    Figure("P(shared by all 5), 10 features", "5 人共有，10 个特征", ".476", share),
    Figure("P(shared by all 5), 100 features", "5 人共有，100 个特征", ".998", share),
)
def spurious(stream: Stream) -> Sequence[Any]:
    shared = []
    for m in (1, 10, 100):
        bits = irrelevant_features(20_000, 5, m, stream.child(m).numpy())
        ones = bits.sum(axis=1)
        shared.append(np.asarray((ones == 0) | (ones == 5)).any(axis=1))
    return shared


@figures(
    "ms-memoriser",
    Figure("accuracy on the training set, 1-NN", "训练准确率，最近邻", "1.000", mean),
    Figure("accuracy on new random labels, 1-NN", "新随机标签准确率，最近邻", ".097", mean),
)
def memoriser(stream: Stream) -> Sequence[Any]:
    rng = stream.numpy()
    X, y = rng.standard_normal((100, 1000, 64)), rng.integers(0, 10, (100, 1000))
    answers = nearest_neighbour(X[:, :500], y[:, :500], X)
    right = answers == y
    return right[:, :500].mean(axis=1), right[:, 500:].mean(axis=1)


@figures(
    "ms-train-lt-val",
    Figure(
        "P(train < val), n = 40, p = 10", "P(训练<验证)，n=40，p=10", ".943", share, out_of=2000
    ),
    Figure("the same, n = 200, p = 10", "同上，n=200，p=10", ".762", share, out_of=2000),
    Figure("the same, n = 40, p = 1", "同上，n=40，p=1", ".554", share, out_of=2000),
    Figure(
        "the same, the notes' straight line (least squares)",
        "同上，笔记中的直线（最小二乘）",
        ".501",
        share,
        out_of=2000,
    ),
)
def train_below_validation(stream: Stream) -> Sequence[Any]:
    found = []
    for n, p in ((40, 10), (200, 10), (40, 1)):
        X, y = rulers.gaussian_task(2 * RUNS, 2 * n, p, stream.child(n, p).numpy())
        squares = rulers.squared_errors(ordinary_least_squares(X[:, :n], y[:, :n]), X, y)
        found.append(squares[:, :n].mean(axis=1) < squares[:, n:].mean(axis=1))
    x, y = noisy_cubic(2 * RUNS, 200, stream.child("line").numpy())
    squares = (fit_least_squares(x[:, :100], y[:, :100], 1).predict(x) - y) ** 2
    return *found, squares[:, :100].mean(axis=1) < squares[:, 100:].mean(axis=1)


@figures(
    "ms-train-uninformative",
    Figure(
        "optimism: error on new labels at the same x, less the training error",
        "乐观偏差：同样 x、新标签的误差减训练误差",
        ".5022",
        mean,
        error=0.0039,
    ),
)
def optimism(stream: Stream) -> Sequence[Any]:
    X, y = rulers.gaussian_task(5 * RUNS, 40, 10, stream.numpy())
    w = ordinary_least_squares(X, y)
    return (1 + (np.matvec(X, w) ** 2).mean(axis=1) - rulers.mean_squared_error(w, X, y),)


@figures(
    "ms-holdout-unbiased",
    Figure("bias of the held-out half", "留出一半的偏差", ".774", mean, error=1.09 / 63),
)
def holdout_bias(stream: Stream) -> Sequence[Any]:
    return (_holdout(stream, 10, 20, 5 * RUNS),)


@figures(
    "ms-small-val-noisier",
    Figure(
        "sd of the held-out half, p = 1", "留出一半的标准差，p=1", ".350", deviation, error=0.004
    ),
    Figure("sd of a held-out fifth, p = 1", "留出五分之一，p=1", ".515", deviation, error=0.006),
    Figure("sd of the held-out half, p = 10", "留出一半，p=10", "1.085", deviation, error=0.03),
    Figure("sd of a held-out fifth, p = 10", "留出五分之一，p=10", ".805", deviation, error=0.01),
    Figure(
        "RMSE of the half, p = 10", "一半的均方根误差，p=10", "1.34", root_mean_square, error=0.03
    ),
    Figure(
        "RMSE of the fifth, p = 10",
        "五分之一的均方根误差，p=10",
        ".84",
        root_mean_square,
        error=0.01,
    ),
)
def validation_size(stream: Stream) -> Sequence[Any]:
    one = [_holdout(stream.child(1), 1, m, RUNS) for m in (20, 8)]
    ten = [_holdout(stream.child(10), 10, m, RUNS) for m in (20, 8)]
    return *one, *ten, *ten


def _holdout(stream: Stream, p: int, m: int, runs: int) -> Array:
    """The held-out error less the risk of the model of all 40 examples, (runs,)."""
    X, y = rulers.gaussian_task(runs, 40, p, stream.numpy())
    w = ordinary_least_squares(X[:, m:], y[:, m:])
    held_out = rulers.mean_squared_error(w, X[:, :m], y[:, :m])
    return held_out - rulers.risk(ordinary_least_squares(X, y))


def _folds(stream: Stream, k: int) -> tuple[Array, Array]:
    """The fold errors (RUNS, k) and the own risks (RUNS,)."""
    X, y = rulers.gaussian_task(RUNS, 40, 10, stream.child("data").numpy())
    create, train = rulers.learner(ordinary_least_squares, X)
    errors = cross_validate(X, y, k_fold(40, k), create, train, rulers.mean_squared_error)
    return errors.T, rulers.risk(ordinary_least_squares(X, y))


@figures(
    "kf-average",
    Figure(
        "Var(one fold) / Var(CV of 5)", "单折方差/五折平均方差", "3.15", variance_ratio, error=0.2
    ),
    Figure("MSE of one fold", "单折均方误差", ".709", mean, error=0.03),
    Figure("MSE of 5 folds", "五折均方误差", ".264", mean, error=0.012),
    Figure("bias of 5 folds", "五折的偏差", ".135", mean, error=0.454 / 63),
    Figure("bias of 10 folds", "十折的偏差", ".058", mean, error=0.396 / 63),
    Figure("bias of leave-one-out", "留一法的偏差", ".019", mean, error=0.366 / 63),
    Figure("sd of 5 folds", "五折的标准差", ".454", deviation, error=0.008),
    Figure("sd of 10 folds", "十折的标准差", ".396", deviation, error=0.007),
    Figure("sd of leave-one-out", "留一法的标准差", ".366", deviation, error=0.006),
)
def fold_averages(stream: Stream) -> Sequence[Any]:
    """The estimates' own spread, and their errors as estimates of each model's own risk."""
    off, estimates = [], []
    for k in (5, 10, 40):
        folds, own = _folds(stream.child(k), k)
        estimates.append(folds.mean(axis=1))
        off.append(estimates[-1] - own)
        if k == 5:
            single, both = folds[:, 0] - own, np.stack([folds[:, 0], estimates[0]], axis=1)
    return both, single**2, off[0] ** 2, *off, *estimates


@figures(
    "kf-independent",
    Figure("correlation of 5 folds' errors", "五折误差的相关", ".137", correlation, error=0.008),
    Figure("correlation of 2 folds' errors", "两折误差的相关", ".255", correlation, error=0.017),
    Figure("correlation of 10 folds' errors", "十折误差的相关", ".052", correlation, error=0.004),
    Figure(
        "Var(CV of 5) over its naive estimate s²/5",
        "五折平均的方差/朴素估计 s²/5",
        "1.79",
        jackknife(lambda f: float(5 * f.mean(axis=1).var(ddof=1) / f.var(axis=1, ddof=1).mean())),
        error=0.08,
    ),
)
def fold_correlations(stream: Stream) -> Sequence[Any]:
    five, two, ten = (_folds(stream.child(k), k)[0] for k in (5, 2, 10))
    return five, two, ten, five


@figures(
    "kf-this-model",
    Figure(
        "corr(CV of 5, own risk)", "五折误差与本模型风险的相关", "-.019", correlation, error=0.016
    ),
)
def own_risk(stream: Stream) -> Sequence[Any]:
    folds, own = _folds(stream, 5)
    return (np.stack([folds.mean(axis=1), own], axis=1),)


@figures(
    "kf-selects",
    Figure("regret, chosen by 5 folds", "五折所选的遗憾", ".151", mean),
    Figure("regret, chosen by a half", "对半划分所选的遗憾", ".187", mean),
    Figure("P(the half is worse)", "P(对半更差)", ".40", share, out_of=1500),
    Figure("P(the half is better)", "P(对半更好)", ".24", share, out_of=1500),
)
def selection_regret(stream: Stream) -> Sequence[Any]:
    _, risks, chosen = _chosen_penalties(stream)
    least = risks.min(axis=0)
    five, half = (np.take_along_axis(risks, c[None], axis=0)[0] - least for c in chosen)
    return five, half, half > five, half < five


@figures(
    "ts-once",
    Figure("optimism of the best of 10, n = 100", "10 选 1 的乐观偏差，n=100", ".077", mean),
    Figure("the same, best of 100", "同上，100 选 1", ".125", mean),
    Figure("the same, best of 1000", "同上，1000 选 1", ".161", mean),
    Figure("best of 10, n = 1000", "10 选 1，n=1000", ".024", mean),
    Figure("best of 100, n = 1000", "100 选 1，n=1000", ".040", mean),
    Figure("best of 1000, n = 1000", "1000 选 1，n=1000", ".051", mean),
)
def best_of_many(stream: Stream) -> Sequence[Any]:
    rng = stream.numpy()
    return [
        rng.binomial(n, 0.5, (RUNS, m)).max(axis=1) / n - 0.5
        for n in (100, 1000)
        for m in (10, 100, 1000)
    ]


@figures(
    "ts-val-casual",
    Figure(
        "risk less the least CV score, 12 penalties",
        "风险减最小交叉验证误差",
        ".164",
        mean,
        error=0.018,
    ),
    Figure("CV less risk at a fixed penalty", "固定惩罚时交叉验证误差减风险", ".089", mean),
)
def over_used_validation(stream: Stream) -> Sequence[Any]:
    scores, risks, (five, _) = _chosen_penalties(stream)
    risk = np.take_along_axis(risks, five[None], axis=0)[0]
    middle = len(PENALTIES) // 2
    return risk - scores.min(axis=0), scores[middle] - risks[middle]


def _chosen_penalties(stream: Stream) -> tuple[Array, Array, list[Any]]:
    """CV scores and risks (12, runs) of ridge, and the choices of 5 folds and of a half."""
    runs = 1500
    rng = stream.numpy()
    w = rng.standard_normal((runs, 10)) / np.sqrt(10)
    X, y = rulers.gaussian_task(runs, 40, 10, rng, w)

    def train(model: Any, X: Any, y: Any, penalty: float) -> Any:
        return ridge_regression(X, y, penalty, intercept=False)[0]

    risks = np.array([rulers.risk(train(None, X, y, penalty), w) for penalty in PENALTIES])
    selections = [
        select_model(list(PENALTIES), X, y, folds, lambda: None, train, rulers.mean_squared_error)
        for folds in (k_fold(40, 5), holdout(40, 20))
    ]
    return selections[0].scores, risks, [selection.chosen for selection in selections]
