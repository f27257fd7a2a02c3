"""Blocks on workers: the same trial under every executor, no more than a wave wasted, mended."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from examples import toys
from harness import failures
from harness.run.api import check_implementation
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Conditions
from harness.trial.examination import examine, first_tasks
from harness.trial.one_setting import Trial
from harness.unofficial import dismiss
from harness.workers import executors
from harness.workers.executors import ExecutorError, Place, parse, scheduler_of
from harness.workers.pools import pool
from harness.workers.scheduler import Scheduler, SchedulerLostError
from tests.harness.scripted import SHARES, examined
from tests.processes import printed

TARGET = "harness.primitives.dropout:dropout"
Shown = tuple[Verdict, int, int, str]


def shown(trial: Trial) -> Shown:
    """What must not depend on where blocks are measured."""
    assert trial.evidence is not None
    return trial.verdict, trial.evidence.observations, trial.blocks, trial.digest


def the_trial(scheduler: Scheduler | None, claim: Any = toys.a_coin_is_drawn) -> Trial:
    return examined(claim, scheduler=scheduler).trials[0]


class Here(Executor):
    """Measures in this thread; `fault` may raise, or break the executor, before each block."""

    def __init__(self, fault: Callable[[int], None] = lambda _: None) -> None:
        self.fault = fault
        self.submitted = 0

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.submitted += 1
        try:
            self.fault(self.submitted)
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_threads_give_the_serial_trial_and_waste_at_most_a_wave(workers: int) -> None:
    serial = the_trial(None)
    with ThreadPoolExecutor(workers) as threads:
        scheduler = scheduler_of(threads)
        trial = the_trial(scheduler)

    assert shown(trial) == shown(serial)
    assert serial.blocks <= scheduler.measured <= serial.blocks + workers - 1


def test_a_pool_of_processes_gives_the_serial_trial() -> None:
    scheduler = executors.start(Place("processes", 2))
    assert scheduler is not None
    try:
        assert shown(the_trial(scheduler)) == shown(the_trial(None))
    finally:
        scheduler.close()


def test_what_comes_is_measured_ahead_once_and_changes_nothing() -> None:
    claims = [toys.a_coin_is_drawn, toys.a_coin_is_counted]
    serial = [shown(the_trial(None, claim)) for claim in claims]
    with ThreadPoolExecutor(2) as threads:
        scheduler = scheduler_of(threads)
        conditions = Conditions(scheduler=scheduler)
        scheduler.expect(t for claim in claims for t in first_tasks(claim, conditions, SHARES))
        there = [shown(examine(c, conditions, SHARES).trials[0]) for c in claims]

    assert there == serial
    assert scheduler.measured <= sum(blocks + 1 for _, _, blocks, _ in serial)


def test_memory_that_lacks_halves_the_blocks_under_way_and_keeps_the_samples() -> None:
    at_once = [0]
    lock = threading.Lock()

    class Small(ThreadPoolExecutor):
        """A machine with memory for two blocks at once."""

        def submit(self, function: Callable[..., Any], /, *given: Any, **_: Any) -> Future[Any]:
            with lock:
                at_once[0] += 1
            crowded = at_once[0] > 2

            def run() -> Any:
                try:
                    if crowded:
                        raise MemoryError("no more")
                    return function(*given)
                finally:
                    with lock:
                        at_once[0] -= 1

            return super().submit(run)

    with Small(4) as threads:
        scheduler = scheduler_of(threads)
        trial = the_trial(scheduler)

    assert shown(trial) == shown(the_trial(None))
    assert any("no memory for block" in note for note in scheduler.notes)


def test_a_block_without_memory_alone_is_tried_in_a_fresh_process() -> None:
    def fault(count: int) -> None:
        if count == 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    scheduler = Scheduler(Here(fault), 1)
    trial = the_trial(scheduler)

    assert shown(trial) == shown(the_trial(None))
    assert scheduler.measured <= trial.blocks + 1


def test_a_given_executor_that_breaks_leaves_the_rest_to_this_process() -> None:
    with ProcessPoolExecutor(1) as broken:
        broken.shutdown()
        scheduler = scheduler_of(broken)
        trial = the_trial(scheduler)

    assert shown(trial) == shown(the_trial(None))
    assert "the executor that was given is broken" in scheduler.notes[0]


def test_a_cluster_that_is_lost_ends_the_run_and_no_verdict_is_made_up() -> None:
    class CommClosedError(Exception):
        pass

    def fault(count: int) -> None:
        if count > 2:
            raise CommClosedError

    with pytest.raises(SchedulerLostError, match="the scheduler is gone"):
        the_trial(Scheduler(Here(fault), 1, lost="the scheduler is gone"))


class Odd(Exception):  # noqa: N818 -- a foreign package's error
    """An error that cannot be sent: its arguments do not make it again."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def test_an_error_that_cannot_travel_is_stood_in_for() -> None:
    try:
        raise Odd(1, 2)
    except Odd as error:
        sent = failures.fit_to_travel(error)

    assert (failures.type_name(sent), str(sent)) == ("Odd", "1 and 2")
    assert failures.place_of(sent).startswith("test_scheduler.py:")
    kept = failures.fit_to_travel(ValueError("plain"))
    assert (type(kept), failures.type_name(kept)) == (ValueError, "ValueError")


