"""Going on from the records of an earlier run: what is finished is kept, what is undecided goes on.

A record is used only where everything that its samples and its verdict depend on is the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from harness.statistics.kind import Verdict
from harness.trial.claim import Claim
from harness.trial.environment import versions
from harness.trial.experiment import Stored
from harness.trial.record import SCHEMA_VERSION, Record
from harness.trial.settings import canonical

STREAM_PACKAGES = ("torch", "numpy", "hypothesis")  # another version may draw other samples


def read_finished(file: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The last whole record of each (claim, device) in the file; none where there is no file.

    A line that a killed run left half written is passed over.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            record = json.loads(line)
            found[str(record["claim"]), str(record["device"])] = record
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
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


def still_valid(record: Mapping[str, Any], claim: Claim, run: Mapping[str, Any]) -> bool:
    """Whether the record is of this claim as it reads now, and of a run like this one.

    `run` holds salt, profile, implementation and alpha (the claim's share) of the present run.
    """
    now = versions()
    then = record.get("versions") or {}
    return (
        record.get("schema_version") == SCHEMA_VERSION
        and record.get("code") == claim.code
        and all(record.get(name) == run[name] for name in ("salt", "profile", "implementation"))
        and math.isclose(float(record.get("alpha") or 0.0), run["alpha"], rel_tol=1e-9)
        and all(then.get(name) == now.get(name) for name in STREAM_PACKAGES)
    )


def as_record(data: Mapping[str, Any]) -> Record:
    """The record that the data was written from; raises TypeError where fields do not fit."""
    return Record(**dict(data))


def stored_trials(record: Mapping[str, Any], claim: Claim) -> dict[str, Stored]:
    """The undecided sequential trials of a record, by setting: where each of them goes on."""
    found: dict[str, Stored] = {}
    for trial in record.get("settings", ()):
        if trial["verdict"] != Verdict.UNDECIDED.value or not trial.get("summary"):
            continue
        if not claim.holds.kind(trial["setting"]).sequential:
            continue  # a fixed sample is read once
        found[canonical(trial["setting"])] = Stored(
            int(trial["blocks"]),
            np.array(trial["summary"], dtype=np.float64),
            bytes.fromhex(trial["digest"]),
            tuple((int(n), float(a), float(b)) for n, a, b in trial["trajectory"]),
        )
    return found
