"""Schedulers on clusters: Dask and MPI. Workers of another version or source are refused."""

import contextlib
import hashlib
import logging
import pickle
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from harness.environment import packages
from harness.workers.scheduler import Scheduler

WAIT = 5.0  # seconds for a scheduler to answer
MPI_RUN = "mpiexec -n 5 python -m mpi4py.futures -m pytest claims --claims-executor=mpi"
GO_ON = "the records so far are kept, go on with --claims-continue"


class ExecutorError(ValueError):
    """An executor cannot be made or reached; the message says what to give instead."""


def same_as_here() -> dict[str, str]:
    """What a worker must have in common with the process that asks, for the same samples."""
    root = Path(__file__).resolve().parents[2]
    state = hashlib.sha256()
    for folder in ("claims", "harness"):
        for file in sorted((root / folder).rglob("*.py")):
            state.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return {**packages(), "source of the suite": state.hexdigest()[:12]}


def on_dask(address: str) -> Scheduler:
    """The workers of a Dask scheduler; raises ExecutorError where they would measure otherwise."""
    with _unheard():
        from distributed import Client

        connect: Any = Client
        where = f"--claims-executor=dask://{address}"
        try:
            client = connect(f"tcp://{address}", timeout=WAIT, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise ExecutorError(
                f"{where}: no Dask scheduler answers there ({type(error).__name__}); "
                "start `dask scheduler`, or give its address"
            ) from error
        threads = client.nthreads()
        if not threads:
            client.close()
            raise ExecutorError(
                f"{where}: the scheduler has no workers; start some with "
                f"`dask worker tcp://{address} --nworkers N --nthreads 1`"
            )
        try:
            there = client.run(same_as_here)
        except Exception as error:  # whatever a worker raises that has another suite, or none
            client.close()
            raise ExecutorError(
                f"{where}: a worker cannot import the suite ({type(error).__name__}: {error}); "
                "start the workers in its folder, with its environment and PYTHONPATH=."
            ) from error
    refuse_others(where, there)

    def let_go() -> None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is lost has been told
        with _unheard(), contextlib.suppress(Exception):  # a scheduler may be gone already
            client.close(timeout=WAIT)

    lost = f"{where}: the scheduler is gone; {GO_ON}"
    return Scheduler(
        _Sealed(client.get_executor(pure=False)), len(threads), lost=lost, let_go=let_go
    )


class _Sealed(Executor):
    """Sends blocks as bytes: a scheduler opens what it passes on, and need not have the suite."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def submit(self, function: Callable[..., Any], /, *given: Any, **_: Any) -> Future[Any]:
        """Hand one call to the cluster."""
        return self._executor.submit(_opened, pickle.dumps((function, given)))


def _opened(sealed: bytes) -> Any:
    import pickle

    function, given = pickle.loads(sealed)
    return function(*given)


_opened.__module__ = "__main__"  # so that cloudpickle sends the function itself, not its place


def on_mpi() -> Scheduler:
    """The ranks of this MPI run but the first, which hands the blocks out."""
    try:
        from mpi4py import MPI
        from mpi4py.futures import MPIPoolExecutor
    except (ImportError, RuntimeError) as error:
        raise ExecutorError(
            f"--claims-executor=mpi: MPI does not load ({error}); install an MPI library such as "
            "Open MPI"
        ) from error
    ranks = MPI.COMM_WORLD.Get_size()
    if ranks < 2:
        raise ExecutorError(
            f"--claims-executor=mpi: this is no MPI run with workers; start it as `{MPI_RUN}`"
        )
    executor = MPIPoolExecutor()
    executor.bootup()
    where = "--claims-executor=mpi"
    refuse_others(where, {"a rank": executor.submit(same_as_here).result()})
    lost = f"{where}: the ranks are gone; {GO_ON}"
    return Scheduler(executor, ranks - 1, lost=lost, let_go=executor.shutdown)


def refuse_others(where: str, workers: dict[str, dict[str, str]]) -> None:
    """Raise ExecutorError for the first worker that has not what this process has."""
    here = same_as_here()
    for worker, there in workers.items():
        for name, value in here.items():
            if there.get(name) != value:
                raise ExecutorError(
                    f"{where}: the worker {worker} has {name} {there.get(name, 'missing')} where "
                    f"this process has {value}, so its samples could differ; give both the same"
                )


@contextlib.contextmanager
def _unheard() -> Iterator[None]:
    """Keep what a cluster's library warns of from ending a run that treats warnings as errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
