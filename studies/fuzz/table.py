"""What the long fuzz came to, as a table of docs/studies/calibration.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studies.calibration.page import DATA, write_pages
from studies.calibration.tables import Table, keep, load

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
            self.target,
            self.inputs + more.inputs,
            self.accepted + more.accepted,
            self.crashes + more.crashes,
            self.seconds + more.seconds,
        )

    @property
    def rate(self) -> float:
        """Inputs a second of processor time."""
        return self.inputs / max(self.seconds, 1e-9)


def read_fuzzed(target: str, data: Path = DATA) -> Fuzzed:
    """What the table has of a target; its crashes are only counted."""
    for row in load(data).get("fuzz", {"rows": ()})["rows"]:
        if row[0] == target:
            _, inputs, accepted, crashes, seconds, *_ = row
            return Fuzzed(target, inputs, accepted, ("",) * crashes, seconds)
    return Fuzzed(target)


def keep_fuzzed(found: Fuzzed, data: Path = DATA) -> None:
    """Put the target's row into the table, in place of an earlier one, and write the pages."""
    before = load(data).get("fuzz", {"rows": ()})
    rows = {row[0]: tuple(row) for row in before["rows"]}
    rows[found.target] = (
        found.target, found.inputs, found.accepted, len(found.crashes), round(found.seconds, 1),
        round(found.rate), found.inputs >= AIM, not found.crashes,
    )  # fmt: skip
    table = Table(
        key="fuzz",
        title="Hostile input",
        command="python -m studies.fuzz --keep",
        text=(
            "Good inputs with bytes changed, pieces moved and JSON values replaced by hostile "
            "ones, the same ones in every run; `--salt WORD` makes others. A run goes on where the "
            "one before it ended.",
            "A crash is anything but a value or the reader's own error in one sentence. The "
            "report's page is rendered from what its reader lets through and searched for "
            "anything that could run.",
            "`python -m studies.fuzz.guided READER` (`tox -e guided -- READER`) lets coverage lead "
            "the search (atheris); it keeps no table.",
        ),
        columns=(
            "reader",
            "inputs",
            "accepted",
            "crashes",
            "seconds",
            "inputs a second",
            "a million",
            "holds",
        ),
        rows=tuple(rows[name] for name in sorted(rows)),
        holds=all(row[-1] for row in rows.values()),
        seconds=sum(row[4] for row in rows.values()),
    )
    keep(data, table)
    write_pages(data)
