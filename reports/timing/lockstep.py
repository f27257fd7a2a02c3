"""Processes that time a row together: base and head take turns every few milliseconds.

Whatever the machine does to one of them in these milliseconds it does to the others, so that a
busy neighbour or a falling clock takes no side. Processes start side by side, one per entry of
`trees`; each then forks its children (see worker.py).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
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

FOLDER = "claims/benchmarks"
WORKER = Path(__file__).with_name("worker.py")
MODULE = "chapter_and_verse_worker"
SWEEPS = (2, 12)  # visits of a child to a row at one stage, even: there and back, against a drift
ROUNDS = 2  # of one visit: the first one finds the caches cold
PATIENCE = 600  # seconds without a word
QUIET = ["-q", "-W", "default"]
LEFT_OUT = ("benchmark", "randomly", "xdist", "cacheprovider")

Logs = list[list[float]]  # of one row: a process's children side by side
Enough = Callable[[str, Logs], bool]


@dataclass(frozen=True)
class Plan:
    """How long the processes stay with a row: children per process, seconds per child and stage."""

    children: int
    stages: tuple[float, ...]


@dataclass(frozen=True)
class Together:
    """ln(seconds of a call) by row: for each process one number per child.

    `listed` are the rows that each process can time, whether or not it was asked to.
    """

    logs: Mapping[str, Logs]
    listed: Sequence[frozenset[str]]


def timed_together(
    trees: Sequence[Path], chosen: Sequence[str], plan: Plan, enough: Enough
) -> Together:
    """Time the rows that all trees have; `chosen` is pytest's own. Raises TimingsError.

    After each stage but the last, `enough` of a row's logs ends it early.
    """
    with _hall(trees, chosen) as (workers, hall):
        listed = [frozenset(worker.rows) for worker in workers]
        shared = [row for row in workers[0].rows if all(row in names for names in listed)]
        for worker in workers:
            worker.line.say(fork=plan.children)
        names = [f"{worker.name} {i}" for i in range(plan.children) for worker in workers]
        children = [hall.answer(name) for name in names]
        logs = {}
        for row in shared:
            measured = _row(children, row, plan.stages, len(workers), enough)
            if measured is not None:
                logs[row] = measured
        return Together(logs, listed)


def _row(
    children: Sequence[_Line], row: str, stages: Sequence[float], workers: int, enough: Enough
) -> Logs | None:
    """ln of each child's shortest round, by worker; None where the row skips itself."""
    for child in children:
        child.say(run=row)
    answers = [child.hear() for child in children]
    ready = [child for child, said in zip(children, answers, strict=True) if "ready" in said]
    logs: Logs | None = None
    if len(ready) == len(children):
        call = statistics.median(answer["ready"] for answer in answers)
        loops = max(1, math.ceil(max(answer["least"] for answer in answers) / call))
        shortest = [math.inf] * len(children)
        for seconds in stages:
            _stage(children, loops, call, seconds, shortest)
            ordered = [math.log(value) for value in shortest]
            logs = [ordered[place::workers] for place in range(workers)]
            if enough(row, logs):
                break
    for child in ready:
        child.say(rounds=0)
    for child in ready:
        child.hear()
    return logs


def _stage(
    children: Sequence[_Line], loops: int, call: float, seconds: float, shortest: list[float]
) -> None:
    """Visit each child in turn, there and back, for so many seconds each."""
    rounds = ROUNDS if ROUNDS * loops * call < seconds else 1
    least, most = SWEEPS
    pairs = round(seconds / (2 * rounds * loops * call))
    order = range(len(children))
    for sweep in range(min(most, max(least, 2 * pairs))):
        for place in order if sweep % 2 == 0 else reversed(order):
            children[place].say(loops=loops, rounds=rounds)
            # Nothing makes a call shorter than it is: the shortest round is the least disturbed.
            shortest[place] = min(shortest[place], *children[place].hear()["times"])


