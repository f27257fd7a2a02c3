"""The evidence in one picture: an interval against the zones where the sentence is true or false.

The true zone is a solid band, false zones are hatched, the gap between them is empty.
The interval is a bar with the estimate on it; an end that leaves the picture becomes an arrow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from harness.text import Text
from reports.numbers import interval as interval_text
from reports.numbers import number
from reports.svg.element import box, frame, labels, ornament, quoted, wedge
from reports.svg.scale import Scale, spanning

Ends = Sequence[float | None]
ROOM = 1.0  # so many widths of true zone and gaps are left for false zones on either side
FAR = 4.0  # an interval's end further out than so many widths of the zones is cut to an arrow


@dataclass(frozen=True)
class InZones:
    """An interval and the zones; the zones' ends are None where they are infinite."""

    true_zone: Ends | None
    false_zones: Sequence[Ends]
    interval: Ends | None
    estimate: float | None
    verdict: str


def strip(found: InZones, silent: bool = False) -> Markup:
    """The small picture of a row: 160 by 22 pixels, no text."""
    scale = _scale(found, 2, 158)
    body = [*_zones(found, scale, 3, 19), *_interval(found, scale, 11, 4)]
    if silent:
        return ornament(160, 22, body, "strip")
    shown = f"{number(found.estimate)} {interval_text(found.interval)}"
    return frame(160, 22, body, Text(shown, shown), _describe_zones(found), "strip")


def zone_plot(found: InZones) -> Markup:
    """The large picture of an opened claim, with an axis."""
    scale = _scale(found, 12, 348)
    ticks = [(scale(tick), number(tick)) for tick in scale.ticks(6)]
    body = [
        *_zones(found, scale, 10, 50),
        f'<path class=a d="M12 54H348{"".join(f"M{at} 54v4" for at, _ in ticks)}"/>',
        labels(((at, 70, text) for at, text in ticks), "m"),
        *_interval(found, scale, 30, 7, arrow=True),
    ]
    return frame(360, 76, body, TITLE, describe(found))


def is_beyond(found: InZones) -> bool:
    """Whether the estimate lies beyond the large picture, which ends with an arrowhead there."""
    return found.estimate is not None and _is_outside(found.estimate, _scale(found, 12, 348))


def shows_interval(found: InZones) -> bool:
    """Whether any of the interval lies in the large picture."""
    return found.interval is not None and not _is_hidden(found.interval, _scale(found, 12, 348))


def beyond(found: InZones) -> Text | None:
    """What lies beyond the edges of the large picture, with its numbers."""
    if not is_beyond(found):
        return None
    estimate, scale = number(found.estimate), _scale(found, 12, 348)
    its, its_zh = "", ""
    if found.interval is not None:
        shown, whole = interval_text(found.interval, 3), _is_hidden(found.interval, scale)
        its = f", and {'all' if whole else 'a part'} of its interval {shown}"
        its_zh = f"，其区间 {shown} {'全部' if whole else '有一部分'}在边缘之外"
    return Text(
        f"Beyond the edge lie the estimate, {estimate}{its}.",
        f"估计值 {estimate} 在图的边缘之外{its_zh}。",
    )


def _is_outside(value: float, scale: Scale) -> bool:
    return not scale.low <= value <= scale.high


BEYOND = Text("beyond the edge of the picture: the estimate", "超出图的边缘：估计值")
TITLE = Text("Interval against the zones", "区间与判定区域")


def describe(found: InZones) -> Text:
    """The finding in a sentence; the zones stand in the table below the picture."""
    estimate, shown = number(found.estimate), interval_text(found.interval)
    return Text(f"Estimate {estimate}, interval {shown}.", f"估计值 {estimate}，区间 {shown}。")


def _describe_zones(found: InZones) -> Text:
    false = " ∪ ".join(map(interval_text, found.false_zones)) or "–"
    true = interval_text(found.true_zone)
    return Text(f"True in {true}, false in {false}.", f"真区域 {true}，假区域 {false}。")


