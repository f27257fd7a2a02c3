"""The laws of initial weights: Xavier's and He's, normal and uniform, and the plain N(0, σ²).

Xavier: variance 2 / (n_in + n_out); He: 2 / n_in; U(-a, a) has variance a²/3.
"""

import math

import numpy as np
from hypothesis import strategies as st

from claims.numerical_stability.experiments import signals
from claims.numerical_stability.experiments.initial_weights import as_drawn, drawn
from harness.declaration.claim import claim
from harness.declaration.exhibits import Histogram, Measured
from harness.declaration.relations import (
    all_hold,
    always_true,
    distribution_equals,
    exactly_equal,
    rate_equals,
    uniform_variance_equals,
    variance_equals,
)
from harness.declaration.strategies import dtypes, fans
from harness.metrics import arrays
from harness.text import Text

BOOK = 'd2l, "Numerical Stability and Initialization", "Xavier Initialization": '
UNIFORM_LAW = all_hold(
    variance=uniform_variance_equals(),
    law=distribution_equals(Text("uniform", "均匀分布"), within=0.02),
    draws=always_true(),
)
NORMAL_LAW = all_hold(
    variance=variance_equals(),
    law=distribution_equals(Text("normal", "正态分布"), within=0.02),
    extremes=exactly_equal(),
    draws=always_true(),
)
# A law that is cut at 3σ has none of them; its distance from the normal one is 0.0014.
NORMAL_TAILS = rate_equals(0.0027, within=0.0013)


@claim(
    "in-xavier-formula",
    "Xavier's normal weights have mean 0 and variance 2 / (n_in + n_out)",
    "Xavier 正态初始化的权重均值为 0、方差为 2/(n_in+n_out)",
    source=BOOK + "a Gaussian with zero mean and variance 2 / (n_in + n_out)",
    formula="w ~ N(0, σ²),  σ = √(2/(n_in+n_out))",
    given={"fan": fans(), "dtype": dtypes("float32", "float64", "bfloat16")},
    always=({"fan": [256, 64], "dtype": "float32"}, {"fan": [64, 256], "dtype": "float32"}),
    holds=NORMAL_LAW,
)
def xavier_normal_has_the_stated_law(xavier_normal, fan, dtype, replicates, stream, device):
    return _normal_law(xavier_normal, fan, 2 / sum(fan), dtype, replicates, stream, device)


@claim(
    "in-uniform",
    "Xavier's uniform weights lie within ±√(6 / (n_in + n_out)) and have variance (b - a)² / 12",
    "Xavier 均匀初始化的权重位于 ±√(6/(n_in+n_out)) 之内，方差为 (b-a)²/12",
    source=BOOK + "the uniform distribution U(-a, a) has variance a²/3",
    formula="w ~ U(-a, a),  a = √(6/(n_in+n_out)),  Var w = a²/3",
    given={"fan": fans(), "dtype": dtypes("float32", "float64")},
    always=({"fan": [256, 64], "dtype": "float32"}, {"fan": [64, 256], "dtype": "float32"}),
    holds=UNIFORM_LAW,
)
def xavier_uniform_has_the_stated_law(xavier_uniform, fan, dtype, replicates, stream, device):
    edge = math.sqrt(6 / sum(fan))
    return _uniform_law(xavier_uniform, fan, edge, dtype, replicates, stream, device)


@claim(
    "ac-relu.he-normal",
    "He's normal weights have mean 0 and variance 2 / n_in",
    "He 正态初始化的权重均值为 0、方差为 2/n_in",
    source='He et al. 2015, equation 10; d2l, "Numerical Stability and Initialization", "Beyond"',
    formula="w ~ N(0, 2/n_in)",
    given={"fan": fans(), "dtype": dtypes("float32", "float64", "bfloat16")},
    always=({"fan": [256, 64], "dtype": "float32"}, {"fan": [64, 256], "dtype": "float32"}),
    holds=NORMAL_LAW,
)
def he_normal_has_the_stated_law(he_normal, fan, dtype, replicates, stream, device):
    return _normal_law(he_normal, fan, 2 / fan[0], dtype, replicates, stream, device)


@claim(
    "ac-relu.he-uniform",
    "He's uniform weights lie within ±√(6 / n_in) and have variance 2 / n_in",
    "He 均匀初始化的权重位于 ±√(6/n_in) 之内，方差为 2/n_in",
    source='He et al. 2015; d2l, "Numerical Stability and Initialization", "Beyond"',
    formula="w ~ U(-a, a),  a = √(6/n_in)",
    given={"fan": fans(), "dtype": dtypes("float32", "float64")},
    always=({"fan": [256, 64], "dtype": "float32"}, {"fan": [64, 256], "dtype": "float32"}),
    holds=UNIFORM_LAW,
)
def he_uniform_has_the_stated_law(he_uniform, fan, dtype, replicates, stream, device):
    edge = math.sqrt(6 / fan[0])
    return _uniform_law(he_uniform, fan, edge, dtype, replicates, stream, device)


