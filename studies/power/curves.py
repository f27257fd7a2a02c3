"""Power curves: how often a fault is refuted, by its size."""

from __future__ import annotations

from harness.declaration.profiles import PROFILES
from harness.implementation.named import of_objects
from harness.run.api import examine_one
from harness.run.suite import whole_suite
from harness.text import Text
from harness.trial.conditions import Conditions
from reports.tables import Plot, Table, texts
from studies.power.graded import GRADED, Graded
from studies.power.salts import NO_LIMIT, SALTS
from studies.words import translated

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)  # of the claim's margin
RUNS = 10
__all__ = ["GRADED", "curve"]


def curve(graded: Graded) -> Table:
    """The table of one graded fault: how often it is refuted, confirmed, undecided, by size."""
    claim = next(claim for claim in whole_suite() if claim.id == graded.claim)
    rows, points = [], []
    for step in STEPS:
        size = step * graded.margin
        implementation = of_objects({graded.role: graded.fault(size)})
        reached = [
            examine_one(
                claim,
                Conditions(
                    salt=salt,
                    profile=PROFILES["quick"],
                    implementation=implementation,
                    block_limit=NO_LIMIT,
                ),
            ).verdict
            for salt in SALTS[:RUNS]
        ]
        counts = [reached.count(name) for name in ("REFUTED", "CONFIRMED", "UNDECIDED")]
        rows.append([step, float(f"{size:.3g}"), *counts, "margin" if step == 1 else ""])
        points.append({"eps": size, "refuted": counts[0], "runs": len(reached)})
        print(graded.name, step, counts, flush=True)
    return Table(
        title=Text(
            f"Power curve of the {graded.name}, judged by {graded.claim}",
            f"{graded.name} 的功效曲线（{graded.claim}）",
        ),
        text=(
            Text(
                f"A fault of size eps; the claim's margin is {graded.margin:.3g} ("
                f"{graded.unit}). Within the inner part of the margin a claim must not "
                "refute, from the margin on it must not confirm; in between it may do "
                "either, or stay undecided.",
                f"大小为 ε 的错误；论断的界限是 {graded.margin:.3g} ({graded.unit})。在界限的"
                "内侧部分论断不得被推翻，自界限起不得成立；两者之间二者皆可，也可未决。",
            ),
            Text(
                "The margin of an exact claim is the rounding of float32: where it draws "
                "float64, less is a fault.",
                "精确论断的界限是 float32 的舍入误差；抽到 float64 时，更小的也算错误。",
            ),
        ),
        command="python -m studies.power curves",
        columns=texts(
            "eps / margin | eps | refuted | confirmed | undecided | remark",
            "ε / 界限 | ε | 被推翻 | 成立 | 未决 | 备注",
        ),
        rows=translated(rows),
        plot=Plot("eps / margin", ("refuted", "confirmed", "undecided")),
        measured={
            "role": graded.role,
            "quantity": graded.name,
            "claim": graded.claim,
            "margin": graded.margin,
            "points": points,
        },
    )
