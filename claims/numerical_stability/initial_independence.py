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


@claim(
    "in-iid",
    "Weights and inputs are independent and identically distributed",
    "权重与输入独立同分布",
    source="Mu Li's notes, 参数初始化: 假设权重与输入独立同分布",
    formula="w ~ h",
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
    given={"fan": fans(31, 300)},
    always=({"fan": [256, 64]},),
    holds=mean_equals(0.0, within=0.02, low=-1.0, high=1.0, cap=1 << 20),
)
def products_of_independent_weights_have_mean_0(xavier_uniform, fan, replicates, stream, device):
    # h = u^2 has neither the weights' mean nor their spread, and is bounded, so no law is assumed.
    w = drawn(xavier_uniform, fan, "float64", replicates, stream, device)
    h = stream.child("inputs").numpy().random(w.shape) ** 2
    return np.clip(w / math.sqrt(6 / sum(fan)), -1.0, 1.0) * h


@claim(
    "in-iid.weights",
    "The weights are independent of one another: within a layer, across replicas and across calls",
    "权重之间相互独立：同一层内、不同副本之间、不同调用之间",
    source=BOOK + "the weights are all drawn independently from the same distribution",
    formula="P(sign w = sign w') = 1/2",
    given={"fan": st.sampled_from([[31, 64], [64, 31], [100, 64], [64, 128]])},
    holds=pairwise_independent(
        0.5,
        within=0.02,
        labels=(
            *(f"{axis} {lag}" for axis in ("replica", "output", "input") for lag in LAGS),
            "call",
        ),
    ),
)
def weights_are_independent(xavier_normal, fan, replicates, stream, device):
    generator = stream.child("weights").torch(device)
    copies = -(-4 * replicates // (fan[0] * fan[1]))
    first, second = (
        (xavier_normal(*fan, generator, replicates=copies, device=device) > 0).cpu().numpy()
        for _ in range(2)
    )
    pairs = {
        f"{name} {lag}": dropout_masks.agreements(first, axis, lag)
        for axis, name in enumerate(("replica", "output", "input"))
        for lag in LAGS
    }
    return pairs | {"call": dropout_masks.pairs_agree(first, second)}
