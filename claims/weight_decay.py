"""Weight decay, the theory: what the penalty lambda/2 ||w||^2 does to a loss and to its optimum.

In the book's symbols: L(w, b) + lambda/2 ||w||^2, and the step
w <- (1 - eta lambda) w - eta/|B| sum x (w'x + b - y). L is the mean of (w'x + b - y)^2 / 2, so
lambda here is n times smaller than in the statistician's ||y - Xw||^2 + lambda ||w||^2.
The 200-dimensional experiment is in weight_decay_experiment.py.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from harness import metrics
from harness.rulers import gradient_steps as steps
from harness.rulers import weight_decay as rulers
from harness.strategies import counts, dtypes, layouts, learning_rates, penalties, shapes
from harness.trial.claim import Section, Verdict, claim
from harness.trial.exhibits import Curve, Histogram, Line, Measured
from harness.trial.relations import (
    all_hold,
    always_true,
    exactly_equal,
    more_often_than_not,
    probability_above,
    variance_equals,
)

SECTION = Section("weight-decay", "Norms and Weight Decay", "范数与权重衰减", 40)
BOOK = 'd2l, "Norms and Weight Decay"'
NOTES = 'Mu Li\'s notes, "Weight decay"'
MUTANTS = "tests.mutants.weight_decay:"
CHAPTER = {"lr": 0.003, "epochs": 100, "batch_size": 5}  # on 20 examples in 200 dimensions
CHAPTER_STEP = {
    "batch": 5,
    "d": 200,
    "lr": 0.003,
    "weight_decay": 3.0,
    "dtype": "float64",
    "decoupled": False,
}
LAMBDAS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


@claim(
    "wd-more-data-always",
    "Collecting more training data can always mitigate overfitting",
    zh="收集更多的训练数据总是可以缓解过拟合",
    section=SECTION,
    source=f'{BOOK}: "we can always mitigate overfitting by collecting more training data"',
    formula="n < m: risk(m) < risk(n)",
    always=({"n": 25, "more": 48}, {"n": 48, "more": 200}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-more-data-always.tuned",
    why="Near n = p a fit without a penalty passes through every noisy label, and its risk peaks: "
    "25 examples of 50 weights are better than 48 (sample-wise double descent).",
    why_zh="当 n 接近 p 时，无惩罚的拟合会穿过每个带噪标签，风险出现峰值："
    "50 个权重时，25 个样本反而优于 48 个（样本维度的双下降）。",
    block=8,
    cost=0.02,
    devices="cpu",
)
def more_data_always_mitigate_overfitting(minimum_norm, n, more, replicates, stream):
    X, y, truth = rulers.gaussian_task(stream.numpy(), replicates, more, 50)
    few = rulers.excess_risk(minimum_norm(X[:, :n], y[:, :n]), truth)
    many = rulers.excess_risk(minimum_norm(X, y), truth)
    return metrics.exceeds(few, many)


@claim(
    "wd-more-data-always.tuned",
    "With a tuned L2 penalty twice the data lower the risk",
    zh="惩罚系数调好后，数据翻倍会降低风险",
    section=SECTION,
    source="Nakkiran et al. 2021, Optimal Regularization Can Mitigate Double Descent",
    formula="λ = σ² p / (n ||w*||²): risk(2n) < risk(n)",
    condition="the penalty is tuned to the noise and to n",
    condition_zh="惩罚系数按噪声和 n 调整",
    given={"n": counts(20, 120)},
    always=({"n": 25}, {"n": 50}),
    draws=3,
    holds=more_often_than_not(),
    mutants=(f"ridge_regression={MUTANTS}fits_only_the_first_examples",),
    cost=0.03,
    devices="cpu",
)
def with_a_tuned_penalty_more_data_help(ridge_regression, n, replicates, stream):
    p, length = 50, 2.0
    X, y, truth = rulers.gaussian_task(stream.numpy(), replicates, 2 * n, p, length=length)

    def risk(m):
        w, _ = ridge_regression(X[:, :m], y[:, :m], p / (m * length**2), intercept=False)
        return rulers.excess_risk(w, truth)

    return metrics.exceeds(risk(n), risk(2 * n))


@claim(
    "wd-blunt",
    "Limiting the number of features is too blunt; weight decay adjusts complexity continuously",
    zh="限制特征数量过于生硬，而权重衰减可以连续地调节复杂度",
    section=SECTION,
    source=f'{BOOK}: "simply discarding features can be too blunt an instrument"',
    formula="dof(λ) = Σ s/(s+λ) takes every value in (0, p); polynomials have C(k+d, d) terms",
    given={"variables": counts(2, 6), "share": st.floats(0.02, 0.98)},
    always=({"variables": 5, "share": 0.5},),
    holds=always_true(),
    mutants=(
        f"ridge_regression={MUTANTS}ignores_the_penalty",
        f"ridge_regression={MUTANTS}penalises_the_sum_of_the_losses",
    ),
    block=1,
    cost=0.02,
    devices="cpu",
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
    weight_decay = rulers.decay_with_degrees(X, target)
    w, found = measured(weight_decay)
    error = rulers.solution_error(stacked, responses, weight_decay, w) * rulers.norm(X)
    path = [measured(value)[1] for value in (weight_decay / 2, weight_decay, weight_decay * 2)]
    terms = np.array([rulers.monomials(variables, degree) for degree in range(1, 6)])
    grid = np.logspace(-4, 3, 29)
    curve = Curve(
        "Degrees of freedom over the penalty",
        "自由度随惩罚系数的变化",
        grid,
        (Line("ridge regression", "岭回归", [[measured(value)[1] for value in grid]]),),
        x_label="λ",
        y_label="degrees of freedom",
        y_label_zh="自由度",
    )
    ratios = np.append(abs(found - target) / error.sum(), metrics.truth(np.diff(path) < 0))
    return Measured(np.append(ratios, metrics.truth(np.diff(terms) > 1)), (curve,))


@claim(
    "wd-norm-complexity",
    "||w|| measures how far a linear function is from f = 0",
    zh="||w|| 衡量线性函数与零函数 f = 0 的距离",
    section=SECTION,
    source=f'{BOOK}: "measure the complexity of a function by its distance from zero"',
    formula="E f(x)² = ||w||² for E xx' = I",
    condition="features have the same scale and are uncorrelated",
    condition_zh="各特征尺度相同且互不相关",
    given={"d": counts(2, 64)},
    draws=4,
    holds=variance_equals(ratio=1.05),
    mutants=(
        f"l2_penalty={MUTANTS}forgets_the_half",
        f"l2_penalty={MUTANTS}forgets_the_square",
        f"l2_penalty={MUTANTS}averages_over_the_weights",
    ),
    block=8192,
    cost=0.02,
)
def the_norm_is_the_distance_from_zero(l2_penalty, d, replicates, stream, device):
    return _values_over_norm(l2_penalty, d, 1.0, replicates, stream, device)


@claim(
    "wd-norm-complexity.outside",
    "||w|| measures how far a function is from 0 whatever units its features are in",
    zh="无论特征采用什么单位，||w|| 都衡量函数与零的距离",
    section=SECTION,
    source=f'{BOOK}: "measure the complexity of a function by its distance from zero"',
    formula="E f(x)² = w' Σ w, not ||w||²",
    condition="features are measured in other units",
    condition_zh="特征换用其他单位",
    given={"d": counts(2, 64), "unit": st.sampled_from([0.01, 0.1, 0.5, 2.0, 10.0, 1000.0])},
    draws=4,
    holds=variance_equals(ratio=1.05),
    expected=Verdict.REFUTED,
    twin="wd-norm-complexity",
    why="x → cx and w → w/c is the same function with another norm; only on white features is "
    "E f(x)² = ||w||².",
    why_zh="x → cx、w → w/c 得到同一个函数却有不同的范数；只有特征白化时才有 E f(x)² = ||w||²。",
    block=8192,
    cost=0.02,
)
def the_norm_is_the_distance_in_any_unit(l2_penalty, d, unit, replicates, stream, device):
    return _values_over_norm(l2_penalty, d, unit, replicates, stream, device)


def _values_over_norm(l2_penalty, d, unit, replicates, stream, device):
    """(sum of f(x)^2 / ||w||^2, replicates): every replicate has a w and an x of its own."""
    w = steps.normal(stream.child("w"), (replicates, d), "float64", device)
    x = unit * steps.normal(stream.child("x"), (replicates, d), "float64", device)
    squared = (x * w).sum(dim=1).square() / (2 * l2_penalty(w))
    return float(squared.sum()), replicates


@claim(
    "wd-to-zero",
    "Controlling the norm of the weights can make some of them exactly 0",
    zh="控制权重的范数可以使部分权重恰好为 0",
    section=SECTION,
    source=f"{NOTES}: the penalty can set weights to 0",
    formula="P(some w_j = 0) > 1/2 for λ > 0",
    given={"weight_decay": penalties()},
    draws=2,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-to-zero.corrected",
    why="The L2 penalty pulls on w_j in proportion to w_j, ever less as it nears 0; L1 pulls with "
    "a constant force and does reach it.",
    why_zh="L2 惩罚对 w_j 的拉力与 w_j 成正比，越接近 0 越弱，到不了 0；L1 的拉力恒定，可以到 0。",
    cost=0.02,
    devices="cpu",
)
def the_l2_penalty_makes_weights_zero(ridge_regression, weight_decay, replicates, stream):
    X, y = _sparse_task(stream.numpy(), replicates)
    w, _ = ridge_regression(X, y, weight_decay, intercept=False)
    return (w == 0).any(axis=1)


@claim(
    "wd-to-zero.corrected",
    "The L2 penalty makes no weight 0; the L1 penalty makes some exactly 0",
    zh="L2 惩罚不会使任何权重为 0；L1 惩罚会使部分权重恰好为 0",
    section=SECTION,
    source=f"{NOTES}: the penalty can set weights to 0",
    formula="L2: w_j ≠ 0 for all j;  L1: P(some w_j = 0) > 1/2",
    given={"weight_decay": penalties()},
    draws=2,
    holds=all_hold(l1=more_often_than_not(), l2=always_true()),
    mutants=(
        f"ridge_regression={MUTANTS}cuts_small_weights_off",
        f"lasso={MUTANTS}squares_the_penalty",
    ),
    cost=0.05,
    devices="cpu",
)
def only_l1_makes_weights_zero(ridge_regression, lasso, weight_decay, replicates, stream):
    X, y = _sparse_task(stream.numpy(), replicates)
    w, _ = ridge_regression(X, y, weight_decay, intercept=False)
    return {"l1": (lasso(X, y, 0.25) == 0).any(axis=1), "l2": metrics.truth(w != 0)}


def _sparse_task(rng, replicates, n=60, d=50, signals=5):
    """X (R, n, d) ~ N(0, 1) and y = x_1 + ... + x_5 + N(0, 1/4)."""
    X = rng.standard_normal((replicates, n, d))
    return X, X[..., :signals].sum(axis=2) + 0.5 * rng.standard_normal((replicates, n))


@claim(
    "wd-sparser",
    "The L2 penalty makes the parameters sparser",
    zh="L2 惩罚使参数更稀疏",
    section=SECTION,
    source=f"{NOTES}: the L2 penalty makes parameters sparser, hence less overfitting",
    formula="P(sparsity(w_λ) > sparsity(w_0)) > 0.6, sparsity by Hoyer's index",
    holds=probability_above(0.6, 0.9),
    expected=Verdict.REFUTED,
    twin="wd-sparser.corrected",
    why="It multiplies all weights by the same factor: counts of |w| < 0.001 rise because "
    "everything shrinks, and no scale-free measure of sparsity moves.",
    why_zh="它把所有权重乘以同一因子：|w| < 0.001 的个数增多只是因为整体变小，"
    "任何与尺度无关的稀疏度都不变。",
    cost=0.15,
    devices="cpu",
)
def the_l2_penalty_makes_weights_sparser(train_linear, linear_200, sgd, replicates, stream):
    plain, decayed = _chapter_pair(train_linear, linear_200, sgd, replicates, stream)
    return metrics.exceeds(rulers.hoyer(decayed), rulers.hoyer(plain))


@claim(
    "wd-sparser.corrected",
    "The L2 penalty shrinks the parameters, and they stay exactly as sparse as they were",
    zh="L2 惩罚缩小参数，但稀疏度保持不变",
    section=SECTION,
    source=f"{NOTES}: the L2 penalty makes parameters sparser, hence less overfitting",
    formula="||w_3|| < ||w_0|| / 2,  |sparsity(w_3) - sparsity(w_0)| < 0.02,  no w_j = 0",
    holds=all_hold(
        shrinks=more_often_than_not(), as_sparse=more_often_than_not(), zeros=always_true()
    ),
    mutants=(
        f"train_linear={MUTANTS}cuts_to_zero",
        f"train_linear={MUTANTS}trains_without_decay",
        f"sgd={MUTANTS}keeps_what_it_should_remove",
        f"sgd={MUTANTS}multiplies_the_gradient_by_the_decay",
    ),
    cost=0.15,
    devices="cpu",
)
def the_l2_penalty_only_shrinks(train_linear, linear_200, sgd, replicates, stream):
    plain, decayed = _chapter_pair(train_linear, linear_200, sgd, replicates, stream)
    before, after = rulers.hoyer(plain), rulers.hoyer(decayed)
    return Measured(
        {
            "shrinks": metrics.ratio_exceeds(rulers.norm(plain), rulers.norm(decayed), 2.0),
            "as_sparse": ~metrics.exceeds(np.abs(after - before), 0.02),
            "zeros": metrics.truth(plain != 0, decayed != 0),
        },
        (
            Histogram("Hoyer's sparsity, λ = 0", "Hoyer 稀疏度，λ = 0", before),
            Histogram("Hoyer's sparsity, λ = 3", "Hoyer 稀疏度，λ = 3", after),
        ),
    )


def _chapter_pair(train_linear, linear_200, sgd, replicates, stream):
    """w (R, 200) of the chapter's runs with lambda = 0 and 3 on the same data, start and order."""
    X, y = linear_200(replicates, 20, stream.child("data").numpy())
    initial = stream.child("init").numpy().standard_normal((replicates, 200))

    def weights(weight_decay):
        order = stream.child("order").numpy()
        options = {"initial": initial, "initial_bias": 0.0, "rng": order, "sgd": sgd}
        return train_linear(X, y, X, y, weight_decay=weight_decay, **CHAPTER, **options).w

    return weights(0.0), weights(3.0)


