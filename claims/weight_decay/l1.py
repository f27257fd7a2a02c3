"""L2 against L1: lambda/2 sum w_j^2 spreads weight over features, lambda sum |w_j| selects a few.

At an equal sum s of d weights ||w||^2 >= s^2/d, least where all are equal; L1 sets most to 0.
"""

import numpy as np
from hypothesis import strategies as st

from claims.weight_decay.experiments import linear_models
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import all_hold, always_true, more_often_than_not
from harness.declaration.strategies import counts, learning_rates, penalties
from harness.metrics import arrays
from harness.metrics import gradient_steps as steps
from harness.text import Text

BOOK = 'd2l, "Norms and Weight Decay"'


@claim(
    "wd-spread",
    "L2 shares weight out evenly: two equal features get equal weights, and at an equal sum equal "
    "weights have the least norm",
    "L2 使权重均匀分散：两个相同的特征得到相同的权重；和相同时，各权重相等则范数最小",
    source=f'{BOOK}: "biases our learning algorithm towards models that distribute weight evenly '
    'across a larger number of features"',
    formula="x1 = x2 ⇒ w1 = w2;  Σ w_j = s ⇒ ||w||² >= s²/d",
    given={"d": counts(2, 20), "weight_decay": penalties()},
    holds=always_true(),
)
def l2_shares_weight_out_evenly(ridge_regression, l2_penalty, d, weight_decay, replicates, stream):
    import torch

    X, y, w = linear_models.gaussian_task(stream.numpy(), replicates, 40, d, length=2.0)
    twice = np.concatenate([X[..., :1], X], axis=2)
    solved, _ = ridge_regression(twice, y, weight_decay, intercept=False)
    error = linear_models.solution_error(twice, y, weight_decay, solved)
    even = np.broadcast_to(w.mean(axis=1, keepdims=True), w.shape)
    uneven, least = (steps.wide(l2_penalty(torch.from_numpy(v.copy()))) for v in (w, even))
    return np.append(
        np.abs(solved[:, 0] - solved[:, 1]) / (np.sqrt(2) * error), arrays.truth(uneven > least)
    )


@claim(
    "wd-spread.stable",
    "On correlated features an error in a single one moves L2 predictions less than those of "
    "L1 or of no penalty",
    "特征相关时，单个特征的误差对 L2 预测的影响小于对 L1 或无惩罚预测的影响",
    source=f'{BOOK}: "more robust to measurement error in a single variable"',
    formula="max_j E (f(x + ε e_j) - f(x))² / E f(x)²:  L2 < L1, L2 < none",
    condition=Text("the features are correlated", "特征之间相关"),
    inside=lambda correlation: correlation > 0,
    given={"correlation": st.floats(0.7, 0.95)},
    holds=all_hold(than_l1=more_often_than_not(), than_none=more_often_than_not()),
)
def l2_rests_on_no_single_feature(ridge_regression, lasso, correlation, replicates, stream):
    X, _, _ = linear_models.gaussian_task(
        stream.child("x").numpy(), replicates, 40, 10, correlation=correlation
    )
    noise = stream.child("noise").numpy().standard_normal((replicates, 40))
    y = X.mean(axis=2) + noise
    spread, _ = ridge_regression(X, y, 0.5, intercept=False)
    free, _ = ridge_regression(X, y, 0.0, intercept=False)
    few = lasso(X, y, 0.1)
    fresh, _, _ = linear_models.gaussian_task(
        stream.child("fresh").numpy(), replicates, 100, 10, correlation=correlation
    )
    error = stream.child("error").numpy().standard_normal((replicates, 100))
    by_l1, by_none, by_l2 = (_worst_error(w, fresh, error) for w in (few, free, spread))
    return {"than_l1": arrays.exceeds(by_l1, by_l2), "than_none": arrays.exceeds(by_none, by_l2)}


