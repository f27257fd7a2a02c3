"""Pools of processes on this machine, one thread each."""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import Executor


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def pool(workers: int) -> Executor:
    """A pool of processes with one thread each; they start when the first block is handed out."""
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    # spawn: a forked child would share the parent's thread pools and CUDA context, half alive.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def dismiss(executor: Executor) -> None:
    """End an executor without waiting for blocks that nobody reads; a pool's processes too."""
    processes = dict(getattr(executor, "_processes", None) or {})
    with contextlib.suppress(Exception):  # a broken executor may refuse even this
        executor.shutdown(wait=False, cancel_futures=True)
    for process in processes.values():
        process.terminate()
