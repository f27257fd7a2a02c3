"""Dask and MPI: the serial trial on a cluster, a worker killed in the middle, nobody there."""

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from examples import toys
from harness.workers import clusters, executors
from harness.workers.executors import ExecutorError, Place
from tests.checkout import ROOT
from tests.harness.scripted import tried
from tests.harness.workers.test_scheduler import shown, the_trial
from tests.processes import PATIENCE

PROGRAM = """
from harness.workers import clusters
from tests.harness.workers.test_scheduler import shown, the_trial

if __name__ == "__main__":
    scheduler = clusters.on_mpi()
    there = shown(the_trial(scheduler))
    scheduler.close()
    assert there == shown(the_trial(None)), there
    print("the same on", scheduler.workers)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes with one thread each, as `dask worker --nworkers 2 --nthreads 1`."""
    distributed = pytest.importorskip("distributed", reason="the extra dask is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as running:
            yield running


@pytest.fixture
def place(cluster: Any) -> Place:
    """With both workers there: the nanny of one that another test killed takes a while."""
    cluster.wait_for_workers(2, timeout=PATIENCE)
    return executors.parse("dask://" + cluster.scheduler_address.removeprefix("tcp://"))


def test_a_dask_cluster_gives_the_serial_trial(place: Place) -> None:
    executors.check(place)
    scheduler = executors.start(place)
    assert scheduler is not None
    try:
        assert scheduler.workers == 2
        assert shown(the_trial(scheduler)) == shown(the_trial(None))
    finally:
        scheduler.close()


def test_a_dask_worker_killed_in_the_middle_changes_nothing(place: Place, tmp_path: Path) -> None:
    marker = tmp_path / "died"
    setting = {"marker": str(marker)}
    claim = toys.a_coin_that_kills_its_worker_once
    marker.write_text("not this time")
    serial = shown(tried(claim, setting))
    marker.unlink()
    scheduler = executors.start(place)
    assert scheduler is not None
    try:
        there = shown(tried(claim, setting, scheduler=scheduler))
    finally:
        scheduler.close()

    assert marker.read_text() == "died"
    assert there == serial


def test_a_worker_with_another_suite_is_refused() -> None:
    here = clusters.same_as_here()
    clusters.refuse_others("here", {"tcp://a": here})

    with pytest.raises(ExecutorError, match=r"tcp://b has numpy 0\.1 where this process has"):
        clusters.refuse_others("there", {"tcp://a": here, "tcp://b": {**here, "numpy": "0.1"}})


def test_a_scheduler_that_is_not_there_is_told_at_the_start() -> None:
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    with pytest.raises(ExecutorError, match=r"nothing answers there .*; start `dask scheduler`"):
        executors.check(Place("dask", address="127.0.0.1:9"))


@pytest.mark.parametrize("extra", ["dask", "mpi"])
def test_an_extra_that_is_missing_is_named(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.workers.executors.find_spec", lambda _: None)
    with pytest.raises(ExecutorError, match=rf"pip install 'chapter-and-verse\[{extra}\]'"):
        executors.check(Place(extra, address="127.0.0.1:9"))


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The program under the command, in a folder of its own."""
    if find_spec("mpi4py") is None or shutil.which("mpiexec") is None:
        pytest.skip("no MPI here: it takes the extra mpi and an MPI library with mpiexec")
    program = folder / "on_mpi.py"
    program.write_text(PROGRAM)
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "OMPI_MCA_plm_rsh_agent": "false",
    }  # fmt: skip
    return subprocess.run(
        [*command, str(program)], capture_output=True, text=True, timeout=PATIENCE, check=False,
        env=environment, cwd=folder, start_new_session=True,
    )  # fmt: skip


def test_the_ranks_of_an_mpi_run_give_the_serial_trial(tmp_path: Path) -> None:
    done = run("mpiexec", "-n", "3", sys.executable, "-m", "mpi4py.futures", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the same on 2" in done.stdout


def test_mpi_without_ranks_is_told_how_to_be_started(tmp_path: Path) -> None:
    done = run(sys.executable, folder=tmp_path)
    assert "start it as `mpiexec" in done.stderr, done.stdout + done.stderr
