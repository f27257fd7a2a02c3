"""The size of lambda: how much it constrains ||w||, and the bound on ||w||^2 that it stands for.

w_lambda = argmin L(w) + lambda/2 ||w||^2 is argmin L(w) subject to ||w||^2 <= theta, for convex L
and theta < ||w_0||^2; a larger lambda is a smaller theta.
"""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from claims.weight_decay.experiments import linear_models
from claims.weight_decay.experiments.experiment import SOLVER
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Curve, Line, Measured
from harness.declaration.relations import always_true, exactly_equal, more_often_than_not
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text
from harness.training.solver import Split

BOOK = 'd2l, "Norms and Weight Decay"'
NOTES = 'Mu Li\'s notes, "Weight decay"'
LAMBDAS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)


@claim(
    "wd-norm-monotone",
    "A larger λ constrains w more, and λ → ∞ leads to w = 0",
    "λ 越大，对 w 的约束越强；λ → ∞ 时 w → 0",
    source=f'{BOOK}: "smaller values of λ correspond to less constrained w, larger ones more"',
    formula="d||w_λ||/dλ < 0,  ||w_λ|| <= ||X'y/n|| / λ",
    condition=Text(
        "linear regression whose optimum without a penalty is not 0; λ from 0.001 to 100000",
        "线性回归，且无惩罚时的最优点不为 0；λ 从 0.001 到 100000",
    ),
    given={"n": counts(5, 60), "d": counts(2, 20), "correlation": st.floats(0.0, 0.95)},
    holds=always_true(),
)
def a_larger_lambda_constrains_more(ridge_regression, n, d, correlation, replicates, stream):
    grid, norms, X, y = _path(ridge_regression, n, d, correlation, replicates, stream)
    lengths = linear_models.norm(norms)
    limit = linear_models.norm(np.vecmat(y, X) / n) / grid[-1]
    curve = Curve(
        Text("Norm of the optimum over λ", "最优点的范数随 λ 的变化"), grid,
        (Line(Text("||w||", "||w||"), lengths.T),), x_label=Text("λ", "λ"), log_y=True,
    )  # fmt: skip
    facts = arrays.truth(np.diff(lengths, axis=0) < 0, lengths[-1] < limit)
    return Measured(facts, curve)


@claim(
    "wd-norm-monotone.every-weight",
    "A larger λ makes every single weight smaller",
    "λ 越大，每一个权重都越小",
    source=f'{BOOK}: "smaller values of λ correspond to less constrained w, larger ones more"',
    formula="d|w_j|/dλ < 0 for every j",
    given={"n": counts(20, 60), "d": counts(8, 20), "correlation": st.floats(0.3, 0.95)},
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-norm-monotone",
    why=Text(
        "The norm falls, not each coordinate: with correlated features weight moves from one to "
        "another, many grow somewhere along the path and some change their sign.",
        "下降的是范数而非每个分量：特征相关时，权重在特征之间转移，"
        "许多分量在路径上会增大，有的还会变号。",
    ),
)
def a_larger_lambda_shrinks_every_weight(ridge_regression, n, d, correlation, replicates, stream):
    _, path, _, _ = _path(ridge_regression, n, d, correlation, replicates, stream)
    return arrays.truth(np.diff(np.abs(path), axis=0) < 0)


def _path(ridge_regression, n, d, correlation, replicates, stream):
    """A grid of lambda, w (lambdas, R, d) along it, X and y."""
    X, y, _ = linear_models.gaussian_task(stream.numpy(), replicates, n, d, correlation=correlation)
    grid = np.logspace(-3, 5, 17)
    path = [ridge_regression(X, y, float(value), intercept=False)[0] for value in grid]
    return grid, np.stack(path), X, y


