"""What workers cost and save: start-up, the price of handing a block out, and the speed-up."""

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from examples import toys
from harness.blocks.block import measure_named
from harness.blocks.settings import draw_settings
from harness.blocks.task import Task
from harness.declaration.claim import Claim
from harness.declaration.profiles import DEFAULT_SALT
from harness.workers import executors
from harness.workers.executors import Place
from harness.workers.scheduler import Scheduler

TRAINS = ("claims.dropout.training", "do-improves-test")
BLOCKS = 12  # of the claim that trains
TINY = 300  # blocks that take no time: what is left is the handing


def task_of(claim: Claim) -> Callable[[int], Task]:
    """Tasks of the first setting of a claim, by block."""
    module, name = claim.measure.__module__, claim.name
    setting = draw_settings(claim, 1, DEFAULT_SALT)[0]
    return lambda index: Task(
        module, name, setting, DEFAULT_SALT, "cpu", index, {}, "slice", 600.0
    )  # fmt: skip


def trains() -> Callable[[int], Task]:
    """Tasks of the claim that trains: dropout nets of the chapter's kind, 8 a block."""
    import importlib

    from harness.run.suite import claims_in

    module, claim_id = TRAINS
    found = next(c for c in claims_in(importlib.import_module(module)) if c.id == claim_id)
    return task_of(found)


def tiny() -> Callable[[int], Task]:
    """Tasks of a claim about a coin."""
    return task_of(toys.a_coin_is_counted)


def seconds(
    scheduler: Scheduler | None, tasks: Callable[[int], Task], first: int, count: int
) -> float:
    """Wall time of so many blocks."""
    started = time.perf_counter()
    if scheduler is None:
        for index in range(first, first + count):
            measure_named(tasks(index))
    else:
        end = first + count
        for _ in scheduler.blocks(tasks, first, end, lambda: end):
            pass
    return time.perf_counter() - started


@contextmanager
def dask(workers: int) -> Iterator[Place]:
    """A Dask cluster on this machine, one thread a worker."""
    from distributed import LocalCluster

    start: Any = LocalCluster
    with (
        warnings.catch_warnings(),
        start(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
    ):
        warnings.simplefilter("ignore")
        yield executors.parse("dask://" + cluster.scheduler_address.removeprefix("tcp://"))


def row(name: str, place: Place) -> dict[str, Any]:
    """Start-up, milliseconds to hand a block out, and seconds of the blocks that train."""
    scheduler = executors.start(place)
    workers = 1 if scheduler is None else scheduler.workers
    try:
        started = seconds(scheduler, trains(), 0, workers)
        seconds(scheduler, tiny(), 0, workers)
        handing = seconds(scheduler, tiny(), workers, TINY) / TINY
        steady = seconds(scheduler, trains(), workers, BLOCKS)
    finally:
        if scheduler is not None:
            scheduler.close()
    block = steady * workers / BLOCKS
    return {
        "where": name, "workers": workers, "first": started, "start": max(0.0, started - block),
        "handing": handing, "blocks": steady,
    }  # fmt: skip


def table() -> list[dict[str, Any]]:
    """Serial, pools of one and two processes, and a Dask cluster of two workers."""
    found = [row("serial", Place("serial", 1))]
    found += [row(f"processes:{n}", Place("processes", n)) for n in (1, 2)]
    with dask(2) as place:
        found.append(row("dask, 2 workers", place))
    return found
