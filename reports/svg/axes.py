"""The canvas that line plots and histograms share: a grid, ticks and a plotting area."""

from collections.abc import Sequence

from harness.text import Text
from reports.numbers import number
from reports.svg.element import labels, names
from reports.svg.scale import Scale

WIDTH, HEIGHT = 360, 190
LONGEST = 40  # characters of a name below the axis
LEFT, RIGHT, TOP, BOTTOM = 52, 342, 8, 168  # the plotting area in pixels


def grid(x: Scale, y: Scale, named: Sequence[tuple[int, Text]] = ()) -> list[str]:
    """Horizontal grid lines with their values, and the values under the x axis, or its names."""
    rows = [(y(tick), number(tick)) for tick in y.ticks(4)]
    columns = [] if named else [(x(tick), number(tick)) for tick in x.ticks(5)]
    across = "".join(f"M{LEFT} {at}H{RIGHT}" for at, _ in rows)
    down = "".join(f"M{at} {BOTTOM}v4" for at, _ in (*columns, *named))
    return [
        f'<path class=g d="{across}"/>',
        f'<path class=a d="M{LEFT} {BOTTOM}H{RIGHT}{down}"/>',
        labels(((LEFT - 5, at + 4, text) for at, text in rows), "r"),
        labels(((at, BOTTOM + 17, text) for at, text in columns), "m") if columns else "",
        names(((at, BOTTOM + 17, text) for at, text in named), "m", LONGEST) if named else "",
    ]
