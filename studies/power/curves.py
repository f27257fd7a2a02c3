"""Power curves: how often a fault is refuted, by its size."""

from harness.declaration.profiles import PROFILES
from harness.implementation.named import of_objects
from harness.run.examiner import of_the_suite
from harness.run.suite import whole_suite
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Conditions
from reports.tables import Plot, Table
from studies.power.graded import GRADED, Graded
from studies.power.salts import NO_LIMIT, SALTS
from studies.tables import made

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
            of_the_suite()
            .examine(
                claim,
                Conditions(
                    salt=salt,
                    profile=PROFILES["quick"],
                    implementation=implementation,
                    block_limit=NO_LIMIT,
                ),
            )
            .verdict
            for salt in SALTS[:RUNS]
        ]
        counts = [
            reached.count(name) for name in (Verdict.REFUTED, Verdict.CONFIRMED, Verdict.UNDECIDED)
        ]
        rows.append([step, float(f"{size:.3g}"), *counts, "margin" if step == 1 else ""])
        points.append({"eps": size, "refuted": counts[0], "runs": len(reached)})
        print(graded.name, step, counts, flush=True)
    return made(
        "curve",
        rows,
        {"graded": graded},
        plot=Plot("eps / margin", ("refuted", "confirmed", "undecided")),
        measured={
            "role": graded.role, "quantity": graded.name, "claim": graded.claim,
            "margin": graded.margin, "points": points,
        },
    )  # fmt: skip
