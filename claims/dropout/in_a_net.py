"""Dropout in a net: subnetworks, gradients, the order of layers, expectations.

h' is 0 with probability p and h / (1 - p) otherwise; m is its mask, W the weights above it.
"""

from hypothesis import strategies as st

from claims.dropout.experiments import pairs
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import (
    all_hold,
    exactly_equal,
    mean_above,
    mean_equals,
    rate_equals,
)
from harness.declaration.strategies import counts, drop_probabilities, dtypes, layouts, shapes
from harness.metrics import arrays, tensors
from harness.text import Text


@claim(
    "do-layer-expectation",
    "With the other layers fixed, dropout leaves the expectation of the next layer's input "
    "unchanged",
    "固定其他层，暂退法不改变下一层输入的期望",
    source='d2l, "Dropout": conditioned on the other layers, the expectation of each layer equals '
    "the value without noise",
    formula="E[Wh'] = Wh",
    condition=Text("a layer that is linear in what was dropped", "该层对被丢弃的量是线性的"),
    given={"p": drop_probabilities(0.2, 0.8), "units": counts(4, 16)},
    holds=mean_equals(0.0, within=0.03, low=-1.0, high=1.0, cap=1 << 18),
)
def dropout_leaves_the_next_expectation(dropout, p, units, replicates, stream, device):
    h, w, bound = _one_unit_above(units, p, False, replicates, stream, device)
    noisy = (dropout(h, p, stream.child("mask").torch(device)) * w).sum(1)
    return arrays.as_array((noisy - (h * w).sum(1)) / bound).clip(-1.0, 1.0)


@claim(
    "do-layer-expectation.outside",
    "Dropout leaves the expectation of every layer unchanged, behind a ReLU too",
    "暂退法不改变每一层的期望，在 relu 之后也是如此",
    source='d2l, "Dropout": conditioned on the other layers, the expectation of each layer equals '
    "the value without noise",
    formula="E[φ(Wh')] = φ(Wh)",
    condition=Text("behind a ReLU with an input near its kink", "在 relu 之后，且其输入接近转折点"),
    given={"p": drop_probabilities(0.3, 0.7), "units": counts(4, 12)},
    holds=mean_equals(0.0, within=0.03, low=-1.0, high=1.0, cap=1 << 18),
    expected=Verdict.REFUTED,
    twin="do-layer-expectation",
    why=Text(
        "The noise passes through a nonlinearity: by Jensen's inequality the mean of a convex "
        "function lies above the function of the mean, strictly so where the noise crosses the "
        "kink.",
        "噪声经过了非线性：由 Jensen 不等式，凸函数的均值不小于均值的函数值；"
        "噪声跨过转折点时严格大于。",
    ),
)
def dropout_leaves_every_expectation(dropout, relu, p, units, replicates, stream, device):
    return _bias_behind_relu(dropout, relu, p, units, replicates, stream, device)


@claim(
    "do-layer-expectation.jensen",
    "Behind a ReLU, dropout raises the expectation",
    "暂退法使经过 relu 之后的期望变大",
    source='d2l, "Dropout", corrected by Jensen (1906)',
    formula="E[φ(Wh')] > φ(Wh)",
    condition=Text("behind a ReLU with an input near its kink", "在 relu 之后，且其输入接近转折点"),
    given={"p": drop_probabilities(0.3, 0.7), "units": counts(4, 12)},
    holds=mean_above(0.0, 0.03, low=-1.0, high=1.0, cap=1 << 17),
)
def dropout_raises_expectations_behind_a_relu(dropout, relu, p, units, replicates, stream, device):
    return _bias_behind_relu(dropout, relu, p, units, replicates, stream, device)


@claim(
    "do-subnetwork",
    "A net with dropped units computes what the net without these units computes, the units that "
    "are left multiplied by 1/(1-p)",
    "丢弃若干单元的网络等价于去掉这些单元的子网络，其中剩下的单元乘以 1/(1-p)",
    source='d2l, "Dropout": the result can be viewed as a network that contains a subset of the '
    "original neurons",
    formula="W₂h' + b₂ = W₂[:, kept] h[kept] / (1-p) + b₂,  kept: h' ≠ 0",
    given={
        "p": drop_probabilities(0.05, 0.95),
        "inputs": counts(3, 40),
        "units": counts(8, 64),
        "outputs": counts(1, 10),
    },
    holds=exactly_equal(),
)
def a_dropped_net_is_a_subnetwork(dropout, relu, p, inputs, units, outputs, replicates, stream):
    import torch

    generator = stream.child("net").torch("cpu")
    options = {"generator": generator, "dtype": torch.float64}
    W1, b1 = torch.randn(units, inputs, **options), torch.randn(units, **options)
    W2, b2 = torch.randn(outputs, units, **options), torch.randn(outputs, **options)
    x = torch.randn(replicates, inputs, **options)
    hidden = relu(x @ W1.T + b1)
    dropped = dropout(hidden, p, stream.child("mask").torch("cpu"))
    whole = dropped @ W2.T + b2
    # The units that this sample's mask kept; a unit at rest tells nothing and adds nothing.
    kept = [row != 0 for row in dropped]
    part = torch.stack(
        [
            (x[i] @ W1[k].T + b1[k]).clamp(min=0) @ W2[:, k].T / (1 - p) + b2
            for i, k in enumerate(kept)
        ]
    )
    size = ((x.abs() @ W1.abs().T + b1.abs()) / (1 - p)) @ W2.abs().T + b2.abs()
    return arrays.rounding_ratio(whole, part, size, inputs + units + 8)


