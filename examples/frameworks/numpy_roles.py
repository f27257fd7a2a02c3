"""Correct NumPy functions behind the adapters, as a user would write them."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.adapters.adapter import adapter


def mine(h: Any, p: float, rng: np.random.Generator, training: bool = True) -> Any:
    """Inverted dropout."""
    if not training or p == 0:
        return h
    keep = rng.random(h.shape) >= p
    return np.where(keep, (h / h.dtype.type(1 - p) if p < 1 else h), h.dtype.type(0))


def without_mode(h: Any, p: float, rng: np.random.Generator) -> Any:
    """Inverted dropout that is always on."""
    return mine(h, p, rng)


def in_place(h: Any, p: float, rng: np.random.Generator) -> Any:
    """It writes into its input."""
    h *= (rng.random(h.shape) >= p) / (1 - p)
    return h


def glorot(fan_in: int, fan_out: int, rng: np.random.Generator) -> Any:
    """Xavier's normal weights for x @ w."""
    return rng.normal(0.0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))


dropout = adapter("dropout", mine, arrays="numpy")
dropout_without_mode = adapter("dropout", without_mode, arrays="numpy")
dropout_in_place = adapter("dropout", in_place, arrays="numpy")
xavier_normal = adapter("xavier_normal", glorot, arrays="numpy")
relu = adapter("relu", lambda x: np.maximum(x, 0), arrays="numpy")
tanh = adapter("tanh", np.tanh, arrays="numpy")
l2_penalty = adapter(
    "l2_penalty", lambda w: (w**2).reshape(len(w), -1).sum(axis=1) / 2, arrays="numpy"
)
sgd = adapter("sgd", lambda w, g, lr, decay: w - lr * (g + decay * w), arrays="numpy")


def channels(h: Any, p: float, rng: np.random.Generator, training: bool = True) -> Any:
    """Dropout of whole channels, (N, C, ...)."""
    if not training or p == 0:
        return h
    keep = rng.random(h.shape[:2]) >= p
    keep = keep.reshape(*keep.shape, *[1] * (h.ndim - 2))
    return np.where(keep, h / h.dtype.type(1 - p or 1), h.dtype.type(0))


def spawned(seed: int, children: int, size: int) -> Any:
    """Uniforms by generators that are spawned from one."""
    return np.stack([rng.random(size) for rng in np.random.default_rng(seed).spawn(children)])


channel_dropout = adapter("channel_dropout", channels, arrays="numpy")
split_uniforms = adapter("split_uniforms", spawned, arrays="numpy")
