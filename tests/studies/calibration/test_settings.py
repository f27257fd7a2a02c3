"""Drawn settings of claims without a sweep, summed over runs."""

from pathlib import Path
from typing import Any

import pytest

from studies.calibration import settings


def record(claim: str, *verdicts: str, **more: Any) -> dict[str, Any]:
    trials = [{"verdict": verdict, "drawn": True} for verdict in verdicts]
    return {
        "claim": claim, "expected": "CONFIRMED", "sweep": None,
        "settings": [{"verdict": "CONFIRMED"}, *trials], **more,
    }  # fmt: skip


def test_runs_add_up_and_other_claims_begin_anew(tmp_path: Path) -> None:
    file = tmp_path / "settings.tsv"
    settings.add("texts-a-1", [record("one", "CONFIRMED", "WEAKER"), record("two")], file)
    settings.add("texts-a-2", [record("one", "REFUTED", "UNDECIDED")], file)

    assert settings.read(file) == ("texts-a", {"one": {"drawn": 3, "failed": 1}})

    settings.add("texts-b-1", [record("one", "CONFIRMED")], file)

    assert settings.read(file) == ("texts-b", {"one": {"drawn": 1, "failed": 0}})


@pytest.mark.parametrize("more", [{"expected": "REFUTED"}, {"sweep": {"share": 0.01}}])
def test_false_sentences_and_swept_ones_are_left_out(more: dict[str, Any]) -> None:
    assert settings.drawn_in([record("one", "CONFIRMED", **more)]) == {}


def test_the_one_that_could_hide_the_most_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "settings.tsv"
    settings.add("texts-a-1", [record("ten", *["CONFIRMED"] * 11), record("one", "WEAKER")], file)

    made = settings.table(file)

    assert made.holds
    assert made.rows == (("one", 1, 0, 0.95), ("ten", 11, 0, 0.238))

    settings.add("texts-a-2", [record("one", "REFUTED")], file)

    assert not settings.table(file).holds
