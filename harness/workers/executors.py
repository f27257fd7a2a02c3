"""Which workers measure blocks: --claims-executor, read at the door and started when needed."""

import re
import socket
from concurrent.futures import Executor
from dataclasses import dataclass
from importlib.util import find_spec

from harness.unofficial import workers_of
from harness.workers import clusters
from harness.workers.clusters import WAIT, ExecutorError
from harness.workers.pools import cores, pool
from harness.workers.scheduler import Scheduler

__all__ = ["ExecutorError", "Place", "check", "parse", "scheduler_of", "start"]

KNOWN = "'serial', 'processes', 'processes:N', 'dask://HOST:PORT' or 'mpi'"


@dataclass(frozen=True)
class Place:
    """Where blocks are measured: the backend, how many workers (0: they say), and the address."""

    backend: str
    workers: int = 0
    address: str = ""


def parse(spec: str) -> Place:
    """The place that a specification names; raises ExecutorError in one sentence.

    `serial` is this process; `processes` or `processes:N` a pool of N processes (the cores that
    this process may use); `dask://HOST:PORT` a Dask scheduler; `mpi` the ranks of an MPI run.
    """
    name, _, count = spec.partition(":")
    if spec in ("serial", "mpi"):
        return Place(spec, 1 if spec == "serial" else 0)
    if name == "processes" and (not count or re.fullmatch("[0-9]{1,4}", count)):
        workers = int(count) if count else cores()
        if workers >= 1:
            return Place("processes", workers)
    there = re.fullmatch(r"dask://((?:\[[0-9a-fA-F:.]+\]|[^\s/:\[\]]+):([0-9]{1,5}))", spec)
    if there and 0 < int(there[2]) < 1 << 16:
        return Place("dask", address=there[1])
    raise ExecutorError(f"--claims-executor={spec!r} is not known; give {KNOWN}")


def check(place: Place) -> None:
    """Raise ExecutorError now if the place cannot be reached; nothing is imported or started."""
    if place.backend == "dask":
        _need("distributed", "dask")
        host, _, port = place.address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), WAIT).close()
        except OSError as error:
            raise ExecutorError(
                f"--claims-executor=dask://{place.address}: nothing answers there "
                f"({error.strerror or error}); start `dask scheduler`, or give its address"
            ) from error
    if place.backend == "mpi":
        _need("mpi4py", "mpi")


def start(place: Place) -> Scheduler | None:
    """The workers of the place; None where blocks are measured by the process that asks."""
    match place.backend:
        case "processes":
            return Scheduler(None, place.workers, renew=lambda: pool(place.workers))
        case "dask":
            return clusters.on_dask(place.address)
        case "mpi":
            return clusters.on_mpi()
    return None


def scheduler_of(executor: Executor, workers: int | None = None) -> Scheduler:
    """A scheduler for any executor, with as many workers as it says, or as there are cores."""
    return Scheduler(executor, workers or workers_of(executor) or cores())


def _need(module: str, extra: str) -> None:
    if find_spec(module) is None:
        raise ExecutorError(
            f"--claims-executor={extra}: the package {module!r} is not installed; "
            f"install the extra: pip install 'chapter-and-verse[{extra}]'"
        )
