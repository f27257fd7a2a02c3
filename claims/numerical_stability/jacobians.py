"""A deep net's gradient is a product of Jacobians, one for each layer: diag(σ'(W h)) W.

h_l = σ(W_l h_(l-1)) with an elementwise σ, so ∂h_l/∂h_(l-1) = diag(σ'(W_l h_(l-1))) W_l.
"""

import itertools
from typing import Any

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import activations
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import exactly_equal
from harness.declaration.strategies import counts
from harness.metrics import arrays
from harness.text import Text

BOOK = 'd2l, "Numerical Stability and Initialization", '
NOTES = "Mu Li's notes, 数值稳定性: "
NAMES = ("relu", "sigmoid", "tanh", "scaled_sigmoid")


@claim(
    "ns-product",
    "The gradient of a deep net is the product of its layers' Jacobians diag(σ'(W h)) W",
    "深层网络的梯度是各层雅可比矩阵 diag(σ'(Wh))W 的连乘",
    source=BOOK + '"Vanishing and Exploding Gradients": the product of L - l matrices',
    formula="∂h_3/∂h_0 = Π_l diag(σ'(W_l h_{l-1})) W_l",
    condition=Text("in the layout of outputs by inputs", "采用“输出 × 输入”布局"),
    given={
        "activation": st.sampled_from(NAMES),
        "sizes": st.sampled_from([[3, 5, 4, 2], [8, 8, 8, 8]]),
    },
    always=tuple({"activation": name, "sizes": [4, 7, 3, 5]} for name in NAMES),
    holds=exactly_equal(),
)
def the_gradient_is_a_product_of_jacobians(
    xavier_normal, relu, sigmoid, tanh, scaled_sigmoid, activation, sizes, replicates, stream,
    device,
):  # fmt: skip
    chosen = _chosen(activation, relu, sigmoid, tanh, scaled_sigmoid)
    ratios = []
    for found, layers in _jacobians(chosen, activation, xavier_normal, sizes, replicates, stream):
        product, size = np.eye(sizes[0]), np.eye(sizes[0])
        for jacobian in layers:
            product, size = jacobian @ product, np.abs(jacobian) @ size
        # A slope's rounding is relative to 1, so |W| stands for |diag(σ') W| in the error's scale.
        scale = np.eye(sizes[0])
        for w in layers.weights:
            scale = np.abs(w) @ scale
        steps = sum(sizes) + len(sizes) * (activations.FORMULA_ROUNDINGS + 4)
        ratios.append(arrays.rounding_ratio(found, product, scale, steps).ravel())
    return np.concatenate(ratios)


@claim(
    "ns-product.outside",
    "The Jacobian of a layer is diag(σ'(W h)) Wᵀ",
    "每层的雅可比矩阵是 diag(σ'(Wh))·Wᵀ",
    source=NOTES + "∂h_t/∂h_{t-1} = diag(σ'(W h))(W)ᵀ",
    formula="∂h_t/∂h_{t-1} = diag(σ'(W h)) Wᵀ",
    condition=Text(
        "read in the layout of outputs by inputs, as ∂h_t/∂h_{t-1} is written",
        "按 ∂h_t/∂h_{t-1} 的写法，采用“输出 × 输入”布局",
    ),
    always=({"activation": "tanh", "sizes": [7, 7]}, {"activation": "tanh", "sizes": [4, 7]}),
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="ns-product",
    why=Text(
        "diag(σ') Wᵀ mixes two layouts: the transposed (gradient) layout is Wᵀ diag(σ'). For a "
        "layer with m ≠ n units the printed product has not even a shape, and for m = n it is "
        "wrong unless W is symmetric.",
        "diag(σ')Wᵀ 混用了两种布局：转置（梯度）布局应为 Wᵀdiag(σ')。m ≠ n "
        "时该乘积的形状都不成立，m = n 时除非 W 对称否则也不对。",
    ),
)
def the_jacobian_transposes_weights(xavier_normal, tanh, activation, sizes, replicates, stream):
    ratios = []
    for found, layers in _jacobians(tanh, activation, xavier_normal, sizes, replicates, stream):
        (w,), (slope,) = layers.weights, layers.slopes
        printed = w.T * slope[:, None] if w.shape[0] == w.shape[1] else w.T
        ratios.append(
            arrays.rounding_ratio(found, printed, np.abs(w), 32).ravel()
            if found.shape == printed.shape
            else arrays.mismatch(found, printed)
        )
    return np.concatenate(ratios)


@claim(
    "ns-diagonal",
    "The Jacobian of an elementwise activation is diagonal",
    "逐元素激活函数的雅可比矩阵是对角阵",
    source=NOTES + "diag(σ'(W h))",
    formula="∂σ(z)_i/∂z_j = 0 for i ≠ j",
    given={"activation": st.sampled_from(NAMES), "units": counts(2, 12)},
    always=tuple({"activation": name, "units": 5} for name in NAMES),
    holds=exactly_equal(),
)
def elementwise_activations_have_diagonal_jacobians(
    relu, sigmoid, tanh, scaled_sigmoid, activation, units, replicates, stream
):
    import torch

    chosen = _chosen(activation, relu, sigmoid, tanh, scaled_sigmoid)
    z = torch.randn((replicates, units), generator=stream.torch(), dtype=torch.float64)
    jacobians = torch.autograd.functional.jacobian(lambda a: chosen(a).sum(dim=0), z)
    away = ~np.eye(units, dtype=bool)
    return arrays.mismatch(jacobians.permute(1, 0, 2)[:, away], 0 * z[:, :1].expand(-1, away.sum()))


class _Layers(list[Any]):
    """The Jacobians of a net's layers, with the weights and slopes that they are made of."""

    weights: list[Any]
    slopes: list[Any]


def _chosen(name, relu, sigmoid, tanh, scaled_sigmoid):
    return {"relu": relu, "sigmoid": sigmoid, "tanh": tanh, "scaled_sigmoid": scaled_sigmoid}[name]


def _jacobians(activation, name, initializer, sizes, replicates, stream):
    """(∂h_L/∂h_0 by autograd, the layers' Jacobians by formula) of `replicates` nets."""
    import torch

    generator = stream.torch()
    for _ in range(replicates):
        weights = [
            initializer(a, b, generator, dtype=torch.float64)[0]
            for a, b in itertools.pairwise(sizes)
        ]
        inputs: list[Any] = []

        def net(h, weights=weights, inputs=inputs):
            inputs.clear()
            for w in weights:
                z = w @ h
                inputs.append(z.detach().numpy().copy())
                h = activation(z)
            return h

        x = torch.randn(sizes[0], generator=generator, dtype=torch.float64)
        found = torch.autograd.functional.jacobian(net, x).numpy()
        layers = _Layers()
        layers.weights = [w.numpy() for w in weights]
        layers.slopes = [activations.SLOPES[name](z) for z in inputs]
        pairs = zip(layers.slopes, layers.weights, strict=True)
        layers.extend(slope[:, None] * w for slope, w in pairs)
        yield found, layers
