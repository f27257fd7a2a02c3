"""The pictures of an explorable at one setting, in the frame that its script draws in as well.

The frame does not follow the setting: what moves is the lines, and so the eye can compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from reports.svg.axes import BOTTOM, LEFT, RIGHT, TOP
from reports.svg.element import labels, line, outline, polyline
from reports.svg.scale import Scale

Triple = tuple[float | None, float | None, float | None]  # median, 10 % and 90 % quantile
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Axis:
    """The ends of an axis, and its ticks: where they are and what stands there."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    log: bool = False

    def scale(self, start: int, stop: int) -> Scale:
        """The pixels between the two ends."""
        return Scale(self.low, self.high, start, stop, self.log)


@dataclass(frozen=True)
class Band:
    """A line with its band over x; what is missing at the end is not drawn."""

    x: Sequence[float]
    values: Sequence[Triple]


def grid(across: Axis, up: Axis) -> list[str]:
    """Horizontal grid lines with their values, and the ticks under the x axis."""
    x, y = across.scale(LEFT, RIGHT), up.scale(BOTTOM, TOP)
    rows = [(y(at), name) for at, name in up.ticks]
    columns = [(x(at), name) for at, name in across.ticks]
    along = "".join(f"M{LEFT} {at}H{RIGHT}" for at, _ in rows)
    down = "".join(f"M{at} {BOTTOM}v4" for at, _ in columns)
    return [
        f'<path class=g d="{along}"/>',
        f'<path class=a d="M{LEFT} {BOTTOM}H{RIGHT}{down}"/>',
        labels(((LEFT - 5, at + 4, name) for at, name in rows), "r"),
        labels(((at, BOTTOM + 17, name) for at, name in columns), "m"),
    ]


def bands(across: Axis, up: Axis, drawn: Sequence[Band], now: int | None) -> list[str]:
    """Each line with its band; an upright line and a dot on each at the place that is `now`."""
    x, y = across.scale(LEFT, RIGHT), up.scale(BOTTOM, TOP)
    body = grid(across, up)
    if now is not None:
        body.append(line(x(now), TOP, x(now), BOTTOM, "now"))
    for style, one in enumerate(drawn):
        rows = [
            (x(at), y(middle), y(low), y(high))
            for at, (middle, low, high) in zip(one.x, one.values, strict=False)
            if middle is not None and low is not None and high is not None
        ]
        if not rows:
            continue
        lower, upper = ([(row[0], row[place]) for row in rows] for place in (2, 3))
        body.append(f'<path class="b s{style}" d="{outline(lower, upper[::-1])}z"/>')
        body.append(f'<path class="l s{style}" d="{polyline([row[:2] for row in rows])}"/>')
        if now is not None and now < len(rows):
            body.append(f'<circle class="d s{style}" cx={rows[now][0]} cy={rows[now][1]} r=4 />')
    return body


def sample(across: Axis, up: Axis, seen: Points, truth: Points, fit: Points) -> list[str]:
    """The examples as dots, the curve that they come from, and the one that was fitted.

    A curve that leaves the frame breaks off there.
    """
    x, y = across.scale(LEFT, RIGHT), up.scale(BOTTOM, TOP)
    dots = "".join(f"M{x(a)} {y(b)}h0" for a, b in seen)
    runs = (
        [
            list(run)
            for inside, run in groupby(curve, lambda at: up.low <= at[1] <= up.high)
            if inside
        ]
        for curve in (truth, fit)
    )
    curves = ("".join(polyline([(x(a), y(b)) for a, b in run]) for run in parts) for parts in runs)
    return [
        *grid(across, up),
        f'<path class="dot s5" d="{dots}"/>',
        *(f'<path class="l s{i}" d="{path}"/>' for i, path in zip((1, 0), curves, strict=True)),
    ]