def _scale(found: InZones, start: int, stop: int) -> Scale:
    zones = [zone for zone in (found.true_zone, *found.false_zones) if zone is not None]
    seen = [v for v in (*(found.interval or ()), found.estimate) if v is not None]
    edges = [end for zone in zones for end in zone if end is not None]
    if not edges:
        return spanning(seen, start, stop, pad=0.5)
    inner = _inner(found) or edges
    low, high = min(inner), max(inner)
    width = (high - low) or abs(high) * 0.1 or 1.0
    # False zones reach far or for ever: show as much of them as tells that they go on.
    shown = [min(max(end, low - ROOM * width), high + ROOM * width) for end in edges]
    if any(zone[0] is None for zone in zones):
        shown.append(low - ROOM * width)
    if any(zone[1] is None for zone in zones):
        shown.append(high + ROOM * width)
    near = [min(max(v, low - FAR * width), high + FAR * width) for v in seen]
    return spanning([*shown, *near], start, stop)


def _inner(found: InZones) -> list[float]:
    """The finite ends of the true zone, and of the false zones where they face it."""
    low, high = found.true_zone or (None, None)
    ends = [end for end in (low, high) if end is not None]
    for left, right in found.false_zones:
        if right is not None and low is not None and right <= low:
            ends.append(right)
        elif left is not None and high is not None and left >= high:
            ends.append(left)
    return ends


def _zones(found: InZones, scale: Scale, top: int, bottom: int) -> list[str]:
    shapes = []
    false = "".join(
        box(left, top, max(right, left + 1), bottom)
        for left, right in (_pixels(zone, scale) for zone in found.false_zones)
    )
    if false:
        shapes.append(f'<path class=f d="{false}"/>')
    if found.true_zone is not None:
        left, right = _pixels(found.true_zone, scale)
        shapes.append(f'<path class=z d="{box(left, top, max(right, left + 2), bottom)}"/>')
    return shapes


def _pixels(zone: Ends, scale: Scale) -> tuple[int, int]:
    low, high = zone
    return (
        scale.start if low is None else scale(low),
        scale.stop if high is None else scale(high),
    )


def _interval(
    found: InZones, scale: Scale, middle: int, size: int, *, arrow: bool = False
) -> list[str]:
    """The interval with the estimate on it, or with an `arrow` where that lies beyond."""
    shapes = []
    if arrow and found.estimate is not None and _is_outside(found.estimate, scale):
        is_right = found.estimate > scale.high
        way, at = ("right", scale.stop) if is_right else ("left", scale.start)
        shapes.append(f'<path class=w d="{wedge(at, middle, way)}"/>')
        found = replace(found, estimate=None)
    if found.interval is not None and not (arrow and _is_hidden(found.interval, scale)):
        low, high = found.interval
        left, right = _pixels((low, high), scale)
        bar = f"M{left} {middle}H{max(right, left + 1)}"
        bar += _end(left, middle, size, -1, low is None or low < scale.low)
        bar += _end(right, middle, size, 1, high is None or high > scale.high)
        shapes.append(f'<path class=i d="{bar}"/>')
    if found.estimate is not None:
        shapes.append(_dot(scale(found.estimate), middle, size - 1, found.verdict))
    return shapes


def _is_hidden(ends: Ends, scale: Scale) -> bool:
    low, high = ends
    return (low is not None and low > scale.high) or (high is not None and high < scale.low)


def _end(x: int, y: int, size: int, side: int, beyond: bool) -> str:
    """A cross bar, or an arrow's head where the interval goes on."""
    if beyond:
        back = x - side * size
        return f"M{back} {y - size}L{x} {y}L{back} {y + size}"
    return f"M{x} {y - size + 1}V{y + size - 1}"


def _dot(x: int, y: int, size: int, verdict: str) -> str:
    """A disc for CONFIRMED, a wedge for WEAKER, a diamond for REFUTED, a ring for what is open."""
    if verdict == "WEAKER":
        return f'<path class=e d="M{x - size} {y - size}h{2 * size}l-{size} {2 * size}z"/>'
    if verdict == "REFUTED":
        return f'<path class=e d="M{x - size} {y}l{size}-{size} {size} {size}-{size} {size}z"/>'
    style = "e" if verdict == "CONFIRMED" else "e o"
    return f"<circle class={quoted(style)} cx={x} cy={y} r={size} />"
