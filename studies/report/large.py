"""Very large files of records: `python -m studies.report.large`, seconds and memory of each page.

Each kind of file has the size asked for; `python -m reports html` reads it in a process of its
own. Exit status 1 if one ends otherwise than it should, or takes more memory or time than allowed.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.records import LARGEST_WHOLE
from studies.report.records import records

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = 80  # records that the others are copies of, under other names
WRITTEN, IN_PART, NOT_WRITTEN = 0, 1, 2

# The peak of this program alone: the one that `wait4` tells includes whoever started it.
MEASURED = """
import sys
from reports.commands import main
status = main(sys.argv[1:])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")), end="")
sys.exit(status)
"""

Record = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A kind of file: its lines without end, the exit status it must lead to, words it must say."""

    lines: Callable[[], Iterator[bytes]]
    status: int
    said: str


@dataclass(frozen=True)
class Outcome:
    """How the command ended on a file, and what it took."""

    status: int
    said: str
    seconds: float
    mebibytes: float
    page: int


def claims() -> Iterator[bytes]:
    """Rich records, each of another claim."""
    rows = [rich(row) for row in records(TEMPLATES)]
    number = 0
    while True:
        for row in rows:
            number += 1
            yield encoded({**row, "claim": f"{row['claim']}.{number}"})


def fewer() -> Iterator[bytes]:
    """As many rich records as one page shows, then the last of them over and over."""
    size, line = 0, b""
    for line in claims():
        size += len(line)
        if size > 0.97 * LARGEST_WHOLE:
            break
        yield line
    while True:
        yield line


def rich(row: Record) -> Record:
    """A record with more curves than any claim has: some 60 kB."""
    return {**row, "curves": (row.get("curves") or curves()) * 3}


def curves() -> list[Record]:
    """The curves of the first record that has some."""
    return next(row["curves"] for row in records(TEMPLATES) if row.get("curves"))


def continued() -> Iterator[bytes]:
    """The same claims over and over, as a run that is continued again and again appends them."""
    lines = [encoded(rich(row)) for row in records(TEMPLATES)]
    while True:
        yield from lines


def small() -> Iterator[bytes]:
    """Records of few bytes, each of another claim: very many."""
    row = {**records(1)[0], "curves": [], "histograms": [], "settings": [], "code": ""}
    row["settings"] = records(1)[0]["settings"][:1]
    row["settings"][0].pop("trajectory", None)
    number = 0
    while True:
        number += 1
        yield encoded({**row, "claim": f"claim.{number}"})


def long_lines() -> Iterator[bytes]:
    """Lines just below the longest that is read, of one claim each."""
    row, number = records(1)[0], 0
    while True:
        number += 1
        yield encoded({**row, "claim": f"claim.{number}", "code": "x = 1\n" * 2_300_000})


def one_line() -> Iterator[bytes]:
    """A line without an end."""
    while True:
        yield b"[" * 2**20


CASES = {
    "claims": Case(claims, NOT_WRITTEN, "split the file"),
    "fewer claims": Case(fewer, WRITTEN, "superseded by later ones"),
    "continued": Case(continued, WRITTEN, "superseded by later ones"),
    "small": Case(small, NOT_WRITTEN, "split the file"),
    "long lines": Case(long_lines, NOT_WRITTEN, "split the file"),
    "one line": Case(one_line, NOT_WRITTEN, "holds no record that can be shown"),
}


def encoded(row: Record) -> bytes:
    """A line of records.jsonl."""
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def write(path: Path, kind: str, mebibytes: float) -> Path:
    """A file of at least this size."""
    size = 0
    with path.open("wb") as stream:
        for line in CASES[kind].lines():
            size += stream.write(line)
            if size >= mebibytes * 2**20:
                return path
    raise AssertionError("the lines end")


def page_of(path: Path) -> Outcome:
    """What `python -m reports html` makes of a file, in a process of its own."""
    output = path.with_name("report.html")
    words = ["html", f"--records={path}", f"--output={output}", "--tables"]
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words], cwd=ROOT, capture_output=True, text=True
    )
    seconds = time.perf_counter() - started
    peak = float(done.stdout.splitlines()[-1].split()[1])  # KiB
    page = output.stat().st_size if output.exists() else 0
    return Outcome(done.returncode, done.stderr, seconds, peak / 1024, page)


def main() -> int:
    """Print a line for each kind of file; 1 if one is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=float, default=200)
    parser.add_argument("--kinds", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--memory", type=float, default=1024, help="mebibytes at most")
    parser.add_argument("--limit", type=float, default=120, help="seconds at most")
    given = parser.parse_args()
    failed = 0
    for kind in given.kinds:
        with tempfile.TemporaryDirectory() as folder:
            case, got = (
                CASES[kind],
                page_of(write(Path(folder) / "records.jsonl", kind, given.mebibytes)),
            )
        fine = (
            got.status == case.status
            and case.said in got.said
            and got.seconds <= given.limit
            and got.mebibytes <= given.memory
        )
        failed += not fine
        print(
            f"{kind}: exit {got.status}, {got.seconds:.0f} s, {got.mebibytes:.0f} MiB of memory, "
            f"page {got.page / 1e6:.1f} MB{'' if fine else ', NOT AS IT SHOULD BE'}: "
            f"{got.said.strip()[:200] or 'nothing said'}",
            flush=True,
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
