"""Weights as initialisers draw them, in layers of stated fans."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from harness.metrics import tensors

if TYPE_CHECKING:
    from harness.blocks.streams import Stream


def drawn(
    initializer: Callable[..., Any],
    fan: tuple[int, int],
    dtype: str,
    numbers: int,
    stream: Stream,
    device: str = "cpu",
) -> npt.NDArray[np.float64]:
    """At least `numbers` weights as float64 (layers, fan_out, fan_in); all layers are whole."""
    copies = -(-numbers // (fan[0] * fan[1]))
    w = initializer(
        *fan,
        stream.child("weights").torch(device),
        replicates=copies,
        dtype=tensors.dtype_of(dtype),
        device=device,
    )
    return np.asarray(w.double().cpu().numpy())
