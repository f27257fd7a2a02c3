"""The real suite at fresh salts: each run adds a line to a small table that is kept.

The salt of run n is `calibration-n`: nobody picks it. A run that was interrupted is gone on with
from its records, and only a complete run is written down.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RUNS_FILE = ROOT / "docs" / "calibration_runs.tsv"
FOLDER = "out/calibration"
PATIENCE = 86_400  # seconds a block may take: a process that is stopped for a while does not hang
DECIDED = ("CONFIRMED", "REFUTED")


@dataclass(frozen=True)
class SuiteRun:
    """One line of the table. Wrong: decided, and not as expected."""

    salt: str
    date: str
    commit: str
    profile: str
    claims: int
    confirmed: int
    refuted: int
    undecided: int
    errors: int
    wrong: int
    seconds: int
    digest: str
    remarks: str


def read_runs(file: Path = RUNS_FILE) -> list[SuiteRun]:
    """The runs that are written down."""
    if not file.exists():
        return []
    found = []
    for line in file.read_text(encoding="utf-8").splitlines()[1:]:
        cells = line.split("\t")
        numbers = [
            int(cell) if field.type == "int" else cell
            for field, cell in zip(fields(SuiteRun), cells, strict=True)
        ]
        found.append(SuiteRun(*numbers))  # type: ignore[arg-type]
    return found


def write_down(run: SuiteRun, file: Path = RUNS_FILE) -> None:
    """Append one line; the first brings the heading."""
    file.parent.mkdir(parents=True, exist_ok=True)
    heading = "" if file.exists() else "\t".join(field.name for field in fields(SuiteRun)) + "\n"
    line = "\t".join(str(value) for value in astuple(run)) + "\n"
    with open(file, "a", encoding="utf-8") as stream:
        stream.write(heading + line)


def next_salts(done: Sequence[SuiteRun], count: int) -> list[str]:
    """The first `count` salts `calibration-n`, n = 1, 2, ..., that are not written down."""
    taken = {run.salt for run in done}
    salts: list[str] = []
    number = 1
    while len(salts) < count:
        if (salt := f"calibration-{number}") not in taken:
            salts.append(salt)
        number += 1
    return salts


def run_suite(salt: str, seconds: float | None = None) -> SuiteRun | None:
    """One run of all claims in the profile `dev`; None if it did not come to its end.

    `seconds` limits this call; what is finished by then is kept for the next one.
    """
    output = f"{FOLDER}/{salt}"
    command = [
        sys.executable, "-m", "pytest", "claims", "--ignore=claims/benchmarks", "-q",
        "-p", "no:cacheprovider", "-p", "no:randomly", "--claims-profile=dev", "--claims-all",
        f"--claims-salt={salt}", "--claims-device=cpu", "--claims-data=slice",
        f"--claims-output={output}", "--claims-continue", f"--claims-block-limit={PATIENCE}",
    ]  # fmt: skip
    started = time.monotonic()
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False,
            env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return None
    if done.returncode not in (0, 1):  # interrupted, a usage error, nothing collected
        print(done.stdout[-2000:] + done.stderr[-2000:], file=sys.stderr)
        return None
    records = _records(ROOT / output / "records.jsonl")
    return summary_of(records, salt, commit(), time.monotonic() - started)


def _records(file: Path) -> list[Mapping[str, Any]]:
    last: dict[tuple[str, str], Mapping[str, Any]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        last[record["claim"], record["device"]] = record
    return list(last.values())


def summary_of(
    records: Sequence[Mapping[str, Any]], salt: str, at: str, seconds: float
) -> SuiteRun:
    """What the table keeps of a run's records."""
    tested = [record for record in records if record["verdict"] != "NOT TESTABLE"]
    counts = Counter(record["verdict"] for record in tested)
    surprises = [record for record in tested if not record["as_expected"]]
    wrong = sum(record["verdict"] in DECIDED for record in surprises)
    parts = sorted(f"{r['claim']} {r['device']} {r['verdict']} {r['digest']}" for r in tested)
    return SuiteRun(
        salt=salt,
        date=datetime.now(UTC).date().isoformat(),
        commit=at,
        profile="dev",
        claims=len(tested),
        confirmed=counts["CONFIRMED"],
        refuted=counts["REFUTED"],
        undecided=counts["UNDECIDED"],
        errors=counts["ERROR"],
        wrong=wrong,
        seconds=round(seconds),
        digest=hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16],
        remarks=" ".join(f"{r['claim']}={r['verdict']}" for r in surprises[:8]),
    )


def commit() -> str:
    """The commit that is checked out, with '+' if claims or harness differ from it."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "claims", "harness")
    return git("rev-parse", "--short=10", "HEAD") + ("+" if changed else "")


def add_runs(count: int, seconds: float | None = None) -> Iterator[SuiteRun]:
    """Run the suite at the next `count` salts and write each down as it ends."""
    for salt in next_salts(read_runs(), count):
        run = run_suite(salt, seconds)
        if run is None:
            return
        write_down(run)
        yield run
