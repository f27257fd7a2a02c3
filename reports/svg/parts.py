"""The evidence of a sentence with several parts: one bar a part, against what is needed.

A composite's own estimate counts its parts, so its interval would say little; the evidence of
each part says which one is settled and which one holds the verdict back.
"""

from collections.abc import Sequence

from markupsafe import Markup

from harness.records.record import Part
from harness.text import Text, named
from reports.numbers import nats, number
from reports.svg.element import Key, Picture, box, frame, labels, line, names, ornament
from reports.svg.process import NATS, enough
from reports.svg.scale import Scale

LEFT, RIGHT = 120, 348
ROW = 22
BEYOND = 1.25  # the picture ends at so many thresholds
MOST_ROWS = 8
CAPTION = Text("Evidence for or against each part of the sentence", "支持或反对论断各部分的证据")
CONFIRM, REFUTE = Text("for the part", "支持该部分"), Text("against the part", "反对该部分")
EVIDENCE = Text("evidence (nats)", "证据（纳特）")
BAR = Text(
    "The sentence holds when all its parts do. "
    "A bar is a part's evidence, the larger of for and against.",
    "各部分都成立时论断才成立。条形为各部分的证据，取支持与反对中较大者。",
)
FURTHER = Text("beyond the picture", "超出图外")


def parts_strip(parts: Sequence[Part], needed: float, silent: bool = False) -> Markup:
    """The small picture of a row: a bar per part, and the threshold as an upright line."""
    shown = parts[:MOST_ROWS]
    scale = Scale(0.0, needed * BEYOND, 2, 158)
    height = 18 / max(len(shown), 1)
    body = [
        _bar(part, scale, round(2 + i * height), max(round(2 + (i + 1) * height) - 1, 3 + i))
        for i, part in enumerate(shown)
    ]
    at = scale(needed)
    body.append(f'<path class=i d="M{at} 0V22"/>')
    if silent:
        return ornament(160, 22, body, "strip")
    return frame(160, 22, body, CAPTION, _describe(parts, needed), "strip")


def parts_plot(parts: Sequence[Part], needed: float) -> Picture:
    """The large picture: names to the left, the bars, and the axis in nats below.

    A bar that ends in an arrowhead stands for more evidence than has room, or for certainty.
    """
    shown = parts[:MOST_ROWS]
    scale = Scale(0.0, needed * BEYOND, LEFT, RIGHT)
    bottom = len(shown) * ROW + 6
    ticks = [(scale(tick), number(tick)) for tick in scale.ticks(5)]
    notches = "".join(f"M{x} {bottom}v4" for x, _ in ticks)
    body = [
        names(((LEFT - 6, 18 + i * ROW, _name(part)) for i, part in enumerate(shown)), "r", 18),
        *(_bar(part, scale, 6 + i * ROW, i * ROW + 22) for i, part in enumerate(shown)),
        f'<path class=a d="M{LEFT} {bottom}H{RIGHT}{notches}"/>',
        labels(((x, bottom + 17, text) for x, text in ticks), "m"),
        line(scale(needed), 2, scale(needed), bottom, "k"),
    ]
    shown_for = [_larger(part) for part in shown]
    heads = "".join(
        f"M{RIGHT} {14 + i * ROW}l-9-6v12z"
        for i, (_, value) in enumerate(shown_for)
        if value is None or value > scale.high
    )
    legend = []
    if not all(against for against, _ in shown_for):
        legend.append(Key("p s0", CONFIRM))
    if any(against for against, _ in shown_for):
        legend.append(Key("q s1", REFUTE))
    if heads:
        body += [line(RIGHT, 2, RIGHT, bottom, "a"), f'<path class=w d="{heads}"/>']
        legend.append(Key("w", FURTHER))
    return Picture(
        svg=frame(360, bottom + 22, body, CAPTION, _describe(parts, needed)),
        caption=CAPTION,
        x_label=EVIDENCE,
        legend=[*legend, Key("k", enough(needed))],
        facts=[(_evidence(part), nats(_larger(part)[1])) for part in parts],
        note=Text(f"{BAR.en} {NATS.en}", f"{BAR.zh}{NATS.zh}"),
    )


def _name(part: Part) -> Text:
    name = named(part.name)
    return Text(name.en.replace("_", " "), name.zh.replace("_", " "))


def _evidence(part: Part) -> Text:
    """What the number of a part is called in the table."""
    name, side = _name(part), REFUTE if _larger(part)[0] else CONFIRM
    return Text(f"{name.en}: evidence {side.en} (nats)", f"{name.zh}：{side.zh}的证据（纳特）")


def _bar(part: Part, scale: Scale, top: int, bottom: int) -> str:
    """The larger of the two: blue and full for the part, red and hollow against it."""
    against, value = _larger(part)
    end = scale.stop if value is None else scale(value)
    shape = box(scale.start, top, max(end, scale.start + 1), bottom)
    return f'<path class="{"q s1" if against else "p s0"}" d="{shape}"/>'


def _larger(part: Part) -> tuple[bool, float | None]:
    """Whether the evidence against is the larger, and that evidence; None is infinite."""
    against = part.confirm is not None and (part.refute is None or part.refute > part.confirm)
    return against, part.refute if against else part.confirm


def _describe(parts: Sequence[Part], needed: float) -> Text:
    told = [(_name(p), nats(p.confirm), nats(p.refute)) for p in parts[:MOST_ROWS]]
    en = "; ".join(f"{name.en} {confirm} for, {refute} against" for name, confirm, refute in told)
    zh = "；".join(f"{name.zh}：支持 {confirm}，反对 {refute}" for name, confirm, refute in told)
    bar = number(needed)
    return Text(f"{en}; {bar} nats are needed.", f"{zh}；需要 {bar} 纳特。")