@claim(
    "do-grad-vanish",
    "The gradient of a dropped unit vanishes, and a kept one's is rescaled: the mask is the "
    "forward pass's",
    "被丢弃单元的梯度为零，保留单元的梯度按同样系数放大：反向传播使用前向的掩码",
    source='d2l, "Dropout", "Dropout in Practice": when computing gradients of the outputs, the '
    "gradients of the dropped units vanish",
    formula="∂h'/∂h = m / (1 - p)",
    condition=Text("sample by sample", "逐样本"),
    given={
        "p": drop_probabilities(0.05, 0.95),
        "shape": shapes(min_size=1024),
        "dtype": dtypes(),
        "layout": layouts(),
    },
    always=({"p": 0.1, "shape": [32, 64], "dtype": "float32", "layout": "contiguous"},),
    holds=all_hold(
        mask=exactly_equal(), zeros=rate_equals(lambda p: 1 - p, within=pairs.of_an_element(0.05))
    ),
)
def the_gradient_has_the_forward_mask(dropout, p, shape, dtype, layout, replicates, stream, device):
    generators = [stream.child(name).torch(device) for name in ("h", "v", "zeros", "mask")]
    h, cotangent = (
        tensors.activations_like(shape, one, dtype=dtype, layout=layout, device=device)
        for one in generators[:2]
    )
    ratios, kept, zeros = [], 0, 0
    while zeros < replicates:
        leaf = pairs.with_zeros(h, generators[2]).requires_grad_()
        dropped = dropout(leaf, p, generators[3])
        dropped.backward(cotangent)
        gradient, h_now = pairs.gradient_of(leaf), leaf.detach()
        off = pairs.gradient_off_mask(gradient, cotangent, h_now, dropped.detach(), p)
        ratios.append(off.max())
        kept += int((gradient != 0)[h_now == 0].sum())
        zeros += int((h_now == 0).sum())
    return {"mask": arrays.as_array(ratios), "zeros": (kept, zeros)}


BATCHES = st.sampled_from([2, 4, 8, 16])


@claim(
    "do-grad-vanish.batch",
    "A unit that is dropped in a sample gets no gradient from its batch",
    "在某个样本中被丢弃的单元，在整个小批量中都得不到梯度",
    source='d2l, "Dropout", "Dropout in Practice": read for a minibatch',
    formula="m_ij = 0 ⇒ ∂L_batch/∂w_j = 0",
    condition=Text("a batch of two samples or more", "小批量不少于两个样本"),
    inside=lambda batch: batch >= 2,
    given={"p": st.sampled_from([0.2, 0.3, 0.5]), "batch": BATCHES},
    # A unit that is dropped in one sample is dropped in all with p^(B-1) <= 1/2.
    holds=all_hold(vanishes=rate_equals(1.0, within=0.05)),
    expected=Verdict.REFUTED,
    twin="do-grad-vanish",
    why=Text(
        "Masks are drawn for each sample, so a unit that one sample drops is kept by others; the "
        "batch's gradient vanishes only if all B samples drop it, with probability p^B.",
        "掩码逐样本抽取：一个样本丢弃的单元会被其他样本保留；"
        "只有 B 个样本全部丢弃它时小批量梯度才为零，概率为 p^B。",
    ),
)
def a_dropped_unit_gets_no_gradient_from_its_batch(dropout, p, batch, replicates, stream, device):
    vanished, first = _unit_gradients(dropout, p, batch, 64 * replicates, stream, device)
    return {"vanishes": vanished[first][:replicates]}


@claim(
    "do-grad-vanish.rate",
    "The batch gradient of a unit vanishes with probability p^B",
    "一个单元的小批量梯度为零的概率是 p^B",
    source='d2l, "Dropout", "Dropout in Practice": corrected for a minibatch of B samples',
    formula="P(∂L_batch/∂w_j = 0) = p^B",
    condition=Text(
        "a unit whose gradient without dropout is 0 in no sample",
        "不用暂退法时，该单元在任何样本中的梯度都不为 0",
    ),
    always=tuple({"p": p, "batch": b} for p, b in ((0.5, 1), (0.2, 2), (0.5, 8), (0.9, 16))),
    holds=rate_equals(lambda p, batch: p**batch, within=lambda p, batch: 0.2 * p**batch),
)
def a_batch_gradient_vanishes_at_rate_p_to_the_b(dropout, p, batch, replicates, stream, device):
    return _unit_gradients(dropout, p, batch, replicates, stream, device)[0]


