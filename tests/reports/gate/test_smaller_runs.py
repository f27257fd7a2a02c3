"""`accept` takes no run for the whole that covers less than the baseline it would replace."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from reports.gate.baseline import read_baseline
from reports.statuses import GREEN, NOTHING, RED, UNUSABLE
from studies.report.records import Row
from tests.reports.place import Place, expected_records
from tests.reports.timing.test_compare_timings import files

Capture = pytest.CaptureFixture[str]


def refused(place: Place, capsys: Capture, rows: Sequence[Row], *options: str) -> str:
    """The one sentence that the run is refused with; the baseline stays as it was."""
    before = place.baseline.read_bytes()
    capsys.readouterr()

    assert place.accept(rows, *options) == UNUSABLE

    shown = capsys.readouterr()
    (sentence,) = shown.err.strip().splitlines()
    assert shown.out == ""
    assert place.baseline.read_bytes() == before
    return sentence


def test_a_run_of_fewer_claims_is_refused(place: Place, capsys: Capture) -> None:
    rows = expected_records()
    place.accept(rows)

    said = refused(place, capsys, rows[:2])

    first = ", ".join(f"{row['claim']} [cpu, ci]" for row in rows[2:5])
    assert f"the run lacks 4 of what it would replace in the baseline: {first}" in said
    assert "and 1 more; examine them too, keep them as they are with --partial" in said


def test_a_claim_that_was_not_judged_any_more_is_lacking(place: Place, capsys: Capture) -> None:
    rows = expected_records()
    place.accept(rows)
    rows[0] |= {"verdict": "NOT APPLICABLE"}

    said = f"lacks 1 of what it would replace in the baseline: {rows[0]['claim']}"
    assert said in refused(place, capsys, rows)


def test_a_statistic_that_is_not_left_behind_is_lacking(place: Place, capsys: Capture) -> None:
    rows = expected_records()
    place.accept(rows)
    rows[0]["statistics"] = {}

    assert f"{rows[0]['claim']} [cpu, ci]: loss, last" in refused(place, capsys, rows)
    assert place.gate(rows) == GREEN
    assert (
        "1 statistics of the baseline were not left behind by this run" in capsys.readouterr().out
    )


def test_fewer_benchmarks_are_refused(place: Place, capsys: Capture) -> None:
    timed = files(place, "base", {}, 1.0)
    place.accept(expected_records(), "--benchmarks", *timed)
    for file in map(Path, timed):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("test_row[3]", "test_row[4]"), encoding="utf-8")

    said = refused(place, capsys, expected_records(), "--benchmarks", *timed)
    assert "benchmarks/test_toy.py::test_row[3]" in said

    name = "benchmarks/test_toy.py::test_row[3]"
    done = place.accept(expected_records(), "--benchmarks", *timed, "--drop", name)
    assert done == GREEN
    (rows,) = read_baseline(place.baseline).timings.values()
    assert name not in rows


def test_a_part_keeps_what_it_lacks_as_it_was(place: Place) -> None:
    rows = expected_records()
    place.accept(rows)
    before = read_baseline(place.baseline)
    part = expected_records(salt="fresh")[:1]

    assert place.accept(part, "--partial") == GREEN

    after = read_baseline(place.baseline)
    assert after.verdicts == before.verdicts
    key = f"{rows[0]['claim']} [cpu, ci]"
    assert after.statistics[key]["loss, last"].salt == "fresh"
    assert {**after.statistics, key: before.statistics[key]} == before.statistics
    assert place.gate(rows) == GREEN


def test_a_part_never_puts_no_trial_in_place_of_one(place: Place) -> None:
    rows = expected_records()
    place.accept(rows)
    before = read_baseline(place.baseline)
    rows[0] |= {"verdict": "NOT APPLICABLE"}

    assert place.accept(rows, "--partial") == GREEN
    assert read_baseline(place.baseline).verdicts == before.verdicts


def test_what_is_no_more_is_dropped_by_name(place: Place, capsys: Capture) -> None:
    rows = expected_records()
    place.accept(rows)

    assert place.accept(rows[1:], "--drop", rows[0]["claim"]) == GREEN

    assert f"{rows[0]['claim']} [cpu, ci]: gone, was CONFIRMED" in capsys.readouterr().out
    assert place.gate(rows[1:]) == GREEN


def test_a_name_that_the_baseline_has_not_is_refused(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    said = refused(place, capsys, expected_records(), "--drop", "do-unbaised")
    assert "--drop='do-unbaised' is neither a claim nor a benchmark of the baseline" in said


def test_a_surprise_leaves_the_baseline_as_it_was(place: Place) -> None:
    rows = expected_records()
    place.accept(rows)
    before = place.baseline.read_bytes()
    rows[0] |= {"verdict": "REFUTED", "as_expected": False}

    assert place.accept(rows) == RED
    assert place.baseline.read_bytes() == before


def test_nothing_judged_is_nothing_accepted(place: Place) -> None:
    rows = expected_records()
    place.accept(rows)
    before = place.baseline.read_bytes()

    assert place.accept([{**row, "verdict": "NOT APPLICABLE"} for row in rows]) == NOTHING
    assert place.baseline.read_bytes() == before


def test_lines_that_are_lost_are_told(place: Place, capsys: Capture) -> None:
    from reports.commands import main

    place.accept(expected_records())
    with place.records.open("a", encoding="utf-8") as stream:
        stream.write("{broken}\n")

    main(["accept", "--records", str(place.records), "--baseline", str(place.baseline)])

    assert "Line 7 is left out" in capsys.readouterr().err
