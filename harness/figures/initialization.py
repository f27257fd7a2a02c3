"""Parts J and K: initial weights and activations, 50 layers deep."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.figures.figure import Figure, exact, figures, jackknife, mean, median
from harness.primitives import activations
from harness.primitives.initialization import (
    he_normal,
    plain_normal,
    xavier_normal,
    xavier_uniform,
)
from harness.rulers.activations import tanh_slope
from harness.rulers.chains import through, through_widths, with_deviation
from harness.rulers.signals import mean_field
from harness.training.chains import propagate
from harness.trial.streams import Stream, block_stream

Array = npt.NDArray[np.float64]
Role = Callable[..., Any]
NETS, DEPTH, WIDTH = 24, 50, 256


@functools.cache
def _deep(law: str, name: str | None) -> tuple[Array, Array]:
    """log10 of the signal's and the gradient's growth, (NETS, 51) and (NETS,)."""
    laws: dict[str, Role] = {
        "xavier": xavier_normal,
        "he": he_normal,
        "small": with_deviation(plain_normal, 0.01),
        "tenth": with_deviation(plain_normal, 0.1),
        "unit": with_deviation(plain_normal, 1.0),
    }
    stream = block_stream("figures", f"{law} {name}", "figures", "cpu", 0)
    activation = None if name is None else getattr(activations, name)
    run = through(propagate, laws[law], activation, DEPTH, WIDTH, NETS, stream)
    forward = np.log10(run.forward / run.forward[:, :1])
    return forward, np.log10(run.backward[:, 0] / run.backward[:, -1])


@figures(
    "in-plain-fails",
    Figure(
        "log10 q_50, sd .01 (median)",
        "log10 q_50，标准差 .01（中位数）",
        "-79.6",
        median,
        error=0.15,
    ),
    Figure(
        "log10 q_50, variance .01 (median)",
        "log10 q_50，方差 .01（中位数）",
        "20.4",
        median,
        error=0.15,
    ),
)
def plain(stream: Stream) -> Sequence[Any]:
    return _deep("small", None)[0][:, -1], _deep("tenth", None)[0][:, -1]


@figures(
    "in-iid",
    Figure("E[w h], w ~ N, h ~ Exp", "E[wh]，w~N，h~Exp", ".0012", mean, error=0.0014),
)
def independent(stream: Stream) -> Sequence[Any]:
    rng = stream.numpy()
    return (rng.standard_normal(500_000) * rng.exponential(size=500_000),)


@figures(
    "in-forward",
    Figure(
        "variance ratio of a layer with Exp(1) inputs",
        "输入为 Exp(1) 的一层的方差比",
        "2.00",
        mean,
        error=0.01,
    ),
)
def uncentred(stream: Stream) -> Sequence[Any]:
    rng = stream.numpy()
    h = rng.exponential(size=(2000, 256))
    W = rng.standard_normal((2000, 32, 256)) / 16
    return ((np.matvec(W, h) ** 2).mean(axis=1),)


@figures(
    "in-xavier-formula",
    Figure(
        "variance of Xavier's weights over 2/(n_in + n_out)",
        "Xavier 权重方差与 2/(n_in+n_out) 之比",
        ".998",
        mean,
        error=math.sqrt(2 / 150_000),
    ),
)
def xavier_variance(stream: Stream) -> Sequence[Any]:
    W = xavier_normal(300, 500, stream.torch()).double().numpy()
    return ((W**2).ravel() * 400,)


@figures(
    "in-uniform",
    Figure(
        "variance of Xavier's uniform weights over its value",
        "Xavier 均匀权重方差与理论值之比",
        ".9994",
        mean,
        error=math.sqrt(0.8 / 640_000),
    ),
    Figure("largest weight over the bound (≤ 1)", "最大权重与界之比（≤1）", "", exact),
)
def uniform_variance(stream: Stream) -> Sequence[Any]:
    W = xavier_uniform(400, 400, stream.torch(), replicates=4).double().numpy()
    return (W**2).ravel() * 400, [np.abs(W).max() / math.sqrt(6 / 800)]


@figures(
    "in-xavier-stable",
    Figure(
        "signal after 3 cycles 64 → 1024 → 64, Xavier",
        "3 轮 64→1024→64 后的信号，Xavier",
        ".0104",
        mean,
        error=0.0005,
    ),
    Figure("gradient after the same", "同样之后的梯度", ".0113", mean, error=0.0005),
    Figure(
        "signal after the same, variance 1/n_in",
        "同样之后的信号，方差 1/n_in",
        ".957",
        mean,
        error=0.049,
    ),
    Figure(
        "log10 q_50 of relu layers with Xavier (median)",
        "relu+Xavier 的 log10 q_50（中位数）",
        "-15.3",
        median,
        error=0.15,
    ),
)
def widths(stream: Stream) -> Sequence[Any]:
    def fan_in(n_in: int, n_out: int, generator: Any, **options: Any) -> Any:
        return plain_normal(n_in, n_out, generator, std=n_in**-0.5, **options)

    chain = [64, 1024, 64, 1024, 64, 1024, 64]
    xavier, other = (
        through_widths(propagate, law, None, chain, 150, stream) for law in (xavier_normal, fan_in)
    )
    signals = [run.forward[:, -1] / run.forward[:, 0] for run in (xavier, other)]
    gradient = xavier.backward[:, 0] / xavier.backward[:, -1]
    return signals[0], gradient, signals[1], _deep("xavier", "relu")[0][:, -1]


@figures(
    "ac-affine",
    Figure("variance of 1.7 X + b", "1.7X+b 的方差", "2.89", jackknife(lambda x: float(x.var()))),
)
def affine(stream: Stream) -> Sequence[Any]:
    return (1.7 * stream.numpy().standard_normal(200_000) + 0.3,)


@figures(
    "ac-identity-only",
    Figure(
        "median q_50 of relu layers with He's weights",
        "relu+He 的 q_50 中位数",
        ".60",
        median,
        error=0.1,
    ),
    Figure(
        "fixed point of tanh with He's weights, q_50",
        "tanh+He 的不动点 q_50",
        ".31",
        mean,
        error=0.002,
    ),
)
def nonlinear(stream: Stream) -> Sequence[Any]:
    return 10 ** _deep("he", "relu")[0][:, -1], 10 ** _deep("he", "tanh")[0][:, -1]


@figures(
    "ac-tanh",
    Figure(
        "q_50 of tanh layers with Xavier (median)",
        "tanh+Xavier 的 q_50（中位数）",
        ".0096",
        median,
        error=0.0003,
    ),
    Figure(
        "log10 of the gradient's square (median)",
        "梯度平方的 log10（中位数）",
        "-1.94",
        median,
        error=0.1,
    ),
    Figure("the same with N(0, 1) weights", "权重 N(0, 1) 时", "44.4", median, error=0.2),
    Figure(
        "its mean field, 201 Gauss-Hermite nodes",
        "其平均场，201 个高斯–埃尔米特节点",
        "67.7",
        exact,
    ),
    Figure("the same, 200 nodes", "同上，200 个节点", "", exact),
    Figure("its mean field, a rule with a step of 1/256", "其平均场，步长 1/256 的求积", "", exact),
)
def tanh(stream: Stream) -> Sequence[Any]:
    forward, backward = _deep("xavier", "tanh")
    _, chi = mean_field(np.tanh, tanh_slope, WIDTH, DEPTH)
    fields = _hermite_field(201), _hermite_field(200), float(np.log10(chi).sum())
    return 10 ** forward[:, -1], backward, _deep("unit", "tanh")[1], *([f] for f in fields)


def _hermite_field(nodes: int) -> float:
    """log10 of the gradient's growth by mean field with that many Gauss-Hermite nodes."""
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)
    weight = weight / math.sqrt(2 * math.pi)
    q, decades = 1.0, 0.0
    for _ in range(DEPTH):
        scale = math.sqrt(WIDTH * q)
        decades += math.log10(WIDTH * float((tanh_slope(scale * z) ** 2 * weight).sum()))
        q = float((np.tanh(scale * z) ** 2 * weight).sum())
    return decades


