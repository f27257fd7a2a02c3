"""The page of a comparison of training runs: the answer, both sides, the margin drawn in."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.records.record import Mark, Series
from harness.statistics.comparison.margins import Margin
from harness.statistics.comparison.sameness import Answer, Found, Part
from harness.statistics.evidence import Floats
from harness.text import Text, counted
from reports.cleaning import clean
from reports.html.assets import KEY_STYLES, policy, script, style
from reports.html.templating import environment
from reports.numbers import interval, number
from reports.svg.element import Picture
from reports.svg.histogram import histogram
from reports.svg.lines import line_plot
from reports.svg.zones import InZones, zone_plot

Value = float | None | tuple[float | None, ...]
Runs = Sequence[tuple[Mapping[str, Value], Mapping[str, Value]]]
BAND = (0.1, 0.5, 0.9)  # the quantiles that are drawn of a side's runs
BARS = 24
MOST = 40  # statistics, or points of a curve, that have a row
SAID = {
    Answer.SAME: Text("{after} behaves the same as {before}", "{after} 与 {before} 行为相同"),
    Answer.CHANGED: Text(
        "{after} has changed, against {before}", "{after} 相对于 {before} 已经改变"
    ),
    Answer.UNDECIDED: Text(
        "{after} against {before} is undecided", "{after} 与 {before} 的比较未决"
    ),
}
ANSWERS = {
    Answer.SAME: Text("same", "相同"),
    Answer.CHANGED: Text("changed", "已改变"),
    Answer.UNDECIDED: Text("undecided", "未决"),
}
VERDICTS = {  # how the marks of verdicts show the answers
    Answer.SAME: "CONFIRMED",
    Answer.CHANGED: "REFUTED",
    Answer.UNDECIDED: "UNDECIDED",
}
HEADS = (
    Text("statistic", "统计量"),
    Text("answer", "回答"),
    Text("median change", "变化的中位数"),
    Text("interval", "区间"),
    Text("margin", "界限"),
    Text("pairs above, inside, below", "界限之上、之内、之下各有几对"),
    Text("one side, both diverged", "一边发散、两边都发散"),
    Text("nats for same", "支持相同（纳特）"),
    Text("for changed", "支持已改变"),
)


@dataclass(frozen=True)
class Sides:
    """What people call the two sides, and how wrong an answer may be."""

    before: str
    after: str
    rate: float


def comparison_page(
    sides: Sides, found: Found, runs: Runs, facts: Sequence[tuple[Text, str]]
) -> str:
    """The page as text: answer, effect, interval and curves; `facts` are told at its end."""
    sides = Sides(clean(sides.before), clean(sides.after), sides.rate)
    return environment().get_template("comparison.html.jinja").render(
        policy=policy(), style=style(), script=script(),
        title=_headline(sides, found),
        key_styles=KEY_STYLES, answer=VERDICTS[found.answer], headline=_headline(sides, found),
        lead=_lead(sides, found), heads=HEADS, rows=[_row(part) for part in _shown(found.parts)],
        left_out=max(0, len(found.parts) - MOST), figures=list(_pictures(sides, found, runs)),
        facts=[(name, clean(value)) for name, value in facts],
    )  # fmt: skip


def _headline(sides: Sides, found: Found) -> Text:
    said = SAID[found.answer]
    return Text(
        *(line.format(before=sides.before, after=sides.after) for line in (said.en, said.zh))
    )


def _lead(sides: Sides, found: Found) -> Text:
    en = (
        f"{counted(found.pairs, 'pair')} of training runs. A wrong SAME and a wrong CHANGED have a "
        f"probability of {sides.rate:g} at most each, however often one looks."
    )
    zh = (
        f"{found.pairs} 对训练运行。无论看多少次，误判“相同”与误判“已改变”的概率各不超过 "
        f"{sides.rate:g}。"
    )
    if found.answer is Answer.UNDECIDED:
        more = found.forecast
        en += (
            f" About {counted(more, 'more pair')} would decide."
            if more
            else " More pairs hardly help."
        )
        zh += f"大约再运行 {more} 对可以决定。" if more else "更多的对几乎无济于事。"
    return Text(en, zh)


def _shown(parts: Sequence[Part]) -> list[Part]:
    """All parts; of very many those that changed or are open first."""
    if len(parts) <= MOST:
        return list(parts)
    order = (Answer.CHANGED, Answer.UNDECIDED, Answer.SAME)
    return sorted(parts, key=lambda part: (order.index(part.answer), part.same))[:MOST]


def _row(part: Part) -> tuple[str, Text, str, str, str, str, str, str, str]:
    of, signs = part.margin, part.signs
    low, high = (_scaled(of, end) for end in part.interval)
    return (
        clean(of.of),
        ANSWERS[part.answer],
        f"{number(_scaled(of, part.estimate), 3)}{_unit(of)}",
        f"{interval((low, high))}{_unit(of)}",
        f"±{number(100 * of.size if of.unit else of.size)}{_unit(of)}",
        f"{signs.above}, {signs.inside}, {signs.below}",
        f"{signs.apart}, {signs.lost}",
        number(part.same, 3),
        number(part.changed, 3),
    )


def _pictures(sides: Sides, found: Found, runs: Runs) -> Iterator[Picture]:
    for name, group in itertools.groupby(found.parts, lambda part: part.margin.name):
        parts = list(group)
        if isinstance(runs[0][0][name], tuple):
            yield _curves(sides, name, parts, runs)
        if len(parts) > 1:
            yield _changes(name, parts)
        else:
            yield _zones(parts[0])
            yield from _histogram(parts[0], runs)


def _curves(sides: Sides, name: str, parts: Sequence[Part], runs: Runs) -> Picture:
    """Both sides' medians and bands, and how far from before the median may lie."""
    before, after = (np.array([pair[side][name] for pair in runs], dtype=float) for side in (0, 1))
    series = [_series(sides.before, before), _series(sides.after, after)]
    middle, margin = series[0].middle, parts[0].margin
    if margin.at is None or len(parts) > 1:
        edges = [[_edge(margin, at, side) for at in middle] for side in (-1, 1)]
        said = f"±{number(100 * margin.size if margin.unit else margin.size)}{_unit(margin)}"
        name_of = Text(f"within {said} of the median before", f"与之前的中位数相差 {said} 以内")
        series.append(Series(name_of, [None] * len(middle), *edges))
    return line_plot(
        Text(f"{clean(name)}: median of the runs, 10 % to 90 %",
             f"{clean(name)}：各次运行的中位数与 10% 到 90% 的范围"),
        list(range(before.shape[1])), series, x_label=POINT,
    )  # fmt: skip


