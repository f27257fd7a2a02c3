"""efficientnet_pytorch behind the adapters."""

from __future__ import annotations

from typing import Any

from efficientnet_pytorch.utils import drop_connect

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError


def of_images(h: Any, p: float, training: bool) -> Any:
    """drop_connect, which is for (n, c, height, width)."""
    if h.dim() != 4:
        raise NotApplicableError("drop_connect is for inputs of 4 axes")
    return drop_connect(h, p, training)


path_dropout = adapter("path_dropout", of_images)