@figures(
    "ac-relu",
    Figure(
        "log10 of the gradient's square, 50 relu layers, Xavier (median)",
        "50 层 relu+Xavier 梯度平方的 log10（中位数）",
        "-15.2",
        median,
        error=0.15,
    ),
    Figure("log10 q_50 with He (median)", "He 的 log10 q_50（中位数）", "-.22", median, error=0.1),
)
def relu(stream: Stream) -> Sequence[Any]:
    return _deep("xavier", "relu")[1], _deep("he", "relu")[0][:, -1]


@figures(
    "ac-4sig",
    Figure(
        "relative error at x = 1e-5 in single precision",
        "单精度 x=1e-5 处的相对误差",
        "1.4e-3",
        exact,
    ),
    Figure("the same at 1e-7", "同上，x=1e-7", "1.38", exact),
    Figure("value at 1e-8", "x=1e-8 处的值", "0", exact),
)
def cancellation(stream: Stream) -> Sequence[Any]:
    import torch

    def value(x: float) -> float:
        return float(activations.scaled_sigmoid(torch.tensor([x], dtype=torch.float32)))

    errors = [abs(value(x) / (2 * math.tanh(x / 2)) - 1) for x in (1e-5, 1e-7)]
    return [errors[0]], [errors[1]], [value(1e-8)]


@figures(
    "ac-4sig-solves",
    Figure(
        "log10 q_50 of 4 sigmoid - 2 with Xavier (median)",
        "4sigmoid-2+Xavier 的 log10 q_50（中位数）",
        "-1.48",
        median,
        error=0.05,
    ),
    Figure(
        "log10 of the gradient's square (median)",
        "梯度平方的 log10（中位数）",
        "-1.42",
        median,
        error=0.1,
    ),
)
def scaled(stream: Stream) -> Sequence[Any]:
    forward, backward = _deep("xavier", "scaled_sigmoid")
    return forward[:, -1], backward
