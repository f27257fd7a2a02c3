"""Exploding gradients in training: rates that diverge, and clipping g to the norm θ.

Nets of relu layers by plain SGD, with w_ij ~ N(0, 1) or He's N(0, 2/n_in).
"""

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments.chains import with_deviation
from claims.numerical_stability.experiments.deep_nets import (
    DEEP,
    LEARNT,
    accuracy,
    best_rate,
    trained,
)
from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal, more_often_than_not
from harness.metrics import arrays
from harness.text import Text

NOTES = "Mu Li's notes, 数值稳定性: "
RATES = (0.001, 0.01, 0.1, 1.0)


@claim(
    "ns-explode-breaks",
    "Exploding gradients break training: N(0, 1) weights diverge at every learning rate, He's "
    "learn",
    "梯度爆炸破坏收敛：N(0, 1) 初始化在所有学习率下都发散，而 He 初始化可以训练",
    source=NOTES + "梯度爆炸的问题: 值超出值域、对学习率敏感",
    formula="10 relu layers:  no rate of {.001, .01, .1, 1} learns with N(0, 1), one does with He",
    holds=more_often_than_not(),
)
def exploding_gradients_break_training(
    train_mlp, plain_normal, he_normal, relu, replicates, stream, device
):
    arms = {"N(0, 1)": with_deviation(plain_normal, 1.0), "He": he_normal}
    best = {
        name: best_rate(
            train_mlp, DEEP, RATES, 10, replicates, stream, device, initializer=law, activation=relu
        )
        for name, law in arms.items()
    }
    return (best["N(0, 1)"] < LEARNT) & (best["He"] > LEARNT)


@claim(
    "ns-explode-breaks.sensitive",
    "With exploding gradients the learning rate is delicate: fewer rates work than with He's "
    "weights",
    "梯度爆炸时学习率很敏感：可用的学习率比 He 初始化时少",
    source=NOTES + "对学习率敏感: 可能需要在训练过程中不断调整学习率",
    formula="#{rates that learn | N(0, 1)} < #{rates that learn | He}",
    condition=Text("four hidden layers", "四个隐藏层"),
    holds=more_often_than_not(),
)
def exploding_gradients_make_the_rate_delicate(
    train_mlp, plain_normal, he_normal, relu, replicates, stream, device
):
    working, common = [], (10, replicates, stream, device)
    for law in (with_deviation(plain_normal, 1.0), he_normal):
        net = {"initializer": law, "activation": relu}
        accuracies = [accuracy(trained(train_mlp, (64,) * 4, lr, *common, **net)) for lr in RATES]
        working.append((np.array(accuracies) > LEARNT).sum(axis=0))
    return working[0] < working[1]


@claim(
    "ns-explode-breaks.clip",
    "Clipping scales a gradient to the stated norm over all parameters together, and keeps its "
    "direction",
    "梯度裁剪按所有参数的总范数缩放梯度，并保持其方向",
    source='d2l, "Recurrent Neural Networks", "Gradient Clipping": g ← min(1, θ/‖g‖) g',
    formula="g' = min(1, θ/‖g‖) g,  ‖g‖² = Σ_layers ‖g_l‖²",
    given={
        "shapes": st.lists(
            st.lists(st.integers(1, 6), min_size=1, max_size=3), min_size=2, max_size=5
        ),
        "threshold": st.sampled_from([1e-3, 0.5, 1.0, 3.0, 1e3]),
    },
    always=(
        {"shapes": [[4, 3], [4], [2, 4], [2]], "threshold": 1.0},
        {"shapes": [[4, 3], [4], [2, 4], [2]], "threshold": 100.0},
        {"shapes": [[5], [1]], "threshold": 0.5},
    ),
    holds=exactly_equal(),
)
def clipping_keeps_the_direction(clip_gradient_norm, shapes, threshold, replicates, stream, device):
    import torch

    generator = stream.torch(device)
    grads = [
        torch.randn((replicates, *shape), generator=generator, dtype=torch.float64, device=device)
        for shape in shapes
    ]
    grads[0] = grads[0] * torch.arange(replicates, device=device).reshape(-1, *[1] * len(shapes[0]))
    clipped, norm = clip_gradient_norm(grads, threshold)
    flat, cut = (
        np.concatenate([part.cpu().numpy().reshape(replicates, -1) for part in parts], axis=1)
        for parts in (grads, clipped)
    )
    exact = np.linalg.norm(flat, axis=1)
    wanted = flat * np.minimum(1.0, threshold / exact)[:, None]
    steps = 2 * flat.shape[1] + 8
    return np.concatenate(
        [
            arrays.rounding_ratio(norm, exact, exact, steps),
            arrays.rounding_ratio(cut, wanted, wanted, steps).ravel(),
        ]
    )
