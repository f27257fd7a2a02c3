"""Independence of initial weights: of the inputs h, and of one another.

E[w h] = E[w] E[h] = 0 needs E[w] = 0 and independence, not that w and h have one law.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments.initial_weights import drawn
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import mean_equals, pairwise_independent, rate_equals
from harness.declaration.strategies import fans
from harness.metrics import dropout_masks
from harness.text import Text

BOOK = 'd2l, "Numerical Stability and Initialization", "Xavier Initialization": '
LAGS = (1, 2, 4)
MEDIAN = 0.6744897501960817  # of |z| for z ~ N(0, 1)
# Laws of inputs within [0, 1], so that no moment has to be assumed: none is like the weights' law.
INPUTS = {
    "the square of a uniform number": lambda rng, shape: rng.random(shape) ** 2,
    "one in ten is 1, the others are 0": lambda rng, shape: rng.random(shape) < 0.1,
    "constant": lambda rng, shape: np.ones(shape),
}


@claim(
    "in-iid",
    "Weights and inputs are independent and identically distributed: both have one law",
    "权重与输入独立同分布，即二者服从同一分布",
    source="Mu Li's notes, 参数初始化: 假设权重与输入独立同分布",
    formula="w ~ h, and so P(|w| < |h|) = 1/2",
    given={"fan": fans(31, 300)},
    always=({"fan": [256, 64]},),
    holds=rate_equals(0.5, within=0.02),
    expected=Verdict.REFUTED,
    twin="in-iid.corrected",
    why=Text(
        "Weights are drawn with variance 2 / (n_in + n_out) and inputs have variance 1, so the two "
        "are not identically distributed; |w| < |h| almost always. What the derivation needs is "
        "that w is independent of h and has mean 0.",
        "权重的方差是 2/(n_in+n_out)，输入的方差是 1，二者并不同分布（几乎总有 |w| < |h|）；"
        "推导只需要 w 与 h 独立且 w 的均值为 0。",
    ),
)
def weights_are_distributed_as_the_inputs(xavier_normal, fan, replicates, stream, device):
    w = drawn(xavier_normal, fan, "float64", replicates, stream, device)
    h = stream.child("inputs").numpy().standard_normal(w.shape)
    return np.abs(w) < np.abs(h)


@claim(
    "in-iid.corrected",
    "E[w h] = E[w] E[h] = 0 for weights of mean 0 that are independent of h, whatever h's law",
    "只要 w 与 h 独立且 E[w]=0，无论 h 服从什么分布都有 E[wh] = E[w]E[h] = 0",
    source='d2l, "Numerical Stability and Initialization", "Xavier Initialization"',
    formula="E[w h] = E[w] E[h] = 0",
    given={"fan": fans(31, 300), "inputs": st.sampled_from(list(INPUTS))},
    always=tuple({"fan": [256, 64], "inputs": law} for law in INPUTS),
    holds=mean_equals(0.0, within=0.02, low=-1.0, high=1.0, cap=1 << 20),
)
def products_of_independent_weights_have_mean_0(
    xavier_uniform, fan, inputs, replicates, stream, device
):
    w = drawn(xavier_uniform, fan, "float64", replicates, stream, device)
    h = INPUTS[inputs](stream.child("inputs").numpy(), w.shape)
    return np.clip(w / math.sqrt(6 / sum(fan)), -1.0, 1.0) * h


@claim(
    "in-iid.weights",
    "The weights are independent of one another, in sign and in size: within a layer, across "
    "replicas and across calls",
    "权重之间相互独立，正负号与大小皆然：同一层内、不同副本之间、不同调用之间",
    source=BOOK + "the weights are all drawn independently from the same distribution",
    formula="P(sign w = sign w') = 1/2, and so of |w|, |w'| above their median",
    given={"fan": st.sampled_from([[31, 64], [64, 31], [100, 64], [64, 128]])},
    holds=pairwise_independent(
        0.5,
        within=0.02,
        labels=tuple(
            f"{part}, {place}"
            for part in ("sign", "size")
            for place in (
                *(f"{axis} {lag}" for axis in ("replica", "output", "input") for lag in LAGS),
                "call",
            )
        ),
    ),
)
def weights_are_independent(xavier_normal, fan, replicates, stream, device):
    generator = stream.child("weights").torch(device)
    copies = -(-4 * replicates // (fan[0] * fan[1]))
    first, second = (
        xavier_normal(*fan, generator, replicates=copies, device=device).cpu().numpy()
        for _ in range(2)
    )
    middle = MEDIAN * math.sqrt(2 / sum(fan))
    pairs = {}
    for part, bits, others in (
        ("sign", first > 0, second > 0),
        ("size", np.abs(first) > middle, np.abs(second) > middle),
    ):
        for axis, name in enumerate(("replica", "output", "input")):
            for lag in LAGS:
                pairs[f"{part}, {name} {lag}"] = dropout_masks.agreements(bits, axis, lag)
        pairs[f"{part}, call"] = dropout_masks.pairs_agree(bits, others)
    return pairs
