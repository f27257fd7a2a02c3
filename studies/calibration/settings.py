"""The settings that claims without a sweep have drawn, summed over the runs at fresh salts.

Such a claim holds at the settings that it lists and draws; what it could hide at others goes down
with every run, since each salt draws its own. The counts are of one state of the claims, as the
runs are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.statistics.evidence import Verdict
from reports.tables import Table
from studies.calibration.known import largest_rate
from studies.calibration.suite_runs import DECIDED, FOLDER, last_rows
from studies.tables import DOCS, ROOT, made

FILE = DOCS / "calibration_settings.tsv"
HEADING = ("texts", "claim", "drawn", "failed")
UNSURE = 0.05  # of a bound
Counts = dict[str, Counter[str]]


def drawn_in(records: Iterable[Mapping[str, Any]]) -> Counts:
    """By claim that should hold everywhere, its drawn settings and those where it was refuted."""
    found: Counts = {}
    for record in records:
        if record["sweep"] is not None or record["expected"] != Verdict.CONFIRMED:
            continue
        decided = [
            Verdict(trial["verdict"]) is Verdict.REFUTED
            for trial in record["settings"]
            if trial.get("drawn") and Verdict(trial["verdict"]) in DECIDED
        ]
        if decided:
            counts = found.setdefault(record["claim"], Counter())
            counts.update(drawn=len(decided), failed=sum(decided))
    return found


def read(file: Path = FILE) -> tuple[str, Counts]:
    """The state of the claims that the counts are of, and the counts."""
    if not file.exists():
        return "", {}
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines()[1:]]
    counts = {claim: Counter(drawn=int(n), failed=int(bad)) for _, claim, n, bad in rows}
    return (rows[0][0] if rows else ""), counts


def add(salt: str, records: Iterable[Mapping[str, Any]], file: Path = FILE) -> None:
    """Add what a run drew; a run of another state of the claims begins anew."""
    texts = salt.rpartition("-")[0]
    before, counts = read(file)
    if before != texts:
        counts = {}
    for claim, more in drawn_in(records).items():
        counts.setdefault(claim, Counter()).update(more)
    lines = [HEADING] + [(texts, claim, *map(str, (n["drawn"], n["failed"]))) for claim, n in
                         sorted(counts.items())]  # fmt: skip
    file.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def add_run(salt: str) -> None:
    """Add what the run of that salt drew, from its records."""
    add(salt, last_rows(ROOT / FOLDER / salt / "records.jsonl", "claim", "device"))


def table(file: Path = FILE) -> Table:
    """A row a claim, the one that could hide the most first; it holds where no setting failed."""
    texts, counts = read(file)
    rows = [
        (
            claim,
            n["drawn"],
            n["failed"],
            float(f"{largest_rate(n['failed'], n['drawn'], UNSURE):.3g}"),
        )
        for claim, n in counts.items()
    ]
    rows.sort(key=lambda row: (-row[3], row[0]))
    values = {"texts": texts or "–", "claims": len(rows), "drawn": sum(row[1] for row in rows)}
    return made("settings", rows, values, holds=not any(row[2] for row in rows))
