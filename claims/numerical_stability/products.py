"""Products of matrices: large elements, Gaussian ones, and the threshold of explosion.

h_l = σ(W_l h_(l-1)) with n inputs a unit; q_l is the second moment of h_l. With w_ij ~ N(0, σ²)
a linear layer multiplies it by n σ² on average, a relu layer by n σ² / 2.
"""

import math

from hypothesis import strategies as st

from claims.numerical_stability.experiments import known_chain, signals
from claims.numerical_stability.experiments.chains import sheared, through, with_std
from harness.declaration.claim import Verdict, claim
from harness.declaration.exhibits import Measured
from harness.declaration.relations import (
    all_hold,
    always_true,
    distribution_equals,
    exactly_equal,
    more_often_than_not,
)
from harness.declaration.strategies import counts
from harness.text import Text

BOOK = 'd2l, "Numerical Stability and Initialization", '
NOTES = "Mu Li's notes, 数值稳定性: "
DECADE = math.log(10)
INDEPENDENT = Text(
    "independent matrices; all singular values but the least are about 2",
    "相互独立的矩阵；除最小者外，奇异值都约为 2",
)


@claim(
    "ns-W>1",
    "Where all elements of W exceed 1, deep products explode",
    "若 W 的元素都大于 1，深层乘积会爆炸",
    source=NOTES + "梯度爆炸: 若 W 元素值大于 1",
    formula="w_ij ∈ (1, 1.5), n = 64:  gradient² grows by more than 10¹⁵",
    condition=Text(
        "linear or relu layers and positive inputs, as behind a relu: positive terms add up, n of "
        "them a unit",
        "线性或 relu 层，输入为正（如 relu 的输出）：正项逐层相加，每个单元 n 项",
    ),
    always=({"activation": "linear"}, {"activation": "relu"}),
    holds=more_often_than_not(),
)
def large_weights_explode(propagate, relu, activation, replicates, stream, device):
    chosen = {"linear": None, "relu": relu}[activation]
    return _with_entries(propagate, chosen, (1.0, 1.5), replicates, stream, device)