@claim(
    "wd-identities",
    "The gradient of λ/2 ||w||² is λw: the half cancels the 2, and each weight has its own term",
    zh="λ/2 ||w||² 的梯度是 λw：½ 与 2 相消，且每个权重各自求导",
    section=SECTION,
    source=f'{BOOK}: "we divide by 2 so that the derivative comes out nice and simple"',
    formula="∇(λ/2 ||w||²) = λw;  ||w/2||² = ||w||²/4",
    given={
        "shape": shapes(min_rank=2, min_size=4, max_size=2048),
        "dtype": dtypes("float32", "float64"),
        "layout": layouts(),
        "weight_decay": penalties(),
    },
    always=(
        {"shape": [3, 5, 7], "dtype": "float32", "layout": "contiguous", "weight_decay": 3.0},
        {"shape": [4, 200], "dtype": "float64", "layout": "transposed", "weight_decay": 0.3},
    ),
    holds=exactly_equal(),
    mutants=(
        f"l2_penalty={MUTANTS}forgets_the_half",
        f"l2_penalty={MUTANTS}forgets_the_square",
        f"l2_penalty={MUTANTS}averages_over_the_weights",
        f"l2_penalty={MUTANTS}counts_once_for_each_replica",
    ),
    block=1,
    cost=0.005,
)
def the_half_cancels(l2_penalty, shape, dtype, layout, weight_decay, stream, device):
    w = metrics.laid_out(steps.normal(stream, shape, dtype, device), layout)
    (slope,) = steps.gradients(lambda w: weight_decay * l2_penalty(w), [w])
    exact, size = weight_decay * steps.wide(w), w[0].numel()
    squares = np.square(steps.wide(w)).reshape(len(w), -1).sum(axis=1)
    penalty, smaller = steps.wide(l2_penalty(w)), steps.wide(l2_penalty(w / 2))
    return np.concatenate(
        [
            metrics.rounding_ratio(steps.wide(slope), exact, exact, 4, dtype).ravel(),
            metrics.rounding_ratio(2 * penalty, squares, squares, size + 4, dtype),
            metrics.mismatch(4 * smaller, penalty),  # halving loses no digit
        ]
    )


