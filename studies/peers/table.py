"""The rows: all workloads of the table, what they should reach, and what a run of one says."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from reports.tables import Table
from studies.peers import chain, draws, linear, machine, nets
from studies.peers.forms import Target, Timing, Workload, ratio, timings
from studies.tables import made

GEMM = "GEMM limit"
LOOP, NATURAL, ORDERS, DUAL = (
    "d2l-style loop", "JAX, own shuffles", "JAX, given orders", "JAX, the same dual",
)  # fmt: skip
BEST = "best peer"
LIMITS = (GEMM, "GEMM + RNG")


def _small(h: int, batch: int, loop: float) -> Workload:
    shape = nets.Shape((64, h, 10), (0.5,), batch, 256, 256, by_one=False)
    return nets.workload(shape, [Target(LOOP, loop, loop), Target(BEST, 1.8, 1.8)])


def _polynomial(
    d: int, replicas: int, epochs: Sequence[int], targets: list[Target], compiled: bool = False
) -> Workload:
    loop, lean, vmap, natural, fast = epochs
    lengths = {
        LOOP: (1, loop), "lean torch loop": (1, lean), "torch.func vmap": (replicas, vmap),
        NATURAL: (replicas, natural), ORDERS: (replicas, fast), "ours": (replicas, fast),
    }  # fmt: skip
    return linear.polynomial(d, lengths, targets, compiled)


WORKLOADS: dict[str, Callable[[], Workload]] = {
    "polynomial-4": lambda: _polynomial(
        4, 1024, (40, 40, 20, 200, 400),
        [Target(LOOP, 2500, 3400), Target(NATURAL, 14, 19), Target(ORDERS, 1.6, 2.2)],
    ),
    "polynomial-20": lambda: _polynomial(
        20, 1024, (40, 40, 20, 100, 600),
        [Target(LOOP, 1000, 2000), Target(NATURAL, 7, 14), Target(ORDERS, 1.5, 3)],
    ),
    **{
        f"polynomial-4-block-{R}": partial(
            _polynomial, 4, R, (40, 80, 20, 400, 400), [Target(BEST, 1.0, 2.0)], compiled=True
        )
        for R in (8, 16, 32)
    },
    "decay": lambda: linear.decay(
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
            Target("sequential nn.Linear", 4, 4), Target("JAX", 3.5, 3.5),
            Target("GEMM + RNG", 1 / 1.3, 1 / 1.3),
        ]
    ),
    "draws": lambda: draws.workload([Target("JAX", 7, 7), Target("0.05 s", 1.0, 1.0)]),
}  # fmt: skip


def run(name: str, rounds: int) -> tuple[Table, list[tuple[Any, ...]]]:
    """Check that all forms of a workload agree, then time them: their table, and a row a target.

    Raises AssertionError if two forms do not the same work.
    """
    workload = WORKLOADS[name]()
    checks = workload.checks()
    if failed := [check for check in checks if not check.passed]:
        raise AssertionError(f"{workload.title}: not the same work: {failed}")
    found = timings(workload.forms, rounds)
    if workload.compile_counts is not None:
        for timing in found:
            paid = timing.set_up / workload.compile_counts
            timing.rounds = [seconds + paid for seconds in timing.rounds]
    worst: dict[str, tuple[float, float]] = {}
    for check in checks:
        before, _ = worst.get(check.what, (0.0, 0.0))
        worst[check.what] = (max(before, check.distance), check.allowed)
    said = "; ".join(f"{what}: {far:.2g} ({most:g})" for what, (far, most) in worst.items())
    forms = [
        (one.form.name, shown_time(one.median), shown_time(one.set_up) if one.set_up > 0.05 else "",
         one.form.scaled)
        for one in found
    ]  # fmt: skip
    words = {"title": workload.title, "unit": workload.unit, "checks": said}
    return made("workload", forms, words), list(_rows(workload, found))


def _rows(workload: Workload, found: Sequence[Timing]) -> Iterator[tuple[Any, ...]]:
    """A row for each target and each of our forms: what was asked, reached, and its interval."""
    ours = [timing for timing in found if timing.form.name.startswith("ours")]
    peers = {timing.form.name: timing for timing in found if timing not in ours}
    best = min((t for name, t in peers.items() if name not in LIMITS), key=lambda t: t.median)
    for target in workload.targets:
        for mine in ours:
            against, form = target.against, mine.form.name.removeprefix("ours, ")
            if against == GEMM:
                assert workload.flop is not None
                other = Timing(mine.form, [workload.flop / machine.gemm()] * len(mine.rounds))
            elif against == "0.05 s":
                other = Timing(mine.form, [0.05] * len(mine.rounds))
            elif against == BEST:
                other, against = best, f"{BEST} ({best.form.name})"
            else:
                other = peers[against]
            asked = target.fast if form == "numba" else target.plain
            reached, low, high = ratio(other, mine)
            yield workload.title, form, against, asked, reached, low, high, reached >= asked


def shown_time(seconds: float) -> str:
    """Three digits and the unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.2g} ns"
