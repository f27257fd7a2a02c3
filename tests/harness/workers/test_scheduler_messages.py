"""What a scheduler is told ahead of the blocks that an examination will want, evidence scripted."""

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from examples import toys
from harness.blocks import block as measurement
from harness.blocks.settings import canonical
from harness.declaration.claim import Claim
from harness.implementation.named import Implementation
from harness.statistics.evidence import Plan
from harness.statistics.planning import more_observations
from harness.trial import examination, measuring, one_setting
from harness.trial.conditions import Conditions, Shares, Stored
from harness.trial.examination import first_tasks
from harness.trial.one_setting import MANY
from tests.harness.scripted import RATE, SHARES, Nats, refuted_option, saying, tried

Patch = pytest.MonkeyPatch


@dataclass
class Scheduler:
    """A scheduler of so many workers that measures here and notes what it was asked for."""

    workers: int = 3
    is_local: bool = True

    def blocks(
        self, task_of: Callable[[int], Any], first: int, end: int, wanted: Callable[[], int]
    ) -> Iterator[Any]:
        self.asked = []
        for index in range(first, end):
            self.asked.append((index, wanted()))
            yield measurement.measure(toys.a_coin_is_drawn, task_of(index))


def tasks(claim: Claim, **conditions: Any) -> list[int]:
    return [task.index for task in first_tasks(claim, Conditions(**conditions), SHARES)]


def test_blocks_that_are_surely_wanted_are_named_ahead(monkeypatch: Patch) -> None:
    claim = toys.a_coin_is_drawn
    plan = claim.test({}).plan(RATE, RATE)
    half = plan.observations // 2 // claim.block
    assert half > 1

    assert tasks(claim) == []  # nobody to hand them to
    assert tasks(claim, scheduler=Scheduler(workers=half + 5)) == list(range(half))
    assert tasks(claim, scheduler=Scheduler(workers=1)) == [0]
    before = {canonical({}): Stored(7, np.zeros(2), b"", ())}
    assert tasks(claim, scheduler=Scheduler(workers=2), stored=before) == [7, 8]
    # An accelerator of this machine and given objects stay with this process.
    assert tasks(claim, scheduler=Scheduler(), device="cuda:0") == []
    assert tasks(claim, scheduler=Scheduler(is_local=False), device="cuda:0") != []
    given = Implementation(objects={"relu": object()})
    assert tasks(claim, scheduler=Scheduler(), implementation=given) == []
    assert tasks(toys.coin(0.5), scheduler=Scheduler()) == []  # no worker would find it by name

    with monkeypatch.context() as patch:
        patch.setattr(examination, "stays_here", lambda claim, conditions: False)
        whole = saying(lambda p: (0.0, 0.0), Nats(sequential=False, observations=9))
        assert tasks(whole, scheduler=Scheduler(workers=1)) == [0, 1, 2]
        full = saying(lambda p: (0.0, 0.0), Nats(sequential=False, observations=8))
        assert tasks(full, scheduler=Scheduler(workers=1)) == [0, 1]
        small = saying(lambda p: (0.0, 0.0), Nats(observations=3))
        assert tasks(small, scheduler=Scheduler()) == [0]
        false = saying(lambda p: (0.0, 0.0), Nats(observations=99), **refuted_option())
        assert tasks(false, scheduler=Scheduler()) == [0]


def test_blocks_are_named_ahead_for_a_setting_s_share(monkeypatch: Patch) -> None:
    monkeypatch.setattr(examination, "stays_here", lambda claim, conditions: False)
    asked = []

    class Noting(Nats):
        def plan(self, alpha: float, beta: float) -> Plan:
            asked.append((alpha, beta))
            return super().plan(alpha, beta)

    claim = saying(lambda p: (0.0, 0.0), Noting(), always=({"p": 1}, {"p": 2}))
    scheduler: Any = Scheduler()
    list(first_tasks(claim, Conditions(scheduler=scheduler), Shares(RATE, 3 * RATE)))

    assert asked == [(RATE / 2, 3 * RATE / 2)] * 2


def test_a_task_takes_the_warning_filters_to_another_process_only() -> None:
    scheduler: Any = Scheduler()
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        here = measuring.task_of(toys.a_coin_is_drawn, Conditions(), {}, 0)
        there = measuring.task_of(toys.a_coin_is_drawn, Conditions(scheduler=scheduler), {}, 0)

    assert here.filters == ()
    assert ("error", "", FutureWarning, "", 0) in there.filters


