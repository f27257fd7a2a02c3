"""The baseline is small and readable, replaced whole or not at all; what is none is refused."""

import errno
import json
import os
import subprocess
import sys

import pytest

from reports.statuses import GREEN, UNUSABLE
from studies.report.records import records, write
from tests.checkout import ROOT
from tests.processes import PATIENCE
from tests.reports.place import Place, expected_records

Capture = pytest.CaptureFixture[str]


def test_a_changed_verdict_is_one_changed_line(place: Place) -> None:
    rows = expected_records()
    place.accept(rows)
    before = place.baseline.read_text(encoding="utf-8").splitlines()
    rows[0] |= {"expected": "REFUTED", "verdict": "REFUTED"}

    place.accept(rows)

    after = place.baseline.read_text(encoding="utf-8").splitlines()
    assert len(after) == len(before)
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_a_verdict_does_not_depend_on_the_salt(place: Place) -> None:
    place.accept(expected_records())
    before = json.loads(place.baseline.read_bytes())["verdicts"]

    place.accept(expected_records(salt="fresh"))

    assert json.loads(place.baseline.read_bytes())["verdicts"] == before


def test_a_suite_of_a_hundred_claims_is_small(place: Place) -> None:
    many = enumerate(expected_records() * 20)
    rows = [{**row, "claim": f"claim-{i}", "order": i} for i, row in many]

    place.accept(rows)

    assert place.baseline.stat().st_size < 150_000


def test_other_devices_and_profiles_stay(place: Place) -> None:
    place.accept(expected_records())
    place.accept([{**row, "device": "cuda:0"} for row in expected_records()])
    assert place.gate(expected_records()) == GREEN


def test_what_is_not_as_expected_is_never_accepted(place: Place, capsys: Capture) -> None:
    status = place.accept(records())

    told = capsys.readouterr().out
    accepted = json.loads(place.baseline.read_bytes())["verdicts"]
    assert status == 1
    assert "not accepted: " in told
    assert {entry["verdict"] for entry in accepted.values()} <= {"CONFIRMED", "REFUTED"}
    assert all(entry["verdict"] == entry["expected"] for entry in accepted.values())


FOREIGN = json.dumps({"baseline": "chapter-and-verse baseline", "schema_version": 1})
DAMAGED = (
    '{"baseline": "chapter-and-verse baseline", "schema_version": 1, "verdicts": {}, '
    '"timings": {}, "statistics": {"a [cpu, ci]": {"x": {"values": ["y"], "margin": 1, '
    '"block": 8}}}}'
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is cut short or no JSON"),
        ('{"baseline": "chapter-and-verse base', "is cut short or no JSON"),
        ("[" * 100_000, "is cut short or no JSON"),
        ("[]", "is no baseline of this suite"),
        ('{"benchmarks": []}', "is no baseline of this suite"),
        (FOREIGN.replace("1}", "7}"), "has schema_version=7 and this gate reads 1"),
        (FOREIGN, "is damaged (Object missing required field `verdicts`"),
        (DAMAGED, "is damaged (Expected `float | null`, got `str`"),
        (FOREIGN.replace("1}", "NaN}"), "is cut short or no JSON"),
    ],
    ids=["empty", "cut", "deep", "list", "benchmarks", "version", "bare", "damaged", "nan"],
)
def test_no_baseline_is_one_sentence(place: Place, capsys: Capture, text: str, said: str) -> None:
    place.baseline.write_text(text, encoding="utf-8")

    status = place.gate(expected_records())

    shown = capsys.readouterr()
    assert status == UNUSABLE
    assert said in shown.err
    assert len(shown.err.strip().splitlines()) == 1
    assert shown.out == ""


def test_bytes_that_are_no_text_are_refused(place: Place, capsys: Capture) -> None:
    place.baseline.write_bytes(b"\xff\xfe{")
    assert place.gate(expected_records()) == UNUSABLE
    assert "is cut short or no JSON" in capsys.readouterr().err


def test_another_suites_baseline_is_refused(place: Place, capsys: Capture) -> None:
    place.accept([{**row, "claim": f"their-{row['claim']}"} for row in expected_records()])

    status = place.gate(expected_records())

    assert status == UNUSABLE
    assert "the baseline is of another suite: none of its 6 claims" in capsys.readouterr().err


def test_a_named_baseline_that_is_not_there_is_no_pass(place: Place, capsys: Capture) -> None:
    assert place.gate(expected_records()) == UNUSABLE
    assert "write a new one with `python -m reports accept`" in capsys.readouterr().err


def test_hostile_names_do_nothing(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    text = place.baseline.read_text(encoding="utf-8")
    hostile = json.dumps("x\x1b[31m\u202e]\n::error::y [cpu, ci]")
    first = text.index('"verdicts": {\n') + len('"verdicts": {\n')
    entry = '{"verdict": "CONFIRMED", "expected": "CONFIRMED", "meaning": "0"}'
    place.baseline.write_text(f"{text[:first]}{hostile}: {entry},\n{text[first:]}", "utf-8")

    place.gate(expected_records())

    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert not any(line.startswith("::error") for line in told.splitlines())


def test_a_full_disk_leaves_the_old_baseline(
    place: Place, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.accept(expected_records())
    before = place.baseline.read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place.baseline))

    monkeypatch.setattr(os, "fsync", full)
    status = place.accept(expected_records(salt="fresh"))

    assert status == UNUSABLE
    assert "No space left on device" in capsys.readouterr().err
    assert place.baseline.read_bytes() == before
    assert {file.name for file in place.folder.iterdir()} == {"out", "baseline.json"}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_a_summary_that_cannot_be_written_is_no_pass(
    place: Place, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.accept(expected_records())
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "/dev/full")

    assert place.gate(expected_records()) == UNUSABLE
    assert "No space left on device" in capsys.readouterr().err


def test_two_who_accept_at_once_lose_nothing(place: Place) -> None:
    """Each accepts another device; both are in the file afterwards."""
    started = []
    for device in ("cpu", "cuda:0", "cuda:1"):
        file = place.folder / device.replace(":", "") / "records.jsonl"
        write(file, [{**row, "device": device} for row in expected_records()])
        command = ["accept", "--records", str(file), "--baseline", str(place.baseline)]
        words = [sys.executable, "-m", "reports", *command]
        started.append(subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL))

    assert [process.wait(timeout=PATIENCE) for process in started] == [0, 0, 0]
    verdicts = json.loads(place.baseline.read_bytes())["verdicts"]
    assert len(verdicts) == 18


def test_two_gates_at_once_leave_a_whole_summary(place: Place) -> None:
    place.accept(expected_records())
    place.gate(expected_records())
    whole = place.records.with_name("gate.md").read_text(encoding="utf-8")
    options = ["gate", "--records", str(place.records), "--baseline", str(place.baseline)]
    words = [sys.executable, "-m", "reports", *options]
    started = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(2)]

    assert [process.wait(timeout=PATIENCE) for process in started] == [0, 0]
    assert place.records.with_name("gate.md").read_text(encoding="utf-8") == whole
