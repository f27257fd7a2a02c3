"""Thinc behind the adapters: its NumPy operations, initialisers, optimisers and a schedule."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from thinc import initializers
from thinc.api import NumpyOps, Optimizer, warmup_linear

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError

OPS = NumpyOps()


@contextlib.contextmanager
def _global_stream(rng: np.random.Generator) -> Iterator[None]:
    """It draws from NumPy's global generator, which is seeded for a call and then put back."""
    before = np.random.get_state()  # noqa: NPY002
    np.random.seed(int(rng.integers(2**32)))  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002


def _drop(h: Any, p: float, rng: np.random.Generator, training: bool = True) -> Any:
    if not training:
        return h
    with _global_stream(rng):
        return h * OPS.get_dropout_mask(h.shape, p)


def _drawn(init: Any) -> Any:
    def draw(fan_in: int, fan_out: int, rng: np.random.Generator) -> Any:
        with _global_stream(rng):
            return init(OPS, (fan_out, fan_in))

    return draw


dropout = adapter("dropout", _drop, arrays="numpy", dtypes=("float32",))
xavier_uniform = adapter(
    "xavier_uniform", _drawn(initializers.glorot_uniform_init), arrays="numpy", layout="out, in"
)
he_uniform = adapter(
    "he_uniform", _drawn(initializers.he_uniform_init), arrays="numpy", layout="out, in"
)
he_normal = adapter(
    "he_normal", _drawn(initializers.he_normal_init), arrays="numpy", layout="out, in"
)
xavier_normal = adapter(
    "xavier_normal", _drawn(initializers.glorot_normal_init), arrays="numpy", layout="out, in"
)
relu = adapter("relu", OPS.relu, arrays="numpy")
sigmoid = adapter("sigmoid", OPS.sigmoid, arrays="numpy")


def _step(w: Any, g: Any, lr: float, decay: float) -> Any:
    """Its optimiser without moments, clipping and averages."""
    if not w.ndim:
        raise NotApplicableError("its parameters have axes")
    made = Optimizer(
        lr, L2=decay, beta1=0.0, beta2=0.0, grad_clip=0.0, use_averages=False,
        L2_is_weight_decay=False,
    )  # fmt: skip
    return made((0, "w"), w.copy(), g.copy())[0]


sgd = adapter("sgd", _step, arrays="numpy")


def _linear(total: int, warmup: int, peak: float, floor: float) -> Any:
    if floor:
        raise NotApplicableError("it falls to 0")
    return warmup_linear(peak, warmup, total)


linear_schedule = adapter("lr_schedule", _linear, arrays="jax")
