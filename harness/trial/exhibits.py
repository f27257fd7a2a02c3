"""What a claim hands in besides its observation: curves and histograms for the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """One line of a curve: y is (replicates, points), or (points,) for a reference line."""

    name: str
    zh: str
    y: Any


@dataclass(frozen=True)
class Curve:
    """Lines over a common x (points,), as the chapter draws them."""

    title: str
    zh: str
    x: Any
    lines: tuple[Line, ...]
    x_label: str = ""
    x_label_zh: str = ""
    y_label: str = ""
    y_label_zh: str = ""
    log_y: bool = False


@dataclass(frozen=True)
class Histogram:
    """Values (n,) counted into bins, with named marks such as the chapter's printed figure."""

    title: str
    zh: str
    values: Any
    marks: Mapping[str, float] = field(default_factory=dict)
    marks_zh: Mapping[str, str] = field(default_factory=dict)
    x_label: str = ""
    x_label_zh: str = ""


@dataclass(frozen=True)
class Measured:
    """An observation together with its exhibits."""

    observation: Any
    exhibits: tuple[Curve | Histogram, ...] = ()


def as_array(values: Any) -> Array:
    """The values as a float64 array on the host, whether they are torch, NumPy or plain numbers."""
    if hasattr(values, "detach"):
        values = values.detach().to("cpu").double().numpy()
    return np.asarray(values, dtype=np.float64)
