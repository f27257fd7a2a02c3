"""Two runs at one salt compared: python -m tests.portability THIS.jsonl OTHER.jsonl ...

Verdicts must be equal whatever the versions. Samples, and so digests, are equal where the
generators and what is made of their numbers are; the records say which library is another.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.trial import continuation
from tests.calibration.page import DATA, write_pages
from tests.calibration.tables import Table, keep

Records = Mapping[tuple[str, str], Mapping[str, Any]]


def compared(one: Records, other: Records) -> tuple[Any, ...]:
    """A row: what the other run was made with, claims, verdicts and digests that differ."""
    both = sorted(set(one) & set(other))
    verdicts = [claim for claim, device in both
                if one[claim, device]["verdict"] != other[claim, device]["verdict"]]  # fmt: skip
    settings = [key for key in both if _settings(one[key]) == _settings(other[key])]
    samples = [key[0] for key in settings if one[key]["digest"] != other[key]["digest"]]
    made_with = ", ".join(f"{name} {version}" for name, version in _versions(other).items())
    changed = sorted(
        name for name, version in _versions(other).items() if _versions(one).get(name) != version
    )
    return (
        made_with, ", ".join(changed) or "nothing", len(both), len(both) - len(verdicts),
        len(settings), len(settings) - len(samples), " ".join(samples) or "none",
        " ".join(verdicts) or "none", not verdicts and bool(both),
    )  # fmt: skip


def _versions(records: Records) -> Mapping[str, str]:
    versions: Mapping[str, str] = next(iter(records.values()))["versions"]
    return versions


def _settings(record: Mapping[str, Any]) -> list[Any]:
    return [trial["setting"] for trial in record["settings"]]


def table(files: Sequence[Path]) -> Table:
    """The first file's run beside each other one."""
    started = time.process_time()
    runs = [continuation.read_finished(file) for file in files]
    rows = tuple(compared(runs[0], run) for run in runs[1:])
    here = ", ".join(f"{name} {version}" for name, version in _versions(runs[0]).items())
    return Table(
        key="portability",
        title="The same salt on other versions",
        command="python -m tests.portability out/records.jsonl OTHER/records.jsonl",
        text=(
            f"Each row is a run of claims at one salt, beside a run with {here}.",
            "Verdicts must be equal. Other versions of Hypothesis may draw other settings: digests "
            "are compared where the settings are the same.",
        ),
        columns=("versions", "other than here", "claims", "equal verdicts", "equal settings",
                 "equal digests", "digests that differ", "verdicts that differ", "holds"),
        rows=rows,
        holds=all(row[-1] for row in rows),
        seconds=time.process_time() - started,
    )  # fmt: skip


if __name__ == "__main__":
    made = table([Path(word) for word in sys.argv[1:]])
    keep(DATA, made)
    write_pages()
    for row in made.rows:
        print(*row, sep=" | ")
    sys.exit(0 if made.holds else 1)
