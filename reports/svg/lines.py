"""Curves with bands over a common x, as the chapter draws them: losses, norms, variances."""

import itertools
import math
from collections.abc import Sequence

from harness.records.record import Mark, Series
from harness.text import Text
from reports.detail import FULL, Detail
from reports.numbers import number, thinned
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid
from reports.svg.element import (
    DataTable,
    Key,
    Picture,
    axis,
    frame,
    line,
    logarithmic,
    outline,
    polyline,
    valued,
)
from reports.svg.scale import LARGEST, Scale, spanning

NEAR = 0.1  # of the last value; an axis that starts nearer to 0 starts at 0
STYLES = 6  # as many dashes and hues are told apart

X = Text("x", "x")
OVERLAP = Text("where two bands overlap", "两条色带重叠处")
ITSELF = Text(
    "What is compared is each replicate with itself, which bands of medians cannot show.",
    "比较的是每次重复试验自身的两个值，中位数与色带无法显示这一点。",
)
COMPARED = Text("where each replicate is compared, after epoch", "各次重复试验的比较之处，轮数")

Values = Sequence[float | None]


def line_plot(
    title: Text,
    x: Sequence[float],
    series: Sequence[Series],
    *,
    marks: Sequence[Mark] = (),
    log_y: bool = False,
    replicates: int | None = None,
    paired: bool = False,
    compared: Sequence[float] = (),
    x_label: Text | None = None,
    y_label: Text | None = None,
    detail: Detail = FULL,
) -> Picture:
    """The picture of all series over x, thinned to what can be seen.

    A band is of so many `replicates`; `paired` ones are each compared with themselves.
    At the values of x that are `compared` stands an upright line.
    """
    kept = thinned(min([len(x), *(len(one.middle) for one in series)]), detail.points)
    values = [
        values[i]
        for one in series
        for values in (one.middle, one.low, one.high)
        if values is not None and len(values) >= len(one.middle)
        for i in kept
    ] + [mark.value for mark in marks]
    log_y = log_y and any(v is not None and v > 0 for v in values)
    reach = [x[i] for i in kept]
    if reach and 0 < reach[0] < reach[-1] * NEAR:
        reach.append(0.0)
    across = spanning(reach, LEFT, RIGHT, pad=0.0)
    up = spanning(values, BOTTOM, TOP, log=log_y)
    body = grid(across, up)
    for index, one in enumerate(series):
        body += _draw(one, index % STYLES, kept, x, across, up)
    body += [line(LEFT, up(mark.value), RIGHT, up(mark.value), "k") for mark in marks]
    legend = [Key(f"l s{i % STYLES}", one.name) for i, one in enumerate(series)]
    if overlap := _overlap(series, kept):
        legend.append(Key("+".join(f"b s{i % STYLES}" for i in overlap), OVERLAP))
    legend += [Key("k", valued(mark)) for mark in marks]
    if upright := [at for at in compared if across.low <= at <= across.high]:
        body += [line(across(at), TOP, across(at), BOTTOM, "k s2") for at in upright]
        at_each = ", ".join(map(number, upright))
        legend.append(Key("k s2", Text(f"{COMPARED.en} {at_each}", f"{COMPARED.zh} {at_each}")))
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, title, _describe(series, kept, x)),
        caption=title,
        legend=legend,
        table=_table(series, x, x_label or X, detail.rows),
        x_label=x_label or X,
        y_label=logarithmic(axis(y_label, title), up),
        note=_note(series, _edges(values, log_y), replicates, paired),
    )


def _note(
    series: Sequence[Series], edges: Text | None, replicates: int | None, paired: bool
) -> Text | None:
    band = _band(replicates, paired) if any(one.low is not None for one in series) else None
    if band is None or edges is None:
        return band or edges
    return Text(f"{band.en} {edges.en}", f"{band.zh}{edges.zh}")


