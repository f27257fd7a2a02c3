"""Records and baselines of a small chapter, for the gate's tests."""

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reports.commands import main
from studies.report.records import Row, records, write


def expected_records(count: int = 6, salt: str = "baseline") -> list[Row]:
    """Records as expected, each with a statistic of 64 runs drawn for this salt."""
    rows = [row for row in copy.deepcopy(records()) if row["as_expected"]][:count]
    for place, row in enumerate(rows):
        rng = np.random.default_rng([place, *salt.encode()])
        row |= {
            "salt": salt,
            "block": 8,
            "statistics": {"loss, last": rng.normal(2, 0.1, 64).tolist()},
        }
    return rows


class Place:
    """A folder with records and a baseline, and the commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = folder / "out" / "records.jsonl"
        self.baseline = folder / "baseline.json"

    def accept(self, rows: Sequence[Row], *options: str) -> int:
        write(self.records, rows)
        return main(
            ["accept", f"--records={self.records}", f"--baseline={self.baseline}", *options]
        )

    def gate(self, rows: Sequence[Row], *options: str) -> int:
        return self.gate_alone(rows, "--baseline", str(self.baseline), *options)

    def gate_alone(self, rows: Sequence[Row], *options: str) -> int:
        write(self.records, rows)
        return main(["gate", "--records", str(self.records), *options])
