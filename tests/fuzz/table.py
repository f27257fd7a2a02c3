"""What the long fuzz came to, as a table of docs/calibration.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.calibration.page import DATA, write_pages
from tests.calibration.tables import Table, keep, load

AIM = 1_000_000


@dataclass(frozen=True)
class Fuzzed:
    """A target after so many inputs; `seconds` of processor time."""

    target: str
    inputs: int
    accepted: int
    crashes: tuple[str, ...]
    seconds: float

    @property
    def rate(self) -> float:
        """Inputs a second of processor time."""
        return self.inputs / max(self.seconds, 1e-9)


def keep_fuzzed(found: Fuzzed, data: Path = DATA) -> None:
    """Put the target's row into the table, in place of an earlier one, and write the page."""
    before = load(data).get("fuzz", {"rows": (), "seconds": 0.0})
    rows = {row[0]: tuple(row) for row in before["rows"]}
    rows[found.target] = (
        found.target, found.inputs, found.accepted, len(found.crashes), round(found.rate),
        found.inputs >= AIM, not found.crashes,
    )  # fmt: skip
    table = Table(
        key="fuzz",
        title="Hostile input",
        command="python -m tests.fuzz --keep",
        text=(
            "Good inputs with bytes changed, pieces moved and JSON values replaced by hostile "
            "ones, the same ones in every run; `--salt WORD` makes others.",
            "A crash is anything but a value or the reader's own error in one sentence. The "
            "report's page is rendered from what its reader lets through and searched for "
            "anything that could run.",
        ),
        columns=(
            "reader",
            "inputs",
            "accepted",
            "crashes",
            "inputs a second",
            "a million",
            "holds",
        ),
        rows=tuple(rows[name] for name in sorted(rows)),
        holds=all(row[-1] for row in rows.values()),
        seconds=before["seconds"] + found.seconds,
    )
    keep(data, table)
    write_pages(data)
