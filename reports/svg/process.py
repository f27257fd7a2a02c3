"""The two e-processes of a trial over its replicates, with the thresholds that decide."""

import dataclasses
from collections.abc import Sequence

from harness.text import Text
from reports.detail import FULL, Detail
from reports.numbers import count, nats, number, thinned
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid
from reports.svg.element import DataTable, Key, Picture, frame, line, polyline, quantity
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
EXACT = Text(
    "A comparison leaves nothing to chance: one that fails refutes the sentence, and if none fails "
    "what was compared is certain; a mark at the upper edge stands for certainty.",
    "比较不含偶然：有一次不成立即推翻论断，全部成立则所比较的内容确定无疑；位于上边缘的标记表示确定。",
)
FURTHER = Text("What lies beyond the upper edge is drawn on it.", "超出上边缘的证据画在边缘上。")
CONFIRM = Text("for the sentence", "支持论断")
REFUTE = Text("against the sentence", "反对论断")
CONFIRM_BELOW = Text(
    "for the sentence (below 0: the data speak against it)", "支持论断（低于 0：数据偏向反对）"
)
REFUTE_BELOW = Text(
    "against the sentence (below 0: the data speak for it)", "反对论断（低于 0：数据偏向支持）"
)
LOOK = Text("a look, after a batch of replicates", "一批重复试验之后的一次查看")
NEEDED = Text("needed to confirm", "确认所需")
NEEDED_AGAINST = Text("needed to refute", "推翻所需")

# Replicates, and the evidence for and against after so many; None is an exact decision.
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
    counts = spanning([0.0, *(n for n, _, _ in kept)], LEFT, RIGHT, pad=0.0)
    across = dataclasses.replace(counts, whole=True)
    up = spanning([FLOOR * most, most], BOTTOM, TOP, pad=0.0)
    body = grid(across, up)
    body.append(line(LEFT, up(0), RIGHT, up(0), "a"))
    bars = [(to_confirm, "k s0"), (to_refute, "k s1")]
    for needed, style in bars[: 1 if to_confirm == to_refute else 2]:
        if needed is not None:
            body.append(line(LEFT, up(needed), RIGHT, up(needed), style))
    against, toward = [step[2] for step in kept], [step[1] for step in kept]
    looks = 1 < len(steps) <= MOST_LOOKS
    for style, values in (("l s1", against), ("l s0", toward)):
        points = [
            (across(n), up(most if value is None else value))
            for (n, _, _), value in zip(kept, values, strict=True)
        ]
        if len(points) == 1:
            # Read once, at the planned size: a line would tell of looks that were not taken.
            x, y = points[0]
            body.append(f'<circle class="d {style[2:]}" cx={x} cy={y} r=5 />')
        elif points:
            body.append(f'<path class="{style}" d="{polyline([(LEFT, up(0)), *points])}"/>')
            if looks:
                marks = "".join(f"M{x} {y}h0" for x, y in points)
                body.append(f'<path class="dot {style[2:]}" d="{marks}"/>')
    mark = "d" if len(kept) == 1 else "l"
    legend = [
        Key(f"{mark} s0", CONFIRM_BELOW if _falls(toward) else CONFIRM),
        Key(f"{mark} s1", REFUTE_BELOW if _falls(against) else REFUTE),
    ]
    if looks:
        legend.append(Key("dot s0", LOOK))
    if to_confirm == to_refute:
        legend.append(Key("k s0", enough(to_confirm)))
    else:
        legend += [
            Key("k s0", _at(NEEDED, to_confirm)), Key("k s1", _at(NEEDED_AGAINST, to_refute))
        ]  # fmt: skip
    exact = any(value is None for value in (*toward, *against))
    name, note = quantity(counted), EXACT if exact else NATS
    if any(value is not None and value > most for value in (*toward, *against)):
        note = Text(f"{FURTHER.en} {note.en}", f"{FURTHER.zh}{note.zh}")
    caption = Text(f"{CAPTION.en}, by {name.en}", f"{CAPTION.zh}，横轴为{name.zh}")
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, caption, _describe(kept, to_confirm)),
        caption=caption,
        legend=legend,
        x_label=counted,
        y_label=EVIDENCE,
        table=_table(steps, detail.rows, name),
        note=note,
    )


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
    confirm, refute = map(nats, evidence)
    return Text(
        f"After {n} replicates {confirm} for and {refute} against; {bar} is needed.",
        f"{n} 次重复后，支持 {confirm}，反对 {refute}；需要 {bar}。",
    )


def _table(steps: Sequence[Step], most: int, counted: Text) -> DataTable:
    rows = [steps[i] for i in thinned(len(steps), most)]
    return DataTable(
        head=[counted, CONFIRM, REFUTE],
        rows=[[count(n), nats(confirm), nats(refute)] for n, confirm, refute in rows],
    )
