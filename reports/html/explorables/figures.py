"""The figures of an explorable: drawn at its first setting, and packed for the script.

The axes are settled here, for every setting, so that the script only places what is measured.
"""

import base64
import gzip
import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from numpy.polynomial import chebyshev

from harness.text import Text
from reports.html.explorables.explorable import Control, Explorable, Figure, Lines, Masks, Sample
from reports.numbers import number
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from reports.svg.cells import cell_grid
from reports.svg.element import Key, Picture, frame, logarithmic
from reports.svg.explored import Axis, Band, bands, sample
from reports.svg.scale import Scale, spanning

CURVE = 121  # points of a curve that is drawn through a sample
FEW, EVERY = 10, 5  # so many values of an axis are all written; of more, one in five

At = Mapping[str, int]


def pictures(explorable: Explorable) -> list[Picture]:
    """Every figure at the first setting."""
    return [_picture(explorable, figure) for figure in explorable.figures]


def packed(explorable: Explorable) -> str:
    """What the script reads: gzipped JSON in base64, which no parser looks into."""
    content = {
        "data": msgspec.to_builtins(explorable.explored),
        "said": _pair(explorable.said),
        "controls": [_control(control) for control in explorable.controls],
        "figures": [_packed(explorable, figure) for figure in explorable.figures],
    }
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()


def _picture(explorable: Explorable, figure: Figure) -> Picture:
    if isinstance(figure, Lines):
        return _lines(explorable, figure)
    if isinstance(figure, Sample):
        return _sample(explorable, figure)
    place = explorable.start[figure.axis]
    rows = [[int(cell, 16) > place for cell in row] for row in explorable.explored.more["masks"]]
    drawn = cell_grid(figure.title, rows, figure.on, figure.off)
    return Picture(drawn.svg, drawn.caption, drawn.legend, facts=drawn.facts)


def _lines(explorable: Explorable, figure: Lines) -> Picture:
    at = explorable.start
    across, x = _across(explorable, figure, at)
    drawn = [Band(x, one) for one in _values(explorable, figure, at)]
    up = _up(explorable, figure, at)
    body = bands(across, up, drawn, at.get(figure.along))
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, figure.title, explorable.told()),
        caption=figure.title,
        legend=[Key(f"l s{i}", one.name) for i, one in enumerate(figure.series)],
        x_label=figure.x_label,
        y_label=logarithmic(figure.y_label, up.scale(BOTTOM, TOP)),
    )


def _values(explorable: Explorable, figure: Lines, at: At) -> list[Any]:
    """Each line's values along the figure's axis."""
    others = {axis: place for axis, place in at.items() if axis != figure.along}
    return [
        explorable.explored.along(one.quantity, figure.along, others, one.end)
        for one in figure.series
    ]


def _across(explorable: Explorable, figure: Lines, at: At) -> tuple[Axis, Sequence[float]]:
    """The x axis, and where on it the values lie: those of a slider lie at even steps."""
    values = explorable.explored.axes[figure.along]
    if figure.along in at:
        many = len(values) > FEW
        ticks = [
            (float(i), number(float(value)))
            for i, value in enumerate(values)
            if i % EVERY == 0 or not many
        ]
        return Axis(0.0, len(values) - 1.0, ticks), list(range(len(values)))
    if figure.layers_of:
        values = explorable.explored.more["layers"][at[figure.layers_of]]
    x = [float(value) for value in values]
    ticks = [(tick, number(tick)) for tick in Scale(0.0, x[-1], LEFT, RIGHT).ticks(5)]
    whole = [(tick, name) for tick, name in ticks if tick == int(tick)]
    return Axis(0.0, x[-1], whole), x


def _up(explorable: Explorable, figure: Lines, at: At) -> Axis:
    """The y axis that holds all settings with the controls of `apart` as they are."""
    free = [one for one in explorable.controls if one.axis not in (*figure.apart, figure.along)]
    values = [
        value
        for places in itertools.product(*(range(len(one.values)) for one in free))
        for line in _values(
            explorable, figure, {**at, **dict(zip((one.axis for one in free), places, strict=True))}
        )
        for triple in line
        for value in triple
    ]
    return _ticked(spanning(values, BOTTOM, TOP, log=figure.log), 4)


