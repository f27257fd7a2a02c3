"""Where the blocks of a run are measured, by what the run costs."""

import pytest

from harness.run.workforce import Workforce
from harness.workers import executors
from harness.workers.executors import Place


@pytest.mark.parametrize(("cores", "place"), [(1, Place("serial", 1)), (2, Place("processes", 2))])
def test_without_an_executor_there_is_a_process_per_core(
    monkeypatch: pytest.MonkeyPatch, cores: int, place: Place
) -> None:
    monkeypatch.setattr(executors, "cores", lambda: cores)
    assert Workforce(None).place == place
    assert Workforce("processes:5").place == Place("processes", 5)


@pytest.mark.parametrize(
    ("seconds", "backend"), [(4, "processes"), (3.99, "serial"), (0, "serial")]
)
def test_a_run_of_under_four_seconds_is_measured_here(
    monkeypatch: pytest.MonkeyPatch, seconds: float, backend: str
) -> None:
    monkeypatch.setattr(executors, "cores", lambda: 3)
    workers = Workforce(None)

    workers.expect(seconds, has_siblings=False)

    assert workers.place == Place(backend, {"serial": 1, "processes": 3}[backend])


def test_siblings_share_the_machine_and_an_executor_that_was_asked_for_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(executors, "cores", lambda: 3)
    beside, asked = Workforce(None), Workforce("processes:2")

    beside.expect(400.0, has_siblings=True)
    asked.expect(0.0, has_siblings=True)

    assert beside.place == Place("serial", 1)
    assert asked.place == Place("processes", 2)
