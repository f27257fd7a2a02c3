"""The average over k folds: what it estimates, how well, and how its folds depend on each other.

The least-squares task of the catalogue: n = 40 examples of p = 10 Gaussian features, noise
variance 1. The risk of a fit is then 1 + |w_hat - w|^2, exactly.
"""

import numpy as np

from claims.model_selection.experiments import least_squares
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Histogram, Line, Measured
from harness.declaration.relations import (
    distribution_equals,
    mean_above,
    mean_equals,
    more_often_than_not,
    probability_above,
    rate_equals,
)
from harness.metrics import arrays
from harness.text import Text

SOURCE = 'd2l, "Model Selection", "K-Fold Cross-Validation"'
NOTES = 'Mu Li\'s notes, "K-fold cross-validation"'


@claim(
    "kf-average",
    "Averaging over the k folds reduces the error of the estimate",
    "对 k 折求平均能降低估计误差",
    source=f"{SOURCE}: errors are estimated by averaging over the results from the K experiments",
    formula="E(fold - risk)² > 1.5 E(CV_5 - risk)²",
    condition=Text(
        "n = 40, p = 10; over 64 samples a single fold's mean squared error is more than 1.5 times "
        "that of the average",
        "n = 40、p = 10，64 份样本上，单折的均方误差是各折平均的均方误差的 1.5 倍以上",
    ),
    holds=more_often_than_not("a single fold's larger error", "单折误差更大"),
)
def averaging_reduces_the_error(cross_validate, k_fold, ordinary_least_squares, replicates, stream):
    X, y, errors = _folds(cross_validate, k_fold, ordinary_least_squares, replicates, 64, stream)
    own = least_squares.risk(ordinary_least_squares(X, y))
    single, mean = (
        least_squares.groups((e - own) ** 2, replicates).mean(axis=1)
        for e in (errors[0], errors.mean(0))
    )
    law = Histogram(
        Text(
            "How many times larger a single fold's squared error is",
            "单折的平方误差是五折平均的多少倍",
        ),
        single / mean,
        marks={Text("equal", "相等"): 1.0},
        x_label=Text(
            "mean squared error of one fold / of the average", "单折均方误差 / 平均的均方误差"
        ),
    )
    return Measured(arrays.ratio_exceeds(single, mean, 1.5), law)


@claim(
    "kf-average.factor",
    "The average of five folds has a fifth of the variance of one",
    "五折平均的方差是单折的五分之一",
    source=f"an addition, not in the chapter: {NOTES} read as if folds were independent",
    formula="Var(fold) / Var(CV_5) = 5, tested as > 4",
    condition=Text("over 256 samples of n = 40, p = 10", "n = 40、p = 10，256 份样本上的方差"),
    holds=more_often_than_not("a variance more than four times smaller", "方差缩小到四分之一以下"),
    expected=Verdict.REFUTED,
    twin="kf-average",
    why=Text(
        "The folds' errors are correlated, because their training sets overlap and each fold's "
        "samples train the other models; the variance falls by a factor of 3.15, not 5.",
        "各折的训练集相互重叠，每折的样本又参与训练其他模型，折误差因而正相关；"
        "方差只缩小到约 1/3.15，而不是 1/5。",
    ),
)
def folds_divide_the_variance(cross_validate, k_fold, ordinary_least_squares, replicates, stream):
    _, _, errors = _folds(cross_validate, k_fold, ordinary_least_squares, replicates, 256, stream)
    single, mean = (
        least_squares.groups(e, replicates).var(axis=1, ddof=1) for e in (errors[0], errors.mean(0))
    )
    law = Histogram(
        Text("Variance of one fold over that of the average of five", "单折方差与五折平均方差之比"),
        single / mean,
        marks={Text("independent folds", "各折独立时"): 5.0},
        x_label=Text("variance ratio", "方差比"),
    )
    return Measured(arrays.ratio_exceeds(single, mean, 4.0), law)


