"""The two e-processes of a trial over its replicates, with the thresholds that decide."""

from collections.abc import Sequence

from harness.text import Text
from reports.detail import FULL, Detail
from reports.numbers import count, nats, number, thinned
from reports.svg.axes import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, grid
from reports.svg.element import DataTable, Key, Picture, frame, line, polyline
from reports.svg.scale import spanning

CEILING = 1.3  # the picture ends at so many thresholds; evidence beyond has long decided
FLOOR = -0.5
MOST_LOOKS = 40  # that are marked one by one

CAPTION = Text(
    "Evidence for and against the sentence, by replicates", "支持与反对论断的证据随重复次数的变化"
)
NATS = Text(
    "Evidence for what is false reaches x nats with probability e⁻ˣ at most.",
    "支持错误一方的证据达到 x 纳特的概率至多为 e⁻ˣ。",
)
EVIDENCE = Text("evidence (nats)", "证据（纳特）")
COUNTED = Text("replicates (number)", "重复试验（次数）")
CONFIRM = Text("for", "支持")
REFUTE = Text("against", "反对")
CONFIRM_BELOW = Text("for (below 0: the data speak against)", "支持（低于 0：数据偏向反对）")
REFUTE_BELOW = Text("against (below 0: the data speak for)", "反对（低于 0：数据偏向支持）")
LOOK = Text("a look, after a batch of replicates", "一批重复试验之后的一次查看")
ENOUGH = Text("enough to decide, either way", "足以判定（两个方向相同）")
NEEDED = Text("needed to confirm", "确认所需")
NEEDED_AGAINST = Text("needed to refute", "推翻所需")
REPLICATES = Text("replicates", "重复次数")

# Replicates, and the evidence for and against after so many; None is an exact decision.
Step = tuple[int, float | None, float | None]


def process_plot(
    steps: Sequence[Step],
    to_confirm: float | None,
    to_refute: float | None,
    detail: Detail = FULL,
) -> Picture:
    """Both e-processes; they may be read at any time, so the first crossing decides."""
    kept = [steps[i] for i in thinned(len(steps), detail.points)]
    most = max(to_confirm or 1.0, to_refute or 1.0) * CEILING
    across = spanning([0.0, *(n for n, _, _ in kept)], LEFT, RIGHT, pad=0.0)
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
        legend.append(Key("k s0", ENOUGH))
    else:
        legend += [Key("k s0", NEEDED), Key("k s1", NEEDED_AGAINST)]
    return Picture(
        svg=frame(WIDTH, HEIGHT, body, CAPTION, _describe(kept, to_confirm)),
        caption=CAPTION,
        legend=legend,
        x_label=COUNTED,
        y_label=EVIDENCE,
        table=_table(steps, detail.rows),
        note=NATS,
    )


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


def _table(steps: Sequence[Step], most: int) -> DataTable:
    rows = [steps[i] for i in thinned(len(steps), most)]
    return DataTable(
        head=[REPLICATES, CONFIRM, REFUTE],
        rows=[[count(n), nats(confirm), nats(refute)] for n, confirm, refute in rows],
    )
