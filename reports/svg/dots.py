"""Every replicate as a dot, with the part of the plane shaded in which what is tested happens.

A disc is a replicate in which it happened, a cross one in which it did not; beyond the picture an
arrowhead at its border, full or empty.
"""

from collections.abc import Iterable, Sequence

from harness.records.record import Dots
from harness.text import Text, counted
from reports.numbers import number
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid
from reports.svg.element import Key, Picture, frame, logarithmic, polyline, quantity, wedge
from reports.svg.scale import Scale, spanning

HAPPENED = Text("a replicate in which what is tested happened", "所检验的情形发生的一次重复试验")
REPLICATE = Text(
    "A replicate is a run of the whole experiment with random draws of its own.",
    "一次重复试验即以独立的随机数完整运行一次实验。",
)
NOT = Text("one in which it did not", "未发生的一次")
NEVER = Text(
    "a replicate in which what is tested did not happen", "所检验的情形未发生的一次重复试验"
)
OFTEN = Text("it happened in so many of the replicates", "发生次数与重复试验总数")
BEYOND = Text(
    "far beyond or diverged: an arrowhead at the border", "远超范围或已发散：边界上的箭头"
)
HAPPENED_BEYOND = Text(
    "a replicate beyond the picture or diverged: it happened",
    "超出图外或已发散的一次重复试验：发生",
)
NOT_BEYOND = Text(
    "a replicate beyond the picture or diverged: it did not",
    "超出图外或已发散的一次重复试验：未发生",
)
ZERO = Text("where the two sides of a difference are equal", "差的两边相等处")
EDGE = Text("where both are equal", "两者相等处")
ASKED = Text("shaded: where a replicate lies if it happens", "阴影：发生时所落入的区域")
ASKED_TOO = Text(
    "shaded: where a replicate lies if it happens; more is asked that is not drawn",
    "阴影：发生时所落入的区域（另有未画出的要求）",
)
SORTED = Text("replicates, from the smallest value up (number)", "重复试验，按数值由小到大（序号）")
RATIO = 20  # largest over smallest of an axis, beyond which it is logarithmic
LONGEST_TITLE = 90  # characters of both sides together
BEYOND_LEVEL = 0.12  # of the values' span
TRUE, OUTSIDE = ("dot s0", "w s0"), ("w s0", "w o s1")  # styles of replicates
STEPS = 24  # of a line that bends on logarithmic axes

Values = Sequence[float | None]
Points = list[tuple[int, int]]
Pairs = Sequence[tuple[float | None, float | None]]


def dots_plot(dots: Dots, *, against: bool = False) -> Picture:
    """Both sides of every replicate; of a side that is one number, the other in order of size.

    What is shaded has the colour of what is true, unless it speaks `against` the sentence.
    """
    shading = "y" if against else "z"
    if not is_paired(dots):
        return _level(dots, shading)
    corner = dots.asks == "corner"
    axes = _together(dots) if not corner else (dots.x, dots.y)
    across = _scale(axes[0], LEFT, RIGHT, _room(dots.x, dots.x_margin) if corner else [])
    up = _scale(axes[1], BOTTOM, TOP, _room(dots.y, dots.margin) if corner else [])
    if corner:
        level, side = up(dots.margin), across(dots.x_margin)
        shade = _box(side, TOP, RIGHT, level)
        edges = []  # where the whole of an axis is asked for, its end is no border
        if _is_within(dots.margin, up):
            edges.append([(LEFT, level), (RIGHT, level)])
        if _is_within(dots.x_margin, across):
            edges.append([(side, TOP), (side, BOTTOM)])
    else:
        ends = _crossing(dots, across, up)  # of the line: beyond, the frame is no border
        line = _edge(dots, across, up, *(ends or (across.low, across.high)))
        shade = _half(line, dots.asks)
        edges = [line] if ends else []
    values = list(zip(dots.x, dots.y, strict=False))
    return _picture(dots, across, up, values, edges, shade, shading, dots.x_label, dots.y_label)


def is_paired(dots: Dots) -> bool:
    """Whether two numbers of each replicate are compared, and not one of it with a level."""
    return dots.asks == "corner" or not (_constant(dots.x) or _constant(dots.y))


