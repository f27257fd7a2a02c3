"""The terms of the penalised loss, one by one: squared losses, their mean, the penalty.

Each is exact to its own rounding in every shape and size, and so is its gradient.
"""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import counts, dtypes
from harness.metrics import arrays
from harness.metrics import gradient_steps as steps

BOOK = 'd2l, "Norms and Weight Decay"'
FEATURES = st.sampled_from([[], [1], [7], [3, 4], [2, 3, 2, 2], [300]])
SIZES = st.sampled_from([1e-6, 1.0, 1e9])


@claim(
    "wd-update.mean",
    "The mean loss weighs every example by 1/n: negative losses and zeros count, and a NaN is not "
    "hidden",
    "平均损失给每个样本 1/n 的权重：负的损失与零都计入，NaN 不会被掩盖",
    source=f"{BOOK}: the minibatch loss averages over its examples",
    formula="1/n Σ_i l_i,  ∂/∂l_i = 1/n",
    given={
        "n": counts(1, 40),
        "before": st.sampled_from([[], [1], [3], [2, 3]]),
        "size": SIZES,
        "odd": st.sampled_from(["none", "nan", "inf"]),
        "dtype": dtypes("float32", "float64"),
    },
    always=(
        {"n": 3, "before": [3], "size": 1.0, "odd": "nan", "dtype": "float64"},
        {"n": 5, "before": [], "size": 1e9, "odd": "none", "dtype": "float32"},
        {"n": 1, "before": [2, 3], "size": 1.0, "odd": "none", "dtype": "float64"},
        {"n": 4, "before": [1], "size": 1.0, "odd": "inf", "dtype": "float64"},
    ),
    holds=exactly_equal(),
)
def every_example_weighs_the_same(mean_loss, n, before, size, odd, dtype, stream, device):
    import torch

    losses = steps.normal(stream, (*before, n), dtype, device) * size
    losses[..., n // 2] = 0.0
    if odd != "none":
        losses.reshape(-1, n)[0, 0] = float(odd)
    losses.requires_grad_()
    mean = mean_loss(losses)
    (gradient,) = torch.autograd.grad(mean.sum(), losses)
    return steps.mean_ratios(mean, gradient, losses, 2 * n + 2, dtype)


@claim(
    "wd-update.square",
    "The squared loss is half the squared error of each example, for a column of predictions too, "
    "and however close or large the numbers are; a NaN stays one",
    "平方损失是每个样本误差平方的一半：预测为一列时也是如此，无论数值多接近或多大；NaN 仍为 NaN",
    source='d2l, "Linear Regression", "Loss Function"; "Defining the Loss Function": y.reshape',
    formula="l_i = (ŷ_i - y_i)²/2,  ∂l_i/∂ŷ_i = ŷ_i - y_i",
    given={
        "shape": st.sampled_from([[6], [6, 1], [1, 6], [2, 6]]),
        "column": st.booleans(),
        "offset": st.sampled_from([0.0, 1e6]),
        "size": SIZES,
        "dtype": dtypes("float32", "float64"),
    },
    always=(
        {"shape": [6, 1], "column": False, "offset": 0.0, "size": 1.0, "dtype": "float64"},
        {"shape": [6], "column": True, "offset": 0.0, "size": 1e9, "dtype": "float32"},
        {"shape": [2, 6], "column": False, "offset": 1e6, "size": 1.0, "dtype": "float64"},
        {"shape": [2, 6], "column": True, "offset": 0.0, "size": 1.0, "dtype": "float64"},
    ),
    holds=exactly_equal(),
)
def the_squared_loss_is_half_the_squared_error(
    squared_loss, shape, column, offset, size, dtype, stream, device
):
    import torch

    matrix = [6, 2] if column else [2, 6]  # as many elements, in the same order
    target = matrix if shape == [2, 6] else [6, 1] if column else [6]
    y_hat, y = (
        steps.normal(stream.child(name), form, dtype, device) * size + offset
        for name, form in (("y_hat", shape), ("y", target))
    )
    y_hat.reshape(-1)[-1] = float("nan")
    y_hat.requires_grad_()
    losses = squared_loss(y_hat, y)
    (slope,) = torch.autograd.grad(losses.sum(), y_hat)
    if tuple(losses.shape) != tuple(shape):
        return arrays.truth(False)

    *error, _ = (steps.wide(y_hat) - steps.wide(y).reshape(shape)).ravel()
    *found, last = steps.wide(losses).ravel()
    return np.concatenate(
        [
            arrays.truth(np.isnan(last)),
            arrays.rounding_ratio(found, np.square(error) / 2, np.square(error), 8, dtype),
            arrays.rounding_ratio(steps.wide(slope).ravel()[:-1], error, error, 8, dtype),
        ]
    )


@claim(
    "wd-update.penalty",
    "The penalty is half the sum of all squared weights, small or large, for each of several "
    "models side by side, and its gradient is w itself",
    "惩罚是一个模型全部权重平方和的一半，无论权重大小，多个模型并列时分别计算；其梯度就是 w 本身",
    source=f"{BOOK}: the penalty λ/2 ‖w‖²",
    formula="‖w‖²/2,  ∇ = w",
    given={
        "replicas": counts(1, 3),
        "features": FEATURES,
        "size": SIZES,
        "dtype": dtypes("float32", "float64"),
    },
    always=(
        {"replicas": 2, "features": [300], "size": 1.0, "dtype": "float64"},
        {"replicas": 3, "features": [2, 3, 2, 2], "size": 1e9, "dtype": "float32"},
        {"replicas": 2, "features": [], "size": 1e-6, "dtype": "float64"},
    ),
    holds=exactly_equal(),
)
def the_penalty_is_half_the_squared_norm(
    l2_penalty, replicas, features, size, dtype, stream, device
):
    import torch

    w = steps.normal(stream, (replicas, *features), dtype, device) * size
    if replicas > 1:
        w[0] = 0.0  # a root would have no gradient there
    w.requires_grad_()
    penalty = l2_penalty(w)
    (gradient,) = torch.autograd.grad(penalty.sum(), w)

    values = steps.wide(w)
    exact = (values.reshape(replicas, -1) ** 2).sum(axis=1) / 2
    operations = values.size + 4
    ratios = [
        arrays.truth(tuple(penalty.shape) == (replicas,)),
        arrays.rounding_ratio(steps.wide(penalty), exact, exact, operations, dtype),
        arrays.rounding_ratio(steps.wide(gradient), values, values, 4, dtype),
    ]
    return np.concatenate([ratio.ravel() for ratio in ratios])