@claim(
    "kf-average.bias",
    "The average estimates the risk of a model with n (1 - 1/k) samples: averaging leaves the bias",
    "平均值估计的是用 n(1 - 1/k) 个样本训练的模型的风险：求平均不改变偏差",
    source=f"{SOURCE}: training on K - 1 subsets",
    formula="|mean CV_k / r - 1| < 5 %,  r = 1 + p/(n (1 - 1/k) - p - 1);  r / r_n > 1.09",
    condition=Text(
        "n = 40, p = 10; 384 samples: 2.11 for 2 folds, 1.476 for 5, where all data have 1.345",
        "n = 40、p = 10，384 份样本的平均：2 折 2.11，5 折 1.476，而用全部数据为 1.345",
    ),
    always=({"k": 2}, {"k": 5}),
    # One average has the deviation .86 for 2 folds and .44 for 5: over 384 samples 2.1 % and 1.5 %
    # of r, so that 5 % is left in 2 % of the replicates, and the bias of 5 folds, 9.8 %, shows.
    holds=more_often_than_not(
        "an average as far off as n (1 - 1/k) samples are", "平均值的偏差与 n(1 - 1/k) 个样本的相同"
    ),
)
def the_average_keeps_the_bias(
    cross_validate, k_fold, ordinary_least_squares, k, replicates, stream
):
    _, _, errors = _folds(
        cross_validate, k_fold, ordinary_least_squares, replicates, 384, stream, k
    )
    means = least_squares.groups(errors.mean(axis=0), replicates).mean(axis=1)
    smaller = least_squares.expected_risk(40 - 40 // k, 10)
    law = Histogram(
        Text(f"Mean of the {k}-fold average over 384 samples", f"384 份样本上 {k} 折平均的均值"),
        means,
        marks={
            Text("risk with n (1 - 1/k) samples", "n(1 - 1/k) 个样本时的风险"): smaller,
            Text("risk with all", "全部样本时的风险"): least_squares.expected_risk(40, 10),
        },
        x_label=Text("mean squared error", "均方误差"),
    )
    return Measured(np.abs(means / smaller - 1) < 0.05, law)


@claim(
    "kf-average.law",
    "Each fold tries a model of n (1 - 1/k) samples: its risk has the law of such a model",
    "每一折检验的都是用 n(1 - 1/k) 个样本训练的模型：其风险服从这种模型的分布",
    source=f"{SOURCE}: training on K - 1 subsets",
    formula="|ŵ - w|² ~ χ²_p / χ²_(n(1-1/k)-p+1)",
    condition=Text(
        "n = 40, p = 10: bias 0.766 for 2 folds, 0.131 for 5",
        "n = 40、p = 10：2 折偏差 0.766，5 折偏差 0.131",
    ),
    always=({"k": 2}, {"k": 5}),
    holds=distribution_equals(
        Text("the risk's on n (1 - 1/k) samples", "用 n(1 - 1/k) 个样本时风险的分布"), within=0.05
    ),
)
def a_fold_tries_a_model_of_a_smaller_sample(
    cross_validate, k_fold, ordinary_least_squares, k, replicates, stream
):
    data, folds = stream.child("data").numpy(), k_fold(40, k, stream.child("folds").numpy())
    X, y = least_squares.gaussian_task(replicates, 40, 10, data)

    def place(model, X, y):
        return least_squares.place_in_the_risk_law(model, 40 - 40 // k)

    places = cross_validate(X, y, folds, *least_squares.learner(ordinary_least_squares, X), place)
    # One fold of each sample, since the folds of a sample depend on each other.
    return places[data.integers(0, k, replicates), np.arange(replicates)]


@claim(
    "kf-average.more-folds",
    "From 2 to 5 to 10 folds the estimate comes nearer to the risk of the model of all data",
    "从 2 折到 5 折再到 10 折，估计越来越接近用全部数据训练的模型的风险",
    source=f"{NOTES}: the larger k, the better the estimate and the higher the cost",
    formula="E(CV_2 - risk)² > E(CV_5 - risk)² > E(CV_10 - risk)²",
    condition=Text(
        "over 256 samples of n = 40, p = 10: mean squared errors 1.36, 0.264, 0.199",
        "n = 40、p = 10，256 份样本上的均方误差：1.36、0.264、0.199",
    ),
    holds=more_often_than_not("the whole path falling", "逐级下降"),
)
def more_folds_come_nearer(cross_validate, k_fold, ordinary_least_squares, replicates, stream):
    X, y = least_squares.gaussian_task(256 * replicates, 40, 10, stream.child("data").numpy())
    own = least_squares.risk(ordinary_least_squares(X, y))
    misses = []
    for k in (2, 5, 10):
        folds = k_fold(40, k, stream.child("folds", k).numpy())
        errors = cross_validate(
            X, y, folds, *least_squares.learner(ordinary_least_squares, X),
            least_squares.mean_squared_error,
        )  # fmt: skip
        misses.append(least_squares.groups(errors.mean(axis=0) - own, replicates))
    squares = [(miss**2).mean(axis=1) for miss in misses]
    law = Histogram(
        Text(
            "Mean squared error of the 10-fold estimate over 256 samples",
            "256 份样本上十折估计的均方误差",
        ),
        squares[2],
        marks={
            Text("10 folds", "10 折"): 0.199,
            Text("5 folds", "5 折"): 0.264,
            Text("2 folds", "2 折"): 1.362,
        },
        x_label=Text("mean squared error", "均方误差"),
    )
    parts = Curve(
        Text(
            "Error of the k-fold estimate, in its bias and its variance",
            "k 折估计的误差：偏差与方差",
        ),
        np.array([2.0, 5.0, 10.0]),
        (
            Line(
                Text("squared bias", "偏差的平方"),
                _columns(miss.mean(axis=1) ** 2 for miss in misses),
            ),
            Line(Text("variance", "方差"), _columns(miss.var(axis=1) for miss in misses)),
            Line(Text("mean squared error", "均方误差"), _columns(squares)),
        ),
        x_label=Text("folds k", "折数 k"),
        y_label=Text("(CV_k - risk)², 256 samples", "(CV_k - 风险)²，256 份样本"),
        log_y=True,
    )
    falling = arrays.exceeds(squares[0], squares[1]) & arrays.exceeds(squares[1], squares[2])
    return Measured(falling, parts, law)


@claim(
    "kf-independent",
    "The folds are trained afresh, and so their errors are independent of each other",
    "每折都重新训练，因此各折的误差相互独立",
    source=f"{NOTES}: every fold is trained afresh, the folds do not influence each other",
    formula="P(folds i and j rank two data sets alike) = 1/2",
    condition=Text("n = 40, p = 10", "n = 40、p = 10"),
    always=({"k": 2}, {"k": 5}),
    holds=mean_equals(0.5, within=0.02, low=0.0, high=1.0),
    expected=Verdict.REFUTED,
    twin="kf-independent.corrected",
    why=Text(
        "The optimisation starts afresh, but two training sets share (k - 2)/(k - 1) of their "
        "samples, and the samples that validate one model train the other: the errors correlate, "
        "0.255 for 2 folds and 0.137 for 5. No unbiased estimate of the variance of the average "
        "exists (Bengio & Grandvalet 2004).",
        "优化虽然从头开始，但两个训练集共享 (k-2)/(k-1) 的样本，而且验证这一模型的样本又训练另一"
        "模型：各折误差相关，相关系数在 2 折时为 0.255，5 折时为 0.137；"
        "平均值的方差没有无偏估计（Bengio 与 Grandvalet，2004）。",
    ),
)
def folds_err_independently(cross_validate, k_fold, ordinary_least_squares, k, replicates, stream):
    _, _, errors = _folds(cross_validate, k_fold, ordinary_least_squares, replicates, 2, stream, k)
    return least_squares.concordance(errors)


@claim(
    "kf-independent.corrected",
    "The errors of the folds of one data set are positively dependent",
    "同一数据集各折的误差正相关",
    source=f"{NOTES}: corrected",
    formula="P(folds i and j rank two data sets alike) > 1/2",
    condition=Text("n = 40, p = 10", "n = 40、p = 10"),
    always=({"k": 2}, {"k": 5}),
    holds=mean_above(0.5, 0.52, low=0.0, high=1.0),
)
def fold_errors_go_together(cross_validate, k_fold, ordinary_least_squares, k, replicates, stream):
    _, _, errors = _folds(cross_validate, k_fold, ordinary_least_squares, replicates, 2, stream, k)
    return least_squares.concordance(errors)


@claim(
    "kf-independent.error-bar",
    "The variance of the average is more than 1.3 times the s²/k that the spread of the folds "
    "suggests",
    "平均值的方差是由各折离散程度推出的 s²/k 的 1.3 倍以上",
    source=f"{NOTES}: what follows for error bars over folds",
    formula="Var(CV_5) > 1.3 E[s²]/5  (measured: 1.79)",
    condition=Text("over 256 samples of n = 40, p = 10", "n = 40、p = 10，256 份样本上的方差"),
    holds=more_often_than_not("a variance that much larger", "方差大到这个程度"),
)
def the_spread_of_the_folds_understates_the_variance(
    cross_validate, k_fold, ordinary_least_squares, replicates, stream
):
    _, _, errors = _folds(cross_validate, k_fold, ordinary_least_squares, replicates, 256, stream)
    variance = least_squares.groups(errors.mean(axis=0), replicates).var(axis=1, ddof=1)
    naive = least_squares.groups(errors.var(axis=0, ddof=1) / 5, replicates).mean(axis=1)
    law = Histogram(
        Text(
            "Variance of the average over its naive estimate s²/k",
            "平均值的方差与朴素估计 s²/k 之比",
        ),
        variance / naive,
        marks={Text("independent folds", "各折独立时"): 1.0},
        x_label=Text("variance ratio", "方差比"),
    )
    return Measured(arrays.ratio_exceeds(variance, naive, 1.3), law)


@claim(
    "kf-this-model",
    "The cross-validation error tells how good this fitted model is",
    "交叉验证误差说明当前这个模型有多好",
    source=f"{SOURCE}: the average read as the error of the model at hand",
    formula="P(CV_5 ranks two fitted models as their risks do) > 0.55",
    condition=Text(
        "n = 40, p = 10; the models are fitted on all 40 samples",
        "n = 40、p = 10；模型用全部 40 个样本拟合",
    ),
    holds=probability_above(
        0.55, 0.6, of=Text("the better model having the lower average", "更好的模型平均值更低")
    ),
    expected=Verdict.REFUTED,
    twin="kf-this-model.corrected",
    why=Text(
        "Cross-validation estimates the expected error of the procedure on such data. Whether a "
        "data set is a lucky one for its own model shows in the risk, not in the average: one "
        "ranks with the other as with a coin (examined beside it).",
        "交叉验证估计的是该训练过程在此类数据上的期望误差；"
        "某份数据是否恰好让自己的模型更好，只体现在风险中，平均值看不出来："
        "二者的排序与抛硬币无异（见旁边的检验）。",
    ),
)
def the_average_rates_this_fit(cross_validate, k_fold, ordinary_least_squares, replicates, stream):
    return _ranked_alike(cross_validate, k_fold, ordinary_least_squares, replicates, stream)


@claim(
    "kf-this-model.corrected",
    "The cross-validation error ranks two models fitted to data of one law no better than a coin",
    "对同分布数据上的两个模型，交叉验证误差的排序与抛硬币无异",
    source=f"{SOURCE}: corrected: it estimates the expected error of the procedure",
    formula="P(CV_5 ranks two fitted models as their risks do) = 1/2",
    # A rank of .55 is a correlation of sin(.05 π) = .156 (Kendall's tau of a Gaussian pair is
    # (2/π) arcsin of it): below that the average tells a reader nothing of use about his own fit.
    condition=Text("n = 40, p = 10; within 0.05", "n = 40、p = 10；误差 0.05 以内"),
    holds=rate_equals(0.5, within=0.05, inside=0.2),
)
def the_average_does_not_rank_models_of_one_procedure(
    cross_validate, k_fold, ordinary_least_squares, replicates, stream
):
    return _ranked_alike(cross_validate, k_fold, ordinary_least_squares, replicates, stream)


def _columns(values):
    """One column for each number of folds: (replicates, 3)."""
    return np.stack(list(values), axis=1)


def _folds(cross_validate, k_fold, ordinary_least_squares, replicates, size, stream, k=5):
    """X, y of `size` samples for each replicate, and their fold errors (k, replicates * size)."""
    X, y = least_squares.gaussian_task(replicates * size, 40, 10, stream.child("data").numpy())
    folds = k_fold(40, k, stream.child("folds").numpy())
    learner = least_squares.learner(ordinary_least_squares, X)
    return X, y, cross_validate(X, y, folds, *learner, least_squares.mean_squared_error)


def _ranked_alike(cross_validate, k_fold, ordinary_least_squares, replicates, stream):
    """Whether the average ranks the models of two samples as their risks do, pair by pair."""
    X, y, errors = _folds(cross_validate, k_fold, ordinary_least_squares, replicates, 2, stream)
    own = least_squares.risk(ordinary_least_squares(X, y))
    average = errors.mean(axis=0)
    apart = np.where(average[0::2] < average[1::2], 1, -1) * (own[0::2] - own[1::2])
    law = Histogram(
        Text(
            "By how much the model with the lower average errs more than the other",
            "平均值较低的模型比另一个多出的风险",
        ),
        apart,
        marks={Text("equal risks", "风险相等"): 0.0},
        x_label=Text("difference of risks (mean squared error)", "风险之差（均方误差）"),
    )
    return Measured(least_squares.concordance(np.stack([average, own])), law)
