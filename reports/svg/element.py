"""The frame of every picture: an SVG with title and description in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape


@dataclass(frozen=True)
class Words:
    """The same words in English and in Chinese."""

    en: str
    zh: str


@dataclass(frozen=True)
class Key:
    """A legend's line: the CSS class that draws it, and its name."""

    style: str
    name: Words


@dataclass(frozen=True)
class Table:
    """The numbers behind a picture, ready to print: a head and rows of equal length."""

    head: Sequence[Words]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Picture:
    """A drawing with its legend and its numbers; the caption stands outside, in HTML."""

    svg: Markup
    caption: Words
    legend: Sequence[Key] = ()
    table: Table | None = None
    x_label: Words | None = None
    y_label: Words | None = None


def frame(
    width: int, height: int, body: Iterable[str], title: Words, desc: Words, style: str = "plot"
) -> Markup:
    """The whole picture; `body` is markup that the rooms of this package have made safe."""
    names = "".join(
        f"<title lang={language}>{escape(name)}</title>"
        for language, name in (("en", title.en), ("zh", title.zh))
    ) + "".join(
        f"<desc lang={language}>{escape(text)}</desc>"
        for language, text in (("en", desc.en), ("zh", desc.zh))
    )
    return Markup(
        f'<svg class="{style}" viewBox="0 0 {width} {height}" role=img>{names}{"".join(body)}</svg>'
    )


def line(x1: int, y1: int, x2: int, y2: int, style: str) -> str:
    """A straight line."""
    return f'<path class="{style}" d="M{x1} {y1}L{x2} {y2}"/>'


def rectangle(x1: int, y1: int, x2: int, y2: int, style: str) -> str:
    """A rectangle between two corners."""
    return f'<path class="{style}" d="M{x1} {y1}H{x2}V{y2}H{x1}z"/>'


def label(x: int, y: int, text: str, style: str = "t") -> str:
    """Text at a point; the style says how it is anchored."""
    return f'<text class="{style}" x={x} y={y}>{escape(text)}</text>'


def polyline(points: Sequence[tuple[int, int]]) -> str:
    """The path data of straight lines through the points, in relative steps to keep it short."""
    (x, y), *rest = points
    steps = [f"M{x} {y}"]
    for next_x, next_y in rest:
        down = next_y - y
        steps.append(
            f"{'l' if len(steps) == 1 else ' '}{next_x - x}{'' if down < 0 else ' '}{down}"
        )
        x, y = next_x, next_y
    return "".join(steps)