@claim(
    "wd-identities.zero",
    "λ = 0 recovers the original loss, its gradient and its step",
    zh="λ = 0 时还原为原来的损失、梯度与更新",
    section=SECTION,
    source=f'{BOOK}: "for λ = 0, we recover the original loss function"',
    formula="λ = 0: L + λ/2 ||w||² = L,  w ← w - ηg",
    given={
        "n": counts(1, 40),
        "d": counts(1, 60),
        "lr": learning_rates(),
        "dtype": dtypes("float32", "float64"),
        "decoupled": st.booleans(),
    },
    holds=exactly_equal(),
    mutants=(
        f"sgd={MUTANTS}decays_by_default",
        f"sgd={MUTANTS}freezes_what_does_not_decay",
        f"l2_penalty={MUTANTS}divides_by_lambda",
    ),
    block=4,
    cost=0.005,
)
def lambda_zero_recovers_the_loss(
    sgd, l2_penalty, squared_loss, mean_loss, n, d, lr, dtype, decoupled, replicates, stream, device
):
    X, y, w = _regression(n, d, dtype, replicates, stream, device)

    def loss(w):
        return mean_loss(squared_loss((X @ w.unsqueeze(2)).squeeze(2), y))

    def penalised(w):
        return loss(w) + 0.0 * l2_penalty(w)

    (slope,), (same,) = steps.gradients(loss, [w]), steps.gradients(penalised, [w])
    (stepped,) = sgd([w], [slope], lr, weight_decay=0.0, decoupled=decoupled)
    a, g = steps.wide(w), steps.wide(slope)
    size = np.abs(a) + lr * np.abs(g)
    return np.concatenate(
        [
            metrics.mismatch(steps.wide(penalised(w)), steps.wide(loss(w))).ravel(),
            metrics.mismatch(steps.wide(same), g).ravel(),
            metrics.rounding_ratio(steps.wide(stepped), a - lr * g, size, 4, dtype).ravel(),
        ]
    )


@claim(
    "wd-optimum-pulled",
    "The penalised optimum is pulled towards 0, away from the optimum of the loss",
    zh="加惩罚后的最优点被拉向 0，偏离原损失的最优点",
    section=SECTION,
    source=f"{NOTES}: how the penalty moves the optimum",
    formula="L(w_λ) > L(w_0) and ||w_λ|| < ||w_0|| unless w_0 = 0",
    given={"n": counts(12, 60), "d": counts(1, 10), "weight_decay": penalties()},
    holds=always_true(),
    mutants=(f"ridge_regression={MUTANTS}ignores_the_penalty",),
    block=32,
    cost=0.01,
    devices="cpu",
)
def the_optimum_is_pulled_to_zero(ridge_regression, n, d, weight_decay, replicates, stream):
    X, y, _ = rulers.gaussian_task(stream.numpy(), replicates, n, d)
    free, _ = ridge_regression(X, y, 0.0, intercept=False)
    pulled, _ = ridge_regression(X, y, weight_decay, intercept=False)
    # Labels that no feature explains: w_0 = 0, and there is nothing to pull.
    q, _ = np.linalg.qr(X)
    rest = y - np.matvec(q, np.vecmat(y, q))
    still, _ = ridge_regression(X, rest, weight_decay, intercept=False)
    # The projection leaves what its own rounding does: as much again as the solver's.
    error = 2 * rulers.solution_error(X, y, 0.0, still)
    return np.concatenate(
        [
            metrics.truth(rulers.half_mse(X, y, pulled) > rulers.half_mse(X, y, free)),
            metrics.truth(rulers.norm(pulled) < rulers.norm(free)),
            rulers.norm(still) / error,
        ]
    )


@claim(
    "wd-optimum-pulled.training",
    "Trained with λ = 3 the model ends with a higher training loss and smaller weights than with 0",
    zh="以 λ = 3 训练的模型，训练损失高于、权重小于 λ = 0 的模型",
    section=SECTION,
    source=f"{NOTES}: how the penalty moves the optimum",
    formula="L(w_3) > L(w_0) and ||w_3|| < ||w_0||, both from w = 0",
    holds=all_hold(training_loss=more_often_than_not(), norm=more_often_than_not()),
    mutants=(
        f"train_linear={MUTANTS}trains_without_decay",
        f"sgd={MUTANTS}ignores_the_decay",
        f"sgd={MUTANTS}grows_instead",
    ),
    cost=0.15,
    devices="cpu",
)
def training_with_decay_ends_nearer_to_zero(train_linear, linear_200, sgd, replicates, stream):
    X, y = linear_200(replicates, 20, stream.child("data").numpy())

    def train(weight_decay):
        order = stream.child("order").numpy()
        options = {"initial_bias": 0.0, "rng": order, "sgd": sgd}
        start = np.zeros((replicates, 200))
        history = train_linear(
            X, y, X, y, weight_decay=weight_decay, initial=start, **CHAPTER, **options
        )
        return history.train_loss[:, -1], rulers.norm(history.w)

    (loss, norm), (loss_3, norm_3) = train(0.0), train(3.0)
    return {
        "training_loss": metrics.exceeds(loss_3, loss),
        "norm": metrics.exceeds(norm, norm_3),
    }


@claim(
    "wd-norm-monotone",
    "A larger λ constrains w more, and λ → ∞ leads to w = 0",
    zh="λ 越大，对 w 的约束越强；λ → ∞ 时 w → 0",
    section=SECTION,
    source=f'{BOOK}: "smaller values of λ correspond to less constrained w, larger ones more"',
    formula="d||w_λ||/dλ < 0,  ||w_λ|| <= ||X'y/n|| / λ",
    given={"n": counts(5, 60), "d": counts(2, 20), "correlation": st.floats(0.0, 0.95)},
    holds=always_true(),
    mutants=(
        f"ridge_regression={MUTANTS}ignores_the_penalty",
        f"ridge_regression={MUTANTS}spares_the_first_weight",
    ),
    block=16,
    cost=0.03,
    devices="cpu",
)
def a_larger_lambda_constrains_more(ridge_regression, n, d, correlation, replicates, stream):
    grid, norms, X, y = _path(ridge_regression, n, d, correlation, replicates, stream)
    lengths = rulers.norm(norms)
    limit = rulers.norm(np.vecmat(y, X) / n) / grid[-1]
    curve = Curve(
        "Norm of the optimum over λ",
        "最优点的范数随 λ 的变化",
        grid,
        (Line("||w||", "||w||", lengths.T),),
        x_label="λ",
        log_y=True,
    )
    facts = metrics.truth(np.diff(lengths, axis=0) < 0, lengths[-1] < limit)
    return Measured(facts, (curve,))


