"""Processes that time a row together: base and head take turns every few milliseconds.

Whatever the machine does to one of them in these milliseconds it does to the others, so that a
busy neighbour or a falling clock takes no side. They are forked from a few starts, each of which
serves both sides (see start.py): within a start the label is all that sets base and head apart.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.timing.processes import TimingsError

FOLDER = "benchmarks"
HERE = Path(__file__).parent
WORKER = "chapter_and_verse_worker"
SWEEPS = (2, 12)  # visits of a process to a row at one stage, even: there and back, against a drift
ROUNDS = 2  # of one visit: the first one finds the caches cold
PATIENCE = 600  # seconds without a word

Start = list[list[float]]  # of one row: for each tree the numbers of its processes
Logs = list[Start]
Enough = Callable[[str, Logs], bool]


@dataclass(frozen=True)
class Plan:
    """From which starts, how many processes of each tree from each, seconds a process and stage.

    Starts are numbered; each is made when it is first asked for. A row whose call takes longer than
    `long` has `few` processes of each tree from each start, and the first stage alone: each of its
    processes costs nearly as much as a plain run's row.
    """

    starts: Sequence[int]
    children: int
    stages: tuple[float, ...]
    few: int | None = None
    long: float = 0.02


@dataclass(frozen=True)
class Together:
    """ln(seconds of a call) by row: for each start and tree one number per process.

    `listed` are the rows that each tree's processes can time, whether or not they were asked to.
    """

    logs: Mapping[str, Logs]
    listed: Sequence[frozenset[str]]


@dataclass(frozen=True)
class _Seat:
    """A process that times, and where its numbers belong."""

    start: int
    tree: int
    place: int
    line: _Line


class Conductor:
    """Times rows together, as often as it is asked to; its starts live until it is closed."""

    def __init__(self, hall: _Hall) -> None:
        self._hall = hall

    def __call__(
        self, trees: Sequence[Path], chosen: Sequence[str], plan: Plan, enough: Enough
    ) -> Together:
        """Time the rows that all trees have; `chosen` is pytest's own. Raises TimingsError.

        After each stage but the last, `enough` of a row's logs ends it early.
        """
        seats, rows = _seated(self._hall, trees, chosen, plan)
        listed = [frozenset(names) for names in rows]
        logs = {}
        for row in rows[0]:
            if all(row in names for names in listed):
                measured = _row(seats, row, plan, len(trees), enough)
                if measured is not None:
                    logs[row] = measured
        self._hall.dismiss([seat.line for seat in seats])
        return Together(logs, listed)


@contextlib.contextmanager
def conductor() -> Iterator[Conductor]:
    """A conductor whose starts and processes are all ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cav-"))  # short: a socket's path has 100 characters
    shutil.copy(HERE / "worker.py", folder / f"{WORKER}.py")
    shutil.copy(HERE / "start.py", folder / "start.py")
    hall = _Hall(folder)
    try:
        yield Conductor(hall)
    finally:
        hall.close()
        shutil.rmtree(folder, ignore_errors=True)


def _seated(
    hall: _Hall, trees: Sequence[Path], chosen: Sequence[str], plan: Plan
) -> tuple[list[_Seat], list[list[str]]]:
    """The processes once all have collected, and the rows of each tree.

    Each start forks in an order that is drawn. The first process of each tree comes alone: it
    leaves compiled modules for the others.
    """
    places = [
        (start, tree, place)
        for start in range(len(plan.starts))
        for tree in range(len(trees))
        for place in range(plan.children)
    ]
    hall.start(plan.starts)
    secrets.SystemRandom().shuffle(places)
    leaders = [next(at for at in places if at[1] == tree) for tree in range(len(trees))]
    others = [at for at in places if at not in leaders]
    seats: list[_Seat] = []
    rows: list[list[str]] = [[] for _ in trees]
    for group in (leaders, others):
        names = [hall.fork(plan.starts[at[0]], trees[at[1]], chosen) for at in group]
        for name, (start, tree, place) in zip(names, group, strict=True):
            line = hall.answer(name)
            rows[tree] = line.hear()["rows"]
            seats.append(_Seat(start, tree, place, line))
    return seats, rows


def _row(seats: Sequence[_Seat], row: str, plan: Plan, trees: int, enough: Enough) -> Logs | None:
    """ln of each process's shortest round; None where the row skips itself."""
    shortest: dict[_Seat, float] = {}
    calls: list[float] = []
    least = 0.0
    children, stages = plan.children, plan.stages
    for seat in seats:
        if calls and min(calls) > plan.long and plan.few:
            children, stages = plan.few, plan.stages[:1]
        if seat.place >= children:
            continue
        # One after the other: what is long is timed from its first call on.
        seat.line.say(run=row)
        answer = seat.line.hear()
        if answer.get("failed"):
            raise seat.line.failed(row)
        if "ready" in answer:
            calls.append(answer["ready"])
            least = max(least, answer["least"])
            shortest[seat] = answer.get("first", math.inf)
    logs: Logs | None = None
    there = [seat for seat in seats if seat.place < children]
    if all(seat in shortest for seat in there):
        call = statistics.median(calls)
        loops = max(1, math.ceil(least / call))
        for seconds in stages:
            _stage(there, loops, call, seconds, shortest)
            logs = [[[0.0] * children for _ in range(trees)] for _ in plan.starts]
            for seat in there:
                logs[seat.start][seat.tree][seat.place] = math.log(shortest[seat])
            if enough(row, logs):
                break
    for seat in shortest:
        seat.line.say(rounds=0)
        if seat.line.hear().get("failed"):
            raise seat.line.failed(row)
    return logs