@claim(
    "do-after-act",
    "Dropout may stand before or behind a ReLU: both orders compute the same",
    "暂退层放在 relu 之前或之后，结果相同",
    source='d2l, "Dropout", "Implementation from Scratch": dropout is applied after the activation',
    formula="φ(m ∘ z / (1-p)) = m ∘ φ(z) / (1-p)",
    condition=Text("the activation is a ReLU", "激活函数为 relu"),
    given={
        "p": drop_probabilities(0.05, 0.95),
        "shape": shapes(min_size=256),
        "dtype": dtypes("float32", "float64"),
        "layout": layouts(),
    },
    holds=exactly_equal(),
)
def dropout_and_relu_change_places(dropout, relu, p, shape, dtype, layout, stream, device):
    return _orders_differ(dropout, relu, p, shape, dtype, layout, stream, device)


@claim(
    "do-after-act.outside",
    "Dropout may stand before or behind the activation: both orders compute the same",
    "暂退层放在激活函数之前或之后，结果相同",
    source='d2l, "Dropout", "Implementation from Scratch": dropout is applied after the activation',
    formula="φ(m ∘ z / (1-p)) = m ∘ φ(z) / (1-p)",
    condition=Text("the activation is a sigmoid or a tanh", "激活函数为 sigmoid 或 tanh"),
    given={
        "activation": st.sampled_from(["sigmoid", "tanh"]),
        "p": drop_probabilities(0.05, 0.95),
        "shape": shapes(min_size=256),
        "dtype": dtypes("float32", "float64"),
        "layout": layouts(),
    },
    holds=exactly_equal(),
    expected=Verdict.REFUTED,
    twin="do-after-act",
    why=Text(
        "Only a positively homogeneous function, φ(cz) = cφ(z) for c >= 0, lets the mask and the "
        "factor through: tanh bends the rescaled value, and a dropped unit leaves sigmoid(0) = "
        "1/2.",
        "只有正齐次函数（c >= 0 时 φ(cz) = cφ(z)）才能与掩码和放大系数交换："
        "tanh 会压缩放大后的值，而被丢弃的单元经 sigmoid 后仍为 1/2。",
    ),
)
def dropout_and_any_activation_change_places(
    dropout, sigmoid, tanh, activation, p, shape, dtype, layout, stream, device
):
    phi = {"sigmoid": sigmoid, "tanh": tanh}[activation]
    return _orders_differ(dropout, phi, p, shape, dtype, layout, stream, device)


def _one_unit_above(units, p, centred, replicates, stream, device):
    """h and weights w (R, units), and the largest |w (h' - h)| that dropout can make, (R,).

    Centred weights are orthogonal to h, so that the clean input of the unit above is 0: there a
    replicate has a unit of its own, for what a ReLU adds depends on it. Else all share one, since
    errors of many units cancel out.
    """
    import torch

    generator = stream.child("net").torch(device)
    options = {"generator": generator, "device": device, "dtype": torch.float64}
    units_above = replicates if centred else 1
    h, w = (
        torch.randn(units_above, units, **options).expand(replicates, units).contiguous()
        for _ in "hw"
    )
    if centred:
        w = w - h * ((w * h).sum(1) / (h * h).sum(1))[:, None]
    return h, w, (w * h).abs().sum(1) * max(1.0, p / (1 - p))


def _bias_behind_relu(dropout, relu, p, units, replicates, stream, device):
    h, w, bound = _one_unit_above(units, p, True, replicates, stream, device)
    noisy = (dropout(h, p, stream.child("mask").torch(device)) * w).sum(1)
    return arrays.as_array((relu(noisy) - relu((h * w).sum(1))) / bound).clip(-1.0, 1.0)


def _orders_differ(dropout, activation, p, shape, dtype, layout, stream, device):
    """0 where dropping before and behind the activation give one number, infinity elsewhere."""
    z = tensors.activations_like(
        shape, stream.child("z").torch(device), dtype=dtype, layout=layout, device=device
    )
    # Both exist at once: a second generator in the place of the first in memory would hide a mask
    # that is seeded by its address.
    first, second = (stream.child("mask").torch(device) for _ in range(2))
    before = activation(dropout(z, p, first))
    behind = dropout(activation(z), p, second)
    return arrays.mismatch(before, behind).ravel()


def _unit_gradients(dropout, p, batch, replicates, stream, device):
    """Whether the batch gradient of each unit vanishes, and whether its first sample drops it.

    A unit is one weight w in h = w x, with x and the cotangent away from 0.
    """
    import torch

    options = {"dtype": "float64", "layout": "contiguous", "device": device}
    data = stream.child("data").torch(device)
    x, cotangent = (tensors.activations_like([batch, replicates], data, **options) for _ in "xv")
    w = torch.ones(replicates, dtype=torch.float64, device=device, requires_grad=True)
    dropped = dropout(w * x, p, stream.child("mask").torch(device))
    dropped.backward(cotangent)
    silent, first = pairs.gradient_of(w) == 0, dropped.detach()[0] == 0
    return silent.cpu().numpy(), first.cpu().numpy()
