"""A process of benchmarks that times one visit at a time, when it is told to.

pytest loads this file by itself, in a work tree that may be older than it: it imports nothing of
the suite. It brings a fixture `benchmark` in place of pytest-benchmark's, as CodSpeed does, with
the same marker `benchmark(timer=..., min_time=...)`. Words are JSON, a line each, over a socket.

A worker starts once, runs every row once, so that all is imported, and then forks for each block:
a child has memory of its own and costs milliseconds where a start costs seconds.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import socket
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

SOCKET = "CLAIMS_LOCKSTEP"  # environment variable: whom to call, and the name to call by
MIN_TIME = 1e-3  # seconds between two readings of the clock, unless the marker says otherwise
MOST_LOOPS = 1 << 20


class Line:
    """The connection to whoever conducts."""

    def __init__(self, address: str, name: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        self._words = self._socket.makefile("rw", encoding="utf-8")
        self.say(name=name)

    def say(self, **words: Any) -> None:
        """Send one message."""
        self._words.write(json.dumps(words) + "\n")
        self._words.flush()

    def hear(self) -> dict[str, Any]:
        """The next message; empty once the line is cut."""
        heard: dict[str, Any] = json.loads(self._words.readline() or "{}")
        return heard


def leave() -> NoReturn:
    """End at once: taking the libraries down costs more than timing them."""
    os._exit(0)


class Visited:
    """The fixture `benchmark`: one call, or what the line asks for."""

    def __init__(self, line: Line | None, item: Any) -> None:
        self.extra_info: dict[str, Any] = {}
        self._line = line
        marked: dict[str, Any] = {}
        for marker in reversed(list(item.iter_markers("benchmark"))):
            marked.update(marker.kwargs)
        self._clock: Callable[[], float] = marked.get("timer", time.process_time)
        self._min_time = float(marked.get("min_time", MIN_TIME))

    def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Say how long a call takes, then time what is asked for until told to go on."""
        result = function(*args, **kwargs)
        if self._line is None:
            return result
        self._line.say(ready=self._seconds_of_a_call(function, args, kwargs), least=self._min_time)
        while (asked := self._line.hear()).get("rounds"):
            rounds = range(asked["rounds"])
            gc.disable()
            times = [self._round(function, args, kwargs, asked["loops"]) for _ in rounds]
            gc.enable()
            self._line.say(times=times)
        if not asked:
            leave()
        return result

    def _seconds_of_a_call(self, function: Callable[..., Any], args: Any, kwargs: Any) -> float:
        loops = 1
        while True:
            seconds = self._round(function, args, kwargs, loops)
            if seconds * loops >= self._min_time / 4 or loops >= MOST_LOOPS:
                return max(seconds, 1e-9)
            loops *= 4

    def _round(self, function: Callable[..., Any], args: Any, kwargs: Any, loops: int) -> float:
        clock, calls = self._clock, range(loops)
        start = clock()
        for _ in calls:
            function(*args, **kwargs)
        return (clock() - start) / loops


class Conducted:
    """The plugin: says which rows there are, then forks, and runs the rows that it is told to."""

    def __init__(self, address: str, name: str) -> None:
        self._address, self._name = address, name
        self._line: Line | None = None
        self._failed: list[str] = []

    @pytest.fixture
    def benchmark(self, request: pytest.FixtureRequest) -> Visited:
        """In place of pytest-benchmark's fixture."""
        return Visited(self._line, request.node)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails."""
        if report.failed:
            self._failed.append(report.nodeid)

    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """In place of pytest's own loop: never returns."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        items = {item.nodeid: item for item in session.items}
        for name, item in items.items():
            # A process that has spoken to a GPU cannot fork: such rows first run in a child.
            if not _device(item).startswith("cuda"):
                self._run(items, name)
        line = Line(self._address, self._name)
        line.say(rows=list(items), failed=self._failed)
        while "fork" in (heard := line.hear()):
            for number in range(heard["fork"]):
                if os.fork() == 0:
                    self._be_timed(items, f"{self._name} {number}")
        with contextlib.suppress(ChildProcessError):
            while True:  # so that the time they took is counted as this process's
                os.wait()
        leave()

    def _be_timed(self, items: dict[str, Any], name: str) -> NoReturn:
        """A child's life."""
        self._line = Line(self._address, name)
        while "run" in (heard := self._line.hear()):
            self._run(items, heard["run"])
            self._line.say(done=heard["run"])
        leave()

    def _run(self, items: dict[str, Any], name: str) -> None:
        items[name].config.hook.pytest_runtest_protocol(item=items[name], nextitem=None)


def _device(item: Any) -> str:
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return str(parameters.get("device", "cpu"))


def pytest_configure(config: pytest.Config) -> None:
    """Register what needs the line, and the marker that pytest-benchmark would have."""
    config.addinivalue_line("markers", "benchmark(timer, min_time, ...): how a row is timed")
    address, _, name = os.environ[SOCKET].partition("|")
    config.pluginmanager.register(Conducted(address, name), "chapter-and-verse-lockstep")
