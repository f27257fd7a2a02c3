"""The workers of a run: chosen by what the run costs, started when needed, told what comes."""

from collections.abc import Callable, Iterator

from harness.blocks.task import Task
from harness.workers import executors
from harness.workers.executors import Place
from harness.workers.scheduler import Scheduler

SMALL_RUN = 4.0  # seconds of blocks, roughly: below it workers take longer to start than they save


class Workforce:
    """Where the blocks of a run are measured; by default a process per core."""

    def __init__(self, spec: str | None) -> None:
        self.place = executors.parse(spec or "processes")
        if spec is None and self.place.workers == 1:
            self.place = Place("serial", 1)
        self._asked_for = spec is not None
        self._scheduler: Scheduler | None = None

    def expect(self, seconds: float, *, has_siblings: bool) -> None:
        """Settle where, for a run of so many seconds; siblings share the machine with us.

        Raises ExecutorError if the executor that was asked for cannot be reached.
        """
        if not self._asked_for and (has_siblings or seconds < SMALL_RUN):
            self.place = Place("serial", 1)
        executors.check(self.place)

    def scheduler(self, upcoming: Callable[[Scheduler], Iterator[Task]]) -> Scheduler | None:
        """The scheduler, started now if it is not; None where this process measures."""
        if self._scheduler is None and self.place.backend != "serial":
            self._scheduler = executors.start(self.place)
            if self._scheduler is not None:
                self._scheduler.expect(upcoming(self._scheduler))
        return self._scheduler

    @property
    def notes(self) -> list[str]:
        """What happened to the workers and was mended, in sentences."""
        return self._scheduler.notes if self._scheduler is not None else []

    def close(self) -> None:
        """Let the workers go."""
        if self._scheduler is not None:
            self._scheduler.close()
