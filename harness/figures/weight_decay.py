"""Part D: what an L2 or L1 penalty does to least squares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.figures.figure import Figure, exact, figures, mean, median, share
from harness.rulers import weight_decay as rulers
from harness.training.lasso import lasso
from harness.training.least_squares import (
    minimum_norm,
    ordinary_least_squares,
    ridge_regression,
)
from harness.trial.streams import Stream

Array = npt.NDArray[np.float64]


@figures(
    "wd-more-data-always",
    Figure(
        "mean risk of min-norm least squares, n = 25, d = 50, σ = .5",
        "最小范数最小二乘的平均风险，n=25，d=50，σ=.5",
        "1.007",
        mean,
        error=0.01,
    ),
    Figure("the same, n = 48", "同上，n=48", "13.0", mean, error=2.0),
    Figure("its median at n = 50", "n=50 时的中位数", "24.8", median, error=2.0),
    Figure("mean risk, n = 200", "平均风险，n=200", ".335", mean, error=0.001),
)
def risk_by_samples(stream: Stream) -> Sequence[Any]:
    risks = []
    for n in (25, 48, 50, 200):
        X, y, truth = rulers.gaussian_task(stream.child(n).numpy(), 1000, n, 50, noise=0.5)
        risks.append(0.25 + rulers.excess_risk(minimum_norm(X, y), truth))
    return risks


@figures(
    "wd-blunt",
    *(
        Figure(
            f"monomials of 5 variables to degree {degree}",
            f"5 个变量、次数不超过 {degree} 的单项式",
            printed,
            exact,
        )
        for degree, printed in ((1, "6"), (2, "21"), (3, "56"), (4, "126"), (5, "252"))
    ),
)
def monomials(stream: Stream) -> Sequence[Any]:
    return [[rulers.monomials(5, degree)] for degree in range(1, 6)]


@figures(
    "wd-to-zero",
    Figure("zeros of 5000 ridge weights", "岭回归 5000 个权重中的零", "0", exact),
    Figure("share of zeros of the lasso", "lasso 的零权重比例", ".931", mean),
)
def zeros(stream: Stream) -> Sequence[Any]:
    X, y = rulers.sparse_task(stream.numpy(), 100)
    ridge = ridge_regression(X, y, 0.1, intercept=False)[0]
    sparse = lasso(X, y, 0.5)
    return [(ridge == 0).sum()], (sparse == 0).mean(axis=1)


@figures(
    "wd-optimum-pulled",
    Figure(
        "P(the penalised optimum has the higher training loss)",
        "P(带惩罚的最优点训练损失更高)",
        "1.000",
        share,
        out_of=2000,
    ),
)
def pulled(stream: Stream) -> Sequence[Any]:
    X, y, _ = rulers.gaussian_task(stream.numpy(), 2000, 40, 10)
    plain = ordinary_least_squares(X, y)
    ridge = ridge_regression(X, y, 0.1, intercept=False)[0]
    return (rulers.half_mse(X, y, ridge) > rulers.half_mse(X, y, plain),)


@figures(
    "wd-spread",
    Figure(
        "|w1 - w2| of two equal columns, ridge (≤ 2.4e-15)",
        "两个相同列的 |w1-w2|，岭（≤2.4e-15）",
        "",
        exact,
    ),
    Figure("largest |w| of ridge", "岭的最大 |w|", ".327", mean),
    Figure("largest |w| of the lasso", "lasso 的最大 |w|", ".506", mean),
    Figure("largest |w| of least squares", "最小二乘的最大 |w|", ".549", mean),
)
def spread(stream: Stream) -> Sequence[Any]:
    X, y, _ = rulers.gaussian_task(stream.numpy(), 300, 60, 10, correlation=0.9)
    twin = np.concatenate([X[..., :1], X], axis=2)
    w = ridge_regression(twin, y, 0.1, intercept=False)[0]
    largest = [
        np.abs(found).max(axis=1)
        for found in (
            ridge_regression(X, y, 0.1, intercept=False)[0],
            lasso(X, y, 0.02),
            ordinary_least_squares(X, y),
        )
    ]
    return [np.abs(w[:, 0] - w[:, 1]).max()], *largest


@figures(
    "wd-bias",
    Figure(
        "shift of the bias when the labels shift by 100, the bias penalised with λ = .5",
        "标签平移 100、偏置受惩罚 λ=.5 时偏置的平移",
        "65.9",
        mean,
    ),
    Figure("how far a slope moves, at most", "斜率的最大移动", "4.2", mean),
)
def penalised_bias(stream: Stream) -> Sequence[Any]:
    X, y, _ = rulers.gaussian_task(stream.numpy(), 1000, 40, 2)
    ones = np.concatenate([np.ones((*X.shape[:2], 1)), X], axis=2)
    plain, shifted = (
        ridge_regression(ones, labels, 0.5, intercept=False)[0] for labels in (y, y + 100)
    )
    moved = np.abs(shifted - plain)
    return moved[:, 0], moved[:, 1:].max(axis=1)
