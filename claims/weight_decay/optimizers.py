"""Decay in the optimiser against the penalty lambda/2 ||w||^2 in the loss: SGD, momentum, Adam.

Coupled decay, g <- g + lambda w, is the penalty for any loss; decoupled decay multiplies w by
1 - eta lambda beside the step and is not, except for plain SGD (Loshchilov and Hutter 2019).
"""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import learning_rates, penalties
from harness.metrics import arrays
from harness.metrics import gradient_steps as steps
from harness.text import Text

BOOK_CONCISE = 'd2l, "Weight Decay", "Concise Implementation"'


@claim(
    "wd-any-loss",
    "Decay in the optimiser is the L2 penalty for any loss",
    "集成在优化器中的权重衰减，对任何损失都等价于 L2 惩罚",
    source=f'{BOOK_CONCISE}: "integrated into the optimization algorithm ... any loss function"',
    formula="step(∇L, wd = λ) = step(∇(L + λ/2 ||w||²), wd = 0)",
    condition=Text("plain SGD", "普通 SGD"),
    given={
        "loss": st.sampled_from(steps.LOSSES),
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "decoupled": st.booleans(),
    },
    always=tuple(
        {"loss": loss, "lr": 0.1, "weight_decay": 0.3, "decoupled": False} for loss in steps.LOSSES
    ),
    holds=exactly_equal(),
)
def decay_in_the_step_is_the_penalty(
    sgd, l2_penalty, loss, lr, weight_decay, decoupled, replicates, stream, device
):
    params, objective = _layer(loss, replicates, stream, device)
    decay = {"weight_decay": weight_decay, "decoupled": decoupled, "decays": [True, False]}

    def penalised(W, b):
        return objective(W, b) + weight_decay * l2_penalty(W)

    ratios = []
    for _ in range(3):
        slopes = steps.gradients(objective, params)
        found = sgd(params, slopes, lr, **decay)
        other = sgd(params, steps.gradients(penalised, params), lr)
        for p, g, one, two in zip(params, slopes, found, other, strict=True):
            size = _terms(p, g, weight_decay)
            scale = np.abs(steps.wide(p)) + lr * size
            ratios.append(arrays.rounding_ratio(steps.wide(one), steps.wide(two), scale, 16))
        params = found
    return np.concatenate([ratio.ravel() for ratio in ratios])


OPTIMIZERS = st.sampled_from(["momentum", "adam"])


@claim(
    "wd-any-loss.coupled",
    "With momentum or Adam, too, coupled decay is the L2 penalty for any loss",
    "对动量法或 Adam，耦合形式的衰减同样等价于任何损失上的 L2 惩罚",
    source="Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization, Algorithms 1 and 2",
    formula="g ← g + λw before the velocity and the moments",
    condition=Text("the decay is coupled: it joins the gradient", "衰减为耦合形式：先加入梯度"),
    given={"optimizer": OPTIMIZERS, "loss": st.sampled_from(steps.LOSSES)},
    always=({"optimizer": "momentum", "loss": "squared"}, {"optimizer": "adam", "loss": "squared"}),
    holds=exactly_equal(),
)
def coupled_decay_is_the_penalty(
    momentum_sgd, adam, l2_penalty, optimizer, loss, replicates, stream, device
):
    step = momentum_sgd if optimizer == "momentum" else adam
    return _decay_and_penalty(step, optimizer, l2_penalty, loss, False, replicates, stream, device)


@claim(
    "wd-any-loss.outside",
    "Decay in the optimiser is the L2 penalty for momentum and Adam, however it is built in",
    "无论如何实现，动量法与 Adam 中的衰减都等价于 L2 惩罚",
    source=f'{BOOK_CONCISE}: "integrated into the optimization algorithm ... any loss function"',
    formula="step(∇L, decoupled wd = λ) = step(∇(L + λ/2 ||w||²), wd = 0), for four steps",
    condition=Text("the decay is decoupled, as in AdamW", "衰减为解耦形式，如 AdamW"),
    given={"optimizer": OPTIMIZERS, "loss": st.sampled_from(steps.LOSSES)},
    always=({"optimizer": "momentum", "loss": "squared"}, {"optimizer": "adam", "loss": "squared"}),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="wd-any-loss.coupled",
    why=Text(
        "The gradient of a penalty passes through velocity and moments; decoupled decay does not. "
        "Adam divides the penalty by sqrt(v), so that large gradients decay less.",
        "惩罚的梯度会进入速度与各阶矩，解耦衰减则不会；"
        "Adam 还会把惩罚除以 sqrt(v)，梯度越大衰减越小。",
    ),
)
def decoupled_decay_is_the_penalty(
    momentum_sgd, adam, l2_penalty, optimizer, loss, replicates, stream, device
):
    step = momentum_sgd if optimizer == "momentum" else adam
    return _decay_and_penalty(step, optimizer, l2_penalty, loss, True, replicates, stream, device)