def _level(dots: Dots, shading: str) -> Picture:
    """One side is a number: the other side of every replicate, in order of size, and the number."""
    flat = _constant(dots.x)
    values, label = (dots.y, dots.y_label) if flat else (dots.x, dots.x_label)
    number_side = next((v for v in (dots.x if flat else dots.y) if v is not None), None)
    level = None
    if number_side is not None:
        level = dots.factor * number_side + dots.margin if flat else number_side
    level = _over(level, dots) if not flat else level
    ordered = sorted(
        zip(values, dots.happened, strict=False), key=lambda one: (one[0] is None, one[0] or 0.0)
    )
    across = Scale(0.5, max(len(ordered), 2) + 0.5, LEFT, RIGHT, whole=True)
    known = [value for value, _ in ordered]
    up = _scale(known, BOTTOM, TOP, [] if level is None else _around(level, known))
    shown = [(float(i), value) for i, (value, _) in enumerate(ordered, start=1)]
    asks = dots.asks if flat else {"above": "below", "below": "above"}.get(dots.asks, "")
    edge = [(LEFT, up(level)), (RIGHT, up(level))] if level is not None else []
    marks = "".join(mark for _, mark in ordered)
    name = quantity(dots.x_label if flat else dots.y_label) if level is not None else None
    return _picture(
        dots, across, up, shown, [edge] if edge else [], _half(edge, asks) if edge else "",
        shading, SORTED, label, happened=marks, edge_name=name, level=level,
    )  # fmt: skip


def _over(level: float | None, dots: Dots) -> float | None:
    """The x at which the line has that y."""
    return None if level is None else (level - dots.margin) / (dots.factor or 1.0)


def _picture(
    dots: Dots, across: Scale, up: Scale, values: Pairs, edges: Iterable[Points], shade: str,
    shading: str, x_label: Text, y_label: Text, *, happened: str | None = None,
    edge_name: Text | None = None, level: float | None = None,
) -> Picture:  # fmt: skip
    drawn = _replicates(values, happened or dots.happened, across, up)
    body = [f'<path class={shading} d="{shade}"/>'] if shade else []
    body += grid(across, up)
    borders = [edge for edge in edges if len(edge) > 1]
    body += [f'<path class="k s2" d="{polyline(edge)}"/>' for edge in borders]
    body += [
        f'<path class="{style}" d="{"".join(sorted(set(paths)))}"/>'
        for style, paths in drawn.items()
        if paths
    ]
    true, beyond = (sum(len(drawn[one]) for one in some) for some in (TRUE, OUTSIDE))
    names = {"dot s0": HAPPENED, "crs s1": NOT if drawn["dot s0"] else NEVER}
    names |= {"w s0": HAPPENED_BEYOND, "w o s1": NOT_BEYOND}
    legend = [Key(style, name) for style, name in names.items() if drawn[style]]
    if borders:
        legend.append(Key("k s2", _edge_name(dots, edge_name, level)))
    if shade:
        legend.append(Key(shading, ASKED_TOO if _more_is_asked(dots) else ASKED))
    told = _told(true, len(values))
    facts = [(OFTEN, f"{true} / {len(values)}")]
    if beyond:
        facts.append((BEYOND, f"{beyond} / {len(values)}"))
    caption = _caption(dots, quantity(y_label), edge_name or quantity(x_label))
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, caption, told),
        caption=caption,
        legend=legend,
        facts=facts,
        x_label=logarithmic(x_label, across),
        y_label=logarithmic(y_label, up),
    )


def _replicates(values: Pairs, marks: str, across: Scale, up: Scale) -> dict[str, list[str]]:
    """The paths of the replicates by their style."""
    drawn: dict[str, list[str]] = {style: [] for style in ("crs s1", "dot s0", "w o s1", "w s0")}
    for (x, y), mark in zip(values, marks, strict=False):
        at, way, true = (_at(x, across), _at(y, up)), _way(x, y, across, up), mark == "1"
        if way:
            drawn["w s0" if true else "w o s1"].append(wedge(*at, way))
        elif true:
            drawn["dot s0"].append(_disc(*at))
        else:
            drawn["crs s1"].append(_cross(*at))
    return drawn


