"""The loops of the compiled nets: every replica through an epoch, one after another.

A net's arrays stay in the nearest caches for all of its steps. Its parameters are one row: weights
(in, out) layer after layer, then the biases, every row and bias padded to whole vectors.
"""

from typing import Any

import numba
import numpy as np

from harness.training.nets.compiled.activations import activate, less_one, pull_back
from harness.training.nets.compiled.products import (
    TALL,
    shifted_product,
    stepped_by_product,
    turned_into,
)
from harness.training.nets.masks import ALL, BYTES, WORDS

_ZERO, _ONE = np.float32(0), np.float32(1)


@numba.njit(cache=True, error_model="numpy")
def epoch(
    x: Any, y: Any, order: Any, first: Any, parameters: Any, widths: Any, padded: Any, weights: Any,
    biases: Any, kind: Any, rate: Any, kept: Any, size: Any, signed_bytes: Any, signed_words: Any,
    by: Any, thresholds: Any, scales: Any, room: Any,
) -> None:  # fmt: skip
    """Take one step per batch of the order (R, n), in place.

    `first` (R,) is each replica's first example; `weights` and `biases` are the places of a layer's
    within a row of `parameters`. Random numbers are those of all masks in turn, batch by batch and
    layer by layer, the replicas' side by side, each mask from a whole 64-bit word on.
    """
    values, inputs, signals, gains, turned, nothing, powers, bits = room
    layers = len(widths) - 1
    replicas, n = order.shape
    for r in range(replicas):
        own, used = parameters[r], 0
        for start in range(0, n, size):
            count = min(size, n - start)
            rows = -(-count // TALL) * TALL
            for i in range(rows):
                line = inputs[0, i * padded[0] : i * padded[0] + widths[0]]
                if i < count:
                    line[:] = x[first[r] + order[r, start + i]]
                else:
                    line[:] = _ZERO
            for layer in range(layers):
                wide = padded[layer + 1]
                z = values[layer]
                below = values[layer - 1] if layer and by[layer - 1] == ALL else inputs[layer]
                shifted_product(
                    below, 0, padded[layer], own, weights[layer], wide, own, biases[layer],
                    z, 0, wide, rows, widths[layer], wide,
                )  # fmt: skip
                if layer == layers - 1:
                    break
                activate(kind, z[: rows * wide], powers, bits)
                if by[layer] == ALL:
                    continue
                used += _mask(
                    gains[layer], by[layer], thresholds[layer], scales[layer], r, replicas, count,
                    widths[layer + 1], wide, signed_bytes, signed_words, used,
                )  # fmt: skip
                _times(z[: rows * wide], gains[layer], inputs[layer + 1])
            _against_labels(
                values[layers - 1], signals[layers - 1], y, order[r, start : start + count],
                first[r], widths[layers], rows, padded[layers], powers, bits,
            )  # fmt: skip
            share = rate / np.float32(count)
            for layer in range(layers - 1, -1, -1):
                wide, narrow = padded[layer + 1], padded[layer]
                signal = signals[layer]
                if layer:
                    turned_into(own, weights[layer], wide, turned, narrow, widths[layer], wide)
                    below = signals[layer - 1]
                    shifted_product(
                        signal, 0, wide, turned, 0, narrow, nothing, 0,
                        below, 0, narrow, rows, widths[layer + 1], narrow,
                    )  # fmt: skip
                    if by[layer - 1] != ALL:
                        _times(below[: rows * narrow], gains[layer - 1], below)
                    pull_back(kind, below[: rows * narrow], values[layer - 1])
                fed = values[layer - 1] if layer and by[layer - 1] == ALL else inputs[layer]
                stepped_by_product(
                    fed, 0, narrow, signal, 0, wide, own, weights[layer], wide,
                    -(-widths[layer] // TALL) * TALL, count, wide, kept, share,
                )  # fmt: skip
                bias = own[biases[layer] : biases[layer] + wide]
                for i in range(count):
                    _step(bias, share, signal[i * wide : (i + 1) * wide])


@numba.njit(cache=True, error_model="numpy")
def _mask(
    gains: Any, by: Any, threshold: Any, scale: Any, r: Any, replicas: Any, count: Any, width: Any,
    wide: Any, signed_bytes: Any, signed_words: Any, used: Any,
) -> Any:  # fmt: skip
    """Write what each unit gains, 0 where it is dropped; return the bytes that were used."""
    one = count * width
    for i in range(count):
        row = gains[i * wide : i * wide + width]
        if by == BYTES:
            _keep(row, signed_bytes[used + r * one + i * width :], np.int8(threshold), scale)
        elif by == WORDS:
            _keep(row, signed_words[used // 2 + r * one + i * width :], np.int16(threshold), scale)
        else:
            row[:] = _ZERO
    taken = replicas * one * (1 if by == BYTES else 2 if by == WORDS else 0)
    return -(-taken // 8) * 8


@numba.njit(cache=True, error_model="numpy")
def _keep(row: Any, drawn: Any, threshold: Any, scale: Any) -> None:
    for j in range(len(row)):
        row[j] = scale if drawn[j] >= threshold else _ZERO


@numba.njit(cache=True, error_model="numpy")
def _times(a: Any, b: Any, out: Any) -> None:
    for i in range(len(a)):
        out[i] = a[i] * b[i]


@numba.njit(cache=True, error_model="numpy")
def _step(w: Any, rate: Any, slope: Any) -> None:
    for i in range(len(w)):
        w[i] -= rate * slope[i]


@numba.njit(cache=True, error_model="numpy")
def _against_labels(
    logits: Any, signal: Any, y: Any, order: Any, first: Any, classes: Any, rows: Any, wide: Any,
    powers: Any, bits: Any,
) -> None:  # fmt: skip
    """Write softmax less the label's one; 0 in rows and columns that are padding."""
    signal[: rows * wide] = _ZERO
    for i in range(len(order)):
        row, line = signal[i * wide : i * wide + classes], logits[i * wide : i * wide + classes]
        largest = line[0]
        for j in range(classes):
            largest = max(largest, line[j])
        for j in range(classes):
            row[j] = line[j] - largest
    less_one(signal[: len(order) * wide], powers, bits)
    for i in range(len(order)):
        row = signal[i * wide : i * wide + classes]
        total = _ZERO
        for j in range(classes):
            row[j] += _ONE
            total += row[j]
        share = _ONE / total
        for j in range(classes):
            row[j] *= share
        row[y[first + order[i]]] -= _ONE


@numba.njit(cache=True, error_model="numpy")
def measured(
    x: Any, y: Any, first: Any, n: Any, parameters: Any, widths: Any, padded: Any, weights: Any,
    biases: Any, kind: Any, room: Any, losses: Any, hits: Any,
) -> None:  # fmt: skip
    """Add up cross-entropy and hits of every replica's n examples, without masks."""
    values, inputs, _, _, _, _, powers, bits = room
    layers = len(widths) - 1
    size = values.shape[1] // padded.max() // TALL * TALL
    for r in range(len(parameters)):
        own = parameters[r]
        loss, right = 0.0, 0
        for start in range(0, n, size):
            count = min(size, n - start)
            rows = -(-count // TALL) * TALL
            for i in range(rows):
                line = inputs[0, i * padded[0] : i * padded[0] + widths[0]]
                if i < count:
                    line[:] = x[first[r] + start + i]
                else:
                    line[:] = _ZERO
            h = inputs[0]
            for layer in range(layers):
                wide = padded[layer + 1]
                z = values[layer]
                shifted_product(
                    h, 0, padded[layer], own, weights[layer], wide, own, biases[layer], z, 0, wide,
                    rows, widths[layer], wide,
                )  # fmt: skip
                if layer < layers - 1:
                    activate(kind, z[: rows * wide], powers, bits)
                h = z
            for i in range(count):
                at = i * padded[layers]
                label = y[first[r] + start + i]
                best = 0
                for j in range(1, widths[layers]):
                    if h[at + j] > h[at + best] or (
                        np.isnan(h[at + j]) and not np.isnan(h[at + best])
                    ):
                        best = j
                total = _ZERO
                for j in range(widths[layers]):
                    total += np.exp(h[at + j] - h[at + best])
                loss -= np.float64(h[at + label] - h[at + best] - np.log(total))
                right += best == label
        losses[r], hits[r] = loss, right
