"""The numbers that a trial leaves behind for the gate."""

from pathlib import Path

import numpy as np
import pytest

from examples.toys import a_coin_is_counted, a_coin_is_drawn
from harness.records.from_examination import record_of
from tests.harness.scripted import examined


def test_one_number_a_replicate_in_the_order_of_measurement(tmp_path: Path) -> None:
    record = record_of(examined(a_coin_is_counted), 0, tmp_path)

    assert record.block == 4
    assert set(record.statistics) == {"place", "Walk: toss, last"}
    assert len(record.statistics["place"]) == record.settings[0].observations
    assert np.allclose(
        np.array(record.statistics["Walk: toss, last"], dtype=float),
        3 * np.array(record.statistics["place"], dtype=float),
        rtol=1e-4,
    )


def test_a_diverged_replicate_is_null(tmp_path: Path) -> None:
    record = record_of(examined(a_coin_is_drawn), 0, tmp_path)
    values = record.as_dict()["statistics"]["Walk: heads, last"]
    assert values[:5] == [None, 700.0, 700.0, 700.0, None]


@pytest.mark.parametrize("other", ["second"])
def test_another_salt_gives_other_numbers_of_the_same_law(tmp_path: Path, other: str) -> None:
    first, second = (
        record_of(examined(a_coin_is_counted, salt=salt), 0, tmp_path) for salt in ("first", other)
    )

    assert first.statistics["place"] != second.statistics["place"]
