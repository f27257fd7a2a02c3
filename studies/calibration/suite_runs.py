"""The real suite at fresh salts: each run adds a line to a small table that is kept.

The salts are TEXTS-1, TEXTS-2, ..., of the digest of the claims' texts: nobody picks them, and
other claims have others. The table is of one state of the claims; of another it begins anew.
A run that was interrupted is gone on with from its records, and only a complete run is written
down. Runs follow one another in a process: what it has imported, compiled and planned serves them
all, an eighth of a run's time.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.declaration.texts import salt_of_the_texts
from harness.statistics.evidence import Verdict
from studies.calibration.truths import is_wrong, truths
from studies.tables import DOCS, ROOT

RUNS_FILE = DOCS / "calibration_runs.tsv"
FOLDER = "out/calibration"
PATIENCE = 86_400  # seconds a block may take: a process that is stopped for a while does not hang
IN_A_ROW = 10  # runs of one process
DECIDED = frozenset({Verdict.CONFIRMED, Verdict.WEAKER, Verdict.REFUTED})
MOST_REMARKS = 20


@dataclass(frozen=True)
class SuiteRun:
    """One line of the table.

    `unlike` verdicts are decided, and not as expected. `known` verdicts are of claims whose truth
    is known, `planted` ones of claims with a planted fault, which makes them false.
    """

    salt: str
    date: str
    commit: str
    profile: str
    claims: int
    confirmed: int
    weaker: int
    refuted: int
    undecided: int
    errors: int
    unlike: int
    known: int
    known_wrong: int
    planted: int
    planted_wrong: int
    seconds: int
    digest: str
    remarks: str

    @property
    def texts(self) -> str:
        """The state of the claims that was run."""
        return self.salt.rpartition("-")[0]

    @property
    def decided(self) -> int:
        """Verdicts that say something."""
        return self.confirmed + self.weaker + self.refuted


class NotCommittedError(Exception):
    """Claims or harness differ from the commit that a run would be written down for."""


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
    """Append one line; the first of a state of the claims brings the heading."""
    file.parent.mkdir(parents=True, exist_ok=True)
    goes_on = any(before.texts == run.texts for before in read_runs(file))
    heading = "" if goes_on else "\t".join(field.name for field in fields(SuiteRun)) + "\n"
    line = "\t".join(str(value) for value in astuple(run)) + "\n"
    with open(file, "a" if goes_on else "w", encoding="utf-8") as stream:
        stream.write(heading + line)


def next_salts(done: Sequence[SuiteRun], count: int, texts: str | None = None) -> list[str]:
    """The first `count` salts TEXTS-n, n = 1, 2, ..., that are not written down."""
    taken = {run.salt for run in done}
    of = texts or salt_of_the_texts()
    salts: list[str] = []
    number = 1
    while len(salts) < count:
        if (salt := f"{of}-{number}") not in taken:
            salts.append(salt)
        number += 1
    return salts


def words_of(salt: str) -> list[str]:
    """What pytest is told for one run of all claims in the profile `dev`."""
    return [
        "claims", "-q", "-p", "no:cacheprovider",
        "-p", "no:randomly", "--claims-profile=dev", "--claims-all", f"--claims-salt={salt}",
        "--claims-device=cpu", "--claims-data=slice", "--claims-executor=serial",
        f"--claims-output={FOLDER}/{salt}", "--claims-continue",
        f"--claims-block-limit={PATIENCE}",
    ]  # fmt: skip


def planted_file(salt: str) -> Path:
    """Where a run keeps what its planted faults came to, a line of JSON each."""
    return ROOT / FOLDER / salt / "planted.jsonl"


def run_suites(salts: Sequence[str], seconds: float | None = None) -> Iterator[SuiteRun]:
    """Run the claims at each salt in one other process, so that all but the first find it warm.

    It ends after `seconds`; what is finished by then is kept for the next call.
    """
    command = [sys.executable, "-m", "studies.calibration.suite_process", *salts]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    at = commit()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        timer = threading.Timer(threading.TIMEOUT_MAX if seconds is None else seconds, process.kill)
        timer.daemon = True
        timer.start()
        assert process.stdout is not None
        try:
            for line in process.stdout:
                salt, taken = line.split()
                records = last_rows(ROOT / FOLDER / salt / "records.jsonl", "claim", "device")
                planted = last_rows(planted_file(salt), "claim", "fault")
                yield summary_of(records, planted, salt, at, float(taken))
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()


def last_rows(file: Path, *key: str) -> list[Mapping[str, Any]]:
    """The last line of each key."""
    last: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        last[tuple(row[name] for name in key)] = row
    return list(last.values())


def summary_of(
    records: Sequence[Mapping[str, Any]],
    planted: Sequence[Mapping[str, Any]],
    salt: str,
    at: str,
    seconds: float,
) -> SuiteRun:
    """What the table keeps of a run's records, and of claims with planted faults."""
    tested = [record for record in records if Verdict(record["verdict"]).judged]
    counts = Counter(Verdict(record["verdict"]) for record in tested)
    surprises = [record for record in tested if not record["as_expected"]]
    known = [
        is_wrong(Verdict(record["verdict"]), truths()[record["claim"]].holds)
        for record in tested
        if record["claim"] in truths() and record["verdict"] in DECIDED
    ]
    false = [(row, Verdict(row["verdict"])) for row in planted if row["verdict"] in DECIDED]
    missed = [row for row, verdict in false if is_wrong(verdict, holds=False)]
    parts = sorted(f"{r['claim']} {r['device']} {r['verdict']} {r['digest']}" for r in tested)
    remarks = [f"{r['claim']}={r['verdict']}" for r in surprises]
    remarks += [f"{row['claim']}[{row['fault']}]={row['verdict']}" for row in missed]
    return SuiteRun(
        salt=salt, date=datetime.now(UTC).date().isoformat(), commit=at, profile="dev",
        claims=len(tested), confirmed=counts[Verdict.CONFIRMED], weaker=counts[Verdict.WEAKER],
        refuted=counts[Verdict.REFUTED], undecided=counts[Verdict.UNDECIDED],
        errors=counts[Verdict.ERROR],
        unlike=sum(record["verdict"] in DECIDED for record in surprises), known=len(known),
        known_wrong=sum(known), planted=len(false), planted_wrong=len(missed),
        seconds=round(seconds), digest=hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16],
        remarks=" ".join(remarks[:MOST_REMARKS]),
    )  # fmt: skip


