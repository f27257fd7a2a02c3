"""A block's limits: one torch thread, and a time after which it is stopped."""

from __future__ import annotations

import itertools
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness.blocks import limits
from harness.implementation.contracts import BlockTimeoutError


class OneTorch:
    """Stands for torch: how many threads it has, and every number that it was told."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.told: list[int] = []

    def get_num_threads(self) -> int:
        return self.threads

    def set_num_threads(self, number: int) -> None:
        self.threads = number
        self.told.append(number)


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> OneTorch:
    one = OneTorch(2)
    monkeypatch.setitem(sys.modules, "torch", one)
    return one


def test_blocks_have_one_thread_until_the_last_of_them_ends(two_threads: OneTorch) -> None:
    first, second = limits.one_thread(), limits.one_thread()
    with first:
        assert two_threads.threads == 1
        second.__enter__()
        assert two_threads.threads == 1
        two_threads.threads = 3  # what a claim may do in between
        with limits.one_thread():
            assert two_threads.threads == 1
    assert two_threads.threads == 1
    second.__exit__(None, None, None)

    assert two_threads.threads == 2


def test_a_block_that_fails_gives_the_threads_back(two_threads: OneTorch) -> None:
    for _ in range(2):
        with pytest.raises(KeyError), limits.one_thread():
            raise KeyError
        assert two_threads.threads == 2


def test_where_torch_has_one_thread_it_is_told_nothing(two_threads: OneTorch) -> None:
    two_threads.threads = 1
    with limits.one_thread():
        pass

    assert two_threads.told == []


def test_without_torch_there_is_nothing_to_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch")
    with limits.one_thread():
        pass

    assert "torch" not in sys.modules


# A block that never returns is stopped, by a signal or from a timer's thread


def _never() -> None:
    while True:
        pass


def _in_a_thread(function: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


@pytest.fixture(params=["the main thread", "another thread"])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[], Any]], Any]:
    """Runs a function in the main thread, or in another one."""
    if request.param == "the main thread":
        return lambda function: function()
    return _in_a_thread


def test_a_block_past_its_limit_is_stopped_and_says_so(run: Any) -> None:
    def a_block() -> None:
        with limits.limited(0.05, "a-claim"):
            _never()

    with pytest.raises(BlockTimeoutError, match=r"'a-claim' did not return within 0\.05 s"):
        run(a_block)


@pytest.mark.parametrize("limit", [0.0, -1.0, -0.5])
def test_no_limit_is_no_limit(run: Any, limit: float) -> None:
    def a_block() -> str:
        with limits.limited(limit, "a-claim"):
            for _ in range(20):
                time.sleep(0.002)
        return "done"

    assert run(a_block) == "done"


def test_an_error_within_the_limit_is_itself(run: Any) -> None:
    def a_block() -> None:
        with limits.limited(60, "a-claim"):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        run(a_block)


def test_after_a_block_no_alarm_is_set_and_the_handler_is_as_before() -> None:
    def mine(*_: object) -> None: ...

    before = signal.signal(signal.SIGALRM, mine)
    try:
        with limits.limited(60, "a-claim"):
            assert 50 < signal.getitimer(signal.ITIMER_REAL)[0] <= 60
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        assert signal.getsignal(signal.SIGALRM) is mine
    finally:
        signal.signal(signal.SIGALRM, before)


def test_without_alarms_a_block_runs_unwatched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(signal, "setitimer")
    before = signal.getsignal(signal.SIGALRM)

    with limits.limited(60, "a-claim"):
        assert signal.getsignal(signal.SIGALRM) is before


class Timer:
    """Stands for a timer's thread; it goes off when it is told."""

    made: list[Timer]

    def __init__(self, seconds: float, function: Callable[[], None]) -> None:
        self.seconds, self.function = seconds, function
        self.daemon = self.started = self.cancelled = False
        self.made.append(self)

    def start(self) -> None:
        self.started = True

    def cancel(self) -> None:
        self.cancelled = True


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[Timer]:
    monkeypatch.setattr(Timer, "made", [], raising=False)
    monkeypatch.setattr(threading, "Timer", Timer)
    return Timer.made


def _some_steps() -> int:
    return sum(itertools.islice(itertools.count(), 1000))


def test_a_timer_that_goes_off_late_stops_nothing(timers: list[Timer]) -> None:
    with limits.watched(9, "too long"):
        (timer,) = timers
        assert (timer.seconds, timer.daemon, timer.started) == (9, True, True)
    timer.function()  # it had gone off already when it was cancelled

    assert _some_steps() > 0
    assert timer.cancelled


def test_a_timer_in_time_stops_the_block(timers: list[Timer]) -> None:
    def a_block() -> None:
        with limits.watched(9, "too long"):
            timers[0].function()
            for _ in range(1000):
                _some_steps()

    with pytest.raises(BlockTimeoutError, match="too long"):
        a_block()
