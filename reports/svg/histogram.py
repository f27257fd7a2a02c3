"""Counted values with marks, such as the figure that the chapter prints."""

import bisect
import itertools
from collections.abc import Sequence

from harness.records.record import Mark
from harness.text import Text
from reports.detail import FULL, Detail
from reports.numbers import count, number, thinned
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid
from reports.svg.element import DataTable, Key, Picture, axis, frame, line, rectangle, valued
from reports.svg.scale import spanning

BARS = 96  # neighbouring bins are joined beyond
COUNTED = Text("values in a bar's range (number)", "落在该柱范围内的数值（个数）")
REPLICATES = Text("replicates in a bar's range (number)", "落在该柱范围内的重复试验（次数）")


def histogram(
    title: Text,
    edges: Sequence[float],
    counts: Sequence[float],
    marks: Sequence[Mark] = (),
    x_label: Text | None = None,
    of_replicates: bool = False,
    detail: Detail = FULL,
) -> Picture:
    """One bar per bin; edges has one entry more than counts (what is over is left out)."""
    bars = min(len(counts), len(edges) - 1)
    bounds, heights = _joined(edges[: bars + 1], counts[:bars], BARS)
    across = spanning([*bounds, *(mark.value for mark in marks)], LEFT, RIGHT, pad=0.02)
    up = spanning([0.0, max(heights, default=0.0) * 1.05 or 1.0], BOTTOM, TOP, pad=0.0)
    body = grid(across, up)
    for left, right, height in zip(bounds, bounds[1:], heights, strict=False):
        if height > 0:
            x1, x2 = across(left), across(right)
            body.append(rectangle(x1, up(height), max(x2 - 1, x1 + 1), BOTTOM, "h"))
    legend = []
    for index, mark in enumerate(marks):
        at, style = across(mark.value), f"k s{(index + 1) % 6}"
        body.append(line(at, TOP, at, BOTTOM, style))
        legend.append(Key(style, valued(mark)))
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, title, _describe(bounds, heights, marks)),
        caption=title,
        legend=legend,
        facts=[(_beyond(mark), _share_above(mark, edges, counts)) for mark in marks],
        table=_table(edges[: bars + 1], counts[:bars], detail.rows),
        x_label=axis(x_label, title),
        y_label=REPLICATES if of_replicates else COUNTED,
    )


def counted_in(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    """How many values lie in each bin; the last one holds its upper edge."""
    places = [min(bisect.bisect_right(edges, value), len(edges) - 1) for value in values]
    return [places.count(i) for i in range(1, len(edges))]


def _beyond(mark: Mark) -> Text:
    return Text(f"larger than the mark “{mark.name.en}”", f"大于标记“{mark.name.zh}”")


def _share_above(mark: Mark, edges: Sequence[float], counts: Sequence[float]) -> str:
    """How many of the values lie above a mark, or between which numbers where a bin holds it."""
    near = 1e-5 * (edges[-1] - edges[0])  # edges on the record are rounded
    least = sum(n for low, n in zip(edges, counts, strict=False) if low > mark.value - near)
    most = sum(n for high, n in zip(edges[1:], counts, strict=False) if high > mark.value + near)
    found = number(least) if least == most else f"{number(least)} … {number(most)}"
    return f"{found} / {number(sum(counts))}"


def _joined(
    edges: Sequence[float], counts: Sequence[float], most: int
) -> tuple[list[float], list[float]]:
    cuts = thinned(len(counts) + 1, most + 1)
    heights = [sum(counts[a:b]) for a, b in itertools.pairwise(cuts)]
    return [edges[i] for i in cuts], heights


def _describe(bounds: Sequence[float], heights: Sequence[float], marks: Sequence[Mark]) -> Text:
    total, low, high = number(sum(heights), 6), number(bounds[0]), number(bounds[-1])
    en = "".join(f"; {mark.name.en} at {number(mark.value)}" for mark in marks[:8])
    zh = "".join(f"；{mark.name.zh} 在 {number(mark.value)}" for mark in marks[:8])
    return Text(f"{total} values from {low} to {high}{en}.", f"{total} 个值，{low} 到 {high}{zh}。")


def _table(edges: Sequence[float], counts: Sequence[float], most: int) -> DataTable:
    bounds, heights = _joined(edges, counts, most)
    return DataTable(
        head=[Text("from", "从"), Text("to", "到"), COUNTED],
        rows=[
            [number(a), number(b), count(round(h))]
            for a, b, h in zip(bounds, bounds[1:], heights, strict=False)
        ],
    )
