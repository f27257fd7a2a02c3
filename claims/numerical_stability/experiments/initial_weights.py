"""Weights as initialisers draw them, in layers of stated fans."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.blocks.streams import Stream
from harness.metrics import arrays, tensors


def drawn(
    initializer: Callable[..., Any], fan: tuple[int, int], dtype: str, numbers: int, stream: Stream,
    device: str = "cpu",
) -> npt.NDArray[np.float64]:  # fmt: skip
    """At least `numbers` weights as float64 (layers, fan_out, fan_in); all layers are whole."""
    copies = -(-numbers // (fan[0] * fan[1]))
    w = initializer(
        *fan, stream.child("weights").torch(device), replicates=copies,
        dtype=tensors.dtype_of(dtype), device=device,
    )  # fmt: skip
    return np.asarray(w.double().cpu().numpy())


def fresh_and_fine(values: Any, again: Any, dtype: str) -> bool:
    """Whether a second call drew others, and all are of more values than 16 bits have."""
    found = np.concatenate([arrays.as_array(values).ravel(), arrays.as_array(again).ravel()])
    fine = dtype not in ("float32", "float64") or arrays.finely_spread(found)
    return bool(fine and (arrays.as_array(values) != arrays.as_array(again)).any())


def as_drawn(
    initializer: Callable[..., Any], fan: tuple[int, int], dtype: str, stream: Stream, device: str
) -> list[bool]:
    """Two layers by one generator: of the dtype that was asked for, fresh and fine."""
    generator, kind = stream.child("layers").torch(device), tensors.dtype_of(dtype)
    one, other = (
        initializer(*fan, generator, replicates=1, dtype=kind, device=device) for _ in range(2)
    )
    return [one.dtype == kind, fresh_and_fine(one.double().cpu(), other.double().cpu(), dtype)]
