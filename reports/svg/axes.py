"""The canvas that line plots and histograms share: a grid, ticks and a plotting area."""

from __future__ import annotations

from reports.numbers import number
from reports.svg.element import label, line
from reports.svg.scale import Scale

WIDTH, HEIGHT = 360, 190
LEFT, RIGHT, TOP, BOTTOM = 46, 352, 8, 168  # the plotting area in pixels


def grid(x: Scale, y: Scale) -> list[str]:
    """Horizontal grid lines with their values, and the values under the x axis."""
    parts = []
    for tick in y.ticks(4):
        at = y(tick)
        parts += [line(LEFT, at, RIGHT, at, "g"), label(LEFT - 5, at + 4, number(tick, 3), "t r")]
    parts.append(line(LEFT, BOTTOM, RIGHT, BOTTOM, "a"))
    for tick in x.ticks(5):
        at = x(tick)
        parts += [
            line(at, BOTTOM, at, BOTTOM + 4, "a"),
            label(at, BOTTOM + 17, number(tick), "t m"),
        ]
    return parts
