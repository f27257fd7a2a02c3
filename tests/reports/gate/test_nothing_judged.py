"""Nothing is green that judged nothing: each command says so, and has one status for it."""

import re
from pathlib import Path

import pytest

from harness.records.record import NOTHING_JUDGED
from harness.statistics.evidence import Verdict
from reports.commands import main
from reports.statuses import ACCEPT, ADD, GATE, GREEN, HTML, NOTHING, RED, told
from reports.timings_file import Timed, write_timings
from studies.report.records import Row, records, write
from tests.checkout import ROOT
from tests.reports.place import Place, expected_records

Capture = pytest.CaptureFixture[str]


def never_tried(*verdicts: str) -> list[Row]:
    rows = expected_records(len(verdicts))
    return [
        {**row, "verdict": verdict, "settings": [], "deciding": None}
        for row, verdict in zip(rows, verdicts, strict=True)
    ]


def test_pytest_itself_ends_with_no_status_of_ours() -> None:
    assert max(map(int, pytest.ExitCode)) < NOTHING_JUDGED == NOTHING


def test_verdicts_that_say_why_there_was_no_trial_are_the_only_ones_that_judge_nothing() -> None:
    assert [verdict.value for verdict in Verdict if not verdict.judged] == [
        "NOT APPLICABLE",
        "NOT TESTABLE",
    ]


@pytest.mark.parametrize("command", ["html", "gate", "accept", "add"])
def test_an_empty_file_is_one_sentence(place: Place, capsys: Capture, command: str) -> None:
    place.accept(expected_records())
    before = place.baseline.read_bytes()
    place.records.write_text("\n", encoding="utf-8")
    capsys.readouterr()

    output = place.baseline if command == "accept" else place.folder / "out" / "x"
    status = main([command, "--records", str(place.records), "--output", str(output)])

    shown = capsys.readouterr()
    assert status == NOTHING
    assert shown.err.strip().splitlines() == [
        f"reports {command}: records.jsonl is empty: the run judged no claim; run the claims "
        "without the options that leave all of them out"
    ]
    assert place.baseline.read_bytes() == before


@pytest.mark.parametrize("command", ["html", "accept", "add"])
def test_records_of_no_trial_are_one_sentence(place: Place, capsys: Capture, command: str) -> None:
    write(place.records, never_tried("NOT APPLICABLE", "NOT TESTABLE", "NOT APPLICABLE"))

    output = place.folder / "out" / "x"
    status = main([command, "--records", str(place.records), "--output", str(output)])

    said = capsys.readouterr().err.strip().splitlines()
    assert status == NOTHING
    assert len(said) == 1
    assert (
        "all 3 records are NOT APPLICABLE or NOT TESTABLE, so that no claim was judged" in said[0]
    )
    assert output.exists() == (command == "html")


def test_a_page_and_a_summary_of_nothing_say_so(place: Place) -> None:
    write(place.records, never_tried("NOT APPLICABLE", "NOT TESTABLE"))
    page = place.folder / "out" / "report.html"

    main(["html", "--records", str(place.records), "--output", str(page)])

    for file in (page, page.with_name("summary.md")):
        text = file.read_text(encoding="utf-8")
        assert "Nothing was judged: no claim applies to what was on trial" in text
        assert "1 cannot be tested and 1 does not apply to what is on trial" in text
        assert "every verdict is the one" not in text
    assert 'class="lead bad"' in page.read_text(encoding="utf-8")


def test_a_gate_on_no_trial_has_judged_nothing(
    place: Place, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place.folder)

    status = place.gate_alone(never_tried("NOT APPLICABLE", "NOT TESTABLE"))

    told = capsys.readouterr().out
    assert status == NOTHING
    assert told.count("The gate has judged nothing.") == 1
    assert "no claim was judged: the run's 2 records are 1 NOT APPLICABLE, 1 NOT TESTABLE" in told
    assert "next: examine claims that apply to what is on trial: python -m pytest claims" in told
    assert "verdicts are as expected" not in told


@pytest.mark.parametrize("verdict", ["NOT APPLICABLE", "NOT TESTABLE"])
def test_a_verdict_no_longer_reached_is_red(place: Place, capsys: Capture, verdict: str) -> None:
    rows = expected_records()
    place.accept(rows)
    rows[0] |= {"verdict": verdict}

    assert place.gate(rows) == RED
    assert f"is {verdict}, CONFIRMED in the baseline" in capsys.readouterr().out


def test_what_is_not_applicable_is_told_from_as_expected(place: Place, capsys: Capture) -> None:
    rows = expected_records()
    rows[0] |= {"verdict": "NOT APPLICABLE"}
    place.accept(rows)
    capsys.readouterr()

    assert place.gate(rows) == GREEN
    told = capsys.readouterr().out
    assert "✓ verdicts: 5 verdicts are as expected" in told
    assert "· verdicts: 1 claim is NOT APPLICABLE" in told


def test_a_named_baseline_of_other_runs_alone_is_compared_with_nothing(
    place: Place, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.accept(expected_records())
    others = [{**row, "profile": "deep"} for row in expected_records()]
    capsys.readouterr()

    status = place.gate(others)

    told = capsys.readouterr().out
    assert status == NOTHING
    said = "nothing was compared: the baseline holds verdicts of [cpu, ci], the run is [cpu, deep]"
    assert said in told
    assert "or write one: python -m reports accept" in told

    monkeypatch.chdir(place.folder)
    assert main(["gate", "--records", str(place.records)]) == GREEN
    assert "and 1 more have no baseline yet" in capsys.readouterr().out


def test_timings_of_no_benchmark_are_no_pass(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    file = place.folder / "timings.json"
    write_timings(file, Timed({}, [], ["benchmarks/test_toy.py::test_new"]))

    status = place.gate(expected_records(), "--timings", str(file))

    told = capsys.readouterr().out
    assert status == NOTHING
    assert "no benchmark was compared: none that was chosen is in both base and head" in told
    assert "pytest benchmarks --collect-only -q` with --only" in told


def test_red_comes_before_nothing_and_nothing_before_undecided(place: Place) -> None:
    place.accept(expected_records())
    file = place.folder / "timings.json"
    write_timings(file, Timed({}))
    rows = expected_records()
    rows[0] |= {"verdict": "UNDECIDED", "as_expected": False}
    assert place.gate(rows, "--timings", str(file)) == NOTHING

    rows[1] |= {"verdict": "REFUTED", "as_expected": False}
    assert place.gate(rows, "--timings", str(file)) == RED


def test_every_status_is_in_the_docs_and_in_the_help(capsys: Capture) -> None:
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\d) \| (.*) \|$", page, re.MULTILINE))
    assert sorted(map(int, rows)) == sorted(GATE)
    for status, cells in rows.items():
        wanted = [table.get(int(status), "–") for table in (GATE, ACCEPT, HTML, ADD)]
        assert cells.split(" | ") == wanted

    helped = {"gate": GATE, "compare-timings": GATE, "accept": ACCEPT, "html": HTML, "add": ADD}
    for command, statuses in helped.items():
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert told(statuses) in capsys.readouterr().out


def test_the_records_of_the_chapter_judge_something(place: Place, tmp_path: Path) -> None:
    write(place.records, records())
    assert main(["add", "--records", str(place.records), "--history", str(tmp_path / "h")]) == GREEN
