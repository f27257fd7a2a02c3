"""Exploding gradients in training: rates that diverge, and clipping g to the norm θ.

Nets of relu layers by plain SGD, with w_ij ~ N(0, 1) or He's N(0, 2/n_in).
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments.deep_nets import (
    DEEP,
    LEARNT,
    accuracy,
    best_rate,
    trained,
)
from harness.declaration.claim import claim
from harness.declaration.relations import exactly_equal, more_often_than_not
from harness.declaration.strategies import counts, dtypes
from harness.metrics import arrays, tensors
from harness.text import Text

NOTES = "Mu Li's notes, 数值稳定性: "
RATES = (0.001, 0.01, 0.1, 1.0)


@claim(
    "ns-explode-breaks",
    "Exploding gradients break training: with N(0, 1) weights the net learns at none of the "
    "learning rates 0.001 to 1, with He's at some",
    "梯度爆炸破坏训练：学习率从 0.001 到 1，N(0, 1) 初始化一概学不会，而 He "
    "初始化在其中一些学习率下可以训练",
    source=NOTES + "梯度爆炸的问题: 值超出值域、对学习率敏感",
    formula="10 relu layers:  no rate of {0.001, 0.01, 0.1, 1} gets half of the training set right "
    "with N(0, 1), one does with He",
    condition=Text(
        "ten hidden layers of 64 relus, 10 epochs at the rates 0.001, 0.01, 0.1 and 1; it learns "
        "if half of the training set is right",
        "十个隐藏层，各 64 个 relu；学习率 0.001、0.01、0.1、1，各 10 轮；训练集答对一半算学会",
    ),
    holds=more_often_than_not(),
)
def explosion_breaks_training(train_mlp, plain_normal, he_normal, relu, replicates, stream, device):
    arms = {
        "N(0, 1)": {"initializer": plain_normal, "std": 1.0},
        "He": {"initializer": he_normal},
    }
    best = {
        name: best_rate(
            train_mlp, DEEP, RATES, 10, replicates, stream, device, activation=relu, **law
        )
        for name, law in arms.items()
    }
    return (best["N(0, 1)"] < LEARNT) & (best["He"] > LEARNT)


@claim(
    "ns-explode-breaks.sensitive",
    "With exploding gradients fewer of the usual learning rates, 0.001 to 1, work than with He's "
    "weights",
    "梯度爆炸时，常用的学习率（0.001 到 1）中可用的比 He 初始化时少",
    source=NOTES + "对学习率敏感: 可能需要在训练过程中不断调整学习率",
    formula="#{η ∈ {0.001, 0.01, 0.1, 1} that learn | N(0, 1)} < #{η that learn | He}",
    condition=Text("four hidden layers", "四个隐藏层"),
    holds=more_often_than_not(),
)
def exploding_gradients_make_the_rate_delicate(
    train_mlp, plain_normal, he_normal, relu, replicates, stream, device
):
    working, common = [], (10, replicates, stream, device)
    for law in ({"initializer": plain_normal, "std": 1.0}, {"initializer": he_normal}):
        net = {"activation": relu, **law}
        accuracies = [accuracy(trained(train_mlp, (64,) * 4, lr, *common, **net)) for lr in RATES]
        working.append((np.array(accuracies) > LEARNT).sum(axis=0))
    return working[0] < working[1]


@claim(
    "ns-explode-breaks.clip-trains",
    "Clipping makes training converge: with gradients clipped to norm 1 the same net of N(0, 1) "
    "weights learns at rate 1",
    "梯度裁剪使训练收敛：把梯度裁剪到范数 1 之后，同一个 N(0, 1) 初始化的网络以学习率 1 能够学会",
    source=NOTES + "让训练更加稳定: 梯度归一化，梯度裁剪",
    formula="10 relu layers, N(0, 1), θ = 1, η = 1:  half of the training set is right after 10 "
    "epochs",
    # Scaled by 5.66 a layer the net is He's, where rate .1 moves as far in units of the weights
    # as rate 1 does here.
    holds=more_often_than_not(),
)
def clipping_makes_training_converge(
    train_mlp, plain_normal, clipped_sgd, relu, replicates, stream, device
):
    def clipped(params, grads, lr, weight_decay=0.0, decays=None):
        return clipped_sgd(params, grads, lr, 1.0)

    run = trained(
        train_mlp, DEEP, 1.0, 10, replicates, stream, device, initializer=plain_normal, std=1.0,
        activation=relu, sgd=clipped,
    )  # fmt: skip
    return accuracy(run) > LEARNT


@claim(
    "ns-explode-breaks.clip",
    "Clipping scales a gradient to at most the stated norm over all parameters together, keeps its "
    "direction, and returns the norm that it had",
    "梯度裁剪按所有参数的总范数把梯度缩放到不超过给定范数，保持其方向，并返回裁剪前的范数",
    source='d2l, "Recurrent Neural Networks", "Gradient Clipping": g ← min(1, θ/‖g‖) g',
    formula="g' = min(1, θ/‖g‖) g,  ‖g‖² = Σ_layers ‖g_l‖²,  which is returned",
    given={
        "shapes": st.lists(
            st.lists(st.integers(1, 6), min_size=0, max_size=3), min_size=2, max_size=5
        ),
        "threshold": st.sampled_from([1e-3, 0.5, 1.0, 3.0, 1e3]),
    },
    always=(
        {"shapes": [[4, 3], [4], [2, 4], [2]], "threshold": 1.0},
        {"shapes": [[4, 3], [4], [2, 4], [2]], "threshold": 100.0},
        {"shapes": [[5], [1]], "threshold": 0.5},
        {"shapes": [[4, 3], []], "threshold": 1.0},
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


@claim(
    "ns-explode-breaks.clip-edges",
    "Clipping leaves a zero gradient zero, and hides no divergence: a gradient whose norm is "
    "infinite or NaN is not finite afterwards either",
    "梯度裁剪使零梯度保持为零，也不掩盖发散：裁剪前范数为无穷或 NaN 的梯度，裁剪后仍含非有限值",
    source="derived here: min(1, θ/‖g‖) is 0/0 at g = 0 if it is computed as written",
    formula="g = 0: g' = 0;  ‖g‖ ≤ θ: g' = g;  ‖g‖ = ∞ or NaN: g' is not finite",
    given={"sizes": st.lists(counts(1, 40), min_size=1, max_size=4), "dtype": dtypes()},
    always=({"sizes": [4, 1], "dtype": "float32"}, {"sizes": [1], "dtype": "float16"}),
    holds=exactly_equal(),
)
def clipping_at_its_edges(clip_gradient_norm, sizes, dtype, stream, device):
    import torch

    generator = stream.torch(device)
    grads = [
        tensors.activations_like((5, n), generator, dtype=dtype, layout="contiguous", device=device)
        for n in sizes
    ]
    for g in grads:
        g[0] = 0.0
    grads[-1][2, -1], grads[0][3, 0], grads[-1][4, -1] = math.inf, math.nan, -math.inf
    clipped, norm = clip_gradient_norm(grads, 2.0 * math.sqrt(sum(sizes)) + 1.0)
    given, cut = (torch.cat([part.double() for part in parts], dim=1) for parts in (grads, clipped))
    return np.concatenate(
        [
            arrays.mismatch(cut[:2], given[:2]).ravel(),
            arrays.mismatch(norm[:1], np.zeros(1)),
            arrays.truth(~cut[2:].isfinite().all(dim=1), ~norm[2:].isfinite()),
        ]
    )


@claim(
    "ns-explode-breaks.clip-half",
    "Clipping keeps its promise for gradients in 16 bits, whose squares overflow in 16 bits",
    "对 16 位梯度，裁剪同样成立，尽管其平方在 16 位下会溢出",
    source="derived here: 256² = 65536 is above the largest float16, 65504",
    formula="g' = θ g / ‖g‖ up to eight roundings to 16 bits",
    given={
        "sizes": st.lists(counts(1, 200), min_size=1, max_size=4),
        "dtype": dtypes("float16", "bfloat16"),
    },
    always=({"sizes": [64, 3], "dtype": "float16"},),
    holds=exactly_equal(),
)
def clipping_in_sixteen_bits(clip_gradient_norm, sizes, dtype, stream, device):
    generator = stream.torch(device)
    shared = {"dtype": dtype, "layout": "contiguous", "device": device}
    grads = [300.0 * tensors.activations_like((2, n), generator, **shared) for n in sizes]
    clipped, _ = clip_gradient_norm(grads, 1.0)
    flat, cut = (
        np.concatenate([arrays.as_array(part) for part in parts], axis=1)
        for parts in (grads, clipped)
    )
    wanted = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    # Norm, guard against 0, quotient and product, each within two units of the last place.
    return arrays.rounding_ratio(cut, wanted, wanted, 8, dtype).ravel()