@claim(
    "wd-spread.outside",
    "On orthogonal features, too, L2 shifts weight from the largest to the others",
    "特征正交时，L2 同样把权重从最大者分给其他特征",
    source=f'{BOOK}: "distribute weight evenly across a larger number of features"',
    formula="max|w_j| / Σ|w_j| falls by more than 0.01",
    condition=Text("the features are orthogonal", "特征相互正交"),
    given={"weight_decay": penalties(0.1, 3.0)},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-spread.stable",
    why=Text(
        "With X'X = nI every weight is divided by 1 + λ: they shrink and their shares stay.",
        "当 X'X = nI 时，每个权重都除以 1 + λ：全部缩小，比例不变。",
    ),
)
def l2_shares_out_orthogonal_features(ridge_regression, weight_decay, replicates, stream):
    X, y, _ = linear_models.gaussian_task(stream.numpy(), replicates, 40, 10)
    q, _ = np.linalg.qr(X)
    q = q * np.sqrt(40)
    free, _ = ridge_regression(q, y, 0.0, intercept=False)
    spread, _ = ridge_regression(q, y, weight_decay, intercept=False)
    return arrays.exceeds(_largest_share(free), _largest_share(spread), 0.01)


def _worst_error(w, X, error):
    """How much predictions move by an error in the worst variable, over their mean square (R,).

    Weights that are all 0 predict nothing and move by nothing: they count as not moved.
    """
    plain = np.matvec(X, w)
    moved = []
    for j in range(X.shape[2]):
        mistaken = X.copy()
        mistaken[:, :, j] += error
        moved.append(np.square(np.matvec(mistaken, w) - plain).mean(axis=1))
    size = np.square(plain).mean(axis=1)
    return np.max(moved, axis=0) / np.where(size > 0, size, 1.0)


def _largest_share(w):
    """max |w_j| / sum |w_j|, and 1 where no weight is left."""
    size = np.abs(w)
    total = size.sum(axis=1)
    return np.where(total > 0, size.max(axis=1) / np.where(total > 0, total, 1.0), 1.0)


@claim(
    "wd-l1",
    "L1 concentrates the weight on few features and sets most of the others to 0",
    "L1 把权重集中在少数特征上，其余大多清零",
    source=f'{BOOK}: "models that concentrate weights on a small set of features"',
    formula="more than half of the w_j are exactly 0 and no signal is lost",
    condition=Text(
        "solved by a method that reaches 0, coordinate descent, with λ = 0.25; 60 examples of 50 "
        "features, five of which matter",
        "用能够达到 0 的方法（坐标下降）求解，λ = 0.25；60 个样本、50 个特征，其中五个有用",
    ),
    holds=more_often_than_not(),
)
def l1_selects_features(lasso, replicates, stream):
    X, y = linear_models.sparse_task(stream.numpy(), replicates)
    w = lasso(X, y, 0.25)
    share = (w == 0).mean(axis=1)
    selected = arrays.exceeds(share, 0.5) & (w[:, :5] != 0).all(axis=1)
    shown = Histogram(Text("Share of weights at exactly 0", "恰好为 0 的权重比例"), share)
    return Measured(selected, shown)


@claim(
    "wd-l1.optimum",
    "L1 finds the optimum: a feature times the residual averages λ, with the sign of its weight, "
    "and no more than λ in size where its weight is 0",
    "L1 求得的就是最优解：权重非零时，特征与残差之积的均值绝对值为 λ，符号与权重相同；"
    "权重为 0 时绝对值不超过 λ",
    source=f"{BOOK}: the penalised loss with the ℓ1 norm; its optimality conditions",
    formula="x_j'(y - Xw)/n = λ sign(w_j) where w_j ≠ 0,  |x_j'(y - Xw)/n| ≤ λ,  to λ/1000",
    condition=Text("no intercept; λ of 0.05 to 1", "不含截距；λ 为 0.05 到 1"),
    given={
        "d": counts(1, 6), "penalty": st.floats(0.05, 1.0), "offset": st.sampled_from([0.0, 2.0])
    },
    always=({"d": 4, "penalty": 0.2, "offset": 2.0}, {"d": 4, "penalty": 0.2, "offset": 0.0}),
    holds=always_true(),
)  # fmt: skip
def l1_weights_are_the_optimum(lasso, d, penalty, offset, replicates, stream):
    rng = stream.numpy()
    # The replicas converge at paces of their own: in every other one features are nearly alike.
    X = rng.standard_normal((replicates, 24, d)) + offset
    X[1::2] = 4 * X[1::2, :, :1] + X[1::2]
    y = np.matvec(X, rng.standard_normal((replicates, d))) + 2 * offset
    y = y + rng.standard_normal(y.shape)
    X[::3, :, -1] = 0.0  # a feature that nobody has
    facts = []
    for features, labels in ((X, y), (np.rint(3 * X).astype(int), np.rint(3 * y).astype(int))):
        w = arrays.as_array(lasso(features, labels, penalty))
        pull = np.vecmat(labels - np.matvec(features, w), features) / X.shape[1]
        facts += [
            np.abs(pull) <= 1.001 * penalty,
            (w == 0) | (np.abs(pull - penalty * np.sign(w)) <= penalty / 1000),
        ]
    return arrays.truth(*facts)