@claim(
    "in-plain-fails.law",
    "The plain initialiser draws N(0, σ²) whatever the layer's sizes, and σ is the deviation",
    "普通初始化与层的大小无关，从 N(0, σ²) 抽取权重，传入的 σ 是标准差",
    source='d2l, "Numerical Stability and Initialization", "Default Initialization"',
    formula="w ~ N(0, σ²)",
    given={
        "fan": fans(),
        "std": st.sampled_from([0.01, 0.1, 1.0, 3.0]),
        "dtype": dtypes("float32"),
    },
    always=({"fan": [64, 256], "std": 0.01, "dtype": "float32"},),
    holds=NORMAL_LAW,
)
def plain_normal_has_the_stated_law(plain_normal, fan, std, dtype, replicates, stream, device):
    def initializer(*arguments, **options):
        return plain_normal(*arguments, std=std, **options)

    return _normal_law(initializer, fan, std**2, dtype, replicates, stream, device)


@claim(
    "in-xavier-formula.tails",
    "Xavier's normal weights have the tails of a normal law: 2.7 in 1,000 lie beyond 3σ",
    "Xavier 正态权重具有正态分布的尾部：每 1000 个中有 2.7 个超出 3σ",
    source=BOOK + "a Gaussian with zero mean and variance 2 / (n_in + n_out)",
    formula="P(|w| > 3σ) = 0.0027",
    always=({"fan": [64, 256]},),
    holds=NORMAL_TAILS,
)
def xavier_normal_has_normal_tails(xavier_normal, fan, replicates, stream, device):
    return _beyond(drawn(xavier_normal, fan, "float32", replicates, stream, device), 2 / sum(fan))


@claim(
    "ac-relu.he-tails",
    "He's normal weights have the tails of a normal law: 2.7 in 1,000 lie beyond 3σ",
    "He 正态权重具有正态分布的尾部：每 1000 个中有 2.7 个超出 3σ",
    source='He et al. 2015, equation 10; d2l, "Numerical Stability and Initialization", "Beyond"',
    formula="P(|w| > 3σ) = 0.0027",
    always=({"fan": [64, 256]},),
    holds=NORMAL_TAILS,
)
def he_normal_has_normal_tails(he_normal, fan, replicates, stream, device):
    return _beyond(drawn(he_normal, fan, "float32", replicates, stream, device), 2 / fan[0])


@claim(
    "in-plain-fails.tails",
    "The plain initialiser's weights have the tails of a normal law: 2.7 in 1,000 lie beyond 3σ",
    "普通初始化的权重具有正态分布的尾部：每 1000 个中有 2.7 个超出 3σ",
    source='d2l, "Numerical Stability and Initialization", "Default Initialization"',
    formula="P(|w| > 3σ) = 0.0027",
    always=({"fan": [64, 256]},),
    holds=NORMAL_TAILS,
)
def plain_normal_has_normal_tails(plain_normal, fan, replicates, stream, device):
    return _beyond(drawn(plain_normal, fan, "float32", replicates, stream, device), 0.01**2)


def _beyond(w, variance):
    """Which weights lie beyond three deviations."""
    return np.abs(w).ravel() > signals.TAIL * math.sqrt(variance)


def _normal_law(initializer, fan, variance, dtype, numbers, stream, device):
    z = drawn(initializer, fan, dtype, numbers, stream, device) / math.sqrt(variance)
    return Measured(
        {
            "variance": (float(np.square(z).sum()), z.size),
            "law": signals.standard_normal_cdf(z),
            "extremes": np.array([np.abs(z).max() / signals.FURTHEST_DEVIATION]),
            "draws": arrays.truth(*as_drawn(initializer, fan, dtype, stream, device)),
        },
        _weights_drawn(z, "w / σ"),
    )


def _uniform_law(initializer, fan, edge, dtype, numbers, stream, device):
    share = drawn(initializer, fan, dtype, numbers, stream, device) / edge
    return Measured(
        {
            "variance": share,
            "law": signals.uniform_cdf(share),
            "draws": arrays.truth(*as_drawn(initializer, fan, dtype, stream, device)),
        },
        _weights_drawn(share, "w / a"),
    )


def _weights_drawn(values, label):
    return Histogram(
        Text("Initial weights", "初始权重"), values.ravel()[:4096], x_label=Text(label, label)
    )
