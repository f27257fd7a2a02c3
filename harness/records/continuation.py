"""Going on from the records of an earlier run: what is finished is kept, what is undecided goes on.

A record is used only where everything that its samples and its verdict depend on is the same.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from harness.blocks.settings import canonical
from harness.declaration.claim import Claim
from harness.environment import versions
from harness.records.record import Record, RecordError, Trial, decode
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Conditions, Shares, Stored

LARGEST = 1e300  # of a number that is still computed with
STREAM_PACKAGES = ("torch", "numpy", "hypothesis")  # another version may draw other samples


def read_finished(file: Path) -> dict[tuple[str, str], Record]:
    """The last whole record of each (claim, device) in the file; none where there is no file.

    A line that a killed run left half written is passed over.
    Raises OtherVersionError for a file that another version of the suite wrote.
    """
    found: dict[tuple[str, str], Record] = {}
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            record = decode(line)
        except RecordError:
            continue
        found[record.claim, record.device] = record
    return found


def drop_half_line(file: Path) -> None:
    """Cut the file after its last whole line, so that what is appended stands on its own."""
    if not file.exists():
        return
    data = file.read_bytes()
    end = data.rfind(b"\n") + 1
    if end != len(data):
        with open(file, "r+b") as handle:
            handle.truncate(end)


def still_valid(record: Record, claim: Claim, conditions: Conditions, shares: Shares) -> bool:
    """Whether the record is of this claim as it reads now, and of a run like this one."""
    then, now = record.versions, versions()
    return (
        record.code == claim.code
        and record.salt == conditions.salt
        and record.profile == conditions.profile.name
        and record.implementation == conditions.implementation.replaced
        and math.isclose(record.alpha, shares.alpha, rel_tol=1e-9)
        and all(then.get(name) == now.get(name) for name in STREAM_PACKAGES)
    )


def stored_trials(record: Record, claim: Claim) -> dict[str, Stored]:
    """The undecided sequential trials of a record, by setting: where each of them goes on."""
    found: dict[str, Stored] = {}
    for trial in record.settings:
        stored = _stored(trial)
        # A fixed sample is read once.
        if stored is not None and claim.holds.test(trial.setting).sequential:
            found[canonical(trial.setting)] = stored
    return found


def _stored(trial: Trial) -> Stored | None:
    """What an undecided trial goes on from; one with a number out of bounds begins anew."""
    if trial.verdict is not Verdict.UNDECIDED or not trial.summary or not trial.blocks:
        return None
    if any(value is None or abs(value) > LARGEST for value in trial.summary):
        return None
    trail = tuple((n, _nats(confirm), _nats(refute)) for n, confirm, refute in trial.trajectory)
    summary = np.array(trial.summary, dtype=np.float64)
    return Stored(trial.blocks, summary, bytes.fromhex(trial.digest), trail)


def _nats(value: float | None) -> float:
    return math.inf if value is None else value