@claim(
    "wd-norm-monotone.training",
    "Trained with larger and larger λ, the chapter's model ends with smaller and smaller ||w||",
    "λ 逐渐增大时，书中模型训练所得的 ||w|| 逐渐减小",
    source=f'{BOOK}: "smaller values of λ correspond to less constrained w, larger ones more"',
    formula="||w_λ|| falls all along λ = 0, 0.1, 0.3, 1, 3, 10, 30",
    condition=Text(
        "λ from 0 to 30, for which η(λ + λ_max) < 2; 100 epochs from N(0, 1) weights",
        "λ 从 0 到 30，均满足 η(λ + λ_max) < 2；从 N(0, 1) 权重训练 100 轮",
    ),
    holds=more_often_than_not(),
)
def training_with_a_larger_lambda_shrinks_more(train_linear, linear_200, sgd, replicates, stream):
    X, y = linear_200(replicates, 20, stream.child("data").numpy())
    drawn = stream.child("init").numpy().standard_normal((replicates, 200))

    def lengths(initial):
        runs = [
            train_linear(
                Split(X, y, X, y), replace(SOLVER, weight_decay=weight_decay, sgd=sgd),
                stream.child("order").numpy(), initial=initial, initial_bias=0.0,
            ).w
            for weight_decay in LAMBDAS
        ]  # fmt: skip
        return linear_models.norm(np.stack(runs, axis=1))

    random, zero = lengths(drawn), lengths(np.zeros_like(drawn))
    curve = Curve(
        Text("||w|| after 100 epochs over λ", "100 轮后的 ||w|| 随 λ 的变化"),
        LAMBDAS,
        (
            Line(Text("from N(0, 1) weights", "初始权重 N(0, 1)"), random),
            Line(Text("from zero weights", "初始权重为零"), zero),
        ),
        x_label=Text("λ", "λ"),
        y_label=Text("||w||", "||w||"),
        log_y=True,
    )
    falls = arrays.exceeds(random[:, :-1], random[:, 1:]).all(axis=1)
    return Measured(falls, curve)


@claim(
    "wd-norm-monotone.inner-product",
    "Weight decay makes the inner products w'x smaller on the whole: the larger λ, the smaller "
    "their sum of squares over the training examples",
    "权重衰减使内积 w'x 总体变小：λ 越大，其在训练样本上的平方和越小",
    source=f"{NOTES}: the penalty makes the inner product smaller",
    formula="λ < λ'  ⇒  ||X w_λ'||² < ||X w_λ||²",
    # By theory X w_λ has the components s/(s + λ) of those of y along X's axes: each falls in λ.
    given={"weight_decay": st.floats(0.01, 3.0)},
    holds=always_true(),
)
def decay_makes_inner_products_smaller(ridge_regression, weight_decay, replicates, stream):
    X, y, _ = linear_models.gaussian_task(stream.numpy(), replicates, 40, 10)
    sizes = []
    for penalty in (weight_decay, 2 * weight_decay):
        w, _ = ridge_regression(X, y, penalty, intercept=False)
        sizes.append(np.linalg.norm(np.matvec(X, w), axis=1))
    return arrays.truth(sizes[1] < sizes[0])


@claim(
    "wd-prior",
    "The λ of a Gaussian prior of variance τ² under noise of variance σ² is σ²/(n τ²)",
    "噪声方差为 σ²、权重的高斯先验方差为 τ² 时，对应的 λ 是 σ²/(nτ²)",
    source="readers' question: which λ a Gaussian prior is",
    formula="argmin |y - Xw|²/(2n) + λ|w|²/2 = τ²X'(τ²XX' + σ²I)⁻¹y  at λ = σ²/(n τ²)",
    given={"sigma": st.floats(0.2, 2.0), "tau": st.floats(0.2, 2.0), "d": counts(1, 12)},
    holds=exactly_equal(),
)
def a_gaussian_prior_is_a_penalty(ridge_regression, sigma, tau, d, replicates, stream):
    n = 20
    X, y, _ = linear_models.gaussian_task(stream.numpy(), replicates, n, d)
    penalty = sigma**2 / (n * tau**2)
    w, _ = ridge_regression(X, y, penalty, intercept=False)
    # The mean of w given y, two Gaussian vectors with the covariance τ²X' between them.
    covariance = tau**2 * X @ X.transpose(0, 2, 1) + sigma**2 * np.eye(n)
    solved = np.linalg.solve(covariance, y[..., None])[..., 0]
    posterior = tau**2 * np.vecmat(solved, X)
    condition = np.linalg.cond(covariance)
    # Both are solved with an error of their condition: Higham 2002, Theorem 9.4 for the second.
    bound = linear_models.solution_error(X, y, penalty, w) + arrays.gamma(
        64 * n * n
    ) * condition * linear_models.norm(posterior)
    return linear_models.norm(np.asarray(w) - posterior) / bound


