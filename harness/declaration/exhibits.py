"""What a claim hands in besides its observation: pictures for the report, numbers for the gate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.text import Text

Array = npt.NDArray[np.float64]
NOTHING, ONE, ZERO = Text("", ""), Text("1", "1"), Text("0", "0")


@dataclass(frozen=True)
class Line:
    """One line of a curve: y is (replicates, points), or (points,) for a reference line."""

    name: Text
    y: Any


@dataclass(frozen=True)
class Curve:
    """Lines over a common x (points,), as the chapter draws them."""

    title: Text
    x: Any
    lines: tuple[Line, ...]
    x_label: Text = NOTHING
    y_label: Text = NOTHING
    log_y: bool = False


@dataclass(frozen=True)
class Histogram:
    """Values (n,) counted into bins, with named marks such as the chapter's printed figure."""

    title: Text
    values: Any
    marks: Mapping[Text, float] = field(default_factory=dict)
    x_label: Text = NOTHING


@dataclass(frozen=True)
class Statistic:
    """A number that each replicate leaves behind, such as a final loss or norm: (replicates,).

    The gate asks of it whether its law has drifted from the baseline's. The last value of every
    line of a `Curve` that has replicates is such a statistic without being named.
    """

    name: str
    values: Any


@dataclass(frozen=True)
class Grid:
    """Cells that are on or off, row by row: a mask, or the labelings of a few points.

    `values` are (rows * columns,); above zero is on. The first block's is shown.
    """

    title: Text
    values: Any
    columns: int
    on: Text = ONE
    off: Text = ZERO
    row_names: tuple[str, ...] = ()


Exhibit = Curve | Histogram | Statistic | Grid


class Measured:
    """An observation together with its exhibits."""

    def __init__(self, observation: Any, *exhibits: Exhibit) -> None:
        self.observation, self.exhibits = observation, exhibits


def as_array(values: Any) -> Array:
    """The values as a float64 array on the host, whether they are torch, NumPy or plain numbers."""
    if hasattr(values, "detach"):
        values = values.detach().to("cpu").double().numpy()
    return np.asarray(values, dtype=np.float64)
