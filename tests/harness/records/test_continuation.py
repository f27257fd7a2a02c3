"""Going on from records: one is used only if all that its verdict depends on is as it was."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from examples import toys
from harness.blocks.streams import Stream
from harness.declaration.relations import Relation, all_hold, more_often_than_not
from harness.records.continuation import (
    as_record,
    drop_half_line,
    read_finished,
    still_valid,
    stored_trials,
)
from harness.records.from_examination import record_of
from harness.statistics.evidence import Verdict
from harness.text import Text
from harness.trial.examination import Examination
from tests.checkout import ROOT
from tests.harness.scripted import Nats, examined, saying

# One setting is decided, two are not; a composite has parts; a refuted claim its smallest setting.
NATS = saying(lambda p: (9.0 * (p == 1), 0.0), always=({"p": 1}, {"p": 2}, {"p": 3}))


def two_coins(relu: Any, replicates: int, stream: Stream) -> dict[str, Any]:
    """One coin twice."""
    heads = stream.numpy().random(replicates) < 0.7
    return {"a": heads, "b": heads}


BOTH = all_hold(a=more_often_than_not(cap=8), b=more_often_than_not(cap=8))
PARTS = replace(toys.coin(0.7), measure=two_coins, holds=BOTH)


def plain(examination: Examination) -> dict[str, Any]:
    """The record as it is read back."""
    line = record_of(examination, 0, ROOT, "slice").as_line()
    return json.loads(line)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return plain(examined(NATS))


def run_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """A run like the one that the record is of."""
    return {name: record[name] for name in ("salt", "profile", "implementation", "alpha")}


def changed(record: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with another value at 'a.0.b'."""
    other: Any = copy.deepcopy(dict(record))
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = other
    for step in above:
        place = place[step]
    place[last] = value
    return other  # type: ignore[no-any-return]


def test_a_record_of_the_same_claim_and_run_is_valid(kept: dict[str, Any]) -> None:
    assert kept["verdict"] == "UNDECIDED"
    assert still_valid(kept, NATS, run_of(kept))


@pytest.mark.parametrize("name", ["salt", "profile", "implementation", "alpha"])
def test_another_run_s_record_is_not(kept: dict[str, Any], name: str) -> None:
    other = {"implementation": {"relu": "mine:relu"}, "alpha": kept["alpha"] * 1.5}.get(name, "x")

    assert not still_valid(kept, NATS, {**run_of(kept), name: other})


def test_an_error_share_may_differ_in_its_last_digits(kept: dict[str, Any]) -> None:
    share = kept["alpha"] * (1 + 1e-12)

    assert still_valid(kept, NATS, {**run_of(kept), "alpha": share})


def test_a_changed_claim_has_no_record(kept: dict[str, Any]) -> None:
    assert not still_valid(kept, toys.coin(0.7), run_of(kept))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("schema_version", 2),
        ("versions.numpy", "1.0"),
        ("versions.torch", None),
        ("versions.hypothesis", "5"),
        ("not_a_field", 1),
        # Each field has its type.
        ("claim", 1),
        ("cap", 8.5),
        ("cap", True),
        ("cap", None),
        ("seconds", "1"),
        ("seconds", 2e300),
        ("as_expected", 1),
        ("settings", {}),
        ("relation", []),
        ("beta", None),
        # Texts are in both languages.
        ("sentence.en", 1),
        ("sentence.zh", None),
        ("why", {"en": "so"}),
        ("condition", {"zh": "如此"}),
        ("relation.en", None),
        ("relation.zh", 1),
        ("relation.unit", None),
        # Evidence is numbers.
        ("confirm.needed", None),
        ("refute.needed", "10"),
        ("confirm.reached", "1"),
        ("refute.reached", True),
        ("interval", [0.0]),
        ("interval", [0.0, 0.5, 1.0]),
        ("interval", [0.0, "1"]),
        ("interval", {"low": 0}),
        ("deciding", -1),
        ("deciding", 3),
        ("error", {"type": "ValueError", "where": "x.py:1", "message": None}),
        ("smallest_refuting", {"estimate": 1.0}),
        # So are those of each trial.
        ("settings.1.setting", []),
        ("settings.1.verdict", None),
        ("settings.1.observations", 1.5),
        ("settings.1.blocks", None),
        ("settings.1.estimate", "1"),
        ("settings.1.confirm", []),
        ("settings.1.refute", True),
        ("settings.1.interval", [1.0]),
        ("settings.1.trajectory.0.1", None),
        ("settings.1.trajectory", 1),
        ("settings.1.parts", None),
        # What an undecided trial goes on from was measured.
        ("settings.1.blocks", 0),
        ("settings.1.blocks", -1),
        ("settings.1.digest", "no hexadecimal"),
        ("settings.1.summary", ["many"]),
    ],
)
def test_a_damaged_record_is_not_valid(kept: dict[str, Any], path: str, value: Any) -> None:
    assert not still_valid(changed(kept, path, value), NATS, run_of(kept))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("seconds", 1),
        ("seconds", 1e300),
        ("cap", 0),
        ("deciding", None),
        ("deciding", 2),
        ("deciding", 0),
        ("interval", None),
        ("interval", [None, 1.0]),
        ("confirm.reached", None),
        ("why", {"en": "so", "zh": "如此"}),
        ("formula", None),
        ("error", {"type": "ValueError", "where": "x.py:1", "message": "no"}),
        ("smallest_refuting", {"setting": {"p": 1}, "estimate": None}),
        ("settings.1.estimate", None),
        ("settings.1.interval", None),
        ("settings.1.interval", [None, None]),
        ("settings.1.blocks", 1),
        ("versions.a_package", "1"),
    ],
)
def test_what_may_be_missing_or_infinite_is_no_damage(
    kept: dict[str, Any], path: str, value: Any
) -> None:
    assert still_valid(changed(kept, path, value), NATS, run_of(kept))