@claim(
    "wd-lagrange",
    "For every bound θ on ||w||² there is a λ > 0 that makes the penalty and the bound the same",
    "对每个约束 ||w||² <= θ，都存在 λ > 0 使软约束与硬约束等价",
    source=f"{NOTES}: hard constraint ||w||² <= θ, soft constraint λ/2 ||w||²",
    formula="argmin L + λ/2 ||w||² = argmin {L : ||w||² <= θ};  smaller θ: larger λ",
    condition=Text(
        "the loss is convex and 0 < θ < ||w_0||², with w_0 its optimum without a bound",
        "损失为凸函数，且 0 < θ < ||w_0||²，w_0 为无约束时的最优点",
    ),
    inside=lambda share: share < 1,
    given={"d": counts(2, 8), "share": st.floats(0.05, 0.95)},
    holds=exactly_equal(),
)
def the_penalty_is_a_bound_on_the_norm(ridge_regression, d, share, replicates, stream):
    X, y, _ = linear_models.gaussian_task(stream.numpy(), replicates, 40, d, length=2.0)
    free, _ = ridge_regression(X, y, 0.0, intercept=False)
    length = np.sqrt(share) * linear_models.norm(free)
    hard, error = linear_models.shortest_within(X, y, length, steps=1500)
    decays, tighter, soft = [], [], []
    for i in range(replicates):
        cut = slice(i, i + 1)

        def solve(weight_decay, cut=cut):
            return ridge_regression(X[cut], y[cut], weight_decay, intercept=False)[0][0]

        decays.append(linear_models.decay_of_length(solve, length[i]))
        tighter.append(linear_models.decay_of_length(solve, length[i] / 2))
        soft.append(solve(decays[-1]))
    # A length known up to e fixes the solution up to cond(X'X) e.
    rounding = (1 + np.linalg.cond(X) ** 2) * linear_models.solution_error(X, y, 0.0, free)
    gap = linear_models.norm(np.stack(soft) - hard) / (error + rounding)
    return np.append(gap, arrays.truth(np.array(tighter) > np.array(decays)))


@claim(
    "wd-lagrange.outside",
    "Also for a bound θ above ||w_0||² one of 25 values of λ from 0.001 to 1000 makes the penalty "
    "and the bound the same",
    "当 θ 大于 ||w_0||² 时，0.001 到 1000 之间的 25 个 λ 中也有一个使软约束与硬约束等价",
    source=f"{NOTES}: hard constraint ||w||² <= θ, soft constraint λ/2 ||w||²",
    condition=Text(
        "the bound is looser than the optimum w_0 of the loss, θ > ||w_0||²",
        "约束比损失的最优点 w_0 更松，θ > ||w_0||²",
    ),
    inside=lambda share: share > 1,
    given={"d": counts(2, 8), "share": st.floats(1.05, 4.0)},
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-lagrange",
    why=Text(
        "The bound does not bind and leaves w_0 where it is, while every λ > 0 pulls it in: only "
        "λ = 0 agrees.",
        "此时约束不起作用，最优点仍是 w_0；而任何 λ > 0 都会把它拉向 0：只有 λ = 0 才一致。",
    ),
)
def a_loose_bound_is_a_penalty_too(ridge_regression, d, share, replicates, stream):
    X, y, _ = linear_models.gaussian_task(stream.numpy(), replicates, 40, d, length=2.0)
    free, _ = ridge_regression(X, y, 0.0, intercept=False)
    length = np.sqrt(share) * linear_models.norm(free)
    hard, error = linear_models.shortest_within(X, y, length, steps=1500)
    rounding = error + linear_models.solution_error(X, y, 0.0, free)
    gaps = [
        linear_models.norm(ridge_regression(X, y, float(value), intercept=False)[0] - hard)
        / rounding
        for value in np.logspace(-3, 3, 25)
    ]
    return np.min(gaps, axis=0)


@claim(
    "wd-lagrange.non-convex",
    "For every bound on ||w||² there is such a λ also where the loss is not convex",
    "损失非凸时，对每个 θ 也存在等价的 λ",
    source=f"{NOTES}: hard constraint ||w||² <= θ, soft constraint λ/2 ||w||²",
    formula="L = (1 - w1 w2 w3)²/2, θ = 3 s² for s in [0.15, 0.5]",
    condition=Text(
        "the loss is that of a net of three layers with one weight each",
        "损失来自三层、每层一个权重的网络",
    ),
    given={"s": st.floats(0.15, 0.5)},
    holds=always_true(),
    expected=Verdict.REFUTED,
    twin="wd-lagrange",
    why=Text(
        "The penalised optimum jumps from a long w to w = 0 as λ grows: the lengths between are "
        "optima under a bound, but of no penalty.",
        "随着 λ 增大，惩罚问题的最优点从较长的 w 突然跳到 w = 0："
        "中间的长度是硬约束的最优点，却不是任何惩罚的最优点。",
    ),
)
def a_bound_is_a_penalty_for_a_deep_net_too(l2_penalty, s):
    import torch

    lengths = linear_models.soft_lengths_of_a_product(np.linspace(0.0, 1.0, 401))
    wanted = 2 * float(l2_penalty(torch.full((1, 3), s, dtype=torch.float64))[0])
    # The grid of s has steps of 6e-5: lengths within a hundredth of theta would be seen.
    return arrays.truth(np.abs(lengths - wanted).min() < 0.01 * wanted)
