"""Pools of processes on this machine, one thread each."""

import contextlib
import os
import sys
import types
from collections.abc import Iterator
from concurrent.futures import Executor


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pool(workers: int) -> Executor:
    """A pool of processes with one thread each, which are started at once."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # spawn: a forked child would share the parent's thread pools and CUDA context, half alive.
    made = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    with _nameless_main():
        for _ in range(workers):
            made.submit(int)  # each starts a process, as long as none of them is idle
    return made


@contextlib.contextmanager
def _nameless_main() -> Iterator[None]:
    """Keep processes that are started meanwhile from running this process's program again.

    Blocks need none of it: pytest's own costs a third of a second to import, and a program that
    calls pytest without a guard would start itself.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