@claim(
    "wd-any-loss.decoupled",
    "Decoupled decay multiplies w by 1 - ηλ, with the η of that step, and touches nothing else",
    "解耦衰减只把 w 乘以 1 - ηλ（η 为当前步的学习率），不影响其他任何量",
    source="Loshchilov and Hutter 2019, Decoupled Weight Decay Regularization, Algorithm 2",
    formula="step(λ) = step(0) - η_t λ w, under any schedule η_t",
    given={
        "optimizer": OPTIMIZERS,
        "rates": st.lists(learning_rates(), min_size=3, max_size=5),
        "weight_decay": penalties(),
    },
    always=(
        {"optimizer": "adam", "rates": [0.1, 0.01, 0.3], "weight_decay": 0.3},
        {"optimizer": "momentum", "rates": [0.1, 0.01, 0.3], "weight_decay": 0.3},
    ),
    holds=exactly_equal(),
)
def decoupled_decay_only_scales(
    momentum_sgd, adam, optimizer, rates, weight_decay, replicates, stream, device
):
    step = momentum_sgd if optimizer == "momentum" else adam
    params, objective = _layer("squared", replicates, stream, device)
    state = plain = None
    ratios = []
    for lr in rates:
        slopes = steps.gradients(objective, params)
        options = {"weight_decay": weight_decay, "decoupled": True}
        found, state = step(params, slopes, state, lr, **options)
        other, plain = step(params, slopes, plain, lr)
        for p, one, two in zip(params, found, other, strict=True):
            w, free = steps.wide(p), steps.wide(two)
            exact = free - lr * weight_decay * w
            size = (1 + lr * weight_decay) * np.abs(w) + np.abs(free - w)
            ratios.append(arrays.rounding_ratio(steps.wide(one), exact, size, 8).ravel())
        params = found
    return np.concatenate(ratios)


def _decay_and_penalty(step, optimizer, l2_penalty, loss, decoupled, replicates, stream, device):
    """Four steps of an optimiser with decay and of one whose loss carries the penalty."""
    lr, weight_decay = 0.1, 0.3
    params, objective = _layer(loss, replicates, stream, device)

    def penalised(W, b):
        return objective(W, b) + weight_decay * l2_penalty(W)

    decay = {"weight_decay": weight_decay, "decoupled": decoupled, "decays": [True, False]}
    state = other = None
    ratios = []
    sizes: tuple[list[np.ndarray], list[np.ndarray]] = (
        [],
        [],
    )  # of the weight's gradients and of the bias's
    slopes: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])
    for _ in range(4):
        gradients = steps.gradients(objective, params)
        total = steps.gradients(penalised, params)
        found, state = step(params, gradients, state, lr, **decay)
        twin, other = step(params, total, other, lr)
        for i, (p, one, two) in enumerate(zip(params, found, twin, strict=True)):
            sizes[i].append(_terms(p, gradients[i], weight_decay))
            slopes[i].append(np.abs(steps.wide(total[i])))
            w, a, b = (steps.wide(v) for v in (p, one, two))
            # 30 operations on w and its change; the rounded gradients beside them.
            scale = np.abs(w) + np.abs(b - w)
            error = steps.rounding_bound(scale, 30)
            if optimizer == "adam":
                error = error + steps.adam_step_error(
                    lr, np.stack(sizes[i]), np.stack(slopes[i]), "float64"
                )
            else:  # velocities add up all earlier gradients
                error = error + steps.rounding_bound(lr * np.sum(sizes[i], axis=0), 16)
            ratios.append(np.abs(a - b) / error)
        params = found
    return np.concatenate([ratio.ravel() for ratio in ratios])


def _layer(loss, replicates, stream, device):
    """W (R, 3, 6) and b (R, 3), and the loss of that layer on 8 examples."""
    X = steps.normal(stream.child("X"), (replicates, 8, 6), "float64", device)
    y = steps.normal(stream.child("y"), (replicates, 8, 3), "float64", device)
    W = steps.normal(stream.child("W"), (replicates, 3, 6), "float64", device)
    b = steps.normal(stream.child("b"), (replicates, 3), "float64", device)
    return [W, b], steps.loss_of(loss, X, y)


def _terms(p, g, weight_decay):
    """|g| + lambda |w|: the terms of a penalised gradient."""
    return np.abs(steps.wide(g)) + weight_decay * np.abs(steps.wide(p))