@claim(
    "wd-norm-monotone.every-weight",
    "A larger λ makes every single weight smaller",
    zh="λ 越大，每一个权重都越小",
    section=SECTION,
    source=f'{BOOK}: "smaller values of λ correspond to less constrained w, larger ones more"',
    formula="d|w_j|/dλ < 0 for every j",
    given={"n": counts(20, 60), "d": counts(8, 20), "correlation": st.floats(0.3, 0.95)},
    draws=4,
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-norm-monotone",
    why="The norm falls, not each coordinate: with correlated features weight moves from one to "
    "another, many grow somewhere along the path and some change their sign.",
    why_zh="下降的是范数而非每个分量：特征相关时，权重在特征之间转移，"
    "许多分量在路径上会增大，有的还会变号。",
    block=16,
    cost=0.03,
    devices="cpu",
)
def a_larger_lambda_shrinks_every_weight(ridge_regression, n, d, correlation, replicates, stream):
    _, path, _, _ = _path(ridge_regression, n, d, correlation, replicates, stream)
    return metrics.truth(np.diff(np.abs(path), axis=0) < 0)


def _path(ridge_regression, n, d, correlation, replicates, stream):
    """A grid of lambda, w (lambdas, R, d) along it, X and y."""
    X, y, _ = rulers.gaussian_task(stream.numpy(), replicates, n, d, correlation=correlation)
    grid = np.logspace(-3, 5, 17)
    path = [ridge_regression(X, y, float(value), intercept=False)[0] for value in grid]
    return grid, np.stack(path), X, y


@claim(
    "wd-norm-monotone.training",
    "Trained with larger and larger λ, the chapter's model ends with smaller and smaller ||w||",
    zh="λ 逐渐增大时，训练所得的 ||w|| 逐渐减小",
    section=SECTION,
    source=f'{BOOK}: "smaller values of λ correspond to less constrained w, larger ones more"',
    formula="||w_λ|| falls all along λ = 0, 0.1, 0.3, 1, 3, 10, 30",
    holds=more_often_than_not(),
    mutants=(
        f"train_linear={MUTANTS}trains_without_decay",
        f"sgd={MUTANTS}keeps_what_it_should_remove",
        f"sgd={MUTANTS}decays_without_the_learning_rate",
    ),
    cost=0.4,
    devices="cpu",
)
def training_with_a_larger_lambda_shrinks_more(train_linear, linear_200, sgd, replicates, stream):
    X, y = linear_200(replicates, 20, stream.child("data").numpy())
    drawn = stream.child("init").numpy().standard_normal((replicates, 200))

    def lengths(initial):
        runs = [
            train_linear(
                X, y, X, y, weight_decay=weight_decay, initial=initial, initial_bias=0.0,
                rng=stream.child("order").numpy(), sgd=sgd, **CHAPTER,
            ).w
            for weight_decay in LAMBDAS
        ]  # fmt: skip
        return rulers.norm(np.stack(runs, axis=1))

    random, zero = lengths(drawn), lengths(np.zeros_like(drawn))
    curve = Curve(
        "||w|| after 100 epochs over λ",
        "100 个周期后的 ||w|| 随 λ 的变化",
        LAMBDAS,
        (
            Line("from N(0, 1) weights", "初始权重 N(0, 1)", random),
            Line("from zero weights", "初始权重为零", zero),
        ),
        x_label="λ",
        y_label="||w||",
        log_y=True,
    )
    falls = metrics.exceeds(random[:, :-1], random[:, 1:]).all(axis=1)
    return Measured(falls, (curve,))


@claim(
    "wd-lagrange",
    "For every bound on ||w||² there is a λ > 0 that makes the penalty and the bound the same",
    zh="对每个约束 ||w||² <= θ，都存在 λ > 0 使软约束与硬约束等价",
    section=SECTION,
    source=f"{NOTES}: hard constraint ||w||² <= θ, soft constraint λ/2 ||w||²",
    formula="argmin L + λ/2 ||w||² = argmin {L : ||w||² <= θ};  smaller θ: larger λ",
    condition="the loss is convex and θ < ||w_0||²",
    condition_zh="损失为凸函数，且 θ < ||w_0||²",
    given={"d": counts(2, 8), "share": st.floats(0.05, 0.95)},
    holds=exactly_equal(),
    mutants=(
        f"ridge_regression={MUTANTS}ignores_the_penalty",
        f"ridge_regression={MUTANTS}spares_the_first_weight",
    ),
    block=4,
    cost=0.2,
    devices="cpu",
)
def the_penalty_is_a_bound_on_the_norm(ridge_regression, d, share, replicates, stream):
    X, y, _ = rulers.gaussian_task(stream.numpy(), replicates, 40, d, length=2.0)
    free, _ = ridge_regression(X, y, 0.0, intercept=False)
    length = np.sqrt(share) * rulers.norm(free)
    hard, error = rulers.shortest_within(X, y, length, steps=1500)
    decays, tighter, soft = [], [], []
    for i in range(replicates):
        cut = slice(i, i + 1)

        def solve(weight_decay, cut=cut):
            return ridge_regression(X[cut], y[cut], weight_decay, intercept=False)[0][0]

        decays.append(rulers.decay_of_length(solve, length[i]))
        tighter.append(rulers.decay_of_length(solve, length[i] / 2))
        soft.append(solve(decays[-1]))
    # A length known up to e fixes the solution up to cond(X'X) e.
    rounding = (1 + np.linalg.cond(X) ** 2) * rulers.solution_error(X, y, 0.0, free)
    gap = rulers.norm(np.stack(soft) - hard) / (error + rounding)
    return np.append(gap, metrics.truth(np.array(tighter) > np.array(decays)))


@claim(
    "wd-lagrange.outside",
    "Also for a bound above ||w_0||² some λ > 0 makes the penalty and the bound the same",
    zh="当 θ 大于 ||w_0||² 时，也存在 λ > 0 使软约束与硬约束等价",
    section=SECTION,
    source=f"{NOTES}: hard constraint ||w||² <= θ, soft constraint λ/2 ||w||²",
    condition="the bound is looser than the optimum of the loss, θ > ||w_0||²",
    condition_zh="约束比损失的最优点更松，θ > ||w_0||²",
    given={"d": counts(2, 8), "share": st.floats(1.05, 4.0)},
    draws=4,
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-lagrange",
    why="The bound does not bind and leaves w_0 where it is, while every λ > 0 pulls it in: only "
    "λ = 0 agrees.",
    why_zh="此时约束不起作用，最优点仍是 w_0；而任何 λ > 0 都会把它拉向 0：只有 λ = 0 才一致。",
    block=4,
    cost=0.1,
    devices="cpu",
)
def a_loose_bound_is_a_penalty_too(ridge_regression, d, share, replicates, stream):
    X, y, _ = rulers.gaussian_task(stream.numpy(), replicates, 40, d, length=2.0)
    free, _ = ridge_regression(X, y, 0.0, intercept=False)
    length = np.sqrt(share) * rulers.norm(free)
    hard, error = rulers.shortest_within(X, y, length, steps=1500)
    rounding = error + rulers.solution_error(X, y, 0.0, free)
    gaps = [
        rulers.norm(ridge_regression(X, y, float(value), intercept=False)[0] - hard) / rounding
        for value in np.logspace(-3, 3, 25)
    ]
    return np.min(gaps, axis=0)


