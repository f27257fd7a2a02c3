"""MLX behind the adapters of NumPy and torch, on the processor."""

from __future__ import annotations

import math
from typing import Any

import mlx.core as mx
import numpy as np
from mlx import nn, optimizers

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError

mx.set_default_device(mx.cpu)
RELU = math.sqrt(2)  # the gain that its initialisers are told for ReLU; their default is 1


def _there(x: Any) -> Any:
    return mx.array(x, dtype=mx.float64) if x.dtype == np.float64 else mx.array(x)


def _elementwise(function: Any) -> Any:
    return lambda x: np.array(function(_there(x)))


relu = adapter("relu", _elementwise(nn.relu), arrays="numpy")
sigmoid = adapter("sigmoid", _elementwise(nn.sigmoid), arrays="numpy")
tanh = adapter("tanh", _elementwise(mx.tanh), arrays="numpy")


def _drop(h: Any, p: float, rng: np.random.Generator, training: bool = True) -> Any:
    if p == 1:
        raise NotApplicableError("its Dropout takes no p = 1")
    mx.random.seed(int(rng.integers(2**62)))
    return np.array(nn.Dropout(p).train(training)(_there(h)))


dropout = adapter("dropout", _drop, arrays="numpy")


def _drawn(init: Any, **told: float) -> Any:
    def draw(fan_in: int, fan_out: int, rng: np.random.Generator) -> Any:
        mx.random.seed(int(rng.integers(2**62)))
        return np.array(init(mx.zeros((fan_out, fan_in)), **told))

    return draw


xavier_uniform = adapter(
    "xavier_uniform", _drawn(nn.init.glorot_uniform()), arrays="numpy", layout="out, in"
)
xavier_normal = adapter(
    "xavier_normal", _drawn(nn.init.glorot_normal()), arrays="numpy", layout="out, in"
)
he_uniform = adapter("he_uniform", _drawn(nn.init.he_uniform()), arrays="numpy", layout="out, in")
he_uniform_for_relu = adapter(
    "he_uniform", _drawn(nn.init.he_uniform(), gain=RELU), arrays="numpy", layout="out, in"
)
he_normal_for_relu = adapter(
    "he_normal", _drawn(nn.init.he_normal(), gain=RELU), arrays="numpy", layout="out, in"
)


def _step(w: Any, g: Any, lr: float, decay: float) -> Any:
    made = optimizers.SGD(lr, weight_decay=decay)
    return np.array(made.apply_gradients({"w": _there(g)}, {"w": _there(w)})["w"])


sgd = adapter("sgd", _step, arrays="numpy")


def _cosine(total: int, warmup: int, peak: float, floor: float) -> Any:
    down = optimizers.cosine_decay(peak, total - warmup, floor)
    if not warmup:
        return lambda step: float(down(mx.array(step)))
    up = optimizers.linear_schedule(peak / (warmup + 1), peak, warmup)
    both = optimizers.join_schedules([up, down], [warmup])
    return lambda step: float(both(mx.array(step)))


cosine = adapter("lr_schedule", _cosine, arrays="jax")