def _ticked(scale: Scale, most: int) -> Axis:
    ticks = [(tick, number(tick, 3)) for tick in scale.ticks(most)]
    return Axis(scale.low, scale.high, ticks, scale.log)


def _sample(explorable: Explorable, figure: Sample) -> Picture:
    more, at = explorable.explored.more, explorable.start
    seen = more["samples"][at["n"]]
    points = list(zip(seen["x"], seen["y"], strict=True))
    across, up = _plane(explorable)
    coefficients = more["fits"][_fit(explorable, at)]
    low, high = min(seen["x"]), max(seen["x"])
    u = [2 * i / (CURVE - 1) - 1 for i in range(CURVE)]
    fitted = chebyshev.chebval(u, coefficients).tolist()
    fit = [((one * (high - low) + low + high) / 2, y) for one, y in zip(u, fitted, strict=True)]
    body = sample(across, up, points, _truth(explorable), fit)
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, figure.title, explorable.told()),
        caption=figure.title,
        legend=[Key("dot s5", figure.seen), Key("l s1", figure.truth), Key("l s0", figure.fit)],
        x_label=figure.x_label,
        y_label=figure.y_label,
    )


def _fit(explorable: Explorable, at: At) -> int:
    """Which of the fits that were kept is that of the setting."""
    place = 0
    for axis, values in explorable.explored.axes.items():
        place = place * len(values) + at[axis]
    return place


def _plane(explorable: Explorable) -> tuple[Axis, Axis]:
    """The axes that hold every sample."""
    samples = explorable.explored.more["samples"]
    x, y = ([value for one in samples for value in one[key]] for key in ("x", "y"))
    return _ticked(spanning(x, LEFT, RIGHT), 7), _ticked(spanning(y, BOTTOM, TOP), 4)


def _truth(explorable: Explorable) -> list[tuple[float, float]]:
    """The curve without noise, over the whole x axis."""
    axis, w = _plane(explorable)[0], explorable.explored.more["truth"]
    x = [axis.low + (axis.high - axis.low) * i / (CURVE - 1) for i in range(CURVE)]
    return [(at, sum(c * at**i / math.factorial(i) for i, c in enumerate(w))) for at in x]


def _pair(text: Text) -> list[str]:
    return [text.en, text.zh]


def _control(control: Control) -> dict[str, Any]:
    return {
        "axis": control.axis,
        "name": _pair(control.name),
        "values": [_pair(value) for value in control.values],
        "start": control.start,
        "choice": control.choice,
    }


def _packed(explorable: Explorable, figure: Figure) -> dict[str, Any]:
    if isinstance(figure, Masks):
        return {"kind": "masks", "axis": figure.axis}
    if isinstance(figure, Sample):
        across, up = (msgspec.to_builtins(axis) for axis in _plane(explorable))
        truth = [[round(x, 2), round(y, 2)] for x, y in _truth(explorable)]
        return {"kind": "sample", "across": across, "up": up, "truth": truth}
    x_by = [figure.layers_of] if figure.layers_of else []
    return {
        "kind": "lines",
        "along": figure.along,
        "series": [[one.quantity, one.end] for one in figure.series],
        "across": {
            "by": x_by,
            "each": [
                [msgspec.to_builtins(axis), x]
                for axis, x in (_across(explorable, figure, at) for at in _every(explorable, x_by))
            ],
        },
        "up": {
            "by": list(figure.apart),
            "each": [
                msgspec.to_builtins(_up(explorable, figure, at))
                for at in _every(explorable, figure.apart)
            ],
        },
    }


def _every(explorable: Explorable, axes: Sequence[str]) -> Iterator[dict[str, int]]:
    """The first setting with these axes at each of their places, the last one running fastest."""
    counts = {one.axis: len(one.values) for one in explorable.controls}
    for places in itertools.product(*(range(counts[axis]) for axis in axes)):
        yield {**explorable.start, **dict(zip(axes, places, strict=True))}
