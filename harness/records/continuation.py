"""Going on from the records of an earlier run: what is finished is kept, what is undecided goes on.

A record is used only where everything that its samples and its verdict depend on is the same.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from harness.blocks.settings import canonical
from harness.declaration.claim import Claim
from harness.environment import versions
from harness.records.record import SCHEMA_VERSION, Record
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Stored

LARGEST = 1e300  # of a number that is still computed with
ERROR = ("type", "where", "message")
NATS = ("estimate", "confirm", "refute")  # numbers of a trial; null where there are none
STREAM_PACKAGES = ("torch", "numpy", "hypothesis")  # another version may draw other samples


def read_finished(file: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The last whole record of each (claim, device) in the file; none where there is no file.

    A line that a killed run left half written is passed over.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        lines = file.read_bytes().split(b"\n")
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            record = json.loads(line, parse_constant=_no_constant)
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


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def still_valid(record: Mapping[str, Any], claim: Claim, run: Mapping[str, Any]) -> bool:
    """Whether the record is of this claim as it reads now, and of a run like this one.

    `run` holds salt, profile, implementation and alpha (the claim's share) of the present run.
    A record that is damaged is not valid, and its claim is examined anew.
    """
    now = versions()
    try:
        then = record["versions"]
        return (
            _is_whole(record)
            and record["schema_version"] == SCHEMA_VERSION
            and record["code"] == claim.code
            and all(record[name] == run[name] for name in ("salt", "profile", "implementation"))
            and math.isclose(record["alpha"], run["alpha"], rel_tol=1e-9)
            and all(then.get(name) == now.get(name) for name in STREAM_PACKAGES)
            and bool(as_record(record).as_line())
            and all(stored.blocks > 0 for stored in stored_trials(record, claim).values())
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        return False


def _is_whole(record: Mapping[str, Any]) -> bool:
    """Whether every field of a record, and of its trials, has the type that it is written with."""
    if not all(_fits(record[field.name], str(field.type)) for field in fields(Record)):
        return False
    texts = [record["sentence"], *filter(None, (record["why"], record["condition"]))]
    return (
        all(isinstance(text.get("en"), str) and isinstance(text.get("zh"), str) for text in texts)
        and all(isinstance(record["relation"].get(name), str) for name in ("en", "zh", "unit"))
        and all(_is_number(record[side]["needed"]) for side in ("confirm", "refute"))
        and all(_is_number(record[side]["reached"], True) for side in ("confirm", "refute"))
        and (record["deciding"] is None or 0 <= record["deciding"] < len(record["settings"]))
        and all(_is_trial(trial) for trial in record["settings"])
        and (record["error"] is None or all(isinstance(record["error"][n], str) for n in ERROR))
        and (record["smallest_refuting"] is None or "setting" in record["smallest_refuting"])
        and _is_interval(record["interval"])
    )


def _is_trial(trial: Mapping[str, Any]) -> bool:
    parts = [trial, *trial["parts"]]
    return (
        isinstance(trial["setting"], dict)
        and isinstance(trial["verdict"], str)
        and all(_fits(trial[name], "int") for name in ("observations", "blocks"))
        and all(_is_number(part[name], True) for part in parts for name in NATS)
        and all(_is_interval(part["interval"]) for part in parts)
        and all(isinstance(part["name"], str) for part in trial["parts"])
        and all(_is_number(value) for point in trial["trajectory"] for value in point)
    )


def _is_interval(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and len(value) == 2 and all(_is_number(v, True) for v in value)


def _is_number(value: Any, optional: bool = False) -> bool:
    if value is None:
        return optional
    return type(value) in (int, float) and abs(value) <= LARGEST


def _fits(value: Any, annotation: str) -> bool:
    """Whether a JSON value is of a field's type: 'str', 'float | None', 'tuple[...]', ..."""
    wanted, _, other = annotation.partition(" | ")
    if value is None:
        return other == "None"
    if wanted in ("float", "int"):
        return _is_number(value) and (wanted == "float" or isinstance(value, int))
    kinds = {"str": str, "bool": bool, "tuple": list}
    return isinstance(value, kinds.get(wanted.partition("[")[0], dict))


def as_record(data: Mapping[str, Any]) -> Record:
    """The record that the data was written from; raises TypeError where fields do not fit."""
    return Record(**dict(data))


def stored_trials(record: Mapping[str, Any], claim: Claim) -> dict[str, Stored]:
    """The undecided sequential trials of a record, by setting: where each of them goes on."""
    found: dict[str, Stored] = {}
    for trial in record.get("settings", ()):
        if trial["verdict"] != Verdict.UNDECIDED.value or not trial.get("summary"):
            continue
        if not claim.holds.test(trial["setting"]).sequential:
            continue  # a fixed sample is read once
        found[canonical(trial["setting"])] = Stored(
            int(trial["blocks"]),
            np.array(trial["summary"], dtype=np.float64),
            bytes.fromhex(trial["digest"]),
            tuple((int(n), float(a), float(b)) for n, a, b in trial["trajectory"]),
        )
    return found
