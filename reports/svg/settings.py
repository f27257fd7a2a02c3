"""What was found at each setting: one interval a setting, in their order.

The zone is drawn at the setting that the verdict rests on: at others it may lie elsewhere.
"""

from collections.abc import Sequence

from harness.text import Text
from reports.numbers import number
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid
from reports.svg.element import Key, Picture, box, frame, line
from reports.svg.scale import Scale, spanning

TITLE = Text("Found at each setting", "各设置下的结果")
ORDER = Text("setting (number, in the order below)", "设置（序号，顺序见下表）")
FOUND = Text("estimate and interval", "估计值与区间")
TRUE = Text(
    "where the sentence is true, at the setting that the verdict rests on",
    "判定所依据的设置下论断成立的区域",
)
MOST = 64  # settings
FAR = 1e3  # largest over smallest, beyond which the scale is logarithmic; 0 is its lower end

Zone = Sequence[float | None]
Found = tuple[float | None, Zone | None]  # estimate and interval


def settings_plot(
    found: Sequence[Found], true_zone: Zone | None, unit: Text, deciding: int = 0
) -> Picture | None:
    """Estimates over the settings; None where no setting has one. `deciding` is its index."""
    shown = [
        (i, estimate, interval or (estimate, estimate))
        for i, (estimate, interval) in enumerate(found[:MOST], start=1)
        if estimate is not None
    ]
    if not shown:
        return None
    if deciding >= shown[-1][0]:
        true_zone = None
    ends = [end for end in (true_zone or ()) if end is not None and abs(end) < 1e300]
    seen = [_finite(v) for _, estimate, interval in shown for v in (estimate, *interval)]
    across = spanning([0.0, shown[-1][0] + 1.0], LEFT, RIGHT, pad=0.0)  # ticks at whole numbers
    known = [value for value in (*ends, *seen) if value]
    log = bool(known) and min(known) > 0 and max(known) / min(known) > FAR
    up = spanning([*ends, *seen], BOTTOM, TOP, log=log)
    sides = across(deciding + 0.5), min(across(deciding + 1.5), RIGHT)
    body = _zone(true_zone, up, sides) + grid(across, up)
    bars, dots = [], []
    for i, estimate, interval in shown:
        x, (low, high) = across(i), map(_finite, interval)
        bars.append(f"M{x} {_at(low, up, BOTTOM)}V{_at(high, up, TOP)}")
        dots.append(f"M{x} {_at(_finite(estimate), up, TOP)}h0")
    body.append(f'<path class=i d="{"".join(bars)}"/>')
    body.append(f'<path class="dot s0" d="{"".join(dots)}"/>')
    body += [line(sides[0], up(end), sides[1], up(end), "k s2") for end in ends]
    legend = [Key("dot s0", FOUND)]
    if true_zone is not None:
        legend.append(Key("z", TRUE))
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, TITLE, _told([estimate for _, estimate, _ in shown])),
        caption=TITLE,
        legend=legend,
        x_label=ORDER,
        y_label=unit,
    )


def _at(value: float | None, up: Scale, beyond: int) -> int:
    return beyond if value is None else up(value)


def _zone(zone: Zone | None, up: Scale, sides: tuple[int, int]) -> list[str]:
    if zone is None:
        return []
    low, high = (_finite(end) for end in zone)
    top, bottom = _at(high, up, TOP), _at(low, up, BOTTOM)
    return [f'<path class=z d="{box(sides[0], min(top, bottom - 1), sides[1], bottom)}"/>']


def _finite(value: float | None) -> float | None:
    """A record has the largest float for what is infinite."""
    return None if value is None or abs(value) > 1e300 else value


def _told(values: Sequence[float]) -> Text:
    low, high, count = number(min(values)), number(max(values)), len(values)
    return Text(
        f"{count} settings, estimates from {low} to {high}.",
        f"{count} 个设置，估计值 {low} 到 {high}。",
    )
