"""What a session does with the claims that come: examines them, goes on, tells the workers."""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace as replaced

from examples import toys
from harness.declaration.claim import Claim
from harness.declaration.relations import more_often_than_not
from harness.failures import DeviceLostError
from harness.implementation.user_file import KnownFailure
from harness.records.record import Record, decode
from harness.run import examiner as examiner_module
from harness.run import suite
from harness.run.options import SessionError
from harness.run.session import ClaimSession
from harness.trial import examination as experiment
from harness.workers import executors
from harness.workers.executors import Place
from tests.harness.scripted import Nats, saying
from tests.harness.sessions import MINE, Scheduler, session_of

DRAWN, COUNTED, NEVER = toys.a_coin_is_drawn, toys.a_coin_is_counted, toys.a_coin_that_never_lands


@pytest.fixture(autouse=True)
def empty_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "whole_suite", tuple)
    monkeypatch.setattr(suite, "chapter_order", dict)


def expect_both(session: Any) -> None:
    """Hand a session the drawn claim and the counted one, as a run of them in turn does."""
    session.collected([DRAWN, COUNTED])
    session.expect([(DRAWN, "cpu"), (COUNTED, "cpu")], has_siblings=False)


def test_claims_are_examined_with_their_shares_whether_collected_or_not() -> None:
    first, second = toys.coin(0.97, "a", seconds=1.0), toys.coin(0.97, "b", seconds=3.0)
    session = session_of()
    session.collected([first, second])

    records = [session.examine(one, "cpu") for one in (first, second)]
    alone = session_of().examine(first, "cpu")

    assert [record.verdict for record in (*records, alone)] == ["CONFIRMED"] * 3
    assert [record.alpha for record in (*records, alone)] == pytest.approx([1e-9] * 3, rel=1e-9)
    assert [record.order for record in records] == [0, 1]
    assert records[0].known_failure is None


def test_after_a_device_is_lost_no_other_claim_is_measured_on_it() -> None:
    def gone(p: int) -> tuple[float, float]:
        raise DeviceLostError("cuda:0 is gone")

    session = session_of(devices=("cpu", "cuda:0"))
    lost, other = saying(gone), toys.coin(0.97, "other")
    session.collected([lost, other])

    session.examine(lost, "cpu")
    record = session.examine(other, "cpu")

    assert record.verdict == "ERROR"
    assert record.error is not None
    assert record.error.message == "cuda:0 is gone"
    assert session._conditions(other, "cuda:0").device_lost == ""


def test_a_known_failure_is_on_the_record() -> None:
    known = KnownFailure("toy", "relu", "see issue 1", datetime.date(2100, 1, 1))
    session = session_of(implementation=MINE, known_failures=(known,))

    record = session.examine(saying(lambda p: (5.0, 0.0)), "cpu")

    assert record.known_failure == known.as_dict()


def written(session: ClaimSession, *claims: Any) -> list[Record]:
    """The claims' records, written to the session's file, which is then let go."""
    session.collected(claims)
    records = [decode(session.examine(one, "cpu").as_line()) for one in claims]
    for record in records:
        session.write(record)
    session.close()
    return records


def lines_of(root: Path) -> list[Record]:
    lines = (root / "out" / "records.jsonl").read_bytes().splitlines()
    return [decode(line) for line in lines]


def test_a_run_that_goes_on_takes_what_is_finished_and_writes_it_once(tmp_path: Path) -> None:
    tosses: list[int] = []

    def counted(p: int) -> tuple[float, float]:
        tosses.append(p)
        return (6.0, 0.0)

    claim = saying(counted)
    first = written(session_of(tmp_path), claim)
    assert len(tosses) == 1

    again = session_of(tmp_path, go_on=True)
    second = written(again, claim)

    assert len(tosses) == 1
    assert second == first == lines_of(tmp_path)
    again.write(replaced(first[0], seconds=9.0))
    assert len(lines_of(tmp_path)) == 2


@pytest.mark.parametrize("options", [{"go_on": False}, {"go_on": True, "salt": "another"}])
def test_a_fresh_run_or_another_salt_examines_anew(tmp_path: Path, options: Any) -> None:
    tosses: list[int] = []

    def counted(p: int) -> tuple[float, float]:
        tosses.append(p)
        return (6.0, 0.0)

    claim = saying(counted)
    written(session_of(tmp_path), claim)
    written(session_of(tmp_path, **options), claim)

    assert len(tosses) == 2
    assert len(lines_of(tmp_path)) == (2 if options["go_on"] else 1)


