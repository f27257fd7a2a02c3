"""The numbers that a trial leaves behind for the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.trial.claim import claim
from harness.trial.exhibits import Curve, Line, Measured, Statistic
from harness.trial.experiment import Conditions, examine
from harness.trial.recording import record_of
from harness.trial.relations import more_often_than_not
from harness.trial.streams import Stream
from tests.trial.toys import SECTION, a_coin_is_drawn


@claim(
    "toy-counted",
    "A coin is counted as it is tossed",
    zh="边掷边数",
    section=SECTION,
    source="a test",
    holds=more_often_than_not(),
    mutants=("relu=tests.mutants.toy:nothing",),
    block=4,
)
def a_coin_is_counted(relu: Any, replicates: int, stream: Stream) -> Measured:
    """Heads, a number of each replicate, a reference line, and a number of the whole block."""
    tosses = stream.numpy().random(replicates)
    return Measured(
        tosses < 0.95,
        (
            Statistic("place", tosses),
            Statistic("whole block", [tosses.mean()]),
            Curve(
                "Walk",
                "路径",
                np.arange(3),
                (Line("toss", "掷", tosses[:, None] * [1, 2, 3]), Line("truth", "真", np.ones(3))),
            ),
        ),
    )


def test_one_number_a_replicate_in_the_order_of_measurement(tmp_path: Path) -> None:
    record = record_of(examine(a_coin_is_counted, Conditions(), 1e-4, 1e-4), 0, tmp_path, "slice")

    assert record.block == 4
    assert set(record.statistics) == {"place", "Walk: toss, last"}
    assert len(record.statistics["place"]) == record.settings[0]["observations"]
    assert np.allclose(
        np.array(record.statistics["Walk: toss, last"], dtype=float),
        3 * np.array(record.statistics["place"], dtype=float),
        rtol=1e-4,
    )


def test_a_diverged_replicate_is_null(tmp_path: Path) -> None:
    record = record_of(examine(a_coin_is_drawn, Conditions(), 1e-4, 1e-4), 0, tmp_path, "slice")

    values = record.as_dict()["statistics"]["Walk: heads, last"]

    assert values[:5] == [None, 700.0, 700.0, 700.0, None]


@pytest.mark.parametrize("other", ["second"])
def test_another_salt_gives_other_numbers_of_the_same_law(tmp_path: Path, other: str) -> None:
    first, second = (
        record_of(examine(a_coin_is_counted, Conditions(salt=salt), 1e-4, 1e-4), 0, tmp_path, "")
        for salt in ("first", other)
    )

    assert first.statistics["place"] != second.statistics["place"]
