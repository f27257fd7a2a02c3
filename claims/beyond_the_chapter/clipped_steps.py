"""A clipped step: the gradient of loss and penalty together is no longer than its bound."""

import numpy as np
from hypothesis import strategies as st

from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import learning_rates, penalties
from harness.metrics import arrays
from harness.metrics import gradient_steps as steps

SHAPES = ((4, 3, 5), (4, 6))


@claim(
    "wd-update.clipped",
    "A clipped step is at most η times the bound, the decay included, and keeps its direction",
    "裁剪后的更新（含权重衰减在内）长度不超过上界的 η 倍，方向不变",
    source='d2l, "Weight Decay": the update of the penalised loss (Pascanu et al. 2013)',
    formula="w' = w - η min(1, c / ‖g + λw‖) (g + λw)",
    given={
        "lr": learning_rates(),
        "weight_decay": penalties(),
        "bound": st.sampled_from([0.5, 2.0, 100.0]),
    },
    always=(
        {"lr": 0.3, "weight_decay": 3.0, "bound": 0.5},
        {"lr": 0.3, "weight_decay": 0.3, "bound": 100.0},
    ),
    holds=exactly_equal(),
)
def a_clipped_step_is_short_and_straight(clipped_sgd, lr, weight_decay, bound, stream, device):
    params, grads = (
        [
            steps.normal(stream.child(name, i), shape, "float64", device)
            for i, shape in enumerate(SHAPES)
        ]
        for name in ("w", "g")
    )
    for gradient in grads:
        gradient[-1] = 0  # no loss pulls at the last replica, and it decays all the same
    found = clipped_sgd(params, grads, lr, bound, weight_decay)

    w, g = ([steps.wide(one) for one in part] for part in (params, grads))
    slopes = [one + weight_decay * two for one, two in zip(g, w, strict=True)]
    squares = sum((s**2).reshape(len(s), -1).sum(axis=1) for s in slopes)
    factor = np.minimum(1.0, bound / np.sqrt(squares))
    ratios = []
    for one, two, slope, other in zip(w, g, slopes, found, strict=True):
        short = factor.reshape(-1, *[1] * (slope.ndim - 1))
        size = np.abs(one) + lr * short * (np.abs(two) + weight_decay * np.abs(one))
        # Sums of the 21 squares of a replica, a root, a quotient and the step's own operations.
        error = steps.rounding_bound(size, 64)
        ratios.append((np.abs(steps.wide(other) - (one - lr * short * slope)) / error).ravel())
    return np.concatenate(ratios)


@claim(
    "wd-update.clipped-zero",
    "Without a gradient and without decay a clipped step stays where it is, however near the bound "
    "is to 0, and with a bound of 0 it always does",
    "没有梯度也没有衰减时，裁剪后的一步不改变参数，无论上界多么接近 0；上界为 0 时参数总是不变",
    source='d2l, "Weight Decay": the update of the penalised loss (Pascanu et al. 2013)',
    formula="g + λw = 0 or c = 0  ⇒  w' = w",
    always=({"bound": 2.0**-20}, {"bound": 1.0}, {"bound": 0.0}),
    holds=exactly_equal(),
)
def a_clipped_step_stays_without_a_gradient(clipped_sgd, bound, stream, device):
    params = [steps.normal(stream.child("w"), shape, "float64", device) for shape in SHAPES]
    ratios = []
    for size in (0.0, 1.0) if bound == 0 else (0.0,):
        found = clipped_sgd(params, [size * w for w in params], 0.3, bound)
        pairs = zip(found, params, strict=True)
        ratios += [arrays.mismatch(moved, w).ravel() for moved, w in pairs]
    return np.concatenate(ratios)