POINT = Text("point of the curve", "曲线上的点")


def _series(name: str, runs: Floats) -> Series:
    """A run that diverged counts as the largest; a quantile of those leaves a gap."""
    filled = np.where(np.isnan(runs), math.inf, runs)
    low, middle, high = (
        [float(one) if math.isfinite(one) else None for one in column]
        for column in np.quantile(filled, BAND, axis=0, method="inverted_cdf")
    )
    return Series(Text(name, name), middle, low, high)


def _edge(margin: Margin, value: float | None, side: int) -> float | None:
    if value is None:
        return None
    factor = 1 + margin.size
    return value * factor**side if margin.unit == "%" else value + side * margin.size


def _changes(name: str, parts: Sequence[Part]) -> Picture:
    """The median change of each point with its interval, between the edges of the margin."""
    margin = parts[0].margin
    middle, low, high = (
        [_scaled(margin, one) for one in column]
        for column in (
            [part.estimate for part in parts],
            [part.interval[0] for part in parts],
            [part.interval[1] for part in parts],
        )
    )
    said = Text("median change, interval", "变化的中位数与区间")
    return line_plot(
        Text(f"{clean(name)}: after against before", f"{clean(name)}：之后相对于之前"),
        [float(i if part.margin.at is None else part.margin.at) for i, part in enumerate(parts)],
        [Series(said, middle, low, high)],
        marks=_edges(margin), x_label=POINT, y_label=_axis(margin),
    )  # fmt: skip


def _zones(part: Part) -> Picture:
    low, high = (mark.value for mark in _edges(part.margin))
    inside = InZones(
        (low, high),
        [(None, low), (high, None)],
        [_scaled(part.margin, end) for end in part.interval],
        _scaled(part.margin, part.estimate),
        VERDICTS[part.answer],
    )
    name = clean(part.margin.of)
    return Picture(
        svg=zone_plot(inside),
        caption=Text(f"{name}: median change and interval, in the margin",
                     f"{name}：变化的中位数与区间，及界限"),
        x_label=_axis(part.margin),
    )  # fmt: skip


def _histogram(part: Part, runs: Runs) -> Iterator[Picture]:
    """The changes of all pairs, one count each; none where every pair diverged."""
    of = part.margin
    before, after = (
        np.array([_number(of, pair[side]) for pair in runs], dtype=float) for side in (0, 1)
    )
    shown = [_scaled(of, float(one)) for one in of.differences(before, after)]
    values = [one for one in shown if one is not None and math.isfinite(one)]
    if values:
        ends = [*values, *(mark.value for mark in _edges(of))]
        counts, edges = np.histogram(values, BARS, (min(ends), max(ends)))
        name = clean(of.of)
        yield histogram(
            Text(f"{name}: change of each pair", f"{name}：每一对的变化"),
            edges.tolist(), counts.tolist(), marks=_edges(of), x_label=_axis(of),
        )  # fmt: skip


def _number(of: Margin, values: Mapping[str, Value]) -> float | None:
    value = values[of.name]
    return value[of.at or 0] if isinstance(value, tuple) else value


def _edges(margin: Margin) -> list[Mark]:
    names = (Text("lower edge of the margin", "界限的下缘"), Text("upper edge", "界限的上缘"))
    ends = [_scaled(margin, end) for end in margin.zone]
    return [Mark(name, end) for name, end in zip(names, ends, strict=True) if end is not None]


def _scaled(margin: Margin, difference: float | None) -> float | None:
    """A difference in the unit that is printed; None where there is none or it is infinite."""
    if difference is None or not math.isfinite(difference):
        return None
    return margin.shown(difference) * (100 if margin.unit else 1)


def _unit(margin: Margin) -> str:
    return {"%": "\u202f%", "point": " pp"}.get(margin.unit, "")


def _axis(margin: Margin) -> Text | None:
    return {
        "%": Text("change, %", "变化，%"),
        "point": Text("change, percentage points", "变化，百分点"),
    }.get(margin.unit, Text("change", "变化"))