@claim(
    "wd-lagrange.non-convex",
    "For every bound on ||w||² there is such a λ also where the loss is not convex",
    zh="损失非凸时，对每个 θ 也存在等价的 λ",
    section=SECTION,
    source=f"{NOTES}: hard constraint ||w||² <= θ, soft constraint λ/2 ||w||²",
    formula="L = (1 - w1 w2 w3)²/2, θ = 3 s² for s in [0.15, 0.5]",
    condition="the loss is that of a net of three layers with one weight each",
    condition_zh="损失来自三层、每层一个权重的网络",
    given={"s": st.floats(0.15, 0.5)},
    draws=4,
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-lagrange",
    why="The penalised optimum jumps from a long w to w = 0 as λ grows: the lengths between are "
    "optima under a bound, but of no penalty.",
    why_zh="随着 λ 增大，惩罚问题的最优点从较长的 w 突然跳到 w = 0："
    "中间的长度是硬约束的最优点，却不是任何惩罚的最优点。",
    block=1,
    cost=0.02,
    devices="cpu",
)
def a_bound_is_a_penalty_for_a_deep_net_too(l2_penalty, s):
    import torch

    lengths = rulers.soft_lengths_of_a_product(np.linspace(0.0, 1.0, 401))
    wanted = 2 * float(l2_penalty(torch.full((1, 3), s, dtype=torch.float64))[0])
    # The grid of s has steps of 6e-5: lengths within a hundredth of theta would be seen.
    return metrics.truth(np.abs(lengths - wanted).min() < 0.01 * wanted)


@claim(
    "wd-spread",
    "L2 shares weight out evenly: at an equal sum, equal weights have the least norm",
    zh="L2 使权重均匀分散：和相同时，各权重相等则范数最小",
    section=SECTION,
    source=f'{BOOK}: "biases our learning algorithm towards models that distribute weight evenly '
    'across a larger number of features"',
    formula="x1 = x2 ⇒ w1 = w2;  Σ w_j = s ⇒ ||w||² >= s²/d",
    given={"d": counts(2, 20), "weight_decay": penalties()},
    holds=always_true(),
    mutants=(
        f"ridge_regression={MUTANTS}spares_the_first_weight",
        f"l2_penalty={MUTANTS}adds_up_without_squares",
    ),
    block=16,
    cost=0.01,
    devices="cpu",
)
def l2_shares_weight_out_evenly(ridge_regression, l2_penalty, d, weight_decay, replicates, stream):
    import torch

    X, y, w = rulers.gaussian_task(stream.numpy(), replicates, 40, d, length=2.0)
    twice = np.concatenate([X[..., :1], X], axis=2)
    solved, _ = ridge_regression(twice, y, weight_decay, intercept=False)
    error = rulers.solution_error(twice, y, weight_decay, solved)
    even = np.broadcast_to(w.mean(axis=1, keepdims=True), w.shape)
    uneven, least = (steps.wide(l2_penalty(torch.from_numpy(v.copy()))) for v in (w, even))
    return np.append(
        np.abs(solved[:, 0] - solved[:, 1]) / (np.sqrt(2) * error), metrics.truth(uneven > least)
    )


@claim(
    "wd-spread.stable",
    "On correlated features L2 rests less on any single one than L1 or no penalty",
    zh="特征相关时，与 L1 或无惩罚相比，L2 更少依赖单个特征",
    section=SECTION,
    source=f'{BOOK}: "more robust to measurement error in a single variable"',
    formula="max|w_j| / Σ|w_j|: L2 < L1, and max|w_j|: L2 < none",
    condition="the features are correlated",
    condition_zh="特征之间相关",
    given={"correlation": st.floats(0.7, 0.95)},
    draws=2,
    holds=all_hold(than_l1=more_often_than_not(), than_none=more_often_than_not()),
    mutants=(
        f"ridge_regression={MUTANTS}ignores_the_penalty",
        f"lasso={MUTANTS}squares_the_penalty",
    ),
    cost=0.05,
    devices="cpu",
)
def l2_rests_on_no_single_feature(ridge_regression, lasso, correlation, replicates, stream):
    X, _, _ = rulers.gaussian_task(
        stream.child("x").numpy(), replicates, 40, 10, correlation=correlation
    )
    noise = stream.child("noise").numpy().standard_normal((replicates, 40))
    y = X.mean(axis=2) + noise
    spread, _ = ridge_regression(X, y, 0.5, intercept=False)
    free, _ = ridge_regression(X, y, 0.0, intercept=False)
    few = lasso(X, y, 0.1)
    return {
        "than_l1": metrics.exceeds(_largest_share(few), _largest_share(spread)),
        "than_none": metrics.exceeds(np.abs(free).max(axis=1), np.abs(spread).max(axis=1)),
    }


@claim(
    "wd-spread.outside",
    "On orthogonal features, too, L2 shifts weight from the largest to the others",
    zh="特征正交时，L2 同样把权重从最大者分给其他特征",
    section=SECTION,
    source=f'{BOOK}: "distribute weight evenly across a larger number of features"',
    formula="max|w_j| / Σ|w_j| falls by more than 0.01",
    condition="the features are orthogonal",
    condition_zh="特征相互正交",
    given={"weight_decay": penalties(0.1, 3.0)},
    draws=2,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-spread.stable",
    why="With X'X = nI every weight is divided by 1 + λ: they shrink and their shares stay.",
    why_zh="当 X'X = nI 时，每个权重都除以 1 + λ：全部缩小，比例不变。",
    cost=0.01,
    devices="cpu",
)
def l2_shares_out_orthogonal_features(ridge_regression, weight_decay, replicates, stream):
    X, y, _ = rulers.gaussian_task(stream.numpy(), replicates, 40, 10)
    q, _ = np.linalg.qr(X)
    q = q * np.sqrt(40)
    free, _ = ridge_regression(q, y, 0.0, intercept=False)
    spread, _ = ridge_regression(q, y, weight_decay, intercept=False)
    return metrics.exceeds(_largest_share(free), _largest_share(spread), 0.01)


def _largest_share(w):
    """max |w_j| / sum |w_j|, and 1 where no weight is left."""
    size = np.abs(w)
    total = size.sum(axis=1)
    return np.where(total > 0, size.max(axis=1) / np.where(total > 0, total, 1.0), 1.0)


@claim(
    "wd-l1",
    "L1 concentrates the weight on few features and sets the others to 0",
    zh="L1 把权重集中在少数特征上，其余清零",
    section=SECTION,
    source=f'{BOOK}: "models that concentrate weights on a small set of features"',
    formula="more than half of the w_j are exactly 0 and no signal is lost",
    condition="solved by a method that reaches 0: coordinate descent",
    condition_zh="用能够达到 0 的方法求解：坐标下降",
    holds=more_often_than_not(),
    mutants=(f"lasso={MUTANTS}squares_the_penalty",),
    cost=0.05,
    devices="cpu",
)
def l1_selects_features(lasso, replicates, stream):
    X, y = _sparse_task(stream.numpy(), replicates)
    w = lasso(X, y, 0.25)
    share = (w == 0).mean(axis=1)
    selected = metrics.exceeds(share, 0.5) & (w[:, :5] != 0).all(axis=1)
    shown = Histogram("Share of weights at exactly 0", "恰好为 0 的权重比例", share)
    return Measured(selected, (shown,))


