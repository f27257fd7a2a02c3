"""A block of deep chains on the CPU, in NumPy and torch on the same reused memory.

Signals lie as (R, width, examples), so that one product a layer goes up and one comes down, and
neither turns its second factor.
"""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from harness.primitives import activations
from harness.training.chains import plain
from harness.training.chains.law import Activation, Chain, UniformWeights
from harness.training.products import multiply

_TINY, _HUGE = 1e-30, 1e30  # between them a sum of squares neither overflows nor loses digits

Array = npt.NDArray[np.floating[Any]]
Doubles = npt.NDArray[np.float64]
Slope = Callable[[Tensor], object]  # multiplies a cotangent by the activation's slope, in place


class _Drawn:
    """Weights that an initializer drew, kept for the way down."""

    def __init__(self, chain: Chain, replicas: int) -> None:
        self._chain, self._replicas = chain, replicas
        self._kept: dict[int, Array] = {}

    def fresh(self, layer: int) -> Array:
        """Draw the weights (R, out, in) of a layer."""
        self._kept[layer] = self._chain.draw_weights(self._replicas, layer).numpy()
        return self._kept[layer]

    def again(self, layer: int) -> Array:
        """Return the same weights."""
        return self._kept[layer]

    def step(self, layer: int) -> float | None:
        """Return what the weights are still to be multiplied by."""
        return None


class _Coded:
    """The engine's own weights, kept as 16-bit multiples: half the memory to write and to read."""

    def __init__(self, chain: Chain, law: UniformWeights, replicas: int, dtype: Any) -> None:
        self._law = law
        shapes = list(itertools.pairwise(chain.widths))
        self._steps = [law.step(*shape) for shape in shapes]
        sizes = [(replicas, fan_out, fan_in) for fan_in, fan_out in shapes]
        self._multiples = [np.empty(size, dtype=np.int16) for size in sizes]
        floats = {size: np.empty(size, dtype=dtype) for size in sizes}
        self._floats = [floats[size] for size in sizes]
        # The same memory for torch, whose conversions use whole vectors.
        self._copies = [
            (torch.from_numpy(out), torch.from_numpy(multiples))
            for out, multiples in zip(self._floats, self._multiples, strict=True)
        ]

    def fresh(self, layer: int) -> Array:
        """Draw a layer's multiples and return them as floats, which the next layer's overwrite."""
        self._law.fill(self._multiples[layer], self._floats[layer])
        return self._floats[layer]

    def again(self, layer: int) -> Array:
        """Return the same multiples."""
        out, multiples = self._copies[layer]
        out.copy_(multiples)
        return self._floats[layer]

    def step(self, layer: int) -> float | None:
        """Return what they are multiples of."""
        return self._steps[layer]


