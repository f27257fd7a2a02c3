"""The training error: below the validation error, optimistic, a bad guide to the choice of a model.

Least squares on n examples of p Gaussian features with noise variance 1 has exact laws:
training error chi2_(n-p) / n, risk 1 + |w_hat - w|^2 with |w_hat - w|^2 ~ chi2_p / chi2_(n-p+1).
"""

import numpy as np
from hypothesis import strategies as st

from claims.model_selection.experiments import degree_choice, least_squares
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import (
    all_hold,
    always_true,
    more_often_than_not,
    probability_above,
    variance_equals,
)
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text

TRAINING = 'd2l, "Training Error and Generalization Error"'
SUMMARY = 'd2l, "Model Selection, Underfitting, and Overfitting", "Summary"'
TRAINS_BELOW = probability_above(
    0.75, 0.9, of=Text("a training error below the validation error", "训练误差小于验证误差")
)
SAME_INPUTS = Text(
    "least squares with p = n/4; the generalization error is that at the same x with new labels, "
    "the in-sample error",
    "p = n/4 的最小二乘；泛化误差取相同 x、新标签（样本内误差）",
)


@claim(
    "ms-train-lt-val",
    "The training error is below the validation error, in more than three runs of four",
    "训练误差小于验证误差（超过四分之三的试验如此）",
    source=f"{TRAINING}: implied",
    formula="P(train < val) ≈ Φ(p/√n)",
    condition=Text(
        "least squares on Gaussian features; parameters at least 1.5 times the square root of the "
        "examples: p ≥ 1.5 √n",
        "高斯特征的最小二乘；参数个数不少于样本数平方根的 1.5 倍：p ≥ 1.5 √n",
    ),
    inside=lambda load: load >= 1.5,
    given={"n": st.sampled_from([36, 64, 100, 400]), "load": st.sampled_from([1.5, 2.0, 2.5])},
    always=({"n": 40, "load": 1.582}, {"n": 1600, "load": 1.5}),
    holds=TRAINS_BELOW,
)
def the_training_error_is_below_validation(ordinary_least_squares, n, load, replicates, stream):
    return _train_below_valid(ordinary_least_squares, n, load, replicates, stream)


@claim(
    "ms-train-lt-val.outside",
    "The training error is below the validation error in more than three runs of four, however few "
    "the parameters",
    "无论参数多么少，四次中都有三次以上训练误差小于验证误差",
    source=f"{TRAINING}: implied",
    formula="P(train < val) ≈ Φ(p/√n)",
    condition=Text(
        "least squares on Gaussian features; parameters at most a tenth of the square root of the "
        "examples: p ≤ √n / 10",
        "高斯特征的最小二乘；参数个数不超过样本数平方根的十分之一：p ≤ √n / 10",
    ),
    inside=lambda load: load <= 0.1,
    given={"n": st.sampled_from([100, 400, 900, 1600]), "load": st.sampled_from([0.1])},
    holds=TRAINS_BELOW,
    expected=Verdict.REFUTED,
    twin="ms-train-lt-val",
    why=Text(
        "The gap of 2p/n drowns in the noise of the two errors, each sqrt(2/n): the order of one "
        "run is then nearly a coin flip, P = Φ(p/√n). What is certain is the order of the two on "
        "average over which half trains.",
        "两个误差各有 sqrt(2/n) 的噪声，2p/n 的差距淹没其中：单次运行的大小关系近乎抛硬币，P = "
        "Φ(p/√n)。确定成立的只是对交换两半取平均之后的大小关系。",
    ),
)
def the_training_error_is_below_in_any_model(ordinary_least_squares, n, load, replicates, stream):
    return _train_below_valid(ordinary_least_squares, n, load, replicates, stream)


