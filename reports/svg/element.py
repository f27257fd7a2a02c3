"""The frame of every picture: an SVG with title and description in both languages."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from harness.records.record import Mark
from harness.text import Text
from reports.numbers import number
from reports.svg.scale import Scale

UNIT = re.compile(r" \([^()]*\)$|（[^（）]*）$")
HEADS = {"up": "l-5 9h10z", "down": "l-5 -9h10z", "left": "l9 -5v10z", "right": "l-9 -5v10z"}
TOLERANCE = 0.9  # pixels; what is nearer to a straight line is drawn as one


@dataclass(frozen=True)
class Key:
    """A legend's line: the CSS class that draws it, and its name."""

    style: str
    name: Text


@dataclass(frozen=True)
class DataTable:
    """The numbers behind a picture, ready to print: a head and rows of equal length."""

    head: Sequence[Text]
    rows: Sequence[Sequence[str | Text]]


@dataclass(frozen=True)
class Picture:
    """A drawing with its legend and its numbers; the caption stands outside, in HTML.

    A few numbers are `facts`, shown below the drawing; many are a `table` that opens. The `note`
    says what the drawing alone does not: what a band is, what it is that happened.
    """

    svg: Markup
    caption: Text
    legend: Sequence[Key] = ()
    table: DataTable | None = None
    facts: Sequence[tuple[Text, str]] = ()
    x_label: Text | None = None
    y_label: Text | None = None
    note: Text | None = None


def frame(
    width: int,
    height: int,
    body: Iterable[str],
    title: Text,
    desc: Text,
    style: str = "plot",
    *,
    stretch: bool = False,
) -> Markup:
    """The whole picture; `body` is markup that the rooms of this package have made safe."""
    names = _spoken("title", title) + _spoken("desc", desc)
    ratio = " preserveAspectRatio=none" if stretch else ""
    return Markup(
        f'<svg class={style} viewBox="0 0 {width} {height}"{ratio} role=img>'
        f"{names}{''.join(body)}</svg>"
    )


def axis(label: Text | None, title: Text) -> Text:
    """The label of an axis; without one it shows what the title says, as it was measured."""
    return label or Text(f"{title.en} (as measured)", f"{title.zh}（按测量值）")


def quantity(label: Text) -> Text:
    """The label of an axis without its unit, which stands last, in parentheses."""
    return Text(UNIT.sub("", label.en), UNIT.sub("", label.zh))


def valued(mark: Mark) -> Text:
    """The name of a mark, and where it lies."""
    at = number(mark.value)
    return Text(f"{mark.name.en}, at {at}", f"{mark.name.zh}，位于 {at}")


def logarithmic(label: Text, scale: Scale) -> Text:
    """The label of an axis, which says so if its scale is logarithmic."""
    return Text(f"{label.en}, logarithmic", f"{label.zh}，对数刻度") if scale.log else label


def ornament(width: int, height: int, body: Iterable[str], style: str) -> Markup:
    """A picture that repeats one nearby, and is silent."""
    return Markup(
        f'<svg class={quoted(style)} viewBox="0 0 {width} {height}" aria-hidden=true>'
        f"{''.join(body)}</svg>"
    )


def _spoken(kind: str, text: Text) -> str:
    if text.en == text.zh:
        return f"<{kind}>{escape(text.en)}</{kind}>"
    return f"<{kind}>{escape(text.en)}</{kind}><{kind} lang=zh>{escape(text.zh)}</{kind}>"


def quoted(style: str) -> str:
    """A class attribute's value, in quotes where it needs them."""
    return f'"{style}"' if " " in style else style


def line(x1: int, y1: int, x2: int, y2: int, style: str) -> str:
    """A straight line."""
    return f'<path class={quoted(style)} d="M{x1} {y1}L{x2} {y2}"/>'


def rectangle(x1: int, y1: int, x2: int, y2: int, style: str) -> str:
    """A rectangle between two corners."""
    return f'<path class={quoted(style)} d="{box(x1, y1, x2, y2)}"/>'


def box(x1: int, y1: int, x2: int, y2: int) -> str:
    """The path data of a rectangle."""
    return f"M{x1} {y1}H{x2}V{y2}H{x1}z"


def wedge(x: int, y: int, way: str = "up") -> str:
    """The path data of an arrowhead at an edge: what it stands for lies beyond, in that way."""
    return f"M{x} {y}{HEADS[way]}"


def labels(texts: Iterable[tuple[int, int, str]], style: str) -> str:
    """Texts at their points; the style says how they are anchored."""
    inner = "".join(f"<text x={x} y={y}>{escape(text)}</text>" for x, y, text in texts)
    return f'<g class="t {style}">{inner}</g>'


def names(texts: Iterable[tuple[int, int, Text]], style: str, most: int) -> str:
    """Names cut to `most` characters at their points; the page's language tells which is seen."""
    shown = [(x, y, name.en[:most], name.zh[:most]) for x, y, name in texts]
    en = labels(((x, y, one) for x, y, one, _ in shown), style)
    zh = labels(((x, y, one) for x, y, _, one in shown), style)
    return en if en == zh else f"<g lang=en>{en}</g><g lang=zh>{zh}</g>"


def polyline(points: Sequence[tuple[int, int]]) -> str:
    """The path data of straight lines through the points, in relative steps to keep it short."""
    return _steps(simplified(points))


def outline(lower: Sequence[tuple[int, int]], upper: Sequence[tuple[int, int]]) -> str:
    """The path data of a band: along its lower end and back along its upper end."""
    return _steps([*simplified(lower), *simplified(upper)])


def _steps(points: Sequence[tuple[int, int]]) -> str:
    (x, y), *rest = points
    steps = [f"M{x} {y}"]
    for next_x, next_y in rest:
        right, down = next_x - x, next_y - y
        steps.append(f"{'l' if len(steps) == 1 else '' if right < 0 else ' '}{right}")
        steps.append(f"{'' if down < 0 else ' '}{down}")
        x, y = next_x, next_y
    return "".join(steps)


def simplified(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without the points that lie within a pixel of the line between those that stay.

    Douglas & Peucker (1973), with the distance measured along y: all lines here run along x.
    """
    kept = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        (x1, y1), (x2, y2) = points[first], points[last]
        worst, at = TOLERANCE, None
        for i in range(first + 1, last):
            x, y = points[i]
            on_chord = y1 + (y2 - y1) * (x - x1) / (x2 - x1) if x1 != x2 else y1
            if abs(y - on_chord) > worst:
                worst, at = abs(y - on_chord), i
        if at is not None:
            kept.add(at)
            spans += [(first, at), (at, last)]
    return [points[i] for i in sorted(kept)]