def _caption(dots: Dots, up: Text, across: Text) -> Text:
    """What is set against what, unless the axes say it at a length that a title has not."""
    long = len(up.en) + len(across.en) > LONGEST_TITLE
    if dots.asks == "corner":
        told = Text(f"{up.en}, and a second difference", f"{up.zh}，以及另一个差")
        if not long:
            told = Text(f"{up.en}, and {across.en}", f"{up.zh}，以及{across.zh}")
    elif long:
        told = up
    else:
        told = Text(_against(up.en, across.en, ", ", " against "),
                    _against(up.zh, across.zh, "，", "对照"))  # fmt: skip
    first = told.en[:1].upper() + told.en[1:]
    return Text(f"{first}, in every replicate", f"各次重复试验：{told.zh}")


def _against(up: str, across: str, comma: str, word: str) -> str:
    """'test loss, degree 19 against degree 3': what both begin with is said once."""
    head, _, rest = up.rpartition(comma)
    other, _, last = across.rpartition(comma)
    if head and head == other:
        return f"{head}{comma}{rest}{word}{last}"
    return f"{up}{comma}{word.strip()} {across}" if word[0] == " " else f"{up}{comma}{word}{across}"


def asked(dots: Dots) -> Text | None:
    """What has to be true of a replicate for it to have happened, where that is drawn."""
    up, across = quantity(dots.y_label), quantity(dots.x_label)
    if dots.asks == "corner":
        upper, right = number(dots.margin), number(dots.x_margin)
        if upper == right:
            return Text(f"both differences are above {upper}", f"两个差都大于 {upper}")
        return Text(
            f"the difference that goes up is above {upper} and the one across above {right}",
            f"纵轴的差大于 {upper} 且横轴的差大于 {right}",
        )
    if not dots.asks:
        return None
    sign = ">" if dots.asks == "above" else "≤"
    times = "" if dots.factor == 1 else f"{number(dots.factor)} × "
    more = f" {'−' if dots.margin < 0 else '+'} {number(abs(dots.margin))}" if dots.margin else ""
    return Text(f"{up.en} {sign} {times}{across.en}{more}",
                f"{up.zh} {sign} {times}{across.zh}{more}")  # fmt: skip


def _more_is_asked(dots: Dots) -> bool:
    """Whether it did not happen in a replicate that lies in what is shaded."""
    known = [
        (x, y)
        for x, y, mark in zip(dots.x, dots.y, dots.happened, strict=False)
        if mark != "1" and x is not None and y is not None
    ]
    if dots.asks == "corner":
        return any(x > dots.x_margin and y > dots.margin for x, y in known)
    over = [y - (dots.factor * x + dots.margin) for x, y in known]
    return any(gap > 0 if dots.asks == "above" else gap < 0 for gap in over)


def _told(true: int, all_of_them: int) -> Text:
    return Text(
        f"{counted(all_of_them, 'replicate')}; in {true} of them what is tested happened.",
        f"{all_of_them} 次重复试验，其中 {true} 次发生了所检验的情形。",
    )


def _edge_name(dots: Dots, named: Text | None, level: float | None) -> Text:
    if named is not None and level is not None:
        at = "" if named.en[:1].isdigit() and "%" not in named.en else f", {number(level)}"
        return Text(f"limit of the test: {named.en}{at}", f"检验的界限：{named.zh}{at}")
    if dots.asks == "corner":
        if not dots.margin and not dots.x_margin:
            return ZERO
        upper, right = number(dots.margin), number(dots.x_margin)
        return Text(f"limits of what is tested: {upper} upwards, {right} across",
                    f"检验的界限：纵轴 {upper}，横轴 {right}")  # fmt: skip
    if dots.factor == 1 and not dots.margin:
        return EDGE
    return limit(dots)


def limit(dots: Dots) -> Text:
    """What the limit of a comparison is: so many times the side that goes across, and more."""
    side = quantity(dots.x_label)
    times = "" if dots.factor == 1 else f"{number(dots.factor)} × "
    more = f" {'−' if dots.margin < 0 else '+'} {number(abs(dots.margin))}" if dots.margin else ""
    return Text(f"limit of the test: {times}{side.en}{more}", f"检验的界限：{times}{side.zh}{more}")


def _together(dots: Dots) -> tuple[Values, Values]:
    """Both axes over one range where the two sides are of one size, so that the eye compares."""
    known = [v for v in (*dots.x, *dots.y) if v is not None]
    spans = [[v for v in side if v is not None] for side in (dots.x, dots.y)]
    if not all(spans):
        return dots.x, dots.y
    widths = [max(span) - min(span) for span in spans]
    whole = max(known) - min(known)
    return (known, known) if min(widths) > whole / 5 else (dots.x, dots.y)


