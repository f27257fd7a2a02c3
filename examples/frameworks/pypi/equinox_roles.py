"""Equinox behind the adapters."""

from __future__ import annotations

from typing import Any

import equinox
import jax

from harness.adapters.adapter import adapter


def _drop(key: Any, x: Any, rate: float, training: bool = True) -> Any:
    return equinox.nn.Dropout(rate)(x, key=key, inference=not training)


dropout = adapter("dropout", _drop, arrays="jax")


def _attention(q: Any, k: Any, v: Any, mask: Any = None, is_causal: bool = False) -> Any:
    """MultiheadAttention with projections that are the identity, (n, t, h, d)."""
    n, t, h, d = q.shape
    s = k.shape[1]
    made = equinox.nn.MultiheadAttention(
        h, h * d, use_query_bias=False, dtype=q.dtype, key=jax.random.key(0)
    )
    eye = jax.numpy.eye(h * d, dtype=q.dtype)
    names = ("query_proj", "key_proj", "value_proj", "output_proj")
    made = equinox.tree_at(
        lambda m: [getattr(m, name).weight for name in names], made, [eye] * len(names)
    )
    seen = jax.numpy.ones((n, t, s), bool) if mask is None else mask[:, 0]
    if is_causal:
        seen = seen & jax.numpy.tril(jax.numpy.ones((t, s), bool))
    flat = [one.reshape(*one.shape[:2], h * d) for one in (q, k, v)]
    mapped = jax.vmap(lambda q, k, v, mask: made(q, k, v, mask=mask))
    return mapped(*flat, seen).reshape(n, t, h, d)


attention = adapter("attention", _attention, arrays="jax", dtypes=("float32",))
