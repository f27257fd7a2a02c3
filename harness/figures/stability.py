"""Part I: products of Jacobians, half precision, vanishing and exploding."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.figures.figure import Figure, exact, figures, mean, median
from harness.primitives import activations
from harness.primitives.initialization import plain_normal, xavier_normal
from harness.rulers.chains import through, with_deviation
from harness.training.chains import propagate
from harness.trial.streams import Stream

Array = npt.NDArray[np.float64]
NETS = 24


@figures(
    "ns-pow",
    Figure("1.5^100", "1.5^100", "4.066e17", exact),
    Figure("0.8^100", "0.8^100", "2.037e-10", exact),
)
def powers(stream: Stream) -> Sequence[Any]:
    return [math.prod([1.5] * 100)], [math.prod([0.8] * 100)]


@figures(
    "ns-fp16",
    Figure("first overflow of 1.5^k in half precision", "半精度 1.5^k 首次溢出", "28", exact),
    Figure("the same in single precision", "单精度首次溢出", "219", exact),
    Figure("first 0 of .25^k in half precision", "半精度 .25^k 首次为 0", "13", exact),
    Figure(
        "least value of .8^k in half precision after 1000 factors",
        "半精度 .8^k 连乘 1000 次后的值",
        "0",
        exact,
    ),
    Figure(
        "first 0 of .8^k if every power is rounded once",
        "每个幂只舍入一次时 .8^k 首次为 0",
        "78",
        exact,
    ),
)
def half_precision(stream: Stream) -> Sequence[Any]:
    def running(factor: float, dtype: Any, steps: int) -> Array:
        with np.errstate(over="ignore"):
            return np.asarray(np.multiply.accumulate(np.full(steps, factor, dtype=dtype)))

    half, single = (running(1.5, dtype, 300) for dtype in (np.float16, np.float32))
    overflow = [1 + int(np.argmax(np.isinf(values))) for values in (half, single)]
    quarter = 1 + int(np.argmax(running(0.25, np.float16, 100) == 0))
    stuck = float(running(0.8, np.float16, 1000)[-1])
    once = 1 + int(np.argmax((0.8 ** np.arange(1, 200)).astype(np.float16) == 0))
    return [overflow[0]], [overflow[1]], [quarter], [stuck], [once]


@figures(
    "ns-W>1",
    Figure(
        "log10 norm of 10 layers of entries U(1, 1.5), linear, n = 64",
        "10 层元素 U(1,1.5) 的 log10 范数，n=64",
        "19.93",
        mean,
        error=0.02,
    ),
    Figure("log10 norm with entries .5", "元素均为 .5 时", "15.95", mean, error=0.05),
    Figure("log10 norm with entries U(-1, 1)", "元素 U(-1,1) 时", "7.54", mean, error=0.2),
)
def elements_above_one(stream: Stream) -> Sequence[Any]:
    rng = stream.numpy()
    found = []
    for low, high in ((1.0, 1.5), (0.5, 0.5), (-1.0, 1.0)):
        logs = []
        for _ in range(50):
            h = np.ones(64) if low > 0 else rng.standard_normal(64)
            for _ in range(10):
                h = rng.uniform(low, high, (64, 64)) @ h
            logs.append(math.log10(float(np.linalg.norm(h))))
        found.append(logs)
    return found


@figures(
    "ns-saturate",
    Figure(
        "log10 of the gradient's square after 50 sigmoid layers, Xavier (median)",
        "50 层 sigmoid 后梯度平方的 log10，Xavier（中位数）",
        "-62.9",
        median,
        error=0.1,
    ),
    Figure("log10 a layer", "每层的 log10", "-1.25", mean, error=0.01),
)
def saturation(stream: Stream) -> Sequence[Any]:
    run = through(propagate, xavier_normal, activations.sigmoid, 50, 256, NETS, stream)
    logs = np.log10(run.backward[:, 0] / run.backward[:, -1])
    return logs, logs / 50


@figures(
    "ns-bottom-worse",
    Figure(
        "ln(‖∇W_2‖ / ‖∇W_10‖) of a batch of 64, sigmoid",
        "64 个样本一批的 ln(‖∇W_2‖/‖∇W_10‖)，sigmoid",
        "-11.6",
        mean,
        error=0.3,
    ),
    Figure(
        "the same, relu with N(0, .01²)",
        "同上，relu，N(0,.01²)",
        ".24",
        mean,
        error=0.3 / math.sqrt(24),
    ),
    Figure("the same, tanh with N(0, .01²)", "同上，tanh，N(0,.01²)", "-.02", mean, error=0.03),
)
def bottom_layers(stream: Stream) -> Sequence[Any]:
    small = with_deviation(plain_normal, 0.01)
    found = []
    for law, activation in (
        (xavier_normal, activations.sigmoid),
        (small, activations.relu),
        (small, activations.tanh),
    ):
        run = propagate(10, [64] * 10 + [10], law, activation, 200, stream.torch(), examples=64)
        norms = run.weight_gradient
        found.append(np.log(norms[:, 1] / norms[:, 9]))
    return found