@claim(
    "wd-l1.duplicates",
    "Of two equal features L1 by coordinate descent keeps one, where L2 keeps both alike",
    zh="对两个相同的特征，坐标下降的 L1 只保留一个，而 L2 对二者一视同仁",
    section=SECTION,
    source=f'{BOOK}: "feature selection, which may be desirable for another reason"',
    formula="x1 = x2: L1: w1 ≠ 0 = w2;  L2: w1 = w2",
    given={"penalty": st.floats(0.05, 0.4)},
    draws=3,
    holds=always_true(),
    mutants=(
        f"lasso={MUTANTS}shares_between_equal_columns",
        f"lasso={MUTANTS}squares_the_penalty",
        f"ridge_regression={MUTANTS}spares_the_first_weight",
    ),
    block=16,
    cost=0.05,
    devices="cpu",
)
def l1_keeps_one_of_two(lasso, ridge_regression, penalty, replicates, stream):
    X, y = _sparse_task(stream.numpy(), replicates, d=20)
    twice = np.concatenate([X[..., :1], X], axis=2)
    one = lasso(twice, y, penalty)
    both, _ = ridge_regression(twice, y, penalty, intercept=False)
    error = np.sqrt(2) * rulers.solution_error(twice, y, penalty, both)
    kept = metrics.truth(one[:, 0] != 0, one[:, 1] == 0)
    return np.append(kept, np.abs(both[:, 0] - both[:, 1]) / error)


@claim(
    "wd-l1.outside",
    "Trained by gradient steps, the L1 penalty sets weights exactly to 0",
    zh="用梯度步训练时，L1 惩罚也能使权重恰好为 0",
    section=SECTION,
    source=f'{BOOK}: "ℓ1 penalties ... clearing the other weights to zero"',
    formula="w ← w - η(g + λ sign(w)): P(some w_j = 0) > 1/2",
    condition="trained by subgradient descent",
    condition_zh="用次梯度下降训练",
    given={"lr": learning_rates(0.01, 0.1)},
    draws=2,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-l1",
    why="A step of fixed size ηλ jumps over 0 and back: weights hover within ηλ of it. Exact zeros "
    "need soft thresholding (a proximal step or coordinate descent).",
    why_zh="固定大小 ηλ 的一步会越过 0 再跳回来：权重只在 0 的 ηλ 邻域内徘徊。"
    "要得到精确的 0 需要软阈值（近端步或坐标下降）。",
    cost=0.1,
)
def l1_by_gradient_steps_reaches_zero(sgd, lr, replicates, stream, device):
    import torch

    X, y = (torch.from_numpy(a).to(device) for a in _sparse_task(stream.numpy(), replicates))
    w = steps.normal(stream.child("init"), (replicates, X.shape[2]), "float64", device)
    for _ in range(400):
        error = (X @ w.unsqueeze(2)).squeeze(2) - y
        slope = (error.unsqueeze(1) @ X).squeeze(1) / X.shape[1] + 0.25 * w.sign()
        (w,) = sgd([w], [slope], lr)
    return (steps.wide(w) == 0).any(axis=1)


@claim(
    "wd-update",
    "A step on the penalised loss is the decayed step: shrink w, then step along the gradient",
    zh="对加惩罚的损失走一步，等于先衰减 w 再沿梯度走一步",
    section=SECTION,
    source=f"{BOOK}: the minibatch update; {NOTES}: first shrink, then the gradient step",
    formula="w ← (1 - ηλ) w - η/|B| Σ x (w'x - y)",
    condition="the loss is averaged over the batch's own size",
    condition_zh="损失按小批量的实际大小取平均",
    given={
        "batch": counts(1, 32),
        "d": counts(1, 40),
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "dtype": dtypes("float32", "float64"),
        "decoupled": st.booleans(),
    },
    always=(CHAPTER_STEP,),
    holds=exactly_equal(),
    mutants=(
        f"sgd={MUTANTS}keeps_what_it_should_remove",
        f"sgd={MUTANTS}multiplies_the_gradient_by_the_decay",
        f"sgd={MUTANTS}grows_instead",
        f"sgd={MUTANTS}decays_without_the_learning_rate",
        f"l2_penalty={MUTANTS}forgets_the_half",
        f"l2_penalty={MUTANTS}counts_once_for_each_replica",
    ),
    block=4,
    cost=0.005,
)
def the_penalised_step_is_the_decayed_step(
    sgd, l2_penalty, squared_loss, mean_loss, batch, d, lr, weight_decay, dtype, decoupled,
    replicates, stream, device,
):  # fmt: skip
    X, y, w = _regression(batch, d, dtype, replicates, stream, device)

    def loss(w):
        return mean_loss(squared_loss((X @ w.unsqueeze(2)).squeeze(2), y))

    penalised = steps.gradients(lambda w: loss(w) + weight_decay * l2_penalty(w), [w])
    (one,) = sgd([w], penalised, lr)
    (two,) = sgd(
        [w], steps.gradients(loss, [w]), lr, weight_decay=weight_decay, decoupled=decoupled
    )
    exact, size = _formula(X, y, w, lr, weight_decay, batch)
    operations = 2 * (batch + d) + 20
    return np.concatenate(
        [
            metrics.rounding_ratio(steps.wide(found), exact, size, operations, dtype).ravel()
            for found in (one, two)
        ]
    )


@claim(
    "wd-update.ragged",
    "The chapter's own step, a sum over the batch divided by batch_size, is that formula",
    zh="书中代码（对小批量求和再除以 batch_size）就是上述公式",
    section=SECTION,
    source=f'{NOTES}: l.sum().backward(); d2l.sgd([w, b], lr, batch_size); d2l, "Implementation"',
    formula="η/batch_size Σ_{i in B} ∇(l_i + λ/2 ||w||²), |B| < batch_size",
    condition="the last batch is smaller than batch_size",
    condition_zh="最后一个小批量不足 batch_size",
    given={
        "batch": counts(1, 15),
        "d": counts(1, 40),
        "lr": learning_rates(),
        "weight_decay": penalties(),
    },
    draws=4,
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="wd-update",
    why="The sum over r examples is divided by batch_size, so a ragged batch takes r/batch_size "
    "of the step and of the decay. The chapter's 20 examples in batches of 5 hide it.",
    why_zh="对 r 个样本求和却除以 batch_size，不足的小批量只走 r/batch_size 的步长和衰减；"
    "书中 20 个样本、批量 5，恰好看不出来。",
    block=4,
    cost=0.005,
)
def the_chapters_step_is_the_formula(
    sgd, l2_penalty, squared_loss, batch, d, lr, weight_decay, replicates, stream, device
):
    X, y, w = _regression(batch, d, "float64", replicates, stream, device)

    def chapter(w):
        losses = squared_loss((X @ w.unsqueeze(2)).squeeze(2), y)
        return (losses + weight_decay * l2_penalty(w).unsqueeze(1)).sum(dim=1)

    (stepped,) = sgd([w], steps.gradients(chapter, [w]), lr / 16)
    exact, size = _formula(X, y, w, lr, weight_decay, batch)
    return metrics.rounding_ratio(steps.wide(stepped), exact, size, 2 * (batch + d) + 20)


