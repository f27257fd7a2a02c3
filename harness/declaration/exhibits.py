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
    marks: Mapping[Text, float] = field(default_factory=dict)
    """Levels to compare with, such as a figure that the chapter prints."""
    added: bool = False
    """Drawn by the harness from what a claim compares, and so no statistic of the gate."""


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


@dataclass(frozen=True)
class Sides:
    """What a sentence sets against each other: "`above` > `below`", as axes name it."""

    above: Text
    below: Text
    unit: Text
    marks: Mapping[Text, float] = field(default_factory=dict)
    """Levels that the curves behind them are to be compared with."""
    within: float = 0.05
    """The part of it up to which a reader wants to know how much the one is of the other."""


@dataclass(frozen=True)
class Compared:
    """Both sides of each replicate, (replicates,), and whether what the sentence says happened.

    The line between them is above = factor * below + margin.
    """

    sides: Sides
    above: Any
    below: Any
    factor: float
    margin: float
    happened: Any


@dataclass(frozen=True)
class Outcomes:
    """Whether what the sentence says happened, (replicates,), where nothing else is shown of it."""

    values: Any


Exhibit = Curve | Histogram | Statistic | Grid | Compared | Outcomes


class Measured:
    """An observation together with its exhibits."""

    def __init__(self, observation: Any, *exhibits: Exhibit) -> None:
        self.observation, self.exhibits = observation, exhibits


def as_array(values: Any) -> Array:
    """The values as a float64 array on the host, whether they are torch, NumPy or plain numbers."""
    if hasattr(values, "detach"):
        values = values.detach().to("cpu").double().numpy()
    return np.asarray(values, dtype=np.float64)