class Block:
    """The memory of R chains side by side: weights, signals, and cotangents of two layers."""

    def __init__(self, chain: Chain, replicas: int) -> None:
        dtype = torch.empty(0, dtype=chain.dtype).numpy().dtype

        def empty(*shape: int) -> Array:
            return np.empty((replicas, *shape), dtype=dtype)

        m, pairs = chain.examples, list(itertools.pairwise(chain.widths))
        law = chain.initializer
        self._own = isinstance(law, UniformWeights)
        self._weights = (
            _Coded(chain, law, replicas, dtype)
            if isinstance(law, UniformWeights)
            else _Drawn(chain, replicas)
        )
        self._chain, self._replicas = chain, replicas
        self._signals = [empty(width, m) for width in chain.widths]
        two = {(width, turn): empty(width, m) for width in set(chain.widths) for turn in (0, 1)}
        self._cotangents = [two[width, layer % 2] for layer, width in enumerate(chain.widths)]
        grams = empty(m, m), empty(m, m)
        products = {pair: empty(*pair) for pair in set(pairs)}
        self._products = [grams if m * sum(p) < p[0] * p[1] else (products[p],) for p in pairs]

    def run(self) -> tuple[Doubles, Doubles, Doubles]:
        """Return forward, backward (R, L + 1) and weight gradients (R, L) of fresh chains."""
        with np.errstate(over="ignore", invalid="ignore"):
            inputs = self._chain.draw_inputs(self._replicas)
            forward, signals, slopes = self._up(inputs)
            cotangent = self._chain.draw_cotangent(self._replicas)
            backward, norms = self._down(signals, slopes, cotangent)
        sums = [np.stack(v).reshape(len(v), -1).T for v in (forward, backward, norms)]
        if cotangent.dtype == torch.float32 and not all(map(_within, sums)):
            weights = [self._scaled(layer) for layer in range(len(slopes))]
            return plain.moments(inputs, weights, cotangent, self._chain.activation)
        m = self._chain.examples
        sizes = m * np.array(self._chain.widths)
        # Rounding may leave a norm of zeros a hair below zero.
        return sums[0] / sizes, sums[1] / sizes, np.sqrt(np.maximum(sums[2], 0)) / m

    def _up(self, inputs: Tensor) -> tuple[list[Array], list[Array], list[Slope]]:
        """Return the signals h_0 ... h_L after their sums of squares (R,), and their slopes."""
        h = self._signals[0]
        np.copyto(h, inputs.mT.numpy())
        squares, signals, slopes = [_dot(h, h)], [h], []
        for layer, z in enumerate(self._signals[1:]):
            multiply(self._weights.fresh(layer), h, z)
            self._scale(z, layer)
            h, slope = _activated(z, self._chain.activation, self._own)
            squares.append(_dot(h, h))
            signals.append(h)
            slopes.append(slope)
        return squares, signals, slopes

    def _down(
        self, signals: list[Array], slopes: list[Slope], cotangent: Tensor
    ) -> tuple[list[Array], list[Array]]:
        """Return the sums of squares (R,) of every layer's cotangents and weight gradients."""
        g = self._cotangents[-1]
        np.copyto(g, cotangent.mT.numpy())
        backward, norms = [_dot(g, g)], []
        for layer in range(len(slopes) - 1, -1, -1):
            slopes[layer](torch.from_numpy(g))
            norms.append(_product_squares(g, signals[layer], self._products[layer]))
            below = self._cotangents[layer]
            multiply(self._weights.again(layer).swapaxes(1, 2), g, below)
            self._scale(below, layer)
            g = below
            backward.append(_dot(g, g))
        return backward[::-1], norms[::-1]

    def _scale(self, values: Array, layer: int) -> None:
        step = self._weights.step(layer)
        if step is not None:
            np.multiply(values, step, out=values)

    def _scaled(self, layer: int) -> Tensor:
        """Return the weights (R, out, in) themselves."""
        W, step = torch.from_numpy(self._weights.again(layer)), self._weights.step(layer)
        return W if step is None else W * step


def _activated(z: Array, activation: Activation | None, own: bool) -> tuple[Array, Slope]:
    """Return activation(z) and its slope; `own` lets the engine's tanh stand for the caller's."""
    if own and activation is activations.tanh:
        h = torch.from_numpy(np.tanh(z, out=z))
        return z, lambda g: torch.ops.aten.tanh_backward.grad_input(g, h, grad_input=g)
    h, slope = plain.activated(torch.from_numpy(z), activation)
    return h.numpy(), lambda g: g if slope is None else g.mul_(slope)


def _product_squares(g: Array, h: Array, out: tuple[Array, ...]) -> Array:
    """Return ||GH'||^2 of every replica for G (R, p, m), H (R, q, m).

    By the product, or as <G'G, H'H> where `out` holds two matrices for them.
    """
    if len(out) == 2:
        multiply(g.swapaxes(1, 2), g, out[0])
        multiply(h.swapaxes(1, 2), h, out[1])
    else:
        multiply(h, g.swapaxes(1, 2), out[0])
    return _dot(out[0], out[-1])


def _dot(a: Array, b: Array) -> Array:
    """Return <A, B> of every replica, added up in the numbers' own format."""
    if len(a) == 1:
        return np.asarray(np.vdot(a, b))
    dots: Array = np.vecdot(a.reshape(len(a), -1), b.reshape(len(b), -1))
    return dots


def _within(squares: Array) -> bool:
    return bool(((squares > _TINY) & (squares < _HUGE)).all())