@claim(
    "ms-train-lt-val.line",
    "The training error of the notes' straight line is below its validation error, in more than "
    "three runs of four",
    "笔记中直线拟合的训练误差小于验证误差（超过四分之三的试验如此）",
    source='Mu Li\'s notes, "Polynomial Regression": the degree-1 fit',
    formula="P(train < val) = 0.501",
    condition=Text(
        "least squares of degree 1 on the noisy cubic, 100 + 100 samples",
        "加噪三阶多项式的一阶最小二乘，100 + 100 个样本",
    ),
    holds=TRAINS_BELOW,
    expected=Verdict.REFUTED,
    twin="ms-train-lt-val",
    why=Text(
        "The line's error is a few wild points at large |x|; which sample has the wildest decides, "
        "and two parameters cannot.",
        "直线的误差主要来自 |x| 很大的少数点；大小关系取决于哪份样本的点更极端，两个参数左右不了。",
    ),
)
def the_line_fits_its_training_data_better(noisy_cubic, fit_least_squares, replicates, stream):
    x, y = noisy_cubic(replicates, 200, stream.numpy())
    fit = fit_least_squares(x[:, :100], y[:, :100], 1)
    squares = (fit.predict(x) - y) ** 2
    return arrays.exceeds(squares[:, 100:].mean(axis=1), squares[:, :100].mean(axis=1))


@claim(
    "ms-train-lt-val.exchange",
    "Averaged over which half trains and which validates, the training error of least squares is "
    "never above the validation error",
    "对“哪一半训练、哪一半验证”取平均，最小二乘的训练误差从不高于验证误差",
    source=f"{TRAINING}: why it holds on average: each fit is the best there is on its own half",
    formula="R_A(ŵ_A) + R_B(ŵ_B) ≤ R_A(ŵ_B) + R_B(ŵ_A)",
    given={"n": counts(12, 60), "p": counts(1, 10)},
    holds=always_true(),
)
def the_order_is_certain_on_average_over_halves(ordinary_least_squares, n, p, replicates, stream):
    data = stream.numpy()
    halves = [least_squares.gaussian_task(replicates, n, p, data) for _ in range(2)]
    fits = [ordinary_least_squares(X, y) for X, y in halves]
    fitted = zip(fits, halves, strict=True)
    own = sum(least_squares.mean_squared_error(w, *half) for w, half in fitted)
    other = sum(
        least_squares.mean_squared_error(w, *half)
        for w, half in zip(fits, halves[::-1], strict=True)
    )
    return own / other


def _train_below_valid(ordinary_least_squares, n, load, replicates, stream):
    X, y = least_squares.gaussian_task(replicates, 2 * n, round(load * n**0.5), stream.numpy())
    squares = least_squares.squared_errors(ordinary_least_squares(X[:, :n], y[:, :n]), X, y)
    return arrays.exceeds(squares[:, n:].mean(axis=1), squares[:, :n].mean(axis=1))


@claim(
    "ms-train-uninformative",
    "The generalization error cannot be estimated from the training error: estimates miss it by a "
    "quarter",
    "不能由训练误差估计泛化误差：估计值会偏离四分之一以上",
    source=f"{SUMMARY}: we cannot simply estimate the generalization error based on the training "
    "error",
    formula="|R_train (n + p)/(n - p) - R| > R/4",
    condition=SAME_INPUTS,
    given={"n": st.sampled_from([300, 400, 500])},
    holds=more_often_than_not("a miss by more than a quarter", "偏离四分之一以上"),
    expected=Verdict.REFUTED,
    twin="ms-train-uninformative.corrected",
    why=Text(
        "The raw training error is biased by a known amount: each parameter fits away σ²/n of the "
        "noise and adds as much, so that training error + 2σ²p/n is unbiased (Mallows' Cp, AIC, "
        "SURE). The word that is missing is 'simply': not without a correction for complexity.",
        "训练误差的偏差是已知的：每个参数拟合掉 σ²/n 的噪声，又增加同样多的误差，因此训练误差加 "
        "2σ²p/n 是无偏的（Mallows Cp、AIC、SURE）。准确的说法是：不作复杂度修正就不能估计。",
    ),
)
def no_estimate_comes_from_the_training_error(ordinary_least_squares, n, replicates, stream):
    train, exact = _training_and_exact(ordinary_least_squares, n, replicates, stream)
    p = n // 4
    return np.abs(train * (n + p) / (n - p) / exact - 1) > 0.25


