"""What is fuzzed: each target takes bytes and may raise nothing but the reader's own error.

A target returns the clean error's message, or an empty string where the input was accepted.
"""

import argparse
import gzip
import json
import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from examples import toys
from harness.data.idx import DataError, read_idx
from harness.declaration.relations import more_often_than_not
from harness.devices import DeviceError
from harness.implementation.named import ImplementationError
from harness.implementation.user_file import UserFileError, read_user_file
from harness.records import continuation
from harness.records.from_examination import record_of
from harness.records.record import OtherVersionError, Record
from harness.run.options import SessionError, options_of
from harness.run.terminal import failure_text
from harness.trial.conditions import Conditions, Shares
from harness.trial.examination import examine
from harness.workers.executors import ExecutorError, parse
from reports.gate.baseline import BaselineError, read_baseline
from reports.history.file import HistoryError
from reports.history.store import add_run, read_past
from reports.history.view import history_of
from reports.html.render import render_page
from reports.records import Reading, RecordsError, read_records
from studies.embedded_slice import encode_idx
from studies.fuzz.running import running, suspects
from studies.report.records import records, typed

ROOT = Path(__file__).resolve().parents[2]
SHARES = Shares(1e-6, 1e-6)


@dataclass(frozen=True)
class Target:
    """A reader: what it does with bytes, and good inputs that are to be mutated."""

    read: Callable[[bytes, Path], str]
    seeds: tuple[bytes, ...]


def _records(data: bytes, file: Path) -> str:
    file.write_bytes(data)
    try:
        read_records(file)
    except RecordsError as error:
        return str(error)
    return ""


def _report(data: bytes, file: Path) -> str:
    """The whole page: what the reader lets through must be shown without a crash or a script."""
    file.write_bytes(data)
    try:
        page = render_page(read_records(file))
    except RecordsError as error:
        return str(error)
    may_run, may_look_so = _plain_page()
    if suspects(page) != may_look_so and running(page) != may_run:
        raise AssertionError("a string of the records became a part of the page that runs")
    return ""


@cache
def _plain_page() -> tuple[set[str], set[str]]:
    """What may run, and looks as if it could: the same of a page whose records are harmless."""
    page = render_page(Reading(typed(records(3))))
    return running(page), suspects(page)


def _baseline(data: bytes, file: Path) -> str:
    file.write_bytes(data)
    try:
        baseline = read_baseline(file)
    except BaselineError as error:
        return str(error)
    values = [v for e in baseline.statistics.values() for s in e.values() for v in s.values]
    times = [v for rows in baseline.timings.values() for row in rows.values() for v in row]
    if not all(math.isfinite(value) for value in (*values, *times) if value is not None):
        raise AssertionError("a number that is none was let through")
    return ""


def _history(data: bytes, file: Path) -> str:
    file.write_bytes(data)
    try:
        past = read_past(file)
    except HistoryError as error:
        return str(error)
    history_of(past)
    return ""


@cache
def _history_seed() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "history.sqlite"
        for seed in range(3):
            add_run(
                file, typed(records(2, seed)), {"a machine": {"dropout[cpu]": 0.1 * seed}}, "a run"
            )
        return file.read_bytes()


def _idx(data: bytes, file: Path) -> str:
    file.write_bytes(data)
    try:
        read_idx(file, 3, largest=1 << 16)
    except DataError as error:
        return str(error)
    return ""


def _user_file(data: bytes, file: Path) -> str:
    file.write_bytes(data)
    try:
        read_user_file(file)
    except UserFileError as error:
        return str(error)
    return ""


INPUTS = {"claim": "0123456789ab"}
BETWEEN = toys.coin(0.7, "toy-between", holds=more_often_than_not(cap=8))


@cache
def _undecided() -> Record:
    """A record that can be gone on with."""
    return record_of(examine(BETWEEN, Conditions(), SHARES), 0, ROOT, None, INPUTS)


