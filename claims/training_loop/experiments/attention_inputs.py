"""Queries, keys and values, and masks: of documents, of the past, of rows that see nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from harness.blocks.streams import Stream
from harness.metrics.arrays import Array, gamma
from harness.metrics.gradient_steps import normal

MASKS = ("none", "causal", "documents", "documents, causal")


def inputs(shape: list[int], dtype: str, stream: Stream, device: str, others: int = 0) -> list[Any]:
    """q of shape (n, h, t, d), and k and v of (n, h, t + others, d)."""
    n, h, t, d = shape
    longer = (n, h, t + others, d)
    shapes = {"q": shape, "k": longer, "v": longer}
    return [normal(stream.child(name), form, dtype, device) for name, form in shapes.items()]


def mask_of(
    kind: str, n: int, t: int, rng: np.random.Generator, others: int = 0
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_] | None, bool]:
    """Who sees whom (n, 1, t, t + others), the mask that says so, and whether the past alone is.

    The others are of the same documents as the first ones, in turn.
    """
    seen = np.ones((n, 1, t, t + others), dtype=bool)
    mask = None
    if "documents" in kind:
        document = np.cumsum(rng.random((n, t)) < 0.4, axis=1)
        there = document[:, np.arange(t + others) % t]
        mask = (document[:, :, None] == there[:, None, :])[:, None]
        seen &= mask
    causal = "causal" in kind
    if causal:
        seen &= np.tril(np.ones((t, t), dtype=bool))
    return seen, mask, causal


def exact(q: Array, k: Array, v: Array, seen: Any, dtype: str) -> tuple[Array, Array]:
    """softmax(q k^T / sqrt d) v, and how far roundings of that dtype may lead from it.

    A score errs by gamma times the sum of its absolute terms (Higham 2002, Eq. 3.5), a weight by
    twice as much, relative to itself, through the exponential and its sum. Twice as much again is
    for the largest score, which is subtracted.
    """
    root = np.sqrt(q.shape[-1])
    scores = np.where(seen, q @ np.swapaxes(k, -1, -2) / root, -np.inf)
    reach = np.abs(q) @ np.swapaxes(np.abs(k), -1, -2) / root
    with np.errstate(invalid="ignore"):
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = np.nan_to_num(weights / weights.sum(axis=-1, keepdims=True))
    farthest = 1 + 4 * reach.max(axis=-1, keepdims=True)
    operations = 2 * (q.shape[-1] + k.shape[-2]) + 64
    return weights @ v, gamma(operations, dtype) * farthest * (weights @ np.abs(v))