def _edges(values: Values, log_y: bool) -> Text | None:
    """What a line at an edge of the picture stands for, where a value lies beyond."""
    known = [value for value in values if value is not None]
    told = []
    if log_y and any(value <= 1 / LARGEST for value in known):
        told.append(Text("at the lower edge stands for 0", "在下边缘处表示 0"))
    if any(value >= LARGEST for value in known):
        told.append(Text("at the upper edge stands for ∞", "在上边缘处表示 ∞"))
    if not told:
        return None
    en, zh = (" and ".join(one.en for one in told), "，".join(one.zh for one in told))
    return Text(f"A line {en}.", f"线{zh}。")


def _band(replicates: int | None, paired: bool) -> Text:
    many = "" if replicates is None else f"{number(replicates)} "
    told = Text(
        f"A line is the median of the {many}replicates, a band the middle 80 % of them.",
        f"线为{many and f' {many}次'}重复试验的中位数，色带为其中间 80%。",
    )
    return Text(f"{told.en} {ITSELF.en}", f"{told.zh}{ITSELF.zh}") if paired else told


def _overlap(series: Sequence[Series], kept: Sequence[int]) -> tuple[int, int] | None:
    """The first two series whose bands overlap anywhere."""
    bands = [
        (index, [(_known(one.low[i]), _known(one.high[i])) for i in kept])
        for index, one in enumerate(series)
        if one.low and one.high and len(one.low) == len(one.high) == len(one.middle)
    ]
    for (first, one), (second, other) in itertools.combinations(bands, 2):
        if any(max(a, c) < min(b, d) for (a, b), (c, d) in zip(one, other, strict=True)):
            return first, second
    return None


def _draw(
    one: Series, style: int, kept: Sequence[int], x: Sequence[float], across: Scale, up: Scale
) -> list[str]:
    parts = []
    low, high = one.low, one.high
    if low is not None and high is not None and len(low) == len(high) == len(one.middle):
        for run in _runs(kept, low, high):
            lower = [(across(x[i]), up(_known(low[i]))) for i in run]
            upper = [(across(x[i]), up(_known(high[i]))) for i in reversed(run)]
            parts.append(f'<path class="b s{style}" d="{outline(lower, upper)}z"/>')
    drawn = [
        polyline([(across(x[i]), up(_known(one.middle[i]))) for i in run])
        for run in _runs(kept, one.middle)
    ]
    parts.append(f'<path class="l s{style}" d="{"".join(drawn)}"/>')
    return parts


def _runs(kept: Sequence[int], *columns: Values) -> list[list[int]]:
    """Stretches of indices at which every column has a value; a gap breaks the line."""
    runs: list[list[int]] = [[]]
    for i in kept:
        if all(values[i] is not None for values in columns):
            runs[-1].append(i)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def _describe(series: Sequence[Series], kept: Sequence[int], x: Sequence[float]) -> Text:
    if not kept or not series:
        return Text("No data.", "没有数据。")
    first, last = kept[0], kept[-1]
    ends = [(one.name, number(one.middle[first]), number(one.middle[last])) for one in series[:8]]
    start, stop = number(x[first]), number(x[last])
    return Text(
        f"From {start} to {stop}: " + "; ".join(f"{n.en} {a} to {b}" for n, a, b in ends) + ".",
        f"从 {start} 到 {stop}：" + "；".join(f"{n.zh} {a} 到 {b}" for n, a, b in ends) + "。",
    )


def _table(series: Sequence[Series], x: Sequence[float], x_label: Text, most: int) -> DataTable:
    rows = thinned(min([len(x), *(len(one.middle) for one in series)]), most)
    return DataTable(
        head=[x_label, *(one.name for one in series)],
        rows=[[number(x[i]), *(_cell(one, i) for one in series)] for i in rows],
    )


def _cell(one: Series, i: int) -> str:
    middle = number(one.middle[i], 3)
    if one.low is None or one.high is None or i >= min(len(one.low), len(one.high)):
        return middle
    return f"{middle} ({number(one.low[i], 3)} … {number(one.high[i], 3)})"
