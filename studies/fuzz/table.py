"""What the long fuzz came to, as a table of docs/studies/calibration.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.tables import keep, read_tables
from studies.tables import CALIBRATION, made

AIM = 1_000_000


@dataclass(frozen=True)
class Fuzzed:
    """A target after so many inputs; `seconds` of processor time."""

    target: str
    inputs: int = 0
    accepted: int = 0
    crashes: tuple[str, ...] = ()
    seconds: float = 0.0

    def __add__(self, more: Fuzzed) -> Fuzzed:
        """Both runs on the same target together."""
        return Fuzzed(
            self.target, self.inputs + more.inputs, self.accepted + more.accepted,
            self.crashes + more.crashes, self.seconds + more.seconds,
        )  # fmt: skip

    @property
    def rate(self) -> float:
        """Inputs a second of processor time."""
        return self.inputs / max(self.seconds, 1e-9)


def read_fuzzed(target: str, data: Path = CALIBRATION) -> Fuzzed:
    """What the table has of a target; its crashes are only counted."""
    for row in _rows(data):
        if row[0] == target:
            _, inputs, accepted, crashes, seconds, *_ = row
            return Fuzzed(target, inputs, accepted, ("",) * crashes, seconds)
    return Fuzzed(target)


def _rows(data: Path) -> tuple[tuple[Any, ...], ...]:
    table = read_tables(data).get("fuzz")
    return table.rows if table else ()


def keep_fuzzed(found: Fuzzed, data: Path = CALIBRATION) -> None:
    """Put the target's row into the table, in place of an earlier one."""
    rows = {row[0]: row for row in _rows(data)}
    rows[found.target] = (
        found.target, found.inputs, found.accepted, len(found.crashes), round(found.seconds, 1),
        round(found.rate), found.inputs >= AIM, not found.crashes,
    )  # fmt: skip
    table = made(
        "fuzz", (rows[name] for name in sorted(rows)),
        holds=all(row[-1] for row in rows.values()), seconds=sum(row[4] for row in rows.values()),
    )  # fmt: skip
    keep(data, "fuzz", table)
