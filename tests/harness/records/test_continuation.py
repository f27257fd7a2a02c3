"""Going on from records: one is used only if all that its verdict depends on is as it was."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace as replaced

from harness.declaration.relations import Relation
from harness.records.continuation import (
    changed,
    drop_half_line,
    examined_anew,
    read_finished,
    stored_trials,
)
from harness.records.from_examination import record_of
from harness.records.record import OtherVersionError, Record, decode
from harness.statistics.evidence import Verdict
from harness.text import Text
from tests.harness.records.examined import NATS, ROOT, undecided
from tests.harness.scripted import Nats, examined


@pytest.fixture(scope="module")
def kept() -> Record:
    return decode(undecided().as_line())


# What a record was computed from

THEN = {"claim": "aa", "harness": "bb", "module mine": "cc", "module helpers": "dd"}


def test_what_is_known_and_the_same_may_be_used() -> None:
    assert changed(THEN, dict(THEN)) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"claim": "x"}, ["the claims' own text changed"]),
        ({"module helpers": "x"}, ["the module helpers changed"]),
        ({"harness": "x", "module mine": "y"}, ["the harness changed", "the module mine changed"]),
        ({"package flax": "x"}, ["the package flax changed"]),
        ({"package flax": "x", "module mine": "y"}, ["the module mine changed"]),
        (
            {"module mine": "unknown: mine.py, line 3 imports a name that is computed"},
            ["the module mine is unknown: mine.py, line 3 imports a name that is computed"],
        ),
    ],
)
def test_what_changed_is_said(change: dict[str, str], said: list[str]) -> None:
    assert list(changed(THEN, THEN | change)) == said


def test_what_is_no_longer_imported_has_changed() -> None:
    now = {name: digest for name, digest in THEN.items() if name != "module helpers"}
    assert changed(THEN, now) == ("the module helpers changed",)


def test_what_is_unknown_equals_nothing_not_even_itself() -> None:
    unknown = THEN | {"module mine": "unknown"}
    assert changed(unknown, dict(unknown)) == ("the module mine is unknown",)
    assert changed(unknown, THEN) == ("the module mine changed",)


def test_a_record_that_does_not_say_what_it_was_computed_from_is_not_used() -> None:
    assert changed({}, THEN) == ("their records do not say what they were computed from",)


def test_one_line_says_what_changed_and_how_many_claims_that_concerns(kept: Record) -> None:
    before = {
        (name, "cpu"): replaced(kept, claim=name, inputs=THEN | more)
        for name, more in (("a", {}), ("b", {}), ("c", {"claim": "old"}), ("d", {"harness": "o"}))
    }
    after = [replaced(kept, claim=name, inputs=THEN) for name in ("a", "c", "e")]
    after += [replaced(kept, claim="b", inputs=THEN | {"claim": "new"})]

    assert examined_anew(before, after) == ["examined anew: 2 claims, the claims' own text changed"]
    assert examined_anew(before, after[:2]) == [
        "examined anew: 1 claim, the claims' own text changed"
    ]
    assert examined_anew({}, after) == []


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


@pytest.mark.parametrize("change", [
    {"verdict": Verdict.CONFIRMED}, {"blocks": 0}, {"summary": None}, {"summary": []},
    {"summary": [4.0, None]}, {"summary": [4.0, 2e300]},
])  # fmt: skip
def test_what_is_decided_or_unmeasured_does_not_go_on(kept: Record, change: dict[str, Any]) -> None:
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

    mixed = replace(NATS, holds=Relation(Text("nats", "纳特"), kind))

    assert list(stored_trials(kept, mixed)) == ['{"p":3}']


# The file


def test_the_last_whole_record_of_a_claim_on_a_device_counts(tmp_path: Path, kept: Record) -> None:
    file = tmp_path / "records.jsonl"
    other = replaced(kept, device="cuda:0")
    lines = [
        replaced(kept, seconds=1.0).as_line(), replaced(kept, seconds=2.0).as_line(),
        kept.as_line()[:-100] + b"\n", b"[1, 2]\n", b"[" * 10_000 + b"\n", b"\n", other.as_line(),
    ]  # fmt: skip
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


@pytest.mark.parametrize(("before", "after"), [
    (b"one\ntwo\n", b"one\ntwo\n"), (b"one\ntwo", b"one\n"), (b"one\n\n", b"one\n\n"),
    (b"half", b""), (b"", b""),
])  # fmt: skip
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
