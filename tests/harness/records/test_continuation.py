"""Going on from records: one is used only if all that its verdict depends on is as it was."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace as replaced

from examples import toys
from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.declaration.relations import Relation
from harness.implementation.named import Implementation
from harness.records.continuation import (
    drop_half_line,
    read_finished,
    still_valid,
    stored_trials,
)
from harness.records.from_examination import record_of
from harness.records.record import OtherVersionError, Record, decode
from harness.statistics.evidence import Verdict
from harness.text import Text
from harness.trial.conditions import Conditions, Shares
from tests.harness.records.examined import NATS, ROOT, undecided
from tests.harness.scripted import SHARES, Nats, examined


@pytest.fixture(scope="module")
def kept() -> Record:
    return decode(undecided().as_line())


def valid(record: Record, claim: Claim = NATS, shares: Shares = SHARES, **run: Any) -> bool:
    """Whether a run like the one of the record, but for these, takes it up."""
    return still_valid(record, claim, Conditions(**run), shares)


def test_a_record_of_the_same_claim_and_run_is_valid(kept: Record) -> None:
    assert kept.verdict is Verdict.UNDECIDED
    assert valid(kept)


@pytest.mark.parametrize(
    "run",
    [
        {"salt": "x"},
        {"profile": PROFILES["deep"]},
        {"implementation": Implementation({"relu": "mine:relu"})},
        {"shares": SHARES.over(2)},
    ],
)
def test_another_run_s_record_is_not(kept: Record, run: dict[str, Any]) -> None:
    assert not valid(kept, **run)


def test_an_error_share_may_differ_in_its_last_digits(kept: Record) -> None:
    assert valid(kept, shares=Shares(SHARES.alpha * (1 + 1e-12), SHARES.beta))


def test_a_changed_claim_has_no_record(kept: Record) -> None:
    assert not valid(kept, toys.coin(0.7))


@pytest.mark.parametrize("package", ["torch", "numpy", "hypothesis"])
def test_another_version_may_draw_other_samples(kept: Record, package: str) -> None:
    assert not valid(replaced(kept, versions={**kept.versions, package: "0.1"}))
    assert valid(replaced(kept, versions={**kept.versions, "pytest": "0.1"}))


def test_a_library_that_was_never_there_is_the_same_one(
    kept: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = {name: kept.versions[name] for name in ("numpy", "hypothesis")}
    monkeypatch.setattr("harness.records.continuation.versions", lambda: without)

    assert valid(replaced(kept, versions=without))
    assert not valid(kept)


# Where undecided trials go on


def test_undecided_trials_go_on_where_they_stopped() -> None:
    examination = examined(NATS)
    stored = stored_trials(decode(record_of(examination, 0, ROOT).as_line()), NATS)

    assert [trial.verdict for trial in examination.trials] == [
        Verdict.CONFIRMED, Verdict.UNDECIDED, Verdict.UNDECIDED,
    ]  # fmt: skip
    assert list(stored) == ['{"p":2}', '{"p":3}']
    for one, trial in zip(stored.values(), examination.trials[1:], strict=True):
        assert one.summary is not None
        assert trial.summary is not None
        assert one.blocks == trial.blocks > 0
        assert np.array_equal(one.summary, trial.summary)
        assert one.digest.hex() == trial.digest
        assert one.trail == trial.trail
        assert all(type(n) is int for n, *_ in one.trail)


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": Verdict.CONFIRMED},
        {"blocks": 0},
        {"summary": None},
        {"summary": []},
        {"summary": [4.0, None]},
        {"summary": [4.0, 2e300]},
    ],
)
def test_what_was_not_measured_or_is_decided_does_not_go_on(
    kept: Record, change: dict[str, Any]
) -> None:
    first, second, third = kept.settings
    settings = [first, replaced(second, **change), third]

    assert list(stored_trials(replaced(kept, settings=settings), NATS)) == ['{"p":3}']


def test_infinite_evidence_goes_on_as_such(kept: Record) -> None:
    exact = replaced(kept.settings[1], trajectory=[(4, None, 0.0)])

    (stored, _) = stored_trials(
        replaced(kept, settings=[exact, kept.settings[2]], deciding=0), NATS
    ).values()

    assert stored.trail == ((4, math.inf, 0.0),)


def test_a_fixed_sample_is_read_once_and_does_not_go_on(kept: Record) -> None:
    def kind(setting: Mapping[str, Any]) -> Any:
        return Nats(sequential=setting["p"] != 2)

    mixed = replace(NATS, holds=Relation(Text("nats", "奈特"), kind))

    assert list(stored_trials(kept, mixed)) == ['{"p":3}']


# The file


def test_the_last_whole_record_of_a_claim_on_a_device_counts(tmp_path: Path, kept: Record) -> None:
    file = tmp_path / "records.jsonl"
    other = replaced(kept, device="cuda:0")
    lines = [
        replaced(kept, seconds=1.0).as_line(),
        replaced(kept, seconds=2.0).as_line(),
        kept.as_line()[:-100] + b"\n",
        b"[1, 2]\n",
        b"[" * 10_000 + b"\n",
        b"\n",
        other.as_line(),
    ]
    file.write_bytes(b"".join(lines))

    found = read_finished(file)

    assert found == {("toy", "cpu"): replaced(kept, seconds=2.0), ("toy", "cuda:0"): other}


def test_a_file_of_another_version_is_not_gone_on_from(tmp_path: Path, kept: Record) -> None:
    file = tmp_path / "records.jsonl"
    file.write_text(json.dumps({**kept.as_dict(), "schema_version": 1}), encoding="utf-8")

    with pytest.raises(OtherVersionError, match="schema_version=1"):
        read_finished(file)


def test_where_there_is_no_file_nothing_is_finished(tmp_path: Path) -> None:
    drop_half_line(tmp_path / "records.jsonl")

    assert read_finished(tmp_path / "records.jsonl") == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"one\ntwo\n", b"one\ntwo\n"),
        (b"one\ntwo", b"one\n"),
        (b"one\n\n", b"one\n\n"),
        (b"half", b""),
        (b"", b""),
    ],
)
def test_a_half_line_is_cut_off(tmp_path: Path, before: bytes, after: bytes) -> None:
    file = tmp_path / "records.jsonl"
    file.write_bytes(before)

    drop_half_line(file)

    assert file.read_bytes() == after


def test_a_file_of_whole_lines_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    file.write_bytes(b"one\n")
    file.chmod(0o444)
    before = file.stat()

    drop_half_line(file)

    assert file.stat() == before
