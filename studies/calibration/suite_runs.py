"""The real suite at fresh salts: each run adds a line to a small table that is kept.

The salt of run n is `calibration-n`: nobody picks it. A run that was interrupted is gone on with
from its records, and only a complete run is written down. Runs follow one another in a process:
what it has imported, compiled and planned serves them all, an eighth of a run's time.
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

from harness.text import Text
from reports.tables import Table
from studies.tables import DOCS, ROOT, made

RUNS_FILE = DOCS / "calibration_runs.tsv"
FOLDER = "out/calibration"
PATIENCE = 86_400  # seconds a block may take: a process that is stopped for a while does not hang
IN_A_ROW = 10  # runs of one process
KEEPS_ONE = Text(
    "refuted rightly: the claim said that L1 keeps one of two equal features, and at a penalty of "
    "0.4 it drops both once in 300 instances; the claim says 'at most one' since",
    "推翻得对：论断说 L1 保留两个相同特征之一，而在惩罚 0.4 时每 300 个实例有一次两者都丢弃；"
    "此后论断改为“至多一个”",
)
ENDED = Text(
    "no verdict, an error: torch draws a normal number in single precision as exactly 0 once in "
    "2^24, which ends the signal of layers of one unit, and the claim divided 0 by 0 above it; "
    "it looks at the layers above a signal since",
    "没有判定，是出错：torch 以单精度抽取正态数时每 2^24 次有一次恰为 0，使单个单元的层的信号终止，"
    "论断在其上用 0 除 0；此后论断只看有信号的层",
)
# Where a fresh salt and not the suite was right: what it found and what became of it.
FOUND = {
    ("calibration-20", "wd-l1.duplicates"): KEEPS_ONE,
    ("calibration-173", "ns-gauss-product.exponent"): ENDED,
    ("calibration-181", "ns-gauss-product.exponent"): ENDED,
    ("calibration-192", "ns-gauss-product.exponent"): ENDED,
}
DECIDED = ("CONFIRMED", "REFUTED")
FAULTY = (*DECIDED, "ERROR")


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


def words_of(salt: str) -> list[str]:
    """What pytest is told for one run of all claims in the profile `dev`."""
    return [
        "claims", "-q", "-p", "no:cacheprovider",
        "-p", "no:randomly", "--claims-profile=dev", "--claims-all", f"--claims-salt={salt}",
        "--claims-device=cpu", "--claims-data=slice", "--claims-executor=serial",
        f"--claims-output={FOLDER}/{salt}", "--claims-continue",
        f"--claims-block-limit={PATIENCE}",
    ]  # fmt: skip


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
                records = _records(ROOT / FOLDER / salt / "records.jsonl")
                yield summary_of(records, salt, at, float(taken))
        except BaseException:
            process.kill()
            raise
        finally:
            timer.cancel()


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


def unexplained(runs: Sequence[SuiteRun]) -> list[str]:
    """The wrong verdicts and errors that `FOUND` does not speak of, as 'salt claim=VERDICT'.

    Remarks name a few claims of a run; what is wrong beyond them is 'salt and N more'.
    """
    found = []
    for run in runs:
        named = [tuple(r.split("=")) for r in run.remarks.split() if r.split("=")[1] in FAULTY]
        found += [
            f"{run.salt} {claim}={verdict}"
            for claim, verdict in named
            if (run.salt, claim) not in FOUND
        ]
        if run.wrong + run.errors > len(named):
            found.append(f"{run.salt} and {run.wrong + run.errors - len(named)} more")
    return found


def table(runs: Sequence[SuiteRun] | None = None) -> Table:
    """What the runs come to, by default all that are kept: a row a claim that was found wrong."""
    runs = read_runs() if runs is None else runs
    verdicts = sum(run.confirmed + run.refuted for run in runs)
    values: dict[str, Any] = {
        name: sum(getattr(run, name) for run in runs) for name in ("wrong", "undecided", "errors")
    }
    if verdicts and not unexplained(runs):
        # Clopper and Pearson (1934), one-sided 95 %, for no wrong verdict: 1 - 0.05^(1/n), about
        # 3/n. A verdict that was right about a claim that was not is none.
        values["bound"] = 1 - 0.05 ** (1 / verdicts)
    rows = []
    for why in dict.fromkeys(FOUND.values()):
        where = [key for key, told in FOUND.items() if told == why]
        rows.append((where[0][1], ", ".join(salt for salt, _ in where), why))
    return made("suite", rows, {"runs": len(runs), "verdicts": verdicts, **values})


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
