"""Workers that time a row together: base and head take turns every few milliseconds.

Whatever the machine does to one of them in these milliseconds it does to the others, so that a
busy neighbour or a falling clock takes no side. They are forked from a few starts, each of which
serves both sides (see start.py): within a start the label is all that sets base and head apart.
"""

import contextlib
import math
import secrets
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.timing.fork_server import Connection, ForkServer, fork_server

SWEEPS = (2, 12)  # visits of a worker to a row at one stage, even: there and back, against a drift
ROUNDS = 2  # of one visit: the first one finds the caches cold

Start = list[list[float]]  # of one row: for each tree the numbers of its workers
Logs = list[Start]
Enough = Callable[[str, Logs], bool]


@dataclass(frozen=True)
class Plan:
    """From which starts, how many workers of each tree from each, seconds a worker and stage.

    Starts are numbered; each is made when it is first asked for. A row whose call takes longer than
    `long` has `few` workers of each tree from each start, and the first stage alone: each of its
    workers costs nearly as much as a plain run's row.
    """

    starts: Sequence[int]
    children: int
    stages: tuple[float, ...]
    few: int | None = None
    long: float = 0.02


@dataclass(frozen=True)
class Measured:
    """ln(seconds of a call) by row: for each start and tree one number per worker.

    `listed` are the rows that each tree's workers can time, whether or not they were asked to.
    """

    logs: Mapping[str, Logs]
    listed: Sequence[frozenset[str]]


@dataclass(frozen=True)
class Slot:
    """A worker, and where its numbers belong."""

    start: int
    tree: int
    place: int
    worker: Connection


class InterleavedTimer:
    """Times rows together, as often as it is asked to; its starts live until it is closed."""

    def __init__(self, server: ForkServer) -> None:
        self._server = server

    def __call__(
        self, trees: Sequence[Path], chosen: Sequence[str], plan: Plan, enough: Enough
    ) -> Measured:
        """Time the rows that all trees have; `chosen` is pytest's own. Raises TimingsError.

        After each stage but the last, `enough` of a row's logs ends it early.
        """
        slots, rows = _filled(self._server, trees, chosen, plan)
        listed = [frozenset(names) for names in rows]
        logs = {}
        for row in rows[0]:
            if all(row in names for names in listed):
                measured = _row(slots, row, plan, len(trees), enough)
                if measured is not None:
                    logs[row] = measured
        self._server.dismiss([slot.worker for slot in slots])
        return Measured(logs, listed)


@contextlib.contextmanager
def interleaved_timer() -> Iterator[InterleavedTimer]:
    """A timer whose starts and workers are all ended afterwards."""
    with fork_server() as server:
        yield InterleavedTimer(server)


def _filled(
    server: ForkServer, trees: Sequence[Path], chosen: Sequence[str], plan: Plan
) -> tuple[list[Slot], list[list[str]]]:
    """The workers once all have collected, and the rows of each tree.

    Each start forks in an order that is drawn. The first worker of each tree comes alone: it
    leaves compiled modules for the others.
    """
    places = [
        (start, tree, place)
        for start in range(len(plan.starts))
        for tree in range(len(trees))
        for place in range(plan.children)
    ]
    server.start(plan.starts)
    secrets.SystemRandom().shuffle(places)
    leaders = [next(at for at in places if at[1] == tree) for tree in range(len(trees))]
    others = [at for at in places if at not in leaders]
    slots: list[Slot] = []
    rows: list[list[str]] = [[] for _ in trees]
    for group in (leaders, others):
        names = [server.fork(plan.starts[at[0]], trees[at[1]], chosen) for at in group]
        for name, (start, tree, place) in zip(names, group, strict=True):
            worker = server.connection(name)
            rows[tree] = worker.receive()["rows"]
            slots.append(Slot(start, tree, place, worker))
    return slots, rows


def _row(slots: Sequence[Slot], row: str, plan: Plan, trees: int, enough: Enough) -> Logs | None:
    """ln of each worker's shortest round; None where the row skips itself."""
    shortest: dict[Slot, float] = {}
    calls: list[float] = []
    least = 0.0
    children, stages = plan.children, plan.stages
    for slot in slots:
        if calls and min(calls) > plan.long and plan.few:
            children, stages = plan.few, plan.stages[:1]
        if slot.place >= children:
            continue
        # One after the other: what is long is timed from its first call on.
        slot.worker.send(run=row)
        answer = slot.worker.receive()
        slot.worker.check(answer, row)
        if "ready" in answer:
            calls.append(answer["ready"])
            least = max(least, answer["least"])
            shortest[slot] = answer.get("first", math.inf)
    logs: Logs | None = None
    there = [slot for slot in slots if slot.place < children]
    if all(slot in shortest for slot in there):
        call = statistics.median(calls)
        loops = max(1, math.ceil(least / call))
        for seconds in stages:
            _stage(there, loops, call, seconds, shortest)
            logs = [[[0.0] * children for _ in range(trees)] for _ in plan.starts]
            for slot in there:
                logs[slot.start][slot.tree][slot.place] = math.log(shortest[slot])
            if enough(row, logs):
                break
    for slot in shortest:
        slot.worker.send(rounds=0)
        slot.worker.check(slot.worker.receive(), row)
    return logs


def _stage(
    slots: Sequence[Slot], loops: int, call: float, seconds: float, shortest: dict[Slot, float]
) -> None:
    """Visit each worker in turn, there and back, for so many seconds each.

    The order is drawn, so that nobody is always the one after a neighbour that is hard on caches.
    """
    if call >= seconds:
        sweeps, rounds = 1, 1
    else:
        rounds = ROUNDS if ROUNDS * loops * call < seconds else 1
        least, most = SWEEPS
        sweeps = min(most, max(least, 2 * round(seconds / (2 * rounds * loops * call))))
    order = list(slots)
    secrets.SystemRandom().shuffle(order)
    for _ in range(sweeps):
        for slot in order:
            slot.worker.send(loops=loops, rounds=rounds)
            # Nothing makes a call shorter than it is: the shortest round is the least disturbed.
            shortest[slot] = min(shortest[slot], *slot.worker.receive()["times"])
        order.reverse()