@claim(
    "wd-l1.duplicates",
    "Of two equal features L1 by coordinate descent keeps at most one, where L2 keeps both alike",
    "对两个相同的特征，坐标下降的 L1 至多保留一个，而 L2 对二者一视同仁",
    source=f'{BOOK}: "feature selection, which may be desirable for another reason"',
    formula="x1 = x2: L1: w2 = 0 (to 1e-10), and w1 ≠ 0 if it is ≠ 0 without x2;  L2: w1 = w2",
    given={"penalty": st.floats(0.05, 0.4)},
    holds=always_true(),
)
def l1_keeps_at_most_one_of_two(lasso, ridge_regression, penalty, replicates, stream):
    X, y = linear_models.sparse_task(stream.numpy(), replicates, d=20)
    twice = np.concatenate([X[..., :1], X], axis=2)
    one, alone = lasso(twice, y, penalty), lasso(X, y, penalty)
    both, _ = ridge_regression(twice, y, penalty, intercept=False)
    error = np.sqrt(2) * linear_models.solution_error(twice, y, penalty, both)
    # A penalty near the feature's own pull drops both: of 0.4 once in 300 instances. The second of
    # two is thresholded at its very pull, so that its 0 is one to within the solver's tolerance.
    kept = arrays.truth(np.abs(one[:, 1]) <= 1e-10, (one[:, 0] != 0) | (alone[:, 0] == 0))
    return np.append(kept, np.abs(both[:, 0] - both[:, 1]) / error)


@claim(
    "wd-l1.outside",
    "Trained by gradient steps, the L1 penalty sets weights exactly to 0",
    "用梯度下降训练时，L1 惩罚使权重恰好为 0",
    source=f'{BOOK}: "ℓ1 penalties ... clearing the other weights to zero"',
    formula="w ← w - η(g + λ sign(w)): P(some w_j = 0) > 1/2",
    condition=Text("trained by subgradient descent", "用次梯度下降训练"),
    given={"lr": learning_rates(0.01, 0.1)},
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="wd-l1",
    why=Text(
        "A step of fixed size ηλ jumps over 0 and back: weights hover within ηλ of it. Exact zeros "
        "need soft thresholding (a proximal step or coordinate descent).",
        "固定大小 ηλ 的一步会越过 0 再跳回来：权重只在 0 的 ηλ 邻域内徘徊。"
        "要得到精确的 0 需要软阈值运算（近端步或坐标下降）。",
    ),
)
def l1_by_gradient_steps_reaches_zero(sgd, lr, replicates, stream, device):
    import torch

    X, y = (
        torch.from_numpy(a).to(device)
        for a in linear_models.sparse_task(stream.numpy(), replicates)
    )
    w = steps.normal(stream.child("init"), (replicates, X.shape[2]), "float64", device)
    for _ in range(400):
        error = (X @ w.unsqueeze(2)).squeeze(2) - y
        slope = (error.unsqueeze(1) @ X).squeeze(1) / X.shape[1] + 0.25 * w.sign()
        (w,) = sgd([w], [slope], lr)
    return (steps.wide(w) == 0).any(axis=1)
