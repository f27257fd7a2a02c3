"""Records and baselines of a small chapter, for the gate's tests."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reports.commands import main
from tests.reports.synthetic import records, write

Record = dict[str, Any]


def expected_records(count: int = 6, salt: str = "baseline") -> list[Record]:
    """Records as expected, each with a statistic of 64 runs drawn for this salt."""
    rows = [row for row in copy.deepcopy(records()) if row["as_expected"]][:count]
    for place, row in enumerate(rows):
        rng = np.random.default_rng([place, *salt.encode()])
        row |= {
            "salt": salt,
            "block": 8,
            "statistics": {"loss, last": list(rng.normal(2, 0.1, 64))},
        }
    return rows


class Place:
    """A folder with records and a baseline, and the commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = folder / "out" / "records.jsonl"
        self.baseline = folder / "baseline.json"

    def accept(self, rows: Sequence[Record], *options: str) -> int:
        write(self.records, rows)
        return main(
            ["accept", "--records", str(self.records), "--baseline", str(self.baseline), *options]
        )

    def gate(self, rows: Sequence[Record], *options: str) -> int:
        write(self.records, rows)
        return main(
            ["gate", "--records", str(self.records), "--baseline", str(self.baseline), *options]
        )
