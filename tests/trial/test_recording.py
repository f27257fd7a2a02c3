"""Records: plain JSON that a reader and a gate can use, whatever the claim measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.trial.claim import Claim, untestable
from harness.trial.exhibits import Histogram
from harness.trial.experiment import Conditions, examine
from harness.trial.pictures import histogram
from harness.trial.record import plain_json
from harness.trial.recording import record_of, untestable_record
from tests.trial import toys

RATE = 1e-6
ROOT = Path(__file__).resolve().parents[2]


def _record(claim: Claim) -> dict[str, Any]:
    examination = examine(claim, Conditions(), RATE, RATE)
    line = record_of(examination, 0, ROOT, "slice").as_line()
    return json.loads(line)  # type: ignore[no-any-return]


def test_a_record_is_one_line_of_json_with_the_names_that_scripts_rely_on() -> None:
    record = _record(toys.coin(0.97))

    for key in (
        "claim", "expected", "verdict", "replicates", "digest",
        "salt", "device", "estimate", "interval", "rerun",
    ):  # fmt: skip
        assert record[key] is not None


def test_a_curve_has_bands_and_a_diverged_replicate_is_not_dropped() -> None:
    record = _record(toys.a_coin_is_drawn)

    (curve,) = record["curves"]
    (series,) = curve["series"]
    assert len(curve["x"]) == 512
    assert series["middle"][0] == 1.0
    # One replicate in four diverged at the end: the upper band leaves the picture there.
    assert series["high"][-1] is None
    assert series["middle"][-1] == 700.0


def test_a_histogram_reaches_its_marks() -> None:
    record = _record(toys.a_coin_is_drawn)

    (drawn,) = record["histograms"]
    assert drawn["edges"][-1] == 3.5
    assert sum(drawn["counts"]) >= 24


def test_infinity_and_nan_never_reach_a_record() -> None:
    assert plain_json({"a": [float("inf"), float("nan"), 1.5, True, None]}) == {
        "a": [None, None, 1.5, True, None]
    }


@pytest.mark.parametrize("mark", [3.0, 9.0])
def test_counts_have_a_bar_around_each_whole_number(mark: float) -> None:
    blocks = [Histogram("kept", "保留", [2.0, 4.0, 4.0, 7.0], marks={"printed": mark})]

    drawn = histogram(blocks)

    last = max(mark, 7.0)
    assert drawn["edges"] == [x - 0.5 for x in range(2, int(last) + 2)]
    assert drawn["counts"][:6] == [1, 0, 2, 0, 0, 1]


def test_a_lone_surrogate_is_written_escaped() -> None:
    assert plain_json("a\ud800") == "a\\ud800"


def test_a_sentence_that_cannot_be_tested_is_on_the_record_with_its_reason() -> None:
    sentence = untestable(
        "toy-steep",
        "Steep is large",
        zh="陡即大",
        section=toys.SECTION,
        source="a test",
        reason="it is a definition",
        reason_zh="这是定义",
        citation="a book",
    )
    record = untestable_record(sentence, 3, ROOT, "ci", "salt").as_dict()

    assert record["verdict"] == "NOT TESTABLE"
    assert record["why"]["en"] == "it is a definition"
    assert record["file"] == "tests/trial/test_recording.py"
