"""A worker: a process of benchmarks that times one visit at a time, when it is told to.

It lives in a work tree that may be older than this file: it imports nothing of the suite. It
brings a fixture `benchmark` in place of pytest-benchmark's, as CodSpeed does, with the same marker
`benchmark(timer=..., min_time=...)`. Messages are JSON, a line each, over a
socket.
"""

import gc
import json
import os
import socket
import time
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

NAME = "chapter-and-verse-interleaved"  # of the plugin: the benchmarks' conftest asks for it
MIN_TIME = 1e-3  # seconds between two readings of the clock, unless the marker says otherwise
LONG = 0.01  # seconds; the first call of what takes so long is a measurement already
MOST_LOOPS = 1 << 20


class Connection:
    """The worker's end of its connection to the fork server."""

    def __init__(self, address: str, name: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(address)
        self._stream = self._socket.makefile("rw", encoding="utf-8")
        self.send(name=name)

    def send(self, **message: Any) -> None:
        """Send one message."""
        self._stream.write(json.dumps(message) + "\n")
        self._stream.flush()

    def receive(self) -> dict[str, Any]:
        """The next message; empty once the server has hung up."""
        message: dict[str, Any] = json.loads(self._stream.readline() or "{}")
        return message


def leave() -> NoReturn:
    """End at once: taking the libraries down costs more than timing them."""
    os._exit(0)


class InterleavedBenchmark:
    """The fixture `benchmark`: what the server asks for, until it asks for no more."""

    warm_up = 0  # calls before: there is one here that nobody counts

    def __init__(self, connection: Connection, item: Any) -> None:
        self.extra_info: dict[str, Any] = {}
        self._connection = connection
        marked: dict[str, Any] = {}
        for marker in reversed(list(item.iter_markers("benchmark"))):
            marked.update(marker.kwargs)
        self._clock: Callable[[], float] = marked.get("timer", time.process_time)
        self._min_time = float(marked.get("min_time", MIN_TIME))

    def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Tell how long a call takes, then time what is asked for until told to go on."""
        start = self._clock()
        result = function(*args, **kwargs)
        first = call = self._clock() - start
        if first < LONG:
            call = self._seconds_of_a_call(function, args, kwargs)
        first_call = {"first": first} if first >= LONG else {}
        self._connection.send(ready=call, least=self._min_time, **first_call)
        while (asked := self._connection.receive()).get("rounds"):
            rounds = range(asked["rounds"])
            gc.disable()
            times = [self._round(function, args, kwargs, asked["loops"]) for _ in rounds]
            gc.enable()
            self._connection.send(times=times)
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


class WorkerPlugin:
    """The plugin: says which rows there are, then runs those that the server names."""

    def __init__(self, connection: Connection) -> None:
        self.__name__ = NAME
        self._connection = connection
        self._failed = False

    @pytest.fixture
    def benchmark(self, request: pytest.FixtureRequest) -> InterleavedBenchmark:
        """In place of pytest-benchmark's fixture."""
        return InterleavedBenchmark(self._connection, request.node)

    def pytest_configure(self, config: pytest.Config) -> None:
        """Register the marker that pytest-benchmark would have."""
        config.addinivalue_line("markers", "benchmark(timer, min_time, ...): how a row is timed")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what fails."""
        self._failed = self._failed or report.failed

    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """In place of pytest's own loop: never returns."""
        if session.testsfailed:
            raise session.Interrupted(f"{session.testsfailed} errors during collection")
        items = {item.nodeid: item for item in session.items}
        self._connection.send(rows=list(items))
        while "run" in (asked := self._connection.receive()):
            item = items[asked["run"]]
            self._failed = False
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            self._connection.send(done=asked["run"], failed=self._failed)
        leave()