@pytest.mark.parametrize(("error", "memory", "device"), [
    (MemoryError(), True, False),
    (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), True, False),
    (RuntimeError("CUDA error: unspecified launch failure\nmore"), False, True),
    (RuntimeError("CUDA error: an illegal memory access was encountered"), False, True),
    (RuntimeError("CUDA error: invalid argument"), False, False),
    (ValueError("out of memory"), False, False),
])  # fmt: skip
def test_faults_of_the_surroundings_are_known(error: Exception, memory: bool, device: bool) -> None:
    assert failures.is_out_of_memory(error) is memory
    assert failures.is_lost_device(error) is device


def test_a_lost_device_is_one_error_and_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def gone(**_: Any) -> Any:
        asked.append(1)
        raise RuntimeError("CUDA error: unspecified launch failure\nCompile with ...")

    claim = replace(toys.coin(0.95), measure=gone)
    monkeypatch.setattr("harness.blocks.block.arguments_of", lambda *_: {})
    first = examined(claim, device="cuda:0").trials[0]
    said = str(first.error)
    later = examined(claim, device="cuda:0", device_lost=said).trials[0]

    assert (first.verdict, later.verdict) == (Verdict.ERROR, Verdict.ERROR)
    assert said.startswith("the device cuda:0 was lost while block 0 of 'toy' was measured")
    assert "--claims-continue" in said
    assert str(later.error) == said
    assert len(asked) == 1


@pytest.mark.parametrize(("spec", "place"), [
    ("serial", Place("serial", 1)), ("processes:3", Place("processes", 3)),
    ("dask://localhost:8786", Place("dask", address="localhost:8786")),
    ("dask://[::1]:8786", Place("dask", address="[::1]:8786")), ("mpi", Place("mpi")),
])  # fmt: skip
def test_places_are_read(spec: str, place: Place) -> None:
    assert parse(spec) == place


@pytest.mark.parametrize(
    "spec", ["", "dask", "dask://", "dask://a", "dask://a:0", "dask://a:99999", "dask://a b:1",
             "mpi:2", "processes:0", "processes:-1", "serial:1"],
)  # fmt: skip
def test_other_places_are_refused_in_one_sentence(spec: str) -> None:
    with pytest.raises(ExecutorError, match="is not known; give 'serial'"):
        parse(spec)


def test_a_block_that_hangs_in_a_thread_is_stopped() -> None:
    claim = toys.a_coin_that_never_lands
    with ThreadPoolExecutor(1) as threads:
        conditions = Conditions(scheduler=scheduler_of(threads), block_limit=0.3)
        trial = examine(claim, conditions, SHARES).trials[0]

    assert trial.verdict is Verdict.ERROR
    assert "did not return within 0.3 s" in str(trial.error)


def test_a_pool_has_one_thread_a_worker() -> None:
    workers = pool(1)
    try:
        assert workers.submit(toys.threads_of_this_process).result() == ("1", 1)
    finally:
        workers.shutdown()


def test_an_implementation_is_checked_on_any_executor() -> None:
    only = ["do-unbiased.variance"]
    with ThreadPoolExecutor(2) as threads:
        there = check_implementation(claims=only, executor=threads, dropout=TARGET)
    here = check_implementation(claims=only, dropout=TARGET)

    assert [(r.verdict, r.replicates, r.digest, r.calls) for r in there] == [
        (r.verdict, r.replicates, r.digest, r.calls) for r in here
    ]


@pytest.mark.parametrize("name", ["knows_no_bfloat16", "raises"])
def test_calls_are_counted_in_another_process_as_here(name: str) -> None:
    spec, only = f"dropout=examples.toy_faults:{name}", ["do-unbiased.variance"]
    workers = pool(1)
    try:
        (there,) = check_implementation(spec, claims=only, executor=workers)
    finally:
        workers.shutdown()
    (here,) = check_implementation(spec, claims=only)

    assert (there.verdict, there.calls) == (here.verdict, here.calls)
    assert here.calls["dropout"] > 0


def test_a_dismissed_pool_leaves_no_thread_that_python_would_wake_at_its_end() -> None:
    before = set(threading.enumerate())
    made = pool(2)
    its_own = set(threading.enumerate()) - before
    assert its_own

    dismiss(made)

    assert its_own.isdisjoint(threading.enumerate())


def test_a_program_without_a_guard_may_use_the_pool(tmp_path: Path) -> None:
    program = tmp_path / "unguarded.py"
    program.write_text(
        "from harness.workers.pools import pool\nprint('once')\nmade = pool(2)\n"
        "print(made.submit(abs, -7).result())\nmade.shutdown()\n"
    )

    assert printed(str(program), folder=tmp_path).split() == ["once", "7"]