class _Line:
    """The other end of a worker's or a child's connection."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self._socket = connection
        self._words = connection.makefile("rw", encoding="utf-8")
        self.name = str(self.hear()["name"])

    def say(self, **words: Any) -> None:
        self._words.write(json.dumps(words) + "\n")
        self._words.flush()

    def hear(self) -> dict[str, Any]:
        try:
            line = self._words.readline()
        except OSError as error:
            raise TimingsError(f"a process said nothing for {PATIENCE} s; run it again") from error
        if not line:
            raise TimingsError(
                f"a process of the benchmarks ended early; run them there by themselves: "
                f"python -m pytest {FOLDER} --benchmark-only"
            )
        heard: dict[str, Any] = json.loads(line)
        return heard

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._words.close()
        self._socket.close()


@dataclass
class _Worker:
    """A started process, the rows it has, and the line to it."""

    name: str
    tree: Path
    process: subprocess.Popen[bytes]
    log: Path
    line: _Line
    rows: list[str]


class _Hall:
    """Where workers and children call: a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = str(folder / "socket")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self.address)
        self._socket.listen(256)
        self._socket.settimeout(0.2)
        self._there: dict[str, _Line] = {}
        self.processes: dict[str, tuple[Path, subprocess.Popen[bytes], Path]] = {}

    def start(self, name: str, tree: Path, chosen: Sequence[str]) -> None:
        log = self.folder / f"{name}.log"
        words = [sys.executable, "-m", "pytest", *chosen, "-p", MODULE, *QUIET]
        for plugin in LEFT_OUT:
            words += ["-p", f"no:{plugin}"]
        environment = _environment(self.folder, f"{self.address}|{name}")
        with log.open("wb") as stream:
            process = subprocess.Popen(
                words, cwd=tree, env=environment, stdout=stream, stderr=subprocess.STDOUT
            )
        self.processes[name] = (tree, process, log)

    def answer(self, name: str) -> _Line:
        """The line of whoever bears this name, once he has called."""
        waited = time.monotonic()
        while name not in self._there:
            try:
                line = _Line(self._socket.accept()[0])
                self._there[line.name] = line
            except TimeoutError:
                self._look_after(name.partition(" ")[0])
                if time.monotonic() - waited > PATIENCE:
                    raise TimingsError(
                        f"no process called for {PATIENCE} s; run it again"
                    ) from None
        return self._there[name]

    def _look_after(self, name: str) -> None:
        tree, process, log = self.processes[name]
        if process.poll() is not None:
            last = log.read_text("utf-8", "replace").strip().splitlines()[-1:] or ["no output"]
            raise TimingsError(
                f"the benchmarks in {tree.name} failed ({last[0]}); run them there by "
                f"themselves: python -m pytest {FOLDER} --benchmark-only"
            )

    def close(self) -> None:
        for line in self._there.values():
            line.close()
        for _, process, _ in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._socket.close()


@contextlib.contextmanager
def _hall(trees: Sequence[Path], chosen: Sequence[str]) -> Iterator[tuple[list[_Worker], _Hall]]:
    """A worker per tree, all started at once and all ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cav-"))  # short: a socket's path has 100 characters
    shutil.copy(WORKER, folder / f"{MODULE}.py")
    hall = _Hall(folder)
    try:
        for number, tree in enumerate(trees):
            hall.start(f"w{number}", tree, chosen)
        workers = []
        for name, (tree, process, log) in hall.processes.items():
            line = hall.answer(name)
            heard = line.hear()
            if heard["failed"]:
                raise TimingsError(
                    f"{heard['failed'][0]} fails in {tree.name}; run it there by itself: "
                    f"python -m pytest '{heard['failed'][0]}'"
                )
            workers.append(_Worker(name, tree, process, log, line, heard["rows"]))
        yield workers, hall
    finally:
        hall.close()
        shutil.rmtree(folder, ignore_errors=True)


def _environment(folder: Path, call: str) -> dict[str, str]:
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    # The hash seed moves dictionaries and sets about: another one in each process, so that the
    # processes sample it and the comparison does not rest on one layout. A worker of pytest-xdist
    # would pass its own mark on.
    left_out = ("PYTHONHASHSEED", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    path = os.pathsep.join(filter(None, [str(folder), kept.get("PYTHONPATH")]))
    # A question to the driver that would open the GPU would keep the process from forking.
    driver = {"PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
    return {**kept, **threads, **driver, "PYTHONPATH": path, "CLAIMS_LOCKSTEP": call}
