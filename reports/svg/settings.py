"""What was found at each setting: one interval a setting, in their order.

The zone is drawn at the setting that the verdict rests on: at others it may lie elsewhere.
"""

from collections.abc import Sequence

from harness.text import Text, counted
from reports.numbers import number
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid
from reports.svg.element import Key, Picture, box, frame, line, logarithmic, quantity, wedge
from reports.svg.scale import Scale, spanning

ORDER = Text("setting (number, in the order of trial)", "设置（序号，按尝试的顺序）")
FOUND = Text("estimate at a setting", "一个设置下的估计值")
NO_ZERO = Text(
    "an estimate of 0, at the lower edge: a logarithmic axis has no 0",
    "估计值为 0，画在下边缘：对数刻度没有 0",
)
ENDLESS = Text("an estimate of ∞, at the upper edge", "估计值为 ∞，画在上边缘")
TRUE_EVERYWHERE = Text("where the sentence is true, at each setting", "各设置下论断成立的区域")
TRUE_HERE = Text("where the sentence is true", "论断成立的区域")
FALSE_HERE = Text("where it is false", "论断不成立的区域")
TRUE = Text(
    "where the sentence is true, at the setting that the verdict rests on",
    "判定所依据的设置下论断成立的区域",
)
FALSE = Text("where it is false there", "该设置下论断不成立的区域")
MOST = 64  # settings
LETTER, CHARACTER = 6.5, 11.5  # pixels that a Latin letter and a Chinese character take
FAR = 1e3  # largest over smallest, beyond which the scale is logarithmic; 0 is its lower end

Zone = Sequence[float | None]
Found = tuple[float | None, Zone | None]  # estimate and interval


def settings_plot(
    found: Sequence[Found],
    true_zone: Zone | None,
    false_zones: Sequence[Zone],
    unit: Text,
    deciding: int = 0,
    *,
    names: Sequence[Text] = (),
    values_of: Text = ORDER,
    misses: float | None = None,
    head: Text | None = None,
    everywhere: bool = False,
) -> Picture | None:
    """Estimates over the settings; None where no setting has one. `deciding` is its index.

    The settings stand below the axis, which `values_of` labels, if their names fit; an interval
    misses its value with a probability of `misses` at most; the title begins with `head`. Zones
    that are the same `everywhere` stand at all the settings.
    """
    shown = [
        (i, estimate, interval or (estimate, estimate))
        for i, (estimate, interval) in enumerate(found[:MOST], start=1)
        if estimate is not None
    ]
    if not shown:
        return None
    if deciding >= shown[-1][0]:
        true_zone, false_zones = None, ()
    ends = [end for end in (true_zone or ()) if end is not None and abs(end) < 1e300]
    seen = [_finite(v) for _, estimate, interval in shown for v in (estimate, *interval)]
    across = Scale(0.0, shown[-1][0] + 1.0, LEFT, RIGHT, whole=True)
    known = [value for value in (*ends, *seen) if value]
    log = bool(known) and min(known) > 0 and max(known) / min(known) > FAR
    up = spanning([*ends, *seen], BOTTOM, TOP, log=log)
    sides = across(deciding + 0.5), min(across(deciding + 1.5), RIGHT)
    if everywhere:
        sides = LEFT, RIGHT
    hatched = [drawn for zone in false_zones for drawn in _zone(zone, up, sides, "f")]
    body = hatched + _zone(true_zone, up, sides, "z")
    fits = len(names) >= shown[-1][0] and _widest(names) <= across(1.0) - LEFT
    at_each = [(across(i), names[i - 1]) for i in range(1, shown[-1][0] + 1)] if fits else []
    body += grid(across, up, at_each)
    bars, dots, lowest, highest = [], [], [], []
    for i, estimate, interval in shown:
        x, (low, high) = across(i), map(_finite, interval)
        if None in interval or interval[0] != interval[1]:
            bars.append(f"M{x} {_at(low, up, BOTTOM)}V{_at(high, up, TOP)}")
        if log and estimate <= 0:
            lowest.append(wedge(x, BOTTOM, "down"))
        elif _finite(estimate) is None:
            highest.append(wedge(x, TOP))
        else:
            dots.append(f"M{x} {up(estimate)}h0")
    drawn = {"i": bars, "dot s0": dots, "w s0 lo": lowest, "w s0": highest}
    body += [f'<path class="{one}" d="{"".join(paths)}"/>' for one, paths in drawn.items() if paths]
    body += [line(sides[0], up(end), sides[1], up(end), "k s2") for end in ends]
    keys = {"dot s0": FOUND, "w s0 lo": NO_ZERO, "w s0": ENDLESS}
    legend = [Key(one, name) for one, name in keys.items() if drawn[one]]
    if bars:
        legend.append(Key("i u", verdicts_interval(misses)))
    if true_zone is not None:
        its = TRUE_EVERYWHERE if everywhere else TRUE
        legend.append(Key("z", TRUE_HERE if len(found) == 1 else its))
    if hatched:
        legend.append(Key("f", FALSE_HERE if everywhere or len(found) == 1 else FALSE))
    name, count = head or quantity(unit), len(shown)
    caption = Text(
        f"{name.en[:1].upper()}{name.en[1:]}, found at {counted(count, 'setting')}",
        f"{count} 个设置下测得的{name.zh}",
    )
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, caption, _told([estimate for _, estimate, _ in shown])),
        caption=caption,
        legend=legend,
        x_label=values_of if fits else ORDER,
        y_label=logarithmic(unit, up),
    )


def _widest(names: Sequence[Text]) -> float:
    return max(
        sum(CHARACTER if letter > "\u2e80" else LETTER for letter in name)
        for text in names
        for name in (text.en, text.zh)
    )


def verdicts_interval(misses: float | None) -> Text:
    """What the verdict's interval is, and how often it misses the true value."""
    rate = number(misses, 1)
    return (
        Text(
            f"the verdict's interval: misses the true value with a probability of {rate} at most",
            f"判定所用的区间：不含真值的概率至多为 {rate}",
        )
        if misses is not None
        else Text("the verdict's interval", "判定所用的区间")
    )


def _at(value: float | None, up: Scale, beyond: int) -> int:
    return beyond if value is None else up(value)


def _zone(zone: Zone | None, up: Scale, sides: tuple[int, int], style: str) -> list[str]:
    """As much of a zone as lies in the picture; of a true one at least its edge."""
    if zone is None:
        return []
    low, high = (_finite(end) for end in zone)
    top, bottom = _at(high, up, TOP), _at(low, up, BOTTOM)
    if style == "f" and top == bottom:
        return []
    return [f'<path class={style} d="{box(sides[0], min(top, bottom - 1), sides[1], bottom)}"/>']


def _finite(value: float | None) -> float | None:
    """A record has the largest float for what is infinite."""
    return None if value is None or abs(value) > 1e300 else value


def _told(values: Sequence[float]) -> Text:
    low, high, count = number(min(values)), number(max(values)), len(values)
    return Text(
        f"{counted(count, 'setting')}, estimates from {low} to {high}.",
        f"{count} 个设置，估计值 {low} 到 {high}。",
    )