def _room(values: Values, margin: float) -> list[float]:
    """The margin, and as much beyond it as lets the corner be seen where no replicate is.

    Nothing where all lie beyond a margin of 0, over several powers of ten: an axis of logarithms
    has no 0, and all of it is asked for.
    """
    known = _near(values)
    if not margin and known and min(known) > 0 and max(known) / min(known) > RATIO:
        return []
    furthest = max((abs(v - margin) for v in known), default=1.0)
    return [margin, margin + furthest / 2]


def _around(level: float, values: Values) -> list[float]:
    """The level, and as much beyond it as shows that it is no frame."""
    known = [*_near(values), level]
    low, high = min(known), max(known)
    if not low < level < high and low > 0 and high / low > RATIO:
        beyond = (high / low) ** BEYOND_LEVEL
        return [level, level * beyond if level == high else level / beyond]
    beyond = (high - low) * BEYOND_LEVEL
    return [level - beyond if level == low else level, level + beyond if level == high else level]


def _scale(values: Values, start: int, stop: int, more: Sequence[float]) -> Scale:
    known = [*_near(values), *more]
    log = bool(known) and min(known) > 0 and max(known) / min(known) > RATIO
    return spanning(known, start, stop, log=log)


def _near(values: Values) -> list[float]:
    """The values that the picture is to hold: not the few that would dwarf the rest.

    Without the outer tenths, or with what is near them; where those left are positive and span
    powers of ten, all that an axis of logarithms can hold.
    """
    known = sorted(v for v in values if v is not None)
    tenth = len(known) // 10
    inner = known[tenth : len(known) - tenth]
    width = inner[-1] - inner[0] if inner else 0.0
    if not width or known[-1] - known[0] <= RATIO * width:
        return known
    if inner[0] > 0 and inner[-1] / inner[0] > RATIO:
        return [v for v in known if v > 0]
    return [v for v in known if inner[0] - width <= v <= inner[-1] + width]


def _is_within(value: float, scale: Scale) -> bool:
    return scale.low < value < scale.high


def _way(x: float | None, y: float | None, across: Scale, up: Scale) -> str:
    """On which side of the picture a replicate lies; empty within."""
    for value, scale, below, above in ((y, up, "down", "up"), (x, across, "left", "right")):
        if value is None or value > scale.high:
            return above
        if value < scale.low:
            return below
    return ""


def _crossing(dots: Dots, across: Scale, up: Scale) -> tuple[float, float] | None:
    """Between which x the line lies in the picture, if it does."""
    low, high = across.low, across.high
    if dots.factor > 0:
        low = max(low, (up.low - dots.margin) / dots.factor)
        high = min(high, (up.high - dots.margin) / dots.factor)
    return (low, high) if low < high else None


def _edge(dots: Dots, across: Scale, up: Scale, low: float, high: float) -> Points:
    """The line y = factor * x + margin from one x to another."""
    if across.log:
        xs = [low * (high / low) ** (i / STEPS) for i in range(STEPS + 1)]
    else:
        xs = [low + (high - low) * i / STEPS for i in range(STEPS + 1)]
    return [(across(x), up(dots.factor * x + dots.margin)) for x in xs]


def _half(edge: Points, asks: str) -> str:
    """The path of what lies on the side of the line that the sentence asks for.

    Left of a line that begins at the bottom all lies above it, right of one that ends at the top
    all lies below it.
    """
    if asks not in ("above", "below") or not edge:
        return ""
    (left, first), (_, last) = edge[0], edge[-1]
    if asks == "above":
        return f"{polyline([(LEFT, first), *edge])}V{TOP}H{LEFT}z"
    return f"{polyline([*edge, (RIGHT, last)])}V{BOTTOM}H{left}z"


def _box(x1: int, y1: int, x2: int, y2: int) -> str:
    return f"M{x1} {y1}H{x2}V{y2}H{x1}z"


def _at(value: float | None, scale: Scale) -> int:
    """A value that is not finite diverged: it lies beyond the largest."""
    return scale.stop if value is None else scale(value)


def _disc(x: int, y: int) -> str:
    return f"M{x} {y}h0"


def _cross(x: int, y: int) -> str:
    return f"M{x - 3} {y - 3}l6 6m0-6l-6 6"


def _constant(values: Values) -> bool:
    return len(set(values)) == 1 and len(values) > 1
