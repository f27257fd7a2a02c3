"""Weight decay, why: more data, fewer features, or a norm that measures complexity.

E f(x)^2 = ||w||^2 for f(x) = w'x on white features; the penalty lambda/2 ||w||^2 has
sum s / (s + lambda) degrees of freedom, s the eigenvalues of X'X/n, and so any number in (0, p).
"""

import numpy as np
from hypothesis import strategies as st

from claims.weight_decay.experiments import linear_models
from harness.declaration.claim import Untestable, Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import always_true, more_often_than_not, variance_equals
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.metrics import gradient_steps as steps
from harness.text import Text

BOOK = 'd2l, "Norms and Weight Decay"'


wd_most_used = Untestable(
    "wd-most-used",
    Text(
        "Weight decay is one of the most widely used techniques of regularisation",
        "权重衰减是使用最广泛的正则化技术之一",
    ),
    source=f"{BOOK}: the most widely used technique",
    reason=Text(
        "How many people use it is a fact about people, which no training run shows.",
        "有多少人使用它是关于人的事实，任何训练都无法说明。",
    ),
    citation="Goodfellow, Bengio and Courville 2016, Deep Learning, section 7.1",
)


@claim(
    "wd-more-data-always",
    "Collecting more training data always mitigates overfitting: each time the risk falls",
    "收集更多的训练数据总能缓解过拟合：每次增加数据，风险都会下降",
    source=f'{BOOK}: "we can always mitigate overfitting by collecting more training data"',
    formula="50 weights: risk(48 samples) < risk(25),  risk(200) < risk(48)",
    condition=Text("the shortest least-squares fit, no penalty", "最短的最小二乘解，无惩罚"),
    always=({"n": 25, "more": 48}, {"n": 48, "more": 200}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-more-data-always.tuned",
    why=Text(
        "Near n = p a fit without a penalty passes through every noisy label, and its risk peaks: "
        "25 examples of 50 weights are better than 48 (sample-wise double descent).",
        "当 n 接近 p 时，无惩罚的拟合会穿过每个带噪标签，风险出现峰值："
        "50 个权重时，25 个样本反而优于 48 个（随样本数的双下降）。",
    ),
)
def more_data_always_mitigate_overfitting(minimum_norm, n, more, replicates, stream):
    X, y, truth = linear_models.gaussian_task(stream.numpy(), replicates, more, 50)
    few = linear_models.excess_risk(minimum_norm(X[:, :n], y[:, :n]), truth)
    many = linear_models.excess_risk(minimum_norm(X, y), truth)
    return arrays.exceeds(few, many)


@claim(
    "wd-more-data-always.tuned",
    "With a tuned L2 penalty twice the data lower the risk",
    "惩罚系数调好后，数据翻倍会降低风险",
    source="Nakkiran et al. 2021, Optimal Regularization Can Mitigate Double Descent",
    formula="λ = σ² p / (n ||w*||²): risk(2n) < risk(n)",
    condition=Text("the penalty is tuned to the noise and to n", "惩罚系数按噪声和 n 调整"),
    given={"n": counts(20, 120)},
    always=({"n": 25}, {"n": 50}),
    holds=more_often_than_not(),
)
def with_a_tuned_penalty_more_data_help(ridge_regression, n, replicates, stream):
    p, length = 50, 2.0
    X, y, truth = linear_models.gaussian_task(stream.numpy(), replicates, 2 * n, p, length=length)

    def risk(m):
        w, _ = ridge_regression(X[:, :m], y[:, :m], p / (m * length**2), intercept=False)
        return linear_models.excess_risk(w, truth)

    return arrays.exceeds(risk(n), risk(2 * n))


@claim(
    "wd-blunt",
    "Limiting the number of features is too blunt; weight decay adjusts complexity continuously",
    "限制特征数量过于生硬，而权重衰减可以连续地调节复杂度",
    source=f'{BOOK}: "simply discarding features can be too blunt an instrument"',
    formula="dof(λ) = Σ s/(s+λ) takes every value in (0, p); polynomials have C(k+d, d) terms",
    given={"variables": counts(2, 6), "share": st.floats(0.02, 0.98)},
    always=({"variables": 5, "share": 0.5},),
    holds=always_true(),
)
def weight_decay_is_continuous(ridge_regression, variables, share, stream):
    n, p = 40, 10
    X = stream.numpy().standard_normal((n, p))
    responses = np.eye(n)  # the fit is linear in y: its trace counts the degrees of freedom
    stacked = np.broadcast_to(X, (n, n, p))

    def measured(weight_decay):
        w, _ = ridge_regression(stacked, responses, weight_decay, intercept=False)
        return w, float(np.vecdot(X, w).sum())

    target = share * p
    weight_decay = linear_models.decay_with_degrees(X, target)
    w, found = measured(weight_decay)
    error = linear_models.solution_error(stacked, responses, weight_decay, w)
    error = error * linear_models.norm(X)
    path = [measured(value)[1] for value in (weight_decay / 2, weight_decay, weight_decay * 2)]
    terms = np.array([linear_models.monomials(variables, degree) for degree in range(1, 6)])
    grid = np.logspace(-4, 3, 29)
    curve = Curve(
        Text("Degrees of freedom over the penalty", "自由度随惩罚系数的变化"),
        grid,
        (Line(Text("ridge regression", "岭回归"), [[measured(value)[1] for value in grid]]),),
        x_label=Text("λ", "λ"),
        y_label=Text("degrees of freedom", "自由度"),
    )
    ratios = np.append(abs(found - target) / error.sum(), arrays.truth(np.diff(path) < 0))
    return Measured(np.append(ratios, arrays.truth(np.diff(terms) > 1)), curve)


@claim(
    "wd-norm-complexity",
    "||w|| measures how far a linear function is from f = 0",
    "||w|| 衡量线性函数与零函数 f = 0 的距离",
    source=f'{BOOK}: "measure the complexity of a function by its distance from zero"',
    formula="E f(x)² = ||w||² for E xx' = I",
    condition=Text(
        "the features have mean 0 and one scale, and are uncorrelated",
        "各特征均值为 0、尺度相同且互不相关",
    ),
    given={"d": counts(2, 64)},
    holds=variance_equals(ratio=1.05),
)
def the_norm_is_the_distance_from_zero(l2_penalty, d, replicates, stream, device):
    return _values_over_norm(l2_penalty, d, 1.0, replicates, stream, device)


@claim(
    "wd-norm-complexity.outside",
    "||w|| measures how far a function is from 0 whatever units its features are in",
    "无论特征采用什么单位，||w|| 都衡量函数与零的距离",
    source=f'{BOOK}: "measure the complexity of a function by its distance from zero"',
    formula="E f(x)² = w' Σ w, not ||w||²",
    condition=Text("features are measured in other units", "特征换用其他单位"),
    given={"d": counts(2, 64), "unit": st.sampled_from([0.01, 0.1, 0.5, 2.0, 10.0, 1000.0])},
    holds=variance_equals(ratio=1.05),
    expected=Verdict.REFUTED,
    twin="wd-norm-complexity",
    why=Text(
        "x → cx and w → w/c is the same function with another norm; only on white features is "
        "E f(x)² = ||w||².",
        "x → cx、w → w/c 得到同一个函数却有不同的范数；只有特征白化时才有 E f(x)² = ||w||²。",
    ),
)
def the_norm_is_the_distance_in_any_unit(l2_penalty, d, unit, replicates, stream, device):
    return _values_over_norm(l2_penalty, d, unit, replicates, stream, device)


def _values_over_norm(l2_penalty, d, unit, replicates, stream, device):
    """(sum of f(x)^2 / ||w||^2, replicates): every replicate has a w and an x of its own."""
    w = steps.normal(stream.child("w"), (replicates, d), "float64", device)
    x = unit * steps.normal(stream.child("x"), (replicates, d), "float64", device)
    squared = (x * w).sum(dim=1).square() / (2 * l2_penalty(w))
    return float(squared.sum()), replicates
