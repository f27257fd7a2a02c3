"""What an explorable shows: quantities measured on a grid of settings, kept in few bytes.

A quantity is a line of whole numbers. Of a positive one they are steps of its decimal logarithm,
so that a loss of 1e-6 keeps as many digits as one of 1e6.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).with_name("static") / "explorables"
GENERATED = "python -m studies.explorables; do not edit"

Triple = tuple[float | None, float | None, float | None]
Whole = tuple[int | None, ...]


@dataclass(frozen=True)
class Quantity:
    """The median over replicates at each setting, and how far the 10 % and 90 % quantiles lie off.

    The last of the `axes` runs fastest. A number m stands for 10^(m / scale), or for m / scale if
    the quantity is not `log`; None is what has no value: nothing is there, or it is not finite.
    """

    axes: tuple[str, ...]
    scale: int
    log: bool
    middle: Whole
    below: Whole
    above: Whole

    def value(self, place: int) -> Triple:
        """The median and the two quantiles at a place in the line."""
        middle, below, above = self.middle[place], self.below[place], self.above[place]
        if middle is None or below is None or above is None:
            return None, None, None
        return self._decoded(middle), self._decoded(middle - below), self._decoded(middle + above)

    def _decoded(self, whole: int) -> float:
        return float(10.0 ** (whole / self.scale)) if self.log else whole / self.scale


@dataclass(frozen=True)
class Explored:
    """The grids of the axes, the quantities on them, and how many replicates each setting had.

    `more` is what belongs to one explorable alone: a sample and its fits, masks, layers.
    """

    generated: str
    replicates: int
    axes: Mapping[str, Sequence[float | str]]
    quantities: Mapping[str, Quantity]
    more: Mapping[str, Any] = field(default_factory=dict)

    def place(self, quantity: Quantity, at: Mapping[str, int]) -> int:
        """Where the setting, an index on each axis, lies in the quantity's line."""
        place = 0
        for axis in quantity.axes:
            place = place * len(self.axes[axis]) + at[axis]
        return place

    def value(self, name: str, at: Mapping[str, int], end: str = "") -> Triple:
        """Median, 10 % and 90 % quantile at a setting.

        Where the setting leaves an axis out, it is the `end` of it that is meant, "first" or
        "last": the last that has a value.
        """
        quantity = self.quantities[name]
        free = next((axis for axis in quantity.axes if axis not in at), None)
        if free is None:
            return quantity.value(self.place(quantity, at))
        values = (
            quantity.value(self.place(quantity, {**at, free: i}))
            for i in range(len(self.axes[free]))
        )
        known = [value for value in values if value[0] is not None]
        return (known[0] if end == "first" else known[-1]) if known else (None, None, None)

    def along(self, name: str, axis: str, at: Mapping[str, int], end: str = "") -> list[Triple]:
        """The values along an axis, the others as given."""
        places = range(len(self.axes[axis]))
        return [self.value(name, {**at, axis: place}, end) for place in places]


def coded(
    axes: Iterable[str], quantiles: Iterable[tuple[float, float, float]], scale: int, log: bool
) -> Quantity:
    """The quantity of (10 %, 50 %, 90 %) quantiles at each setting, rounded to 1 / scale."""
    columns: tuple[list[int | None], ...] = ([], [], [])
    for low, middle, high in quantiles:
        ends = [_whole(value, scale, log) for value in (low, middle, high)]
        if any(end is None for end in ends):
            whole: list[int | None] = [None, None, None]
        else:
            first, second, third = (int(end) for end in ends if end is not None)
            whole = [second, second - first, third - second]
        for column, value in zip(columns, whole, strict=True):
            column.append(value)
    return Quantity(tuple(axes), scale, log, *(tuple(column) for column in columns))


def _whole(value: float, scale: int, log: bool) -> int | None:
    if not math.isfinite(value) or (log and value <= 0):
        return None
    return round((math.log10(value) if log else value) * scale)


def read(name: str) -> Explored:
    """What the suite ships of that name. Raises msgspec.ValidationError for another file."""
    return msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=Explored)


def write(name: str, explored: Explored, folder: Path = FOLDER) -> Path:
    """Write it, a line for each part, and return the file."""
    parts = msgspec.to_builtins(explored)
    lines = [f' "{key}": {_json(parts[key])}' for key in ("generated", "replicates", "axes")]
    for key in ("quantities", "more"):
        inner = ",\n".join(f'  "{one}": {_json(part)}' for one, part in parts[key].items())
        lines.append(f' "{key}": {{\n{inner}\n }}')
    file = folder / f"{name}.json"
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return file


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