@claim(
    "wd-update.shape",
    "Loss plus penalty is a vector of length batch_size",
    zh="损失加惩罚项是长度为 batch_size 的向量",
    section=SECTION,
    source=f"{NOTES}: the comment beside l = loss(net(X), y) + lambd * l2_penalty(w)",
    formula="shape(l + λ ||w||²/2) = (batch_size,)",
    given={"batch": counts(2, 32)},
    draws=2,
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-update.broadcast",
    why="The net returns one column, so the losses have shape (batch_size, 1), and so has the sum.",
    why_zh="网络输出一列，损失的形状是 (batch_size, 1)，加上惩罚后仍是如此。",
    block=1,
    cost=0.002,
)
def the_penalised_loss_is_a_vector(squared_loss, l2_penalty, batch, stream, device):
    losses, penalty = _column_of_losses(squared_loss, l2_penalty, batch, stream, device)
    return metrics.truth(tuple((losses + penalty).shape) == (batch,))


@claim(
    "wd-update.broadcast",
    "Broadcasting adds the whole penalty to the loss of every example",
    zh="广播机制把整个惩罚项加到每个样本的损失上",
    section=SECTION,
    source=f"{NOTES}: the comment beside l = loss(net(X), y) + lambd * l2_penalty(w)",
    formula="Σ (l_i + λ ||w||²/2) = Σ l_i + |B| λ ||w||²/2, in shape (|B|, 1)",
    given={"batch": counts(2, 32)},
    draws=4,
    holds=exactly_equal(),
    mutants=(f"l2_penalty={MUTANTS}averages_over_the_weights",),
    block=1,
    cost=0.002,
)
def every_example_carries_the_penalty(squared_loss, l2_penalty, batch, stream, device):
    losses, penalty = _column_of_losses(squared_loss, l2_penalty, batch, stream, device)
    total = steps.wide((losses + penalty).sum())
    w = steps.wide(steps.normal(stream.child("w"), (1, 7), "float64", device))
    exact = steps.wide(losses).sum() + batch * 3.0 * np.square(w).sum() / 2
    shape = metrics.truth(tuple((losses + penalty).shape) == (batch, 1))
    return np.append(shape, metrics.rounding_ratio(total, exact, exact, 2 * batch + 20))


def _column_of_losses(squared_loss, l2_penalty, batch, stream, device):
    """The losses of a net with one output column, and 3 ||w||^2 / 2 of shape (1,)."""
    out = steps.normal(stream.child("out"), (batch, 1), "float64", device)
    y = steps.normal(stream.child("y"), (batch,), "float64", device)
    w = steps.normal(stream.child("w"), (1, 7), "float64", device)
    return squared_loss(out, y), 3.0 * l2_penalty(w)


def _regression(n, d, dtype, replicates, stream, device):
    """X (R, n, d), y (R, n) and w (R, d), all N(0, 1)."""
    X = steps.normal(stream.child("X"), (replicates, n, d), dtype, device)
    y = steps.normal(stream.child("y"), (replicates, n), dtype, device)
    return X, y, steps.normal(stream.child("w"), (replicates, d), dtype, device)


def _formula(X, y, w, lr, weight_decay, batch):
    """The book's step in float64, and the sum of the sizes of its terms."""
    X, y, w = steps.wide(X), steps.wide(y), steps.wide(w)
    error = np.matvec(X, w) - y
    size = np.matvec(np.abs(X), np.abs(w)) + np.abs(y)
    stepped = (1 - lr * weight_decay) * w - lr / batch * np.vecmat(error, X)
    return stepped, (1 + lr * weight_decay) * np.abs(w) + lr / batch * np.vecmat(size, np.abs(X))


@claim(
    "wd-etalam",
    "With ηλ < 1 each step scales the weights towards 0: hence the name, decay",
    zh="当 ηλ < 1 时，每一步都把权重向 0 缩小，因此称为“衰减”",
    section=SECTION,
    source=f"{NOTES}: usually ηλ < 1, hence weight decay",
    formula="g = 0, ηλ < 1: w_t = (1 - ηλ)^t w_0, same signs, smaller every step",
    condition="ηλ < 1",
    condition_zh="ηλ < 1",
    given={"lr": learning_rates(0.05, 1.0), "product": st.floats(0.02, 0.9)},
    holds=always_true(),
    mutants=(
        f"sgd={MUTANTS}keeps_what_it_should_remove",
        f"sgd={MUTANTS}grows_instead",
        f"sgd={MUTANTS}ignores_the_decay",
        f"sgd={MUTANTS}decays_without_the_learning_rate",
    ),
    block=1,
    cost=0.002,
)
def below_one_the_weights_decay(sgd, lr, product, stream, device):
    path = _decaying(sgd, lr, product, stream, device)
    exact = path[0] * (1 - lr * (product / lr)) ** np.arange(len(path))[:, None, None]
    smaller = np.abs(path[1:]) < np.abs(path[:-1])
    same = np.sign(path) == np.sign(path[0])
    # Each of the steps rounds 4 times on terms of size up to (1 + ηλ) |w| < 2 |w|.
    close = metrics.rounding_ratio(path, exact, 2 * np.abs(path[0]), 4 * len(path))
    return np.append(close.ravel(), metrics.truth(smaller, same))


@claim(
    "wd-etalam.outside",
    "With ηλ > 1, too, each step scales the weights towards 0 and keeps their signs",
    zh="当 ηλ > 1 时，每一步同样把权重向 0 缩小并保持符号",
    section=SECTION,
    source=f"{NOTES}: usually ηλ < 1, hence weight decay",
    condition="1 < ηλ < 2",
    condition_zh="1 < ηλ < 2",
    given={"lr": learning_rates(0.05, 1.0), "product": st.floats(1.1, 1.9)},
    draws=4,
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-etalam",
    why="The factor 1 - ηλ is negative: every weight changes its sign at every step.",
    why_zh="因子 1 - ηλ 为负：每个权重在每一步都会变号。",
    block=1,
    cost=0.002,
)
def above_one_the_weights_decay(sgd, lr, product, stream, device):
    path = _decaying(sgd, lr, product, stream, device)
    return metrics.truth(np.sign(path) == np.sign(path[0]))


@claim(
    "wd-etalam.oscillating",
    "With 1 < ηλ < 2 the weights change sign at every step and still go to 0",
    zh="当 1 < ηλ < 2 时，权重每步变号，但仍趋于 0",
    section=SECTION,
    source=f"{NOTES}: usually ηλ < 1, hence weight decay",
    formula="g = 0: w_t = (1 - ηλ)^t w_0, |1 - ηλ| < 1",
    condition="1 < ηλ < 2",
    condition_zh="1 < ηλ < 2",
    given={"lr": learning_rates(0.05, 1.0), "product": st.floats(1.1, 1.9)},
    holds=always_true(),
    mutants=(f"sgd={MUTANTS}grows_instead", f"sgd={MUTANTS}ignores_the_decay"),
    block=1,
    cost=0.002,
)
def above_one_the_weights_oscillate(sgd, lr, product, stream, device):
    path = _decaying(sgd, lr, product, stream, device)
    smaller = np.abs(path[1:]) < np.abs(path[:-1])
    return metrics.truth(smaller, np.sign(path[1:]) == -np.sign(path[:-1]))


