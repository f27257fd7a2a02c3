"""The parameters that a perceptron starts with: their places in the law, and what it was told."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from harness.metrics.arrays import Array, as_array


def places(parameters: Sequence[Any], sizes: Sequence[int]) -> tuple[Array, Array]:
    """The places of all weights and all biases (R, ...) in U(+-1 / sqrt(fan_in)), in [0, 1]."""
    found: list[list[Array]] = [[], []]
    for layer, fan_in in enumerate(sizes[:-1]):
        for kind in (0, 1):
            values = as_array(parameters[2 * layer + kind])
            places = (values.reshape(len(values), -1) * fan_in**0.5 + 1) / 2
            found[kind].append(places)
    weights, biases = (np.concatenate(part, axis=1).clip(0.0, 1.0) for part in found)
    return weights, biases


def options_for(dtype: str) -> dict[str, Any]:
    """What a call says of the dtype: nothing of the usual one."""
    import torch

    return {} if dtype == "float32" else {"dtype": getattr(torch, dtype)}


def as_told(
    init_mlp: Callable[..., Any], sizes: Sequence[int], generator: Any, dtype: str
) -> Iterator[Any]:
    """Shapes and dtype, the initialiser's own weights, and biases of 0 where they should be."""
    import torch

    kind = getattr(torch, dtype)

    drawn: list[Any] = []

    def initializer(fan_in: int, fan_out: int, generator: Any, **law: Any) -> Any:
        shape = (law["replicates"], fan_out, fan_in)
        drawn.append(torch.full(shape, float(len(drawn) + 1), dtype=kind))
        return drawn[-1].clone()

    for given, zero in itertools.product((initializer, None), (True, False, None)):
        drawn.clear()
        options = {} if zero is None else {"zero_bias": zero}
        parameters = init_mlp(sizes, 2, generator, given, **options, **options_for(dtype))
        yield all(p.dtype == kind for p in parameters)
        none = zero if zero is not None else given is not None
        for layer, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
            w, b = parameters[2 * layer : 2 * layer + 2]
            yield tuple(w.shape) == (2, fan_out, fan_in) and tuple(b.shape) == (2, fan_out)
            yield given is None or torch.equal(w, drawn[layer])
            yield bool((b == 0).all()) if none else bool((b != 0).any())