def test_an_undecided_claim_goes_on_from_its_replicates(tmp_path: Path) -> None:
    claim = saying(lambda p: (0.25, 0.0), Nats(cap=16))

    (first,) = written(session_of(tmp_path), claim)
    (second,) = written(session_of(tmp_path, go_on=True), claim)

    assert (first.verdict, first.replicates) == ("UNDECIDED", 16)
    assert second.replicates == 32


def test_records_of_another_version_are_not_gone_on_from(tmp_path: Path) -> None:
    (record,) = written(session_of(tmp_path), saying(lambda p: (5.0, 0.0)))
    file = tmp_path / "out" / "records.jsonl"
    file.write_text(json.dumps({**record.as_dict(), "schema_version": 1}) + "\n")

    with pytest.raises(SessionError, match=r"jsonl' has schema_version=1 .*--claims-output"):
        session_of(tmp_path, go_on=True)


def names_of(tasks: Iterator[Any]) -> list[str]:
    """The claims of the tasks, each once, in their order."""
    return list(dict.fromkeys(task.name for task in tasks))


def test_workers_are_told_of_the_claims_that_are_still_to_come(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    claims = [DRAWN, COUNTED, NEVER]
    session.collected(claims)
    session.expect([(one, "cpu") for one in claims], has_siblings=False)
    scheduler: Any = Scheduler()

    at_first = names_of(session.upcoming(scheduler))
    session.examine(DRAWN, "cpu")
    later = names_of(session.upcoming(scheduler))

    assert at_first == [DRAWN.name, COUNTED.name, NEVER.name]
    assert later == [COUNTED.name, NEVER.name]


def test_what_the_run_has_come_to_is_told_no_more(tmp_path: Path) -> None:
    session = session_of(tmp_path)
    claims = [DRAWN, COUNTED, NEVER]
    session.collected(claims)
    session.expect([(one, "cpu") for one in claims], has_siblings=False)
    scheduler: Any = Scheduler()
    upcoming = session.upcoming(scheduler)

    first = next(upcoming)
    session.examine(DRAWN, "cpu")
    second = next(upcoming)  # of the claim that is under way, as long as it is
    session.examine(COUNTED, "cpu")

    assert [(task.name, task.index) for task in (first, second)] == [
        (DRAWN.name, 0),
        (DRAWN.name, 1),
    ]
    assert names_of(upcoming) == [NEVER.name]


def test_workers_are_not_told_of_what_an_earlier_run_finished(tmp_path: Path) -> None:
    earlier = session_of(tmp_path)
    earlier.collected([DRAWN, COUNTED])
    earlier.write(earlier.examine(DRAWN, "cpu"))
    earlier.close()
    session = session_of(tmp_path, go_on=True)
    expect_both(session)
    scheduler: Any = Scheduler()

    assert names_of(session.upcoming(scheduler)) == [COUNTED.name]


def test_a_claim_that_cannot_be_planned_keeps_no_other_from_the_workers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def planned(claim: Claim, *rest: Any) -> Iterator[Any]:
        if claim is DRAWN:
            raise ZeroDivisionError
        return experiment.first_tasks(claim, *rest)

    monkeypatch.setattr(examiner_module, "first_tasks", planned)
    session = session_of(tmp_path)
    expect_both(session)
    scheduler: Any = Scheduler()

    assert names_of(session.upcoming(scheduler)) == [COUNTED.name]


def test_workers_start_once_hear_all_and_are_let_go(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scheduler, started = Scheduler(), []

    def start(place: Place) -> Any:
        started.append(place)
        return scheduler

    monkeypatch.setattr(executors, "start", start)
    session = session_of(tmp_path, executor="processes:2")
    expect_both(session)
    assert session.workers.notes == []

    session.examine(DRAWN, "cpu")
    scheduler.claim = COUNTED
    session.examine(COUNTED, "cpu")

    assert started == [Place("processes", 2)]
    assert session.workers.notes == ["a worker died"]
    assert scheduler.told is not None
    assert names_of(scheduler.told) == []  # the run has come to its last claim
    session.close()
    assert scheduler.closed


@pytest.mark.parametrize(("executor", "asked"), [("serial", 0), ("mpi", 1)])
def test_where_no_worker_is_started_blocks_are_measured_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, executor: str, asked: int
) -> None:
    started: list[Place] = []
    monkeypatch.setattr(executors, "start", started.append)  # None, as on the only rank of MPI
    session = session_of(tmp_path, executor=executor)

    record = session.examine(toys.coin(0.97, holds=more_often_than_not()), "cpu")
    session.close()

    assert record.verdict == "CONFIRMED"
    assert len(started) == asked
