"""Going on from the records of an earlier run: what is finished is kept, what is undecided goes on.

A record is used only where all that it was computed from is known and the same: its `inputs`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from harness.blocks.settings import canonical
from harness.declaration.claim import Claim
from harness.implementation.source import is_known
from harness.records.record import Record, RecordError, Trial, decode
from harness.statistics.evidence import Verdict
from harness.text import counted
from harness.trial.conditions import Stored

LARGEST = 1e300  # of a number that is still computed with
Finished = Mapping[tuple[str, str], Record]  # by claim and device
# What is said of a name that changed; a module or a package is said by its own.
SAID = {
    "claim": "the claims' own text",
    "experiments": "what their files import",
    "harness": "the harness",
    "data": "the images",
    "versions": "the versions of packages",
    "kernels": "the kernels of linear algebra",
    "device": "the device",
    "profile": "the profile",
    "salt": "the salt",
    "options": "the options",
    "shares": "their shares of the error budget",
}


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


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """In words, which of the inputs are not known to be the same; none where a record may be used.

    A module that stands on one side alone is named only where nothing else is.
    """
    if not before:
        return ("their records do not say what they were computed from",)
    unknown = [name for name, digest in now.items() if not is_known(digest)]
    both = [name for name in now if name in before and now[name] != before[name]]
    one = sorted(before.keys() ^ now.keys())
    found = [f"{SAID.get(name, f'the {name}')} changed" for name in both if name not in unknown]
    found += [f"{SAID.get(name, f'the {name}')} is {now[name]}" for name in unknown]
    return tuple(found or [f"{SAID.get(name, f'the {name}')} changed" for name in one])


def examined_anew(finished: Finished, records: Iterable[Record]) -> list[str]:
    """For each thing that changed, a line that says how many records are new because of it."""
    counts: Counter[str] = Counter()
    for record in records:
        before = finished.get((record.claim, record.device))
        if before is not None:
            counts.update(changed(before.inputs, record.inputs))
    return [f"examined anew: {counted(count, 'claim')}, {why}" for why, count in counts.items()]


def stored_trials(record: Record, claim: Claim) -> dict[str, Stored]:
    """The undecided sequential trials of a record, by setting: where each of them goes on."""
    found: dict[str, Stored] = {}
    for trial in record.settings:
        stored = _stored(trial)
        # A fixed sample is read once.
        if stored is not None and claim.test(trial.setting).sequential:
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
    return Stored(trial.blocks, summary, bytes.fromhex(trial.digest), trail, trial.calls)


def _nats(value: float | None) -> float:
    return math.inf if value is None else value