@claim(
    "ms-train-uninformative.corrected",
    "The training error alone is more than a quarter too low, but corrected for complexity it "
    "comes within a quarter of the generalization error",
    "训练误差本身低了四分之一以上，但经复杂度修正后与泛化误差相差不到四分之一",
    source=f"{SUMMARY}: corrected",
    formula="R_train < (3/4) R;  R_train (n + p)/(n - p) = R ± R/4",
    condition=SAME_INPUTS,
    given={"n": st.sampled_from([300, 400, 500])},
    holds=all_hold(
        raw=more_often_than_not("a miss by the raw error", "未修正时偏离"),
        corrected=more_often_than_not("a hit when corrected", "修正后命中"),
    ),
)
def a_corrected_training_error_estimates(ordinary_least_squares, n, replicates, stream):
    train, exact = _training_and_exact(ordinary_least_squares, n, replicates, stream)
    p = n // 4
    return {
        "raw": train < 0.75 * exact,
        "corrected": np.abs(train * (n + p) / (n - p) / exact - 1) < 0.25,
    }


@claim(
    "ms-train-uninformative.optimism",
    "Each parameter takes σ²/n off the training error and adds as much to the generalization error",
    "每个参数使训练误差减少 σ²/n，又使泛化误差增加 σ²/n",
    source=f"{SUMMARY}: the mechanism",
    formula="n R_train ~ σ² χ²_(n-p),  n (R - σ²) ~ σ² χ²_p:  optimism 2σ²p/n",
    condition=Text(
        "least squares; the generalization error is that at the same x with new labels, the "
        "in-sample error",
        "最小二乘；泛化误差取相同 x、新标签（样本内误差）",
    ),
    given={"n": counts(20, 80), "p": counts(2, 12)},
    always=({"n": 40, "p": 10},),
    holds=all_hold(training=variance_equals(ratio=1.05), excess=variance_equals(ratio=1.05)),
)
def each_parameter_is_optimistic_by_its_share(ordinary_least_squares, n, p, replicates, stream):
    runs = -(-replicates // p)
    X, y = least_squares.gaussian_task(runs, n, p, stream.numpy())
    w = ordinary_least_squares(X, y)
    training = least_squares.squared_errors(w, X, y).sum()
    excess = (np.matvec(X, w) ** 2).sum()
    return {"training": (training, runs * (n - p)), "excess": (excess, runs * p)}


def _training_and_exact(ordinary_least_squares, n, replicates, stream):
    """The training error, and the expected error at the same x with new labels, each (R,)."""
    X, y = least_squares.gaussian_task(replicates, n, n // 4, stream.numpy())
    w = ordinary_least_squares(X, y)
    return least_squares.mean_squared_error(w, X, y), 1 + (np.matvec(X, w) ** 2).mean(axis=1)


@claim(
    "ms-min-train-bad",
    "The model with the least training error generalizes worse than the one with the least "
    "validation error",
    "训练误差最小的模型，泛化不如验证误差最小的模型",
    source=f"{SUMMARY}: minimizing the training error will not necessarily reduce the "
    "generalization error",
    formula="R(argmin train) > R(argmin val)",
    condition=Text(
        "least squares of degree 1 to 12 on the noisy cubic, 100 + 100 samples",
        "加噪三阶多项式的 1 至 12 阶最小二乘，100 + 100 个样本",
    ),
    holds=more_often_than_not("a larger error of the former", "前者泛化误差更大"),
)
def the_least_training_error_generalizes_worse(
    select_model, holdout, noisy_cubic, fit_least_squares, replicates, stream
):
    x, y, train = degree_choice.candidates(noisy_cubic, fit_least_squares, replicates, stream)
    halves = holdout(200, 100)
    same = [(halves[0][0], halves[0][0])]
    risks = []
    for folds in (same, halves):
        selection = degree_choice.selected(select_model, x, y, folds, train)
        risks.append(
            degree_choice.fresh_errors(
                train, x, y, halves[0][0], selection.chosen, 5000, noisy_cubic, stream
            )
        )
    return arrays.exceeds(risks[0], risks[1])