def _continuation(data: bytes, file: Path) -> str:
    """Read, and use as a session does: a record that is taken up must be usable throughout."""
    file.write_bytes(data)
    taken = 0
    try:
        finished = continuation.read_finished(file)
    except OtherVersionError as error:
        return str(error)
    for record in finished.values():
        if not continuation.changed(record.inputs, INPUTS):
            taken += 1
            continuation.stored_trials(record, BETWEEN)
            failure_text(record)
            record.as_line()
    continuation.drop_half_line(file)
    return "" if taken else "examined anew"


DEFAULTS: Mapping[str, Any] = {
    "claims_profile": "ci", "claims_salt": "s", "claims_device": None,
    "claims_implementation": [], "claims_data": None, "claims_output": "out", "claims_only": [],
    "claims_executor": "serial", "claims_block_limit": 120.0, "claims_continue": False,
    "claims_all": False, "claims_known_failures": [], "claims_capabilities": None,
}  # fmt: skip
FILES = ("claims_data", "claims_capabilities")
LISTS = ("claims_implementation", "claims_only", "claims_known_failures", "claims_device")


def _options(data: bytes, file: Path) -> str:
    """Lines NAME=VALUE, as the command line would hand them over."""
    given = {name: value[:] if isinstance(value, list) else value
             for name, value in DEFAULTS.items()}  # fmt: skip
    for line in data.decode("utf-8", "surrogateescape").replace("\0", "").split("\n"):
        name, _, value = line.partition("=")
        if name in LISTS:
            given[name] = [*(given[name] or []), value]
        elif name == "claims_block_limit":
            try:
                given[name] = float(value)
            except ValueError:
                continue  # pytest's own parser refuses it
        elif isinstance(DEFAULTS.get(name, 0), str) or name in FILES:
            given[name] = value
    try:
        options = options_of(argparse.Namespace(**given))
        parse(options.executor or "processes")
    except (SessionError, ImplementationError, UserFileError, ExecutorError, DeviceError) as error:
        return str(error)
    return ""


def _lines(rows: list[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


@cache
def targets() -> Mapping[str, Target]:
    """All targets by name."""
    small = [_smaller(row) for row in records(3)]
    image = encode_idx(np.zeros((2, 3, 4), dtype=np.uint8))
    return {
        "records": Target(_records, (_lines(list(small)), _lines(list(small[:1])))),
        "report": Target(_report, tuple(_lines([row]) for row in small)),
        "baseline": Target(_baseline, (json.dumps(BASELINE).encode(),)),
        "history": Target(_history, (_history_seed(),)),
        "idx": Target(_idx, (image, gzip.compress(image, mtime=0))),
        "user file": Target(_user_file, (USER_FILE.encode(),)),
        "continuation": Target(_continuation, (_undecided().as_line(),)),
        "options": Target(_options, (OPTIONS.encode(),)),
    }


def _smaller(row: dict[str, Any]) -> dict[str, Any]:
    """The record with one setting and one short curve: mutations then hit what matters."""
    settings = row["settings"][-1:]
    return {**row, "settings": settings, "deciding": 0, "curves": [], "code": "pass"}


BASELINE = {
    "baseline": "chapter-and-verse baseline",
    "schema_version": 1,
    "accepted": "",
    "verdicts": {
        "do-unbiased [cpu, ci]": {
            "verdict": "CONFIRMED", "expected": "CONFIRMED", "meaning": "0a1b2c3d"
        }
    },
    "statistics": {
        "do-unbiased [cpu, ci]": {
            "loss, last": {
                "margin": 0.1, "setting": {"p": 0.5}, "salt": "s", "block": 8,
                "values": [0.1, 0.2, None],
            }
        }
    },
    "timings": {"a machine": {"dropout[cpu]": [0.1, 0.2]}},
}  # fmt: skip
USER_FILE = """[implementation]
dropout = "mypackage.layers:dropout"

[[known_failure]]
id = "do-keep-rule"
role = "dropout"
reason = "the mask has 8 random bits; see issue 12"
expiry = 2099-06-30
"""
OPTIONS = """claims_profile=dev
claims_salt=text
claims_device=cpu
claims_data=slice
claims_capabilities=devices.toml
claims_output=out
claims_only=do-unbiased
claims_executor=processes:2
claims_block_limit=12.5
claims_implementation=relu=examples.toy_faults:nothing
"""
