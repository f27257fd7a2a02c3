"""The activations of the nets' compiled loops, in single precision, and their slopes.

Exponentials are 2^n e^r with |r| <= ln(2) / 2, the second factor by Taylor's polynomial of degree
8, whose remainder (3e-10) is below float32's rounding. Loops over whole rows become vectors.
"""

from typing import Any

import numba
import numpy as np

from harness.training.nets.compiled.products import WIDE
from harness.training.vectors import load, not_negative, store

RELU, TANH, SIGMOID, SCALED_SIGMOID = range(4)

_f = np.float32
_PER_LN2, _LN2_HIGH, _LN2_LOW = _f(1.4426950408889634), _f(0.693359375), _f(-2.12194440e-4)
_C2, _C3, _C4, _C5 = _f(1 / 2), _f(1 / 6), _f(1 / 24), _f(1 / 120)
_C6, _C7, _C8 = _f(1 / 720), _f(1 / 5040), _f(1 / 40320)
_ZERO, _HALF, _ONE, _TWO, _FOUR = _f(0), _f(0.5), _f(1), _f(2), _f(4)
_SHIFT, _MIDDLE = _f(128.5), _f(128)
_SMALLEST, _LARGEST = _f(-87), _f(88)  # their exponentials are normal numbers


@numba.njit(cache=True, error_model="numpy")
def less_one(x: Any, powers: Any, bits: Any) -> None:
    """Write exp(x) - 1 over x, relatively right near 0 too.

    `powers` and `bits` are one memory of as many numbers, as floats and as integers.
    """
    for i in range(len(x)):
        v = min(max(x[i], _SMALLEST), _LARGEST)
        bits[i] = np.int32(v * _PER_LN2 + _SHIFT)  # n + 128: rounded to the nearest, for v > -128
    for i in range(len(x)):
        v = x[i]
        clipped = min(max(v, _SMALLEST), _LARGEST)
        n = np.float32(bits[i]) - _MIDDLE
        r = (clipped - n * _LN2_HIGH) - n * _LN2_LOW
        p = _C4 + r * (_C5 + r * (_C6 + r * (_C7 + r * _C8)))
        x[i] = r + r * r * (_C2 + r * (_C3 + r * p)) if v == v else v
    for i in range(len(x)):
        bits[i] = np.int32(np.int32(bits[i] - np.int32(1)) << np.int32(23))
    for i in range(len(x)):
        x[i] = powers[i] * x[i] + (powers[i] - _ONE)


@numba.njit(cache=True, error_model="numpy")
def activate(kind: Any, x: Any, powers: Any, bits: Any) -> None:
    """Write the activation over x."""
    if kind == RELU:
        for i in range(0, len(x), WIDE):
            store(x, i, not_negative(load(x, i, WIDE)))
    elif kind == TANH:
        for i in range(len(x)):
            x[i] = _TWO * x[i]
        less_one(x, powers, bits)
        for i in range(len(x)):
            x[i] = x[i] / (x[i] + _TWO)
    else:
        for i in range(len(x)):
            x[i] = -x[i]
        less_one(x, powers, bits)
        for i in range(len(x)):
            x[i] = _ONE / (x[i] + _TWO)
        if kind == SCALED_SIGMOID:
            for i in range(len(x)):
                x[i] = _FOUR * x[i] - _TWO


@numba.njit(cache=True, error_model="numpy")
def pull_back(kind: Any, signal: Any, values: Any) -> None:
    """Multiply a signal by the slope that belongs to the activation's values."""
    if kind == RELU:
        for i in range(len(signal)):
            signal[i] = signal[i] if values[i] > _ZERO else _ZERO
    elif kind == TANH:
        for i in range(len(signal)):
            signal[i] = signal[i] * (_ONE - values[i] * values[i])
    elif kind == SIGMOID:
        for i in range(len(signal)):
            signal[i] = signal[i] * (values[i] * (_ONE - values[i]))
    else:
        for i in range(len(signal)):
            signal[i] = signal[i] * (_ONE - values[i] * values[i] / _FOUR)