def _stage(
    seats: Sequence[_Seat],
    loops: int,
    call: float,
    seconds: float,
    shortest: dict[_Seat, float],
) -> None:
    """Visit each process in turn, there and back, for so many seconds each.

    The order is drawn, so that nobody is always the one after a neighbour that is hard on caches.
    """
    if call >= seconds:
        sweeps, rounds = 1, 1
    else:
        rounds = ROUNDS if ROUNDS * loops * call < seconds else 1
        least, most = SWEEPS
        sweeps = min(most, max(least, 2 * round(seconds / (2 * rounds * loops * call))))
    order = list(seats)
    secrets.SystemRandom().shuffle(order)
    for _ in range(sweeps):
        for seat in order:
            seat.line.say(loops=loops, rounds=rounds)
            # Nothing makes a call shorter than it is: the shortest round is the least disturbed.
            shortest[seat] = min(shortest[seat], *seat.line.hear()["times"])
        order.reverse()


class _Line:
    """The other end of a process's connection."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self._socket = connection
        self._words = connection.makefile("rw", encoding="utf-8")
        self.log = self.tree = Path()  # once it is known who calls
        self.name = str(self.hear()["name"])

    def say(self, **words: Any) -> None:
        with contextlib.suppress(BrokenPipeError):  # it is told below that nobody is there
            self._words.write(json.dumps(words) + "\n")
            self._words.flush()

    def hear(self) -> dict[str, Any]:
        try:
            line = self._words.readline()
        except OSError as error:
            raise TimingsError(f"a process said nothing for {PATIENCE} s; run it again") from error
        if not line:
            raise TimingsError(
                f"the benchmarks in {self.tree.name} failed ({_last_words(self.log)}); run them "
                f"there by themselves: python -m pytest {FOLDER} --benchmark-only"
            )
        heard: dict[str, Any] = json.loads(line)
        return heard

    def failed(self, row: str) -> TimingsError:
        """What to say of a row that fails here."""
        return TimingsError(
            f"{row} fails in {self.tree.name}; run it there by itself: python -m pytest '{row}'"
        )

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._words.close()
        self._socket.close()


def _last_words(log: Path) -> str:
    """What a process said of its end: pytest's error rather than its count of errors."""
    said = log.read_text("utf-8", "replace").strip().splitlines() if log.is_file() else []
    errors = [line for line in said if line.startswith("E ")]
    return (errors or said or ["no output"])[-1].removeprefix("E").strip()


class _Hall:
    """Where starts and processes call: a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._address = str(folder / "socket")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self._address)
        self._socket.listen(256)
        self._socket.settimeout(0.2)
        self._there: dict[str, _Line] = {}
        self._trees: dict[str, Path] = {}
        self._starts: dict[int, subprocess.Popen[bytes]] = {}
        self._forked = 0

    def start(self, numbers: Sequence[int]) -> None:
        """Make the starts that are not there yet, side by side."""
        for number in numbers:
            if number not in self._starts:
                name = f"s{number}"
                words = [sys.executable, str(self.folder / "start.py"), self._address, name]
                with self._log(name).open("wb") as log:
                    self._starts[number] = subprocess.Popen(
                        words,
                        cwd=self.folder,
                        env=_environment(),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                    )

    def fork(self, start: int, tree: Path, words: Sequence[str]) -> str:
        """Have a start fork a process for a work tree; the name by which it will call."""
        self._forked += 1
        name = f"s{start} {self._forked}"
        self._trees[name] = tree
        log = str(self._log(name))
        asked = {"name": name, "tree": str(tree), "log": log, "words": list(words)}
        self.answer(f"s{start}").say(fork=[asked])
        return name

    def dismiss(self, lines: Sequence[_Line]) -> None:
        """End these processes."""
        for line in lines:
            self._there.pop(line.name).close()

    def answer(self, name: str) -> _Line:
        """The line of whoever bears this name, once it has called."""
        waited = time.monotonic()
        while name not in self._there:
            try:
                line = _Line(self._socket.accept()[0])
                line.log, line.tree = self._log(line.name), self._trees.get(line.name, Path())
                self._there[line.name] = line
            except TimeoutError:
                ended = [one for one in self._starts.values() if one.poll() is not None]
                if ended or time.monotonic() - waited > PATIENCE:
                    last = _last_words(self._log(name.partition(" ")[0]))
                    raise TimingsError(f"no process called ({last}); run it again") from None
        return self._there[name]

    def _log(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.log"

    def close(self) -> None:
        for line in self._there.values():
            line.close()
        for process in self._starts.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._socket.close()


def _environment() -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    # The hash seed moves dictionaries and sets about: another one in each start, so that the
    # comparison does not rest on one layout. A worker of pytest-xdist would pass its own mark on.
    left_out = ("PYTHONHASHSEED", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    # A question to the driver that would open the GPU would keep the start from forking.
    driver = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
    return {**kept, **threads, **driver}
