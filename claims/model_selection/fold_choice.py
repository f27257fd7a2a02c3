"""Choosing by cross-validation: lambda* is the least of CV(lambda), changed outside the loop only.

The least-squares task of the catalogue: n = 40 examples of p = 10 Gaussian features, noise
variance 1. The risk of a fit is then 1 + |w_hat - w|^2, exactly.
"""

import numpy as np
from hypothesis import strategies as st

from claims.model_selection.experiments import least_squares
from harness.declaration.claim import claim
from harness.declaration.relations import (
    always_true,
    exactly_equal,
    mean_above,
    more_often_than_not,
)
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text
from harness.training.solver import Solver, Split

SOURCE = 'd2l, "Model Selection", "K-Fold Cross-Validation"'
NOTES = 'Mu Li\'s notes, "K-fold cross-validation"'


@claim(
    "kf-no-retune",
    "The average does not depend on the order in which the folds are taken",
    "平均验证误差与各折的先后顺序无关",
    source=f"{NOTES}: nothing is changed inside the loop over the folds",
    formula="CV(λ) = f(data, λ, partition)",
    given={"n": counts(12, 40), "k": counts(2, 6), "weight_decay": st.sampled_from([0.0, 0.1, 1])},
    holds=exactly_equal(),
)
def the_average_does_not_depend_on_the_order_of_the_folds(
    cross_validate, k_fold, train_linear, n, k, weight_decay, stream
):
    X, y = least_squares.gaussian_task(32, n, 3, stream.child("data").numpy())
    initial = stream.child("init").numpy().standard_normal((32, 3))
    folds = k_fold(n, k, stream.child("folds").numpy())

    def train(w, X, y):
        solver = Solver(lr=0.1, epochs=5, batch_size=4, weight_decay=weight_decay)
        orders = np.broadcast_to(np.arange(X.shape[1]), (5, X.shape[1]))
        w[...] = train_linear(Split(X, y, X, y), solver, orders, initial=w, dtype=np.float64).w
        return w

    there, back = (
        cross_validate(X, y, order, initial.copy, train, least_squares.mean_squared_error)
        for order in (folds, folds[::-1])
    )
    return arrays.mismatch(there, back[::-1])


@claim(
    "kf-no-retune.loop",
    "Hyperparameters change only after the loop over the folds: each candidate passes through all "
    "of them, and the least mean error is chosen, of equal ones the first",
    "超参数只在 k 折循环结束后才改变：每组候选走完全部 k 折，再按平均误差选取最小者，"
    "相等时取最先者",
    source=f"{NOTES}: tune by the mean validation error, outside the loop",
    formula="λ* = λ_j,  j = min argmin_j mean_i loss_i(λ_j)",
    given={"n": counts(11, 40), "k": counts(2, 6), "candidates": counts(2, 6)},
    always=({"n": 11, "k": 3, "candidates": 2},),
    holds=always_true(),
)
def candidates_change_outside_the_loop(select_model, k_fold, n, k, candidates, stream):
    witness = least_squares.Witness(n, stream.child("model").numpy())
    folds = k_fold(n, k, stream.child("folds").numpy())
    found = []

    def loss(model, X, y):
        found.append(witness.loss(model, X, y))
        return found[-1]

    selection = select_model(
        list(range(candidates)), witness.X, witness.y, folds, witness.create, witness.train, loss
    )
    mean = np.array(found).reshape(candidates, -1, 1).mean(axis=1)
    other = least_squares.Witness(n, stream.child("other model").numpy())
    near = select_model(
        list(range(candidates, 0, -1)),
        other.X,
        other.y,
        folds,
        lambda: 0,
        lambda model, X, y, candidate: candidate,
        lambda candidate, X, y: np.array([1 + 1e-9 * candidate]),
    )
    even = select_model(
        list(range(candidates)), other.X, other.y, folds, other.create, other.train,
        lambda model, X, y: np.ones(1),
    )  # fmt: skip
    return arrays.truth(
        even.chosen == 0,
        near.chosen == candidates - 1,  # the least, in the last place and by little
        all(trainings == 0 for _, trainings in witness.starts),
        witness.candidates == [c for c in range(candidates) for _ in range(k)],
        len({tuple(weights) for weights, _ in witness.starts}) == candidates * k,
        np.isclose(selection.scores, mean, rtol=1e-12),
        selection.chosen == mean.argmin(axis=0),
        *(not seen & set(rows) for rows, seen in witness.validated),
    )


@claim(
    "kf-no-retune.leak",
    "A model that has seen its validation fold scores lower than an honest one",
    "见过验证折的模型验证误差会虚低",
    source=f"{NOTES}: why the validation fold is kept out of training",
    formula="CV with T_i = all samples < CV with T_i = the other folds",
    condition=Text("n = 40, p = 10, 5 folds", "n = 40、p = 10，5 折"),
    holds=more_often_than_not("a lower score by the leak", "泄漏使得分更低"),
)
def a_leaky_fold_scores_lower(cross_validate, k_fold, ordinary_least_squares, replicates, stream):
    X, y = least_squares.gaussian_task(replicates, 40, 10, stream.child("data").numpy())
    folds = k_fold(40, 5, stream.child("folds").numpy())
    leaky = [(np.arange(40), valid) for _, valid in folds]
    honest, leaked = (
        cross_validate(
            X,
            y,
            split,
            *least_squares.learner(ordinary_least_squares, X),
            least_squares.mean_squared_error,
        ).mean(axis=0)
        for split in (folds, leaky)
    )
    return arrays.exceeds(honest, leaked)


@claim(
    "kf-selects",
    "Five folds choose the hyperparameter better than one split into halves, more often than worse",
    "与对半划分相比，五折交叉验证选出的超参数更好的情形多于更差的情形",
    source=f"{SOURCE}: when training data is scarce",
    formula="P(regret_half > regret_5) - P(regret_half < regret_5) > 0",
    condition=Text(
        "ridge with 12 values of lambda, n = 40, p = 10; ties count for neither",
        "岭回归，12 个 lambda，n = 40，p = 10；平局不计",
    ),
    holds=mean_above(0.0, 0.1, low=-1.0, high=1.0),
)
def five_folds_choose_better(select_model, k_fold, holdout, ridge_regression, replicates, stream):
    generator, splits = stream.child("data").numpy(), stream.child("folds").numpy()
    w = generator.standard_normal((replicates, 10)) / np.sqrt(10)
    X, y = least_squares.gaussian_task(replicates, 40, 10, generator, w)
    penalties = list(np.geomspace(0.01, 10, 12))

    def train(model, X, y, penalty):
        return ridge_regression(X, y, penalty, intercept=False)[0]

    risks = np.array([least_squares.risk(train(None, X, y, penalty), w) for penalty in penalties])
    best = [
        np.take_along_axis(
            risks,
            select_model(
                penalties, X, y, folds, lambda: None, train, least_squares.mean_squared_error
            ).chosen[None],
            axis=0,
        )[0]
        for folds in (holdout(40, 20, splits), k_fold(40, 5, splits))
    ]
    return np.sign(best[0] - best[1])
