"""Weights as initialisers draw them, in layers of stated fans."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.blocks.streams import Stream
from harness.metrics import tensors


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
