"""The two e-processes of a trial over its replicates, with the thresholds that decide."""

import dataclasses
import math
from collections.abc import Sequence

from harness.text import Text, counted
from reports.detail import FULL, Detail
from reports.numbers import count, nats, number, thinned
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid
from reports.svg.element import DataTable, Key, Picture, frame, line, polyline, quantity, wedge
from reports.svg.scale import spanning

CEILING = 1.3  # the picture ends at so many thresholds; evidence beyond has long decided
FLOOR = -0.5
MOST_LOOKS = 40  # that are marked one by one

CAPTION = Text("Evidence for and against the sentence", "支持与反对论断的证据")
NATS = Text(
    "Evidence for what is false reaches x nats with probability e⁻ˣ at most.",
    "支持错误一方的证据达到 x 纳特的概率至多为 e⁻ˣ。",
)
EVIDENCE = Text("evidence (nats)", "证据（纳特）")
COUNTED = Text("replicates (number)", "重复试验（次数）")
CONFIRM = Text("for the sentence", "支持论断")
REFUTE = Text("against the sentence", "反对论断")
CONFIRM_BELOW = Text(
    "for the sentence (below 0: the data speak against it)", "支持论断（低于 0：数据偏向反对）"
)
REFUTE_BELOW = Text(
    "against the sentence (below 0: the data speak for it)", "反对论断（低于 0：数据偏向支持）"
)
LOOK = Text("for it, at a look after a batch of replicates", "支持，一批重复试验之后查看时")
LOOK_AGAINST = Text("against it, at a look", "反对，查看时")
BEYOND = Text("for it, beyond the picture", "支持，超出图外")
BEYOND_AGAINST = Text("against it, beyond the picture", "反对，超出图外")
NEEDED = Text("needed to confirm", "确认所需")
NEEDED_AGAINST = Text("needed to refute", "推翻所需")

# Replicates, and the evidence for and against after so many; None is infinite.
Step = tuple[int, float | None, float | None]


def process_plot(
    steps: Sequence[Step],
    to_confirm: float | None,
    to_refute: float | None,
    detail: Detail = FULL,
    counted: Text = COUNTED,
) -> Picture:
    """Both e-processes; they may be read at any time, so the first crossing decides.

    `counted` is what there is more and more of along x, with its unit.
    """
    kept = [steps[i] for i in thinned(len(steps), detail.points)]
    most = max(to_confirm or 1.0, to_refute or 1.0) * CEILING
    least = FLOOR * most
    counts = spanning([0.0, *(n for n, _, _ in kept)], LEFT, RIGHT, pad=0.0)
    across = dataclasses.replace(counts, whole=True)
    up = spanning([least, most], BOTTOM, TOP, pad=0.0)
    body = grid(across, up)
    body.append(line(LEFT, up(0), RIGHT, up(0), "a"))
    bars = [(to_confirm, "k"), (to_refute, "k n")]
    for needed, style in bars[: 1 if to_confirm == to_refute else 2]:
        if needed is not None:
            body.append(line(LEFT, up(needed), RIGHT, up(needed), style))
    against, toward = [step[2] for step in kept], [step[1] for step in kept]
    looks = 1 < len(steps) <= MOST_LOOKS
    beyond: list[Key] = []
    for hue, values, name in (("s1", against, BEYOND_AGAINST), ("s0", toward, BEYOND)):
        points = [(across(n), up(_or(v, most))) for (n, _, _), v in zip(kept, values, strict=True)]
        over = [not least <= _or(value, math.inf) <= most for value in values]
        if len(points) > 1:
            body.append(f'<path class="l {hue}" d="{polyline([(LEFT, up(0)), *points])}"/>')
            within = [at for at, out in zip(points, over, strict=True) if not out and looks]
            if within:
                marks = "".join(f"M{x} {y}h0" for x, y in within)
                body.append(f'<path class="dot {hue}" d="{marks}"/>')
        elif points and not over[0]:
            # Read once, at the planned size: a line would tell of looks that were not taken.
            x, y = points[0]
            body.append(f'<circle class="d {hue}" cx={x} cy={y} r=5 />')
        ends = [at for at, out in zip(points, over, strict=True) if out]
        if ends:
            heads = "".join(wedge(x, y, "up" if y == up(most) else "down") for x, y in ends)
            body.append(f'<path class="w {hue}" d="{heads}"/>')
            if any(y == up(most) for _, y in ends):
                body.append(line(LEFT, TOP, RIGHT, TOP, "a"))
            beyond.insert(0, Key(f"w {hue}", name))
    mark = "d" if len(kept) == 1 else "l"
    drawn_beyond = {key.style[-2:] for key in beyond if len(kept) == 1}  # and so not as a disc
    legend = [
        Key(f"{mark} {hue}", name)
        for hue, name in (
            ("s0", CONFIRM_BELOW if _falls(toward) else CONFIRM),
            ("s1", REFUTE_BELOW if _falls(against) else REFUTE),
        )
        if hue not in drawn_beyond
    ]
    if looks:
        legend += [Key("dot s0", LOOK), Key("dot s1", LOOK_AGAINST)]
    legend += beyond
    if to_confirm == to_refute:
        legend.append(Key("k", enough(to_confirm)))
    else:
        legend += [Key("k", _at(NEEDED, to_confirm)), Key("k n", _at(NEEDED_AGAINST, to_refute))]
    name = quantity(counted)
    caption = Text(f"{CAPTION.en}, by {name.en}", f"{CAPTION.zh}，横轴为{name.zh}")
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, caption, _describe(kept, to_confirm)),
        caption=caption,
        legend=legend,
        x_label=counted,
        y_label=EVIDENCE,
        table=_table(steps, detail.rows, name),
        note=NATS,
    )


def _or(value: float | None, infinite: float) -> float:
    return infinite if value is None else value


def enough(needed: float | None) -> Text:
    """The name of the line where evidence decides, the same either way."""
    return _at(Text("enough to decide, either way", "足以判定（两个方向相同）"), needed)


def _at(name: Text, needed: float | None) -> Text:
    at = number(needed, 3)
    return Text(f"{name.en}: {at} nats", f"{name.zh}：{at} 纳特")


def _falls(values: Sequence[float | None]) -> bool:
    return any(value is not None and value < 0 for value in values)


def _describe(kept: Sequence[Step], needed: float | None) -> Text:
    if not kept:
        return Text("No data.", "没有数据。")
    replicates, *evidence = kept[-1]
    n, bar = number(replicates), number(needed)
    after = counted(replicates, "replicate", shown=n)
    confirm, refute = map(nats, evidence)
    return Text(
        f"After {after} {confirm} for and {refute} against; {bar} is needed.",
        f"{n} 次重复后，支持 {confirm}，反对 {refute}；需要 {bar}。",
    )


def _table(steps: Sequence[Step], most: int, counted: Text) -> DataTable:
    rows = [steps[i] for i in thinned(len(steps), most)]
    return DataTable(
        head=[counted, CONFIRM, REFUTE],
        rows=[[count(n), nats(confirm), nats(refute)] for n, confirm, refute in rows],
    )
