"""The study of loops on a shorter loop: it is resumed rightly, faults are found, roundings not."""

from pathlib import Path

import pytest

from harness.statistics.comparison.sameness import Answer
from reports.tables import read_tables
from studies.same import loop, loops
from studies.same.loop import trained
from studies.same.loop_faults import FAULTS
from studies.tables import DOCS


@pytest.fixture(autouse=True)
def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "STEPS", 60)  # a step that is skipped, and a second epoch
    monkeypatch.setattr(loop, "STOPPED", 50)


def test_a_resumed_run_is_the_uninterrupted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    resumed = trained(0)
    monkeypatch.setattr(loop, "STOPPED", 60)

    assert trained(0) == resumed


def test_there_are_forty_faults_and_each_makes_another_run() -> None:
    right = trained(0)

    assert len(FAULTS) == 40
    assert [name for name, fault in FAULTS.items() if trained(0, fault) == right] == []


def test_roundings_are_the_same_and_shifted_labels_have_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(loops, "APART", {})
    monkeypatch.setattr(loops, "FAULTS", {"shifts_the_labels": FAULTS["shifts_the_labels"]})
    monkeypatch.setattr(loops, "WITHIN", {"test_loss": "5%"})

    alike = list(loops.alike_rows(2, (), tmp_path))
    [fault] = loops.fault_rows(tmp_path)

    assert [row[:6] for row in alike] == [(name, 1, 1, 0, 0, 11) for name in loops.INSIDE]
    assert fault[:4] == ("shifts_the_labels", Answer.CHANGED, 12, "test_loss")


def test_the_page_has_every_fault() -> None:
    kept = read_tables(DOCS / "same.json")["same-faults"]

    assert [row[0] for row in kept.rows] == list(FAULTS)