@pytest.mark.parametrize(
    ("path", "value"),
    [("name", None), ("name", 1), ("estimate", "1"), ("confirm", "1"), ("interval", [1])],
)
def test_parts_of_a_composite_are_looked_at_too(path: str, value: Any) -> None:
    record = plain(examined(PARTS))
    assert len(record["settings"][0]["parts"]) == 2
    assert still_valid(record, PARTS, run_of(record))

    damaged = changed(record, f"settings.0.parts.1.{path}", value)

    assert not still_valid(damaged, PARTS, run_of(record))


def test_a_library_that_was_never_there_is_the_same_one(
    kept: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    without = {"numpy": kept["versions"]["numpy"], "hypothesis": kept["versions"]["hypothesis"]}
    monkeypatch.setattr("harness.records.continuation.versions", lambda: without)

    assert still_valid({**kept, "versions": without}, NATS, run_of(kept))
    assert not still_valid(kept, NATS, run_of(kept))


def test_what_is_read_back_is_the_record() -> None:
    examination = examined(NATS)
    record = record_of(examination, 0, ROOT, "slice")

    assert as_record(json.loads(record.as_line())).as_line() == record.as_line()


# Where undecided trials go on


def test_undecided_trials_go_on_where_they_stopped() -> None:
    examination = examined(NATS)
    record = plain(examination)
    stored = stored_trials(record, NATS)

    assert [trial.verdict for trial in examination.trials] == [
        Verdict.CONFIRMED, Verdict.UNDECIDED, Verdict.UNDECIDED,
    ]  # fmt: skip
    assert list(stored) == ['{"p":2}', '{"p":3}']
    for one, trial in zip(stored.values(), examination.trials[1:], strict=True):
        assert trial.summary is not None
        assert one.blocks == trial.blocks > 0
        assert one.summary is not None
        assert np.array_equal(one.summary, trial.summary)
        assert one.digest.hex() == trial.digest
        assert one.trail == trial.trail
        assert all(type(n) is int for n, *_ in one.trail)


def test_a_decided_trial_and_one_without_a_summary_do_not_go_on(kept: dict[str, Any]) -> None:
    summarised = changed(kept, "settings.0.summary", [4.0, 36.0, 0.0])
    bare = changed(summarised, "settings.1.summary", [])

    assert list(stored_trials(summarised, NATS)) == ['{"p":2}', '{"p":3}']
    assert list(stored_trials(bare, NATS)) == ['{"p":3}']
    assert stored_trials({}, NATS) == {}


def test_a_fixed_sample_is_read_once_and_does_not_go_on(kept: dict[str, Any]) -> None:
    def kind(setting: Mapping[str, Any]) -> Any:
        return Nats(sequential=setting["p"] != 2)

    mixed = replace(NATS, holds=Relation(Text("nats", "奈特"), kind))

    assert list(stored_trials(kept, mixed)) == ['{"p":3}']


# The file


def test_the_last_whole_record_of_a_claim_on_a_device_counts(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    lines = [
        '{"claim": "a", "device": "cpu", "n": 1}',
        '{"claim": "a", "device": "cpu", "n": 2}',
        '{"claim": "a", "device": "cpu", "n": NaN}',
        '{"claim": "a", "device": "c',
        '{"claim": "a"}',
        "[1, 2]",
        "[" * 10_000,
        "",
        '{"claim": "a", "device": "cuda:0", "n": 3}',
    ]
    file.write_text("\n".join(lines), encoding="utf-8")

    found = read_finished(file)

    assert {key: record["n"] for key, record in found.items()} == {
        ("a", "cpu"): 2,
        ("a", "cuda:0"): 3,
    }


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
