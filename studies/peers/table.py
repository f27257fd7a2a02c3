"""The rows: all workloads of the table, what they should reach, and what a run of one says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from studies.peers import chain, decay, draws, machine, nets, polynomial
from studies.peers.forms import Check, Target, Timing, Workload, ratio, timings

GEMM = "GEMM limit"
LOOP, NATURAL, ORDERS, DUAL = (
    "d2l-style loop",
    "JAX, own shuffles",
    "JAX, given orders",
    "JAX, the same dual",
)
BEST = "best peer"

# The masks, rows and columns of the table that this page answers.
SMALL = [(16, 16, 10), (32, 32, 6), (64, 64, 5)]


def _small(h: int, batch: int, loop: float) -> Workload:
    shape = nets.Shape((64, h, 10), (0.5,), batch, 256, 256, by_one=False)
    return nets.workload(shape, [Target(LOOP, loop, loop), Target(BEST, 1.8, 1.8)])


WORKLOADS: dict[str, Callable[[], Workload]] = {
    "polynomial-4": lambda: polynomial.workload(
        4,
        polynomial.Lengths(1024, 200, 400, 40, 40, 20),
        [Target(LOOP, 2500, 3400), Target(NATURAL, 14, 19), Target(ORDERS, 1.6, 2.2)],
    ),
    "polynomial-20": lambda: polynomial.workload(
        20,
        polynomial.Lengths(1024, 100, 600, 40, 40, 20),
        [Target(LOOP, 1000, 2000), Target(NATURAL, 7, 14), Target(ORDERS, 1.5, 3)],
    ),
    **{
        f"polynomial-4-block-{R}": lambda R=R: polynomial.workload(  # type: ignore[misc]
            4, polynomial.Lengths(R, 400, 400, 40, 80, 20), [Target(BEST, 1.0, 2.0)], compiled=True
        )
        for R in (8, 16, 32)
    },
    "decay": lambda: decay.workload(
        1024, [Target(LOOP, 900, 900), Target(NATURAL, 7, 7), Target(DUAL, 1.0, 1.5)]
    ),
    "net-chapter": lambda: nets.workload(
        nets.Shape((64, 256, 256, 10), (0.2, 0.5), 256, 4, 4, by_one=True),
        [Target(LOOP, 4, 4), Target(BEST, 1.5, 1.5), Target(GEMM, 0.6, 0.6)],
    ),
    "net-small-16": lambda: _small(16, 16, 65),
    "net-small-32": lambda: _small(32, 32, 25),
    "net-small-64": lambda: _small(64, 64, 10),
    "chain": lambda: chain.workload(
        [
            Target("sequential nn.Linear", 4, 4),
            Target("JAX", 3.5, 3.5),
            Target("GEMM + RNG", 1 / 1.3, 1 / 1.3),
        ]
    ),
    "draws": lambda: draws.workload([Target("JAX", 7, 7), Target("0.05 s", 1.0, 1.0)]),
}


@dataclass(frozen=True)
class Row:
    """One target and what a run found: ratio and its 95 % interval."""

    against: str
    ours: str
    target: float
    reached: float
    low: float
    high: float

    @property
    def met(self) -> bool:
        """Whether the ratio of medians reached the target."""
        return self.reached >= self.target


@dataclass(frozen=True)
class Result:
    """What a run of one workload found."""

    workload: str
    title: str
    unit: str
    checks: list[Check]
    seconds: dict[str, float]  # median seconds per unit of work
    set_up: dict[str, float]
    scaled: dict[str, str]
    rows: list[Row]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def run(name: str, rounds: int) -> Result:
    """Check that all forms of a workload agree, then time them and return ratios."""
    workload = WORKLOADS[name]()
    checks = workload.checks()
    failed = [check for check in checks if not check.passed]
    if failed:
        raise AssertionError(f"{workload.title}: not the same work: {failed}")
    found = timings(workload.forms, rounds)
    if workload.compile_counts is not None:
        for timing in found:
            paid = timing.set_up / workload.compile_counts
            timing.rounds = [seconds + paid for seconds in timing.rounds]
    return Result(
        workload=name,
        title=workload.title,
        unit=workload.unit,
        checks=checks,
        seconds={timing.form.name: timing.median for timing in found},
        set_up={timing.form.name: timing.set_up for timing in found},
        scaled={timing.form.name: timing.form.scaled for timing in found},
        rows=_rows(workload, found),
    )


def _rows(workload: Workload, found: Sequence[Timing]) -> list[Row]:
    """Return a row for each target and each of our forms."""
    ours = [timing for timing in found if timing.form.name.startswith("ours")]
    peers = {timing.form.name: timing for timing in found if timing not in ours}
    limits = {GEMM, "GEMM + RNG"}
    best = min((t for name, t in peers.items() if name not in limits), key=lambda t: t.median)
    rows = []
    for target in workload.targets:
        for mine in ours:
            against = target.against
            if against == GEMM:
                assert workload.flop is not None
                other = Timing(mine.form, [workload.flop / machine.gemm()] * len(mine.rounds))
            elif against == "0.05 s":
                other = Timing(mine.form, [0.05] * len(mine.rounds))
            else:
                other = best if against == BEST else peers[against]
                against = f"{BEST} ({other.form.name})" if against == BEST else against
            fast = mine.form.name.endswith("numba")
            rows.append(
                Row(
                    against,
                    mine.form.name,
                    target.fast if fast else target.plain,
                    *ratio(other, mine),
                )
            )
    return rows
