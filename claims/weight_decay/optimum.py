"""The penalised loss L(w, b) + lambda/2 ||w||^2: its gradient, and where its optimum lies.

The penalty's gradient is lambda w. L is the mean of (w'x + b - y)^2 / 2, so lambda here is n times
smaller than in the statistician's ||y - Xw||^2 + lambda ||w||^2.
"""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from claims.weight_decay.experiments import linear_models
from claims.weight_decay.experiments.experiment import SOLVER
from harness.declaration.claim import claim
from harness.declaration.relations import all_hold, always_true, exactly_equal, more_often_than_not
from harness.declaration.strategies import (
    counts,
    dtypes,
    layouts,
    learning_rates,
    penalties,
    shapes,
)
from harness.metrics import arrays, tensors
from harness.metrics import gradient_steps as steps
from harness.training.solver import Split

BOOK = 'd2l, "Norms and Weight Decay"'
NOTES = 'Mu Li\'s notes, "Weight decay"'


@claim(
    "wd-identities",
    "The gradient of λ/2 ||w||² is λw: the half cancels the 2, and each weight has its own term",
    "λ/2 ||w||² 的梯度是 λw：½ 与 2 相消，且每个权重各自求导",
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
)
def the_half_cancels(l2_penalty, shape, dtype, layout, weight_decay, stream, device):
    w = tensors.laid_out(steps.normal(stream, shape, dtype, device), layout)
    (slope,) = steps.gradients(lambda w: weight_decay * l2_penalty(w), [w])
    exact, size = weight_decay * steps.wide(w), w[0].numel()
    squares = np.square(steps.wide(w)).reshape(len(w), -1).sum(axis=1)
    penalty, smaller = steps.wide(l2_penalty(w)), steps.wide(l2_penalty(w / 2))
    return np.concatenate(
        [
            arrays.rounding_ratio(steps.wide(slope), exact, exact, 4, dtype).ravel(),
            arrays.rounding_ratio(2 * penalty, squares, squares, size + 4, dtype),
            arrays.mismatch(4 * smaller, penalty),  # halving loses no digit
        ]
    )


@claim(
    "wd-identities.zero",
    "λ = 0 recovers the original loss, its gradient and its step",
    "λ = 0 时还原为原来的损失、梯度与更新",
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
)
def lambda_zero_recovers_the_loss(
    sgd, l2_penalty, squared_loss, mean_loss, n, d, lr, dtype, decoupled, replicates, stream, device
):
    X, y, w = steps.regression(n, d, dtype, replicates, stream, device)

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
            arrays.mismatch(steps.wide(penalised(w)), steps.wide(loss(w))).ravel(),
            arrays.mismatch(steps.wide(same), g).ravel(),
            arrays.rounding_ratio(steps.wide(stepped), a - lr * g, size, 4, dtype).ravel(),
        ]
    )


@claim(
    "wd-optimum-pulled",
    "The penalised optimum is pulled towards 0, away from the optimum of the loss, unless that is "
    "0 itself",
    "加惩罚后的最优点被拉向 0，偏离原损失的最优点（除非后者本身为 0）",
    source=f"{NOTES}: how the penalty moves the optimum",
    formula="L(w_λ) > L(w_0) and ||w_λ|| < ||w_0|| unless w_0 = 0",
    given={"n": counts(12, 60), "d": counts(1, 10), "weight_decay": penalties()},
    holds=always_true(),
)
def the_optimum_is_pulled_to_zero(ridge_regression, n, d, weight_decay, replicates, stream):
    X, y, _ = linear_models.gaussian_task(stream.numpy(), replicates, n, d)
    free, _ = ridge_regression(X, y, 0.0, intercept=False)
    pulled, _ = ridge_regression(X, y, weight_decay, intercept=False)
    # Labels that no feature explains: w_0 = 0, and there is nothing to pull.
    q, _ = np.linalg.qr(X)
    rest = y - np.matvec(q, np.vecmat(y, q))
    still, _ = ridge_regression(X, rest, weight_decay, intercept=False)
    # The projection leaves what its own rounding does: as much again as the solver's.
    error = 2 * linear_models.solution_error(X, y, 0.0, still)
    return np.concatenate(
        [
            arrays.truth(linear_models.half_mse(X, y, pulled) > linear_models.half_mse(X, y, free)),
            arrays.truth(linear_models.norm(pulled) < linear_models.norm(free)),
            linear_models.norm(still) / error,
        ]
    )


@claim(
    "wd-optimum-pulled.training",
    "Trained with λ = 3 the model ends with a higher training loss and smaller weights than with 0",
    "以 λ = 3 训练的模型，训练损失高于、权重小于 λ = 0 的模型",
    source=f"{NOTES}: how the penalty moves the optimum",
    formula="L(w_3) > L(w_0) and ||w_3|| < ||w_0||, both from w = 0",
    holds=all_hold(training_loss=more_often_than_not(), norm=more_often_than_not()),
)
def training_with_decay_ends_nearer_to_zero(train_linear, linear_200, sgd, replicates, stream):
    X, y = linear_200(replicates, 20, stream.child("data").numpy())

    def train(weight_decay):
        solver = replace(SOLVER, weight_decay=weight_decay, sgd=sgd)
        order, start = stream.child("order").numpy(), np.zeros((replicates, 200))
        history = train_linear(Split(X, y, X, y), solver, order, initial=start, initial_bias=0.0)
        return history.train_loss[:, -1], linear_models.norm(history.w)

    (loss, norm), (loss_3, norm_3) = train(0.0), train(3.0)
    return {"training_loss": arrays.exceeds(loss_3, loss), "norm": arrays.exceeds(norm, norm_3)}
