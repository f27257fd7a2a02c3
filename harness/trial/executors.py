"""Where blocks are measured: here, or on any `concurrent.futures.Executor`, in the same order.

Blocks are handed out ahead of need and taken back in the order of their index, so that a verdict
reads the same blocks whatever the number of workers; what was measured ahead is thrown away.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future

from harness.trial.measurement import Block, Task, measure_named


class ExecutorError(ValueError):
    """An executor cannot be made or reached; the message says what to give instead."""


def make(spec: str) -> tuple[Executor | None, int]:
    """The executor that a specification names, with its number of workers.

    `serial` is this process (None, 1); `processes` or `processes:N` a pool of N processes.
    """
    name, _, count = spec.partition(":")
    if name == "serial" and not count:
        return None, 1
    if name == "processes" and (not count or re.fullmatch("[0-9]{1,4}", count)):
        workers = int(count) if count else os.cpu_count() or 1
        if workers >= 1:
            return _pool(workers), workers
    raise ExecutorError(
        f"--claims-executor={spec!r} is not known; give 'serial', 'processes' or 'processes:N'"
    )


def in_order(
    tasks: Iterable[Task],
    here: Callable[[Task], Block],
    executor: Executor | None,
    ahead: int,
) -> Iterator[Block]:
    """The tasks' blocks in the tasks' order; at most `ahead` are under way at once."""
    if executor is None:
        yield from map(here, tasks)
        return
    under_way: deque[Future[Block]] = deque()
    pending = iter(tasks)
    try:
        for task in pending:
            under_way.append(executor.submit(measure_named, task))
            if len(under_way) >= ahead:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        for future in under_way:
            future.cancel()


def _pool(workers: int) -> Executor:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # spawn: a forked child would share the parent's thread pools and CUDA context, half alive.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