@claim(
    "ns-W>1.outside",
    "Where all elements of W exceed 1, deep products explode also in nets of sigmoids and tanhs",
    "若 W 的元素都大于 1，使用 sigmoid 或 tanh 的深层网络的梯度也会爆炸",
    source=NOTES + "梯度爆炸: 若 W 元素值大于 1",
    formula="w_ij ∈ (1, 1.5), n = 64:  gradient² grows by more than 10¹⁵",
    condition=Text("saturating activations", "会饱和的激活函数"),
    always=({"activation": "sigmoid"}, {"activation": "tanh"}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-W>1",
    why=Text(
        "Large positive weights drive the units to ±32 and beyond, where σ' is 10⁻¹⁴ or less: the "
        "factor σ' beats the factor W, and the gradient is 0 in floating point.",
        "大的正权重把单元推到 ±32 以外，那里 σ' 不超过 10⁻¹⁴："
        "σ' 压过了 W，梯度在浮点数中恰好为 0。",
    ),
)
def large_weights_explode_through_saturation(
    propagate, sigmoid, tanh, activation, replicates, stream, device
):
    chosen = {"sigmoid": sigmoid, "tanh": tanh}[activation]
    return _with_entries(propagate, chosen, (1.0, 1.5), replicates, stream, device)


@claim(
    "ns-W>1.necessary",
    "Deep products do not explode where no element of W exceeds 1",
    "W 的元素都不超过 1 时，深层乘积不会爆炸",
    source=NOTES + "梯度爆炸: 若 W 元素值大于 1 (read as a condition that is needed)",
    formula="|w_ij| ≤ 1  ⇒  gradient² grows by less than 10¹⁵ in ten layers",
    condition=Text("n = 64 inputs a unit", "每个单元有 n = 64 个输入"),
    always=({"entries": [0.5, 0.5]}, {"entries": [0.4, 0.6]}),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-W>1.threshold",
    why=Text(
        "What grows is the whole matrix: 64 elements of 1/2 have the largest singular value 32, so "
        "ten layers multiply by 32¹⁰ ≈ 10¹⁵ (10³⁰ in squares).",
        "决定增长的是整个矩阵：64 个 1/2 使最大奇异值为 32，十层就是 32¹⁰ ≈ 10¹⁵（平方后 10³⁰）。",
    ),
)
def small_weights_do_not_explode(propagate, entries, replicates, stream, device):
    measured = _with_entries(propagate, None, tuple(entries), replicates, stream, device)
    return Measured(~measured.observation, *measured.exhibits)


@claim(
    "ns-W>1.threshold",
    "Gaussian layers explode where n σ² is above 1 (linear) or 2 (relu), and vanish below",
    "高斯权重时，阈值是 nσ² = 1（线性）或 2（relu）：高于它爆炸，低于它消失",
    source=BOOK + '"Xavier Initialization"; He et al. 2015',
    formula="sign ln(q_50 / q_0) = sign(n σ² - threshold), signal and gradient",
    condition=Text(
        "50 layers of 128 units; n σ² of 0.5 to 2 times the threshold",
        "50 层，每层 128 个单元；nσ² 为阈值的 0.5 到 2 倍",
    ),
    given={
        "activation": st.sampled_from(["linear", "relu"]),
        "times": st.sampled_from([0.5, 0.7, 1.5, 2.0]),
    },
    # Either side of each threshold: an activation with another threshold fails on one side alone.
    always=tuple(
        {"activation": name, "times": times} for name in ("linear", "relu") for times in (0.7, 1.5)
    ),
    holds=more_often_than_not(),
)
def gaussian_layers_have_a_threshold(
    propagate, plain_normal, relu, activation, times, replicates, stream, device
):
    n = 128
    threshold, chosen = {"linear": (1.0, None), "relu": (2.0, relu)}[activation]
    std = math.sqrt(times * threshold / n)
    run = through(propagate, with_std(plain_normal, std), chosen, 50, n, replicates, stream, device)
    up = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    down = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    law = math.log(times)
    return Measured((up * law > 0) & (down * law > 0), signals.by_layer(run.forward, run.backward))


@claim(
    "ns-gauss-product",
    "The product of 100 Gaussian matrices explodes",
    "100 个高斯矩阵的乘积会爆炸",
    source=BOOK + '"Exploding Gradients": 100 matrices from N(0, 1), of size 4 × 4',
    formula="‖M_100 … M_1 x‖² / ‖x‖² > 10⁶",
    condition=Text("matrices of size 3 × 3 and more", "矩阵大小至少为 3 × 3"),
    inside=lambda k: k >= 3,
    given={"k": counts(3, 8)},
    always=({"k": 4},),
    holds=more_often_than_not(),
)
def gaussian_products_explode(propagate, plain_normal, k, replicates, stream, device):
    run = through(propagate, with_std(plain_normal, 1.0), None, 100, k, replicates, stream, device)
    return _exploded(run, 6 * DECADE)


@claim(
    "ns-gauss-product.outside",
    "The product of 100 Gaussian matrices explodes, whatever their size",
    "无论大小，100 个高斯矩阵的乘积都会爆炸",
    source=BOOK + '"Exploding Gradients"',
    formula="‖M_100 … M_1 x‖² / ‖x‖² > 10⁶",
    condition=Text("matrices of size 1 × 1, that is numbers", "1 × 1 的矩阵，即数"),
    always=({"k": 1},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-gauss-product",
    why=Text(
        "A product of k × k Gaussian matrices grows like e^(λ L) with λ = (ln 2 + ψ(k/2)) / 2, "
        "which is -0.635 at k = 1, 0.058 at 2 and 0.558 at 4: numbers of size about 1 multiply "
        "to 0.",
        "k × k 高斯矩阵的乘积按 e^(λL) 增长，λ = (ln 2 + ψ(k/2))/2：k = 1 时为 −0.635，k = 2 时 "
        "0.058，k = 4 时 0.558；标准正态数的连乘趋于 0。",
    ),
)
def gaussian_numbers_explode(propagate, plain_normal, k, replicates, stream, device):
    run = through(propagate, with_std(plain_normal, 1.0), None, 100, k, replicates, stream, device)
    return _exploded(run, 6 * DECADE)


@claim(
    "ns-gauss-product.exponent",
    "Each k × k matrix of N(0, 1) numbers multiplies the squared length of a vector by a χ²_k "
    "variable",
    "每个 k × k 标准高斯矩阵使向量长度的平方乘以一个 χ²_k 变量",
    source="Newman 1986; λ = (ln 2 + ψ(k/2)) / 2 is half the mean of its logarithm",
    formula="‖M h‖² / ‖h‖² ~ χ²_k for h ≠ 0",
    given={"k": counts(1, 8)},
    always=({"k": 4},),
    holds=distribution_equals(
        Text("chi-squared with k degrees", "自由度为 k 的卡方分布"), within=0.02
    ),
)
def a_matrix_multiplies_by_chi_squared(propagate, plain_normal, k, replicates, stream, device):
    nets_drawn = -(-replicates // 100)
    run = through(propagate, with_std(plain_normal, 1.0), None, 100, k, nets_drawn, stream, device)
    return signals.chi_squared_cdf(signals.ratios_above_a_signal(run.forward), k)


@claim(
    "ns-gauss-product.eigenvalues",
    "The eigenvalues of the layers say whether their product explodes: where all of them are 1/2, "
    "it vanishes",
    "各层的特征值决定连乘是否爆炸：特征值全为 1/2 时，连乘趋于 0",
    source=BOOK + '"Vanishing and Exploding Gradients": the matrices may have a wide variety of '
    "eigenvalues, and their product might be very large or very small",
    formula="all eigenvalues 1/2  ⇒  ‖M_100 … M_1 x‖² / ‖x‖² < 10⁻⁶",
    condition=INDEPENDENT,
    given={"k": counts(3, 6)},
    always=({"k": 4},),
    holds=more_often_than_not(),
    expected=Verdict.REFUTED,
    twin="ns-gauss-product.powers",
    why=Text(
        "Independent layers do not share their eigenvectors: what counts is by how much each "
        "stretches a vector of any direction, and with a singular value of about 2 that is more "
        "than 1 on average, although every eigenvalue is 1/2. Singular values below 1 would do.",
        "相互独立的层没有共同的特征向量：重要的是每层把任意方向的向量拉伸多少；即使特征值全为 1"
        "/2，约为 2 的奇异值也使平均拉伸大于 1。奇异值都小于 1 就足以保证不爆炸。",
    ),
)
def eigenvalues_decide_over_products(propagate, k, replicates, stream, device):
    run = through(propagate, sheared(), None, 100, k, replicates, stream, device)
    return _vanished(run)


@claim(
    "ns-gauss-product.powers",
    "The powers of one matrix vanish where all its eigenvalues are 1/2, however far it stretches",
    "若一个矩阵的特征值全为 1/2，无论它拉伸多大，其幂都趋于 0",
    source=BOOK + '"Vanishing and Exploding Gradients", where its eigenvalues do decide',
    formula="all eigenvalues 1/2  ⇒  ‖M¹⁰⁰ x‖² / ‖x‖² < 10⁻⁶",
    condition=Text(
        "the same matrix in every layer; all its singular values but the least are about 2",
        "各层是同一个矩阵；除最小者外，其奇异值都约为 2",
    ),
    given={"k": counts(3, 6)},
    always=({"k": 4},),
    holds=more_often_than_not(),
)
def powers_of_one_matrix_vanish(propagate, k, replicates, stream, device):
    run = through(propagate, sheared(once=True), None, 100, k, replicates, stream, device)
    return _vanished(run)


@claim(
    "ns-product.chain",
    "A chain of layers measures what the products of its matrices give: the signal's mean squares, "
    "those of the gradients under a standard normal one at the output, and the norms of the "
    "weights' gradients",
    "逐层测得的值与各矩阵的连乘一致：信号的均方、输出端为标准正态梯度时各层梯度的均方，"
    "以及各层权重梯度的范数",
    source=BOOK + '"Vanishing and Exploding Gradients": ∂_W o = ∂_h h^(L) ... ∂_W h^(l)',
    formula="h_l = σ(W_l h_(l-1)),  c_(l-1) = W_l'(σ' c_l),  ∇W_l = (σ' c_l) h_(l-1)'",
    given={"activation": st.sampled_from(["identity", "tanh"])},
    always=({"activation": "identity"}, {"activation": "tanh"}),
    holds=all_hold(
        signal=exactly_equal(),
        gradient=exactly_equal(),
        cotangent=distribution_equals(Text("chi-squared", "卡方分布"), within=0.02),
        told=always_true(),
    ),
)
def a_chain_measures_its_products(propagate, activation, replicates, stream, device):
    return known_chain.measured(propagate, activation, replicates, stream, device)


def _with_entries(propagate, activation, entries, replicates, stream, device):
    """Whether the gradient's square grows by more than 10^15 through ten layers of 64 units."""
    import torch

    low, high = entries

    def initializer(fan_in, fan_out, generator, replicates=1, dtype=None, device="cpu"):
        shape = (replicates, fan_out, fan_in)
        u = torch.rand(shape, generator=generator, dtype=dtype, device=device)
        return low + (high - low) * u

    def positive(shape, **options):
        return torch.rand(shape, **options)

    run = propagate(
        [64] * 11, initializer, activation, replicates, stream.torch(device), examples=1,
        inputs=positive,
    )  # fmt: skip
    change = signals.log_change(run.backward[:, 0], run.backward[:, -1])
    return Measured(change > 15 * DECADE, signals.by_layer(run.forward, run.backward))


def _exploded(run, nats):
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    return Measured(change > nats, signals.by_layer(run.forward))


def _vanished(run):
    change = signals.log_change(run.forward[:, -1], run.forward[:, 0])
    return Measured(change < -6 * DECADE, signals.by_layer(run.forward))