def commit() -> str:
    """The commit that is checked out. Raises NotCommittedError where claims or harness differ."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "claims", "harness")
    if changed:
        raise NotCommittedError(
            f"claims or harness differ from the commit ({changed.splitlines()[0].strip()}); "
            "commit them, so that the runs can be repeated"
        )
    return git("rev-parse", "--short=10", "HEAD")


def add_runs(count: int, seconds: float | None = None, processes: int = 1) -> Iterator[SuiteRun]:
    """Run the suite at the next `count` salts and write each down as it ends."""
    salts = next_salts(read_runs(), count)
    size = max(1, min(IN_A_ROW, -(-count // processes)))
    found: queue.SimpleQueue[SuiteRun | None] = queue.SimpleQueue()
    end = math.inf if seconds is None else time.monotonic() + seconds

    def work(part: Sequence[str]) -> None:
        try:
            left = end - time.monotonic()
            if left > 0:
                for run in run_suites(part, None if math.isinf(left) else left):
                    found.put(run)
        finally:
            found.put(None)

    parts = [salts[i : i + size] for i in range(0, count, size)]
    with ThreadPoolExecutor(processes) as pool:
        working = [pool.submit(work, part) for part in parts]
        for _ in parts:
            while (run := found.get()) is not None:
                write_down(run)
                yield run
        for part_done in working:
            part_done.result()  # what went wrong there is raised here
