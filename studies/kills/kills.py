"""kill -9 at random moments: what was announced as finished is kept, and the end is the same.

A run is started, killed, gone on with, killed again, until it comes to its end; then a fresh one
begins, until as many kills have happened as were asked for.
"""

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from reports.tables import Table
from studies.kills.toy import Results, Toy, coin
from studies.tables import made

CLAIMS = 10
PAUSE = "import time; time.sleep(0.03)"  # so that a kill falls into a claim, not between two
AT_ONCE = 0.2  # the share of kills that may fall into the start of the process
LONGEST_RUN = 900.0  # seconds: what takes longer hangs, however busy the machine is


@dataclass
class Tally:
    """What happened to the kills so far."""

    kills: int = 0
    ends: int = 0
    inside: int = 0  # kills after the first claim of that run had begun
    faults: list[str] = field(default_factory=list)


def suite(folder: Path, cap: int = 8) -> Toy:
    """Ten claims, of which the last is at first undecided: it must go on over several runs."""
    coins = [coin(n, before=PAUSE) for n in range(CLAIMS - 1)]
    return Toy(folder, *coins, coin("between", bias=0.7, holds=f"cap={cap}", before=PAUSE))


def kill_again_and_again(kills: int, folder: Path, seed: int) -> Tally:
    """Kill runs `kills` times and hold what they left against an unbroken run."""
    rng = np.random.default_rng(seed)
    reference = suite(folder / "unbroken", cap=1024)
    duration = time.monotonic()
    reference.run("-q")
    duration = time.monotonic() - duration
    expected = reference.results()
    tally = Tally()
    while tally.kills < kills:
        toy = suite(folder / f"run {tally.ends}")
        kept = b""
        while tally.kills < kills:
            killed = _run_and_kill(toy, rng, duration, tally)
            kept = _check(toy, kept, expected, tally)
            if not killed:
                break
        toy.run("-q", "--claims-continue")
        _check(toy, kept, expected, tally)
        if missing := set(expected) - set(toy.results()):
            tally.faults.append(f"run {tally.ends} ended without {sorted(missing)}")
        tally.ends += 1
    return tally


def _run_and_kill(toy: Toy, rng: np.random.Generator, duration: float, tally: Tally) -> bool:
    """Start or continue a run and kill it at a random moment; False if it ended before."""
    announced = len(toy.witnessed())
    process = toy.start(
        "-q", "--claims-continue", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if rng.random() < AT_ONCE:
        time.sleep(float(rng.uniform(0, duration)))
    else:
        deadline = time.monotonic() + LONGEST_RUN
        while len(toy.witnessed()) == announced and process.poll() is None:
            if time.monotonic() > deadline:
                tally.faults.append("a run announced nothing")
                break
            time.sleep(0.01)
        # Claims of an earlier run are announced at once; a fresh one takes about 0.2 s.
        time.sleep(float(rng.uniform(0, 0.5)))
    ended = process.poll() is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    if not ended:
        tally.kills += 1
        tally.inside += len(toy.witnessed()) > announced
    return not ended


def _check(toy: Toy, kept: bytes, expected: Results, tally: Tally) -> bytes:
    """Hold the records against the witness, the file before, and the unbroken run."""
    data = toy.records_file.read_bytes() if toy.records_file.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    if not data.startswith(kept):
        tally.faults.append("the file lost what it held before")
    if data != whole:
        toy.records_file.write_bytes(whole)  # what --claims-continue does at its start
    found = toy.results() if whole else {}
    if missing := set(toy.witnessed()) - set(found):
        tally.faults.append(f"announced but not in the records: {sorted(missing)}")
    decided = {name: result for name, result in found.items() if result[0] != "UNDECIDED"}
    if wrong := {name for name, result in decided.items() if result != expected[name]}:
        tally.faults.append(f"other verdicts, replicates or digests: {sorted(wrong)}")
    if data != whole:
        toy.records_file.write_bytes(data)
    return whole


def _seconds() -> float:
    """Processor time of this process and of the runs that it started."""
    return sum(os.times()[:4])


def table(kills: int) -> Table:
    """The table of so many kills."""
    started = _seconds()
    with tempfile.TemporaryDirectory() as folder:
        tally = kill_again_and_again(kills, Path(folder), seed=2026)
    row = (
        tally.kills, tally.inside, tally.ends, "; ".join(tally.faults[:5]) or "none",
        not tally.faults,
    )  # fmt: skip
    return made("kills", [row], {"kills": kills}, holds=row[-1], seconds=_seconds() - started)
