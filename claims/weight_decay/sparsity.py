"""Weight decay and zeros: the penalty lambda/2 ||w||^2 shrinks w and leaves it as sparse as it was.

No w_j becomes 0 under L2, some do under L1; sparsity is Hoyer's index, which has no scale.
"""

from dataclasses import replace

import numpy as np

from claims.weight_decay.experiments import linear_models
from claims.weight_decay.experiments.experiment import SOLVER
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import (
    all_hold,
    always_true,
    more_often_than_not,
    probability_above,
)
from harness.declaration.strategies import penalties
from harness.metrics import arrays
from harness.text import Text
from harness.training.solver import Split

NOTES = 'Mu Li\'s notes, "Weight decay"'


@claim(
    "wd-to-zero",
    "Controlling the L2 norm of the weights can make some of them exactly 0",
    "控制权重的 L2 范数可以使部分权重恰好为 0",
    source=f"{NOTES}: the penalty can set weights to 0",
    formula="P(some w_j = 0) > 1/10 for w = argmin L + λ/2 ‖w‖₂²",
    given={"weight_decay": penalties()},
    # What can happen need not be the rule: one run of ten is enough.
    holds=probability_above(0.1, 0.5),
    expected=Verdict.REFUTED,
    twin="wd-to-zero.corrected",
    why=Text(
        "The L2 penalty pulls on w_j in proportion to w_j, ever less as it nears 0; L1 pulls with "
        "a constant force and does reach it.",
        "L2 惩罚对 w_j 的拉力与 w_j 成正比，越接近 0 越弱，到不了 0；L1 的拉力恒定，可以到 0。",
    ),
)
def the_l2_penalty_makes_weights_zero(ridge_regression, weight_decay, replicates, stream):
    X, y = linear_models.sparse_task(stream.numpy(), replicates)
    w, _ = ridge_regression(X, y, weight_decay, intercept=False)
    return (w == 0).any(axis=1)


@claim(
    "wd-to-zero.corrected",
    "The L2 penalty makes no weight 0; the L1 penalty makes some exactly 0",
    "L2 惩罚不会使任何权重为 0；L1 惩罚会使部分权重恰好为 0",
    source=f"{NOTES}: the penalty can set weights to 0",
    formula="L2: w_j ≠ 0 for all j;  L1: P(some w_j = 0) > 1/2",
    condition=Text(
        "60 examples of 50 features, five of which matter; λ of 0.01 to 3 for L2, and 0.25 for L1",
        "60 个样本、50 个特征，其中五个有用；L2 的 λ 为 0.01 到 3，L1 的 λ 为 0.25",
    ),
    given={"weight_decay": penalties()},
    holds=all_hold(l1=more_often_than_not(), l2=always_true()),
)
def only_l1_makes_weights_zero(ridge_regression, lasso, weight_decay, replicates, stream):
    X, y = linear_models.sparse_task(stream.numpy(), replicates)
    w, _ = ridge_regression(X, y, weight_decay, intercept=False)
    return {"l1": (lasso(X, y, 0.25) == 0).any(axis=1), "l2": arrays.truth(w != 0)}


@claim(
    "wd-sparser",
    "The L2 penalty makes the parameters sparser",
    "L2 惩罚使参数更稀疏",
    source=f"{NOTES}: the L2 penalty makes parameters sparser, hence less overfitting",
    formula="P(sparsity(w_λ) > sparsity(w_0)) > 0.75, sparsity by Hoyer's index",
    holds=probability_above(0.75, 0.9),
    expected=Verdict.REFUTED,
    twin="wd-sparser.corrected",
    why=Text(
        "It multiplies all weights by the same factor: counts of |w| < 0.001 rise because "
        "everything shrinks, and no scale-free measure of sparsity moves.",
        "它把所有权重乘以同一因子：|w| < 0.001 的个数增多只是因为整体变小，"
        "任何与尺度无关的稀疏度都不变。",
    ),
)
def the_l2_penalty_makes_weights_sparser(train_linear, linear_200, sgd, replicates, stream):
    plain, decayed = _chapter_pair(train_linear, linear_200, sgd, replicates, stream)
    return arrays.exceeds(linear_models.hoyer(decayed), linear_models.hoyer(plain))


@claim(
    "wd-sparser.corrected",
    "The L2 penalty shrinks the parameters, and they stay as sparse as they were, to 0.02 of "
    "Hoyer's index: none becomes 0",
    "L2 惩罚缩小参数，但稀疏度保持不变（Hoyer 指数相差不到 0.02）：没有参数变为 0",
    source=f"{NOTES}: the L2 penalty makes parameters sparser, hence less overfitting",
    formula="||w_3|| < ||w_0|| / 2,  |sparsity(w_3) - sparsity(w_0)| < 0.02,  no w_j = 0",
    holds=all_hold(
        shrinks=more_often_than_not(), as_sparse=more_often_than_not(), zeros=always_true()
    ),
)
def the_l2_penalty_only_shrinks(train_linear, linear_200, sgd, replicates, stream):
    plain, decayed = _chapter_pair(train_linear, linear_200, sgd, replicates, stream)
    before, after = linear_models.hoyer(plain), linear_models.hoyer(decayed)
    return Measured(
        {
            "shrinks": arrays.ratio_exceeds(
                linear_models.norm(plain), linear_models.norm(decayed), 2.0
            ),
            "as_sparse": ~arrays.exceeds(np.abs(after - before), 0.02),
            "zeros": arrays.truth(plain != 0, decayed != 0),
        },
        Histogram(Text("Hoyer's sparsity, λ = 0", "Hoyer 稀疏度，λ = 0"), before),
        Histogram(Text("Hoyer's sparsity, λ = 3", "Hoyer 稀疏度，λ = 3"), after),
    )


def _chapter_pair(train_linear, linear_200, sgd, replicates, stream):
    """w (R, 200) of the chapter's runs with lambda = 0 and 3 on the same data, start and order."""
    X, y = linear_200(replicates, 20, stream.child("data").numpy())
    initial = stream.child("init").numpy().standard_normal((replicates, 200))

    def weights(weight_decay):
        solver = replace(SOLVER, weight_decay=weight_decay, sgd=sgd)
        order, start = stream.child("order").numpy(), {"initial": initial, "initial_bias": 0.0}
        return train_linear(Split(X, y, X, y), solver, order, **start).w

    return weights(0.0), weights(3.0)