def test_a_scheduler_is_told_how_many_more_blocks_decide() -> None:
    scheduler: Any = Scheduler()

    trial = tried(toys.a_coin_is_drawn, {}, scheduler=scheduler)

    kind = toys.a_coin_is_drawn.test({})
    at_first = kind.plan(RATE, RATE).observations // 2 // 4
    assert scheduler.asked[0] == (0, at_first)
    for (index, wanted), (_, confirm, refute) in zip(
        scheduler.asked[1:], trial.trail, strict=False
    ):
        assert wanted == (more_observations(index, (confirm, 10.0), (refute, 10.0)) or MANY)


@pytest.mark.parametrize(("said", "alpha", "beta", "wanted"), [
    # Nothing is said yet: as many as may ever be; then what is left at the same pace.
    ((0.0, 0.0), RATE, RATE, [2, 1_000_000, 1_000_000, 1_000_000]),
    ((0.0, 1.0), RATE, RATE, [2, 2, 1]), ((0.0, 0.5), RATE, RATE, [2, 4, 3, 2]),
    # The side that grows has a threshold of its own: twenty nats.
    ((0.0, 0.25), RATE, math.exp(-20.0), [2, *range(19, 4, -1)]),
    # Half a nat is enough, and 0.4 of it is there.
    ((0.0, 0.1), 0.6, 0.6, [2, 1]),
])  # fmt: skip
def test_a_scheduler_is_told_what_the_evidence_so_far_forecasts(
    monkeypatch: Patch, said: tuple[float, float], alpha: float, beta: float, wanted: list[int]
) -> None:
    monkeypatch.setattr(measuring, "stays_here", lambda claim, conditions: False)
    asked: list[int] = []

    def blocks(
        task_of: Callable[[int], Any], first: int, end: int, wanted: Callable[[], int]
    ) -> Iterator[Any]:
        for index in range(first, end):
            asked.append(wanted())
            summary = np.array([4.0, 4 * said[0], 4 * said[1]])
            yield SimpleNamespace(
                index=index, summary=summary, digest=b"", exhibits=(), seconds=0.0, calls={}
            )

    scheduler: Any = SimpleNamespace(blocks=blocks, workers=2, is_local=True)
    kind = Nats(observations=16, cap=64 if beta < RATE else 16)

    tried(saying(lambda p: said, kind), share=Shares(alpha, beta), scheduler=scheduler)

    assert asked == wanted


def test_a_scheduler_is_told_all_blocks_of_a_fixed_sample(monkeypatch: Patch) -> None:
    monkeypatch.setattr(measuring, "stays_here", lambda claim, conditions: False)
    scheduler: Any = Scheduler()
    claim = saying(lambda p: (5.0, 0.0), Nats(sequential=False, observations=12))
    scheduler.blocks = lambda task_of, first, end, wanted: (
        SimpleNamespace(
            index=i,
            summary=np.array([4.0, wanted(), 0.0]),
            digest=b"",
            exhibits=(),
            seconds=2.0,
            calls={},
        )
        for i in range(first, end)
    )

    trial = tried(claim, scheduler=scheduler)

    assert trial.summary is not None
    assert trial.summary[1] == 3 + 2 + 1  # what was still wanted before each block
    assert trial.elsewhere == pytest.approx(6.0, abs=0.5)


def test_seconds_that_a_trial_waited_are_not_counted_twice(monkeypatch: Patch) -> None:
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(one_setting, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    monkeypatch.setattr(measuring, "stays_here", lambda claim, conditions: False)

    def blocks(*_: Any) -> Iterator[Any]:
        for index in range(4):
            clock.now += 0.5
            yield SimpleNamespace(
                index=index,
                summary=np.array([4.0, 0.0, 0.0]),
                digest=b"",
                exhibits=(),
                seconds=2.0,
                calls={},
            )

    scheduler: Any = SimpleNamespace(blocks=blocks, workers=2, is_local=True)

    trial = tried(saying(lambda p: (0.0, 0.0)), scheduler=scheduler)

    assert trial.elsewhere == 4 * (2.0 - 0.5)