@claim(
    "wd-etalam.stable",
    "Training with decay is stable exactly if η(λ + λ_max) < 2, λ_max the largest curvature",
    zh="带衰减的训练稳定，当且仅当 η(λ + λ_max) < 2，其中 λ_max 为最大曲率",
    section=SECTION,
    source=f"{NOTES}: usually ηλ < 1, hence weight decay",
    formula="w ← (1 - ηλ) w - ηHw: |w| → 0 ⇔ η(λ + λ_max(H)) < 2",
    given={
        "weight_decay": penalties(),
        "edge": st.one_of(st.floats(0.2, 1.9), st.floats(2.1, 4.0)),
    },
    always=({"weight_decay": 3.0, "edge": 1.9}, {"weight_decay": 3.0, "edge": 2.1}),
    holds=always_true(),
    mutants=(
        f"sgd={MUTANTS}keeps_what_it_should_remove",
        f"sgd={MUTANTS}grows_instead",
        f"sgd={MUTANTS}ignores_the_decay",
    ),
    block=1,
    cost=0.02,
)
def decay_moves_the_edge_of_stability(sgd, weight_decay, edge, stream, device):
    import torch

    curvature = torch.tensor([1.0, 0.5, 0.1], dtype=torch.float64, device=device)
    lr = edge / (weight_decay + 1.0)
    (w,) = first = [steps.normal(stream, (8, 3), "float64", device)]
    for _ in range(60):
        (w,) = sgd([w], [curvature * w], lr, weight_decay=weight_decay)
    # The first direction is the steepest; |1 - edge|^60 is at most 0.002 or at least 300.
    start, end = (np.abs(steps.wide(v)[:, 0]) for v in (first[0], w))
    rate = (end / start) ** (1 / 60)
    return metrics.truth((end < start) == (edge < 2), np.abs(rate - abs(1 - edge)) < 0.01)


def _decaying(sgd, lr, product, stream, device):
    """w (steps, 3, 8) along 10 steps without a gradient, from values away from 0."""
    w = metrics.activations_like(
        (3, 8), stream.torch(device), dtype="float64", layout="contiguous", device=device
    )
    path = [w]
    for _ in range(10):
        path.extend(sgd([path[-1]], [0 * w], lr, weight_decay=product / lr))
    return np.stack([steps.wide(w) for w in path])


@claim(
    "wd-bias",
    "Whether the bias is penalised makes little difference",
    zh="偏置是否加惩罚差别不大",
    section=SECTION,
    source=f'{NOTES}; {BOOK}: "the bias is usually not regularised"',
    formula="|risk(b penalised) / risk(b free) - 1| < 0.05",
    condition="the labels are centred, |E y| <= 0.1",
    condition_zh="标签已中心化，|E y| <= 0.1",
    given={"offset": st.floats(-0.1, 0.1), "weight_decay": penalties(0.05, 1.0)},
    draws=3,
    holds=more_often_than_not(),
    mutants=(f"ridge_regression={MUTANTS}takes_the_first_response_for_the_intercept",),
    cost=0.02,
    devices="cpu",
)
def penalising_the_bias_hardly_matters(ridge_regression, offset, weight_decay, replicates, stream):
    return _bias_hardly_matters(ridge_regression, offset, weight_decay, replicates, stream)


@claim(
    "wd-bias.outside",
    "Whether the bias is penalised makes little difference also far from 0",
    zh="即使标签远离 0，偏置是否加惩罚也差别不大",
    section=SECTION,
    source=f'{NOTES}; {BOOK}: "the bias is usually not regularised"',
    condition="the labels are far from 0, 3 <= E y <= 100 standard deviations of the noise",
    condition_zh="标签远离 0：3 <= E y <= 100 倍噪声标准差",
    given={"offset": st.floats(3.0, 100.0), "weight_decay": penalties(0.1, 1.0)},
    draws=3,
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-bias",
    why="A penalised bias ends near E y / (1 + λ): everything is predicted too low, and the slopes "
    "bend to make up for it.",
    why_zh="受惩罚的偏置约为 E y / (1 + λ)：预测整体偏低，斜率也会扭曲以作补偿。",
    cost=0.02,
    devices="cpu",
)
def penalising_the_bias_hardly_matters_anywhere(
    ridge_regression, offset, weight_decay, replicates, stream
):
    return _bias_hardly_matters(ridge_regression, offset, weight_decay, replicates, stream)


def _bias_hardly_matters(ridge_regression, offset, weight_decay, replicates, stream):
    X, y, truth = rulers.gaussian_task(stream.numpy(), replicates, 100, 5)
    y = y + offset
    ones = np.concatenate([X, np.ones((*y.shape, 1))], axis=2)
    both, _ = ridge_regression(ones, y, weight_decay, intercept=False)
    w, b = ridge_regression(X, y, weight_decay)
    penalised = 1 + rulers.excess_risk(both[:, :-1], truth, both[:, -1] - offset)
    free = 1 + rulers.excess_risk(w, truth, b - offset)
    return ~metrics.exceeds(np.abs(penalised / free - 1), 0.05)


@claim(
    "wd-bias.equivariance",
    "With a free bias the predictions follow the labels: f(y + c) = f(y) + c",
    zh="偏置不加惩罚时，预测随标签平移：f(y + c) = f(y) + c",
    section=SECTION,
    source="Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, "
    '"Ridge Regression": penalising the intercept makes the procedure depend on the origin of y',
    formula="y → y + c: w unchanged, b → b + c",
    given={"c": st.floats(1.0, 100.0), "weight_decay": penalties(), "d": counts(1, 10)},
    always=({"c": 100.0, "weight_decay": 0.5, "d": 5},),
    holds=exactly_equal(),
    mutants=(f"ridge_regression={MUTANTS}penalises_the_intercept",),
    block=8,
    cost=0.01,
    devices="cpu",
)
def a_free_bias_follows_the_labels(ridge_regression, c, weight_decay, d, replicates, stream):
    X, y, _ = rulers.gaussian_task(stream.numpy(), replicates, 40, d)
    w, b = ridge_regression(X, y, weight_decay)
    moved, raised = ridge_regression(X, y + c, weight_decay)
    centred = X - X.mean(axis=1, keepdims=True)
    # Rounding of y + c, of its mean and of the columns' means, as large as c, passes through.
    error = 4 * rulers.solution_error(centred, y + c, weight_decay, w)
    through = error * (1 + rulers.norm(X.mean(axis=1)))
    return np.append(rulers.norm(moved - w) / error, np.abs(raised - b - c) / through)


@claim(
    "wd-bias.step",
    "The bias is not decayed: only the weights shrink, and the bias steps along its gradient",
    zh="偏置不衰减：只有权重缩小，偏置只沿其梯度更新",
    section=SECTION,
    source='d2l, "Concise Implementation": only the weight has weight_decay',
    formula="w ← (1 - ηλ) w - ηg_w,  b ← b - ηg_b",
    given={
        "width": counts(1, 40),
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "dtype": dtypes("float32", "float64"),
        "decoupled": st.booleans(),
    },
    holds=exactly_equal(),
    mutants=(
        f"sgd={MUTANTS}decays_the_bias_too",
        f"sgd={MUTANTS}freezes_what_does_not_decay",
        f"sgd={MUTANTS}ignores_the_decay",
        f"sgd={MUTANTS}misses_a_weight",
    ),
    block=4,
    cost=0.005,
)
def the_bias_is_not_decayed(
    sgd, width, lr, weight_decay, dtype, decoupled, replicates, stream, device
):
    sizes = ((replicates, width), (replicates, 1))
    w, b = (steps.normal(stream.child("p", i), s, dtype, device) for i, s in enumerate(sizes))
    g, h = (steps.normal(stream.child("g", i), s, dtype, device) for i, s in enumerate(sizes))
    options = {"weight_decay": weight_decay, "decoupled": decoupled, "decays": [True, False]}
    found = sgd([w, b], [g, h], lr, **options)
    ratios = []
    for p, q, rate, stepped in zip((w, b), (g, h), (weight_decay, 0.0), found, strict=True):
        before, slope = steps.wide(p), steps.wide(q)
        exact = (1 - lr * rate) * before - lr * slope
        size = (1 + lr * rate) * np.abs(before) + lr * np.abs(slope)
        ratios.append(metrics.rounding_ratio(steps.wide(stepped), exact, size, 8, dtype).ravel())
    return np.concatenate(ratios)
