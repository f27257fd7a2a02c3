"""What a claim compares as dots, a replicate each, with the part that the sentence asks for."""

import itertools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from harness.declaration.exhibits import Array, Compared
from harness.records.record import Dots
from harness.text import Text
from harness.trial.one_setting import Trial

MOST = 128  # dots of a picture: more hide one another
Bools = npt.NDArray[np.bool_]
Asks = Literal["above", "below", "corner", ""]


def dots_of(trial: Trial) -> list[Dots]:
    """A picture of two comparisons at once where the sentence asks for both, else one of each."""
    blocks = [[one for one in block if isinstance(one, Compared)] for block in trial.exhibits]
    compared = [_joined(same) for same in zip(*blocks, strict=False)]
    asked = _asked(compared)
    if len(compared) == 2 and all(asked) and not any(map(_is_level, compared)):
        return [_corner(compared, asked)]
    return [_plane(one, side) for one, side in zip(compared, asked, strict=True)]


def _joined(same: Sequence[Compared]) -> Compared:
    first = same[0]
    above, below, happened = (
        np.concatenate([getattr(one, name) for one in same])[:MOST]
        for name in ("above", "below", "happened")
    )
    return Compared(first.sides, above, below, first.factor, first.margin, happened)


def _asked(compared: Sequence[Compared]) -> list[Asks]:
    """On which side of each line the sentence's event lies, as the replicates tell."""
    if not compared:
        return []
    happened: Bools = compared[0].happened
    results = [_result(one) for one in compared]
    # As the comparison is written, where that explains what happened; else the other way round.
    for sides in itertools.product((True, False), repeat=len(compared)):
        pairs = zip(results, sides, strict=True)
        if (np.all([found == side for found, side in pairs], axis=0) == happened).all():
            return ["above" if side else "below" for side in sides]
    return [_implied(found, happened) for found in results]


def _implied(found: Bools, happened: Bools) -> Asks:
    if happened.any() and found[happened].all():
        return "above"
    return "below" if happened.any() and not found[happened].any() else ""


def _result(one: Compared) -> Bools:
    return np.asarray(one.above > one.factor * one.below + one.margin)


def _is_level(one: Compared) -> bool:
    return any(bool((side == side[:1]).all()) for side in (one.above, one.below))


def _plane(one: Compared, asks: Asks) -> Dots:
    sides = one.sides
    return Dots(
        title=Text("Every replicate", "每次重复试验"),
        x_label=_axis(sides.below, sides.unit),
        y_label=_axis(sides.above, sides.unit),
        x=_numbers(one.below),
        y=_numbers(one.above),
        happened=_marks(one.happened),
        factor=one.factor,
        margin=one.margin,
        asks=asks,
    )


def _corner(compared: Sequence[Compared], asked: Sequence[Asks]) -> Dots:
    """Both differences, each so turned that the sentence asks for what lies beyond its margin."""
    x, y = (_turned(one, side) for one, side in zip(compared, asked, strict=True))
    return Dots(
        title=Text("Every replicate", "每次重复试验"),
        x_label=x[0],
        y_label=y[0],
        x=_numbers(x[1]),
        y=_numbers(y[1]),
        happened=_marks(compared[0].happened),
        factor=0.0,
        margin=y[2],
        asks="corner",
        x_margin=x[2],
    )


def _turned(one: Compared, asks: Asks) -> tuple[Text, Array, float]:
    """Name, values and margin of a difference; of a factor other than 1 that of the multiple."""
    sides, times = one.sides, "" if one.factor == 1 else f"{one.factor:g} × "
    above, below = sides.above, Text(times + sides.below.en, times + sides.below.zh)
    with np.errstate(invalid="ignore"):
        values, margin = one.above - one.factor * one.below, one.margin
    if asks == "below":
        above, below, values, margin = below, above, -values, -margin
    name = Text(f"{above.en} − {below.en}", f"{above.zh} − {below.zh}")
    return _axis(name, sides.unit), values, margin


def _axis(name: Text, unit: Text) -> Text:
    return Text(f"{name.en} ({unit.en})", f"{name.zh}（{unit.zh}）")


def _numbers(values: Any) -> list[float | None]:
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in values]


def _marks(happened: Bools) -> str:
    return "".join("1" if one else "0" for one in happened)
