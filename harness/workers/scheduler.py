"""A scheduler hands blocks to the workers of any `concurrent.futures.Executor`.

Blocks are taken back in the order of their index, so that a verdict reads the same blocks
whatever the number of workers. Handed out are the next block of the trial that is under way,
those after it that its evidence will probably take, and first blocks of the trials to come.
A trial is never more than one wave (as many blocks as there are workers) ahead of its evidence.

What happens to a worker changes no sample: a block is a function of its task alone, and is
measured again. A dead pool is replaced, and what it had in hand is measured alone, in a process
of its own; a block for which there is no memory is measured with half as many beside it, then
half of that, and last alone.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from functools import partial
from typing import Any

from harness import failures
from harness.blocks.block import measure_named
from harness.blocks.settings import canonical
from harness.blocks.task import Block, Task
from harness.unofficial import dismiss
from harness.workers.pools import pool

LEAD = 16  # blocks per worker that may lie measured before their trial begins

Key = tuple[str, str, str, str, int]


class SchedulerLostError(RuntimeError):
    """Whoever hands the blocks out is gone, and blocks with it; the message says what to do."""


class Scheduler:
    """Workers behind an executor.

    `renew` makes a new executor when a pool of our own breaks. Where there is none, what a lost
    executor leaves is measured in this process, or SchedulerLostError is raised with `lost`.
    `let_go` ends what was started for the workers; a given executor is its giver's to end.
    """

    def __init__(
        self,
        executor: Executor | None,
        workers: int,
        renew: Callable[[], Executor] | None = None,
        lost: str = "",
        let_go: Callable[[], None] | None = None,
    ) -> None:
        self.workers = max(1, workers)
        self.notes: list[str] = []  # what went wrong and was mended, for whoever reads the run
        self.measured = 0  # blocks handed out in all
        self._executor: Executor | None = executor
        self._renew = renew
        self._lost = lost
        self._let_go = let_go
        self._alone: Executor | None = None
        self._limit = self.workers + 1 + self.workers // 8  # under way at once: some lie ready
        self._handed: dict[Key, tuple[Task, Future[Block]]] = {}
        self._upcoming: Iterator[Task] = iter(())
        self._passed: set[Key] = set()

    @property
    def is_local(self) -> bool:
        """True for a pool of our own, whose workers share this machine and its devices."""
        return self._renew is not None

    def expect(self, upcoming: Iterator[Task]) -> None:
        """Blocks of trials to come, in their order: handed out when a worker would be idle."""
        self._upcoming = upcoming

    def blocks(
        self, task_of: Callable[[int], Task], first: int, end: int, needed: Callable[[], int]
    ) -> Iterator[Block]:
        """The blocks first, first + 1, ... of a trial; `needed()` more are probably wanted."""
        usual = self._limit
        place = first
        try:
            while place < end:

                def hand_out(place: int = place) -> None:
                    self._hand_out(task_of, place, end, max(1, needed()))

                hand_out()
                block = self._take(task_of(place), hand_out)
                place += 1
                yield block
        finally:
            self._limit = usual
            # Blocks ahead of a trial that is decided are never read.
            for index in range(place, min(end, place + self._limit + 1)):
                self._drop(_key(task_of(index)))

    def close(self) -> None:
        """Let the workers go at once; what they are at is not needed any more."""
        for key in list(self._handed):
            self._drop(key)
        if self.is_local and self._executor is not None:
            dismiss(self._executor)
        if self._alone is not None:
            dismiss(self._alone)
        if self._let_go is not None:
            self._let_go()
        self._executor = self._alone = self._let_go = None

    def _hand_out(self, task_of: Callable[[int], Task], place: int, end: int, needed: int) -> None:
        """Give idle workers blocks: of this trial, and then of later ones."""
        wave = min(self.workers, self._limit)
        for index in range(place, min(end, place + min(needed, wave))):
            if index == place or self._under_way() < self._limit:
                self._submit(task_of(index))
        while self._under_way() < self._limit and len(self._handed) < LEAD * self.workers:
            task = next((t for t in self._upcoming if _key(t) not in self._passed), None)
            if task is None:
                break
            self._submit(task)

    def _submit(self, task: Task) -> None:
        key = _key(task)
        if key in self._handed:
            return
        self.measured += 1
        try:
            future = self._working().submit(measure_named, task)
        except (BrokenExecutor, RuntimeError) as error:
            if not (isinstance(error, BrokenExecutor) or "shutdown" in str(error)):
                raise
            self._replace(error)
            future = self._working().submit(measure_named, task)
        self._handed[key] = task, future

    def _working(self) -> Executor:
        if self._executor is None:
            self._executor = _Here() if self._renew is None else self._renew()
        return self._executor

    def _take(self, task: Task, hand_out: Callable[[], None]) -> Block:
        """The block of the task, once it is there: measured as often as faults make it needed."""
        key = _key(task)
        self._passed.add(key)
        while True:
            future = self._awaited(key, hand_out)
            del self._handed[key]
            try:
                return future.result()
            except BaseException as error:
                if failures.is_lost_worker(error):
                    self._replace(error)
                    return self._measure_alone(task)
                if failures.is_lost_connection(error):
                    self._replace(error)
                    return measure_named(task)
                if not failures.is_out_of_memory(error):
                    raise
                if self._limit == 1 or isinstance(future, _Later):
                    return self._measure_with_all_memory(task, error)
                self._wait_for_all()
                self._limit = max(1, min(self._limit, self.workers) // 2)
                self._note(
                    f"no memory for block {task.index} of {task.name!r}: it was measured again "
                    f"with {self._limit} at once"
                )
                self._submit(task)

    def _awaited(self, key: Key, hand_out: Callable[[], None]) -> Future[Block]:
        while not self._handed[key][1].done():
            wait([f for _, f in self._handed.values() if not f.done()], None, FIRST_COMPLETED)
            hand_out()
        return self._handed[key][1]

    def _replace(self, error: BaseException) -> None:
        """Another pool for a broken one; what that had in hand is suspected of breaking it."""
        if failures.is_lost_worker(error) and not isinstance(error, BrokenExecutor):
            return  # Dask replaces a dead worker itself
        if self._lost:
            raise SchedulerLostError(f"{self._lost} ({type(error).__name__})") from error
        if self.is_local and self._executor is not None:
            dismiss(self._executor)
        self._executor = None
        for key, (task, future) in self._handed.items():
            if isinstance(future, _Later):
                continue
            if not future.done() or future.cancelled() or _is_lost(future):
                self._handed[key] = task, _Later(partial(self._measure_alone, task))
        if self._renew is None:
            self._note(
                "the executor that was given is broken; what remains is measured by the process "
                "that gave it"
            )

    def _measure_alone(self, task: Task) -> Block:
        """The block by itself in a process of its own; raises WorkerDiedError if that dies too."""
        self._note(
            f"a worker died while block {task.index} of {task.name!r} was under way: the block was "
            "measured again alone"
        )
        if self._alone is None:
            self._alone = pool(1)
        try:
            return self._alone.submit(measure_named, task).result()
        except BrokenExecutor as error:
            dismiss(self._alone)
            self._alone = None
            raise failures.WorkerDiedError(
                f"the worker died of block {task.index} of {task.name!r}, and again of that block "
                "alone in a process of its own (a crash in compiled code, or killed for its "
                "memory); measure fewer replicates a block, or give it more memory"
            ) from error

    def _measure_with_all_memory(self, task: Task, error: BaseException) -> Block:
        """The block in a fresh process with the other workers gone; or BlockMemoryError."""
        self._wait_for_all()
        if self.is_local and self._executor is not None:
            dismiss(self._executor)
            self._executor = None
        self._note(
            f"no memory for block {task.index} of {task.name!r}: it was measured again alone"
        )
        return measure_with_all_memory(task, error)

    def _wait_for_all(self) -> None:
        wait([future for _, future in self._handed.values() if not isinstance(future, _Later)])

    def _under_way(self) -> int:
        return sum(not future.done() for _, future in self._handed.values())

    def _drop(self, key: Key) -> None:
        handed = self._handed.pop(key, None)
        if handed is not None:
            self._passed.add(key)
            handed[1].cancel()

    def _note(self, said: str) -> None:
        if said not in self.notes:
            self.notes.append(said)


def measure_with_all_memory(task: Task, error: BaseException) -> Block:
    """The block in a process that holds nothing else; raises BlockMemoryError in one sentence."""
    fresh = pool(1)
    try:
        return fresh.submit(measure_named, task).result()
    except BaseException as again:
        if not (failures.is_out_of_memory(again) or failures.is_lost_worker(again)):
            raise
        raise failures.BlockMemoryError(
            f"block {task.index} of {task.name!r} does not fit in memory, even alone in a process "
            f"of its own ({str(error) or type(error).__name__}); give the claim fewer replicates "
            "a block, or the run more memory"
        ) from error
    finally:
        dismiss(fresh)


class _Later(Future[Block]):
    """A block that is measured when it is asked for, in the thread that asks."""

    def __init__(self, measure: Callable[[], Block]) -> None:
        super().__init__()
        self._measure = measure

    def cancelled(self) -> bool:
        return False

    def done(self) -> bool:
        return True

    def result(self, timeout: float | None = None) -> Block:
        return self._measure()


class _Here(Executor):
    """Measures in the thread that asks, when it asks."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        return _Later(lambda: function(*arguments))


def _is_lost(future: Future[Block]) -> bool:
    error = future.exception()
    return error is not None and failures.is_lost_worker(error)


def _key(task: Task) -> Key:
    key = "sweep" if task.sweep else canonical(task.setting)
    return task.module, task.name, key, task.device, task.index
