"""The gate tells what is worse, new, undecided or gone, and what to run next."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reports.statuses import GREEN, RED, UNDECIDED, UNUSABLE
from studies.report.records import Row, records, typed
from tests.reports.place import Place, expected_records

Capture = pytest.CaptureFixture[str]


def test_the_run_that_was_accepted_is_green(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())

    status = place.gate(expected_records())

    assert status == GREEN
    told = capsys.readouterr().out
    assert "The gate is green. 0 red, 0 undecided, 0 new" in told
    assert "6 statistics are the baseline's bit for bit" in told


def test_another_salt_is_green(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())

    status = place.gate(expected_records(salt="fresh"))

    assert status == GREEN
    assert "red: " not in capsys.readouterr().out


def test_without_a_baseline_all_is_new_and_green(
    place: Place, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reports.commands import main
    from studies.report.records import write

    monkeypatch.chdir(place.folder)
    write(place.records, expected_records())

    status = main(["gate"])

    told = capsys.readouterr().out
    assert status == GREEN
    assert "there is no baseline.json, so everything is new" in told
    assert "6 statistics have no baseline" in told
    assert "and 1 more have no baseline yet" in told


def refuted(row: Row) -> None:
    row |= {"verdict": "REFUTED", "as_expected": row["expected"] == "REFUTED"}


def failed(row: Row) -> None:
    error = {"type": "ValueError", "message": "the observation is NaN", "where": "x.py:3"}
    row |= {"verdict": "ERROR", "as_expected": False, "error": error}


def weaker(row: Row) -> None:
    row |= {"verdict": "WEAKER", "as_expected": False}


def renamed(row: Row) -> None:
    row["sentence"] = {"en": "Something else", "zh": "别的"}


def drifted(row: Row) -> None:
    row["statistics"] = {"loss, last": [value + 0.2 for value in row["statistics"]["loss, last"]]}


def turned(row: Row) -> None:
    row |= {"expected": "REFUTED", "verdict": "REFUTED"}


@pytest.mark.parametrize(("change", "said"), [
    (refuted, "is REFUTED, expected CONFIRMED, CONFIRMED in the baseline"),
    (weaker, "is WEAKER, expected CONFIRMED, CONFIRMED in the baseline"),
    (failed, "is ERROR, expected CONFIRMED, CONFIRMED in the baseline: the observation is NaN"),
    (renamed, "the name stayed and the meaning changed: it now says “Something else”"),
    (turned, "is REFUTED, CONFIRMED in the baseline"), (drifted, "loss, last: has drifted: 0.2"),
])  # fmt: skip
def test_what_is_worse_turns_the_gate_red_and_says_what_to_run(
    place: Place, capsys: Capture, change: Callable[[Row], None], said: str
) -> None:
    place.accept(expected_records())
    rows = expected_records(salt="fresh")
    change(rows[0])

    status = place.gate(rows)

    told = capsys.readouterr().out
    assert status == RED
    assert said in told
    assert told.count("✗") == 1
    after = told[told.index("✗") :].splitlines()
    assert after[1].startswith("    next: ")


def test_a_vanished_claim_turns_the_gate_red(place: Place, capsys: Capture) -> None:
    rows = expected_records()
    place.accept(rows)

    status = place.gate(rows[1:])

    told = capsys.readouterr().out
    assert status == RED
    assert f"✗ {rows[0]['claim']} [cpu, ci]: the claim has vanished" in told
    assert f"--claims-only={rows[0]['claim']}" in told
    assert f"if it is meant: python -m reports accept --drop {rows[0]['claim']}" in told


def test_what_was_not_asked_for_has_not_vanished(place: Place, capsys: Capture) -> None:
    rows = expected_records()
    place.accept(rows)
    place.accept([{**row, "profile": "dev"} for row in rows])

    assert place.gate(rows[1:], "--partial") == GREEN
    assert "7 verdicts of the baseline were not asked for" in capsys.readouterr().out


def test_undecided_has_its_own_status_and_goes_on(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    rows = expected_records(salt="fresh")
    rows[2] |= {"verdict": "UNDECIDED", "as_expected": False}

    status = place.gate(rows)

    told = capsys.readouterr().out
    assert status == UNDECIDED
    assert (
        "continue with --claims-continue (timings: with more --rounds), do not run it again" in told
    )
    assert f"next: {rows[2]['rerun']} --claims-continue" in told


def test_undecided_is_red_where_what_is_declared_is_excluded(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    rows = expected_records(salt="fresh")
    rows[2] |= {"verdict": "UNDECIDED", "as_expected": False, "falls_short": True}

    assert place.gate(rows) == RED

    told = capsys.readouterr().out
    assert "is UNDECIDED. What is declared is excluded; whether anything weaker holds is" in told
    assert f"next: {rows[2]['rerun']} --claims-continue" in told


def test_red_comes_before_undecided(place: Place) -> None:
    rows = expected_records()
    refuted(rows[0])
    rows[1] |= {"verdict": "UNDECIDED", "as_expected": False}
    place.accept(expected_records())

    assert place.gate(rows) == RED


def test_a_known_failure_is_told_and_not_red(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    rows = expected_records()
    refuted(rows[0])
    rows[0]["known_failure"] = {"id": "x", "reason": "upstream", "expiry": "2099-01-01"}

    status = place.gate(rows)

    assert status == GREEN
    assert "a known failure until 2099-01-01: upstream" in capsys.readouterr().out


def test_runs_of_one_salt_are_pairs_in_which_a_small_drift_shows(
    place: Place, capsys: Capture
) -> None:
    """The drift is a fifth of the values' spread: too little for ranks of independent runs."""
    place.accept(expected_records())
    kept = place.baseline.read_text(encoding="utf-8")
    place.baseline.write_text(re.sub(r'"margin": [^,]+', '"margin": 0.005', kept), encoding="utf-8")
    rows, fresh = expected_records(), expected_records(salt="fresh")
    for row in (rows[0], fresh[0]):
        row["statistics"] = {"loss, last": [v + 0.02 for v in row["statistics"]["loss, last"]]}

    assert place.gate(rows) == RED
    told = capsys.readouterr().out
    assert "has drifted: 0.02" in told
    assert "(64 pairs of runs, chance at most 0.001)" in told
    assert place.gate(fresh) == GREEN


def test_pairs_within_the_margin_are_called_so(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    rows = expected_records()
    rows[0]["statistics"] = {"loss, last": [v + 1e-3 for v in rows[0]["statistics"]["loss, last"]]}

    assert place.gate(rows) == GREEN
    assert "1 statistics lie within the margin of the baseline" in capsys.readouterr().out


def test_the_same_streams_in_other_blocks_are_not_compared(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    rows = [{**row, "block": 64} for row in expected_records()]
    drifted(rows[0])

    status = place.gate(rows)

    assert status == GREEN
    assert "run the claims with another --claims-salt" in capsys.readouterr().out


def test_a_statistic_that_no_stream_moves_is_the_baselines(place: Place, capsys: Capture) -> None:
    rows, again = expected_records(2), expected_records(2, salt="fresh")
    for row in (*rows, *again):
        row |= {"block": 1, "statistics": {"degrees of freedom": [7.25]}}
    place.accept(rows)

    assert place.gate(again) == GREEN
    assert "2 statistics are the baseline's bit for bit" in capsys.readouterr().out

    again[0]["statistics"] = {"degrees of freedom": [7.5]}
    assert place.gate(again) == GREEN
    assert "has fewer than 4 runs to compare" in capsys.readouterr().out


def test_diverged_runs_are_the_largest_values(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    rows = expected_records(salt="fresh")
    rows[0]["statistics"] = {"loss, last": [None] * 40 + [2.0] * 24}

    assert place.gate(rows) == RED
    assert "has drifted" in capsys.readouterr().out


def test_a_margin_can_be_edited_in_the_file(place: Place) -> None:
    place.accept(expected_records())
    text = place.baseline.read_text(encoding="utf-8")
    place.baseline.write_text(text.replace('"margin": 0.0', '"margin": 1.0'), encoding="utf-8")
    rows = expected_records(salt="fresh")
    drifted(rows[0])

    assert place.gate(rows) == GREEN


def test_nothing_drifts_by_chance_in_200_runs(place: Place) -> None:
    """At most 1e-3 a run by design; 200 runs of six statistics, one of them stopped early."""
    from reports.gate.baseline import Baseline
    from reports.gate.drift import judge
    from reports.gate.finding import Level

    place.accept(expected_records())
    from reports.gate.baseline import read_baseline

    baseline: Baseline = read_baseline(place.baseline)
    red = 0
    for run in range(200):
        rows = expected_records(salt=f"run {run}")
        rows[0]["statistics"] = {"loss, last": _stopped_early(rows[0]["statistics"]["loss, last"])}
        red += any(found.level is Level.RED for found in judge(typed(rows), baseline))

    assert red == 0


def _stopped_early(values: list[float]) -> list[float]:
    """The run stops as soon as its own values look convincing, as a sequential trial does."""
    for n in range(16, len(values), 8):
        if abs(float(np.mean(values[:n])) - 2) * n**0.5 > 0.1:
            return values[:n]
    return values


HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m::error::x\n## y"


def test_what_records_say_stays_text(
    place: Place, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    rows = expected_records()
    place.accept(rows)
    refuted(rows[0])
    rows[0] |= {"sentence": {"en": HOSTILE, "zh": ""}, "rerun": HOSTILE}

    place.gate(rows)

    told = capsys.readouterr().out
    shown = place.records.with_name("gate.md").read_text(encoding="utf-8")
    assert "\x1b" not in told + shown
    assert "\u202e" not in told + shown
    assert not any(line.startswith("::error::") for line in told.splitlines())
    assert not any(line.startswith("## y") for line in shown.splitlines())


def test_github_gets_nine_annotations_and_a_summary(
    place: Place, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = place.folder / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    rows: list[dict[str, Any]] = records()
    for row in rows:
        refuted(row)
        row["as_expected"] = False
    place.accept(expected_records())

    place.gate(rows)

    told = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("::error ") for line in told) == 9
    assert sum(line.startswith("::notice::") for line in told) == 1
    assert summary.read_text(encoding="utf-8").startswith("## The gate is red.")


def test_records_that_cannot_be_read_are_no_pass(place: Place, capsys: Capture) -> None:
    place.accept(expected_records())
    place.records.write_text("not a record\n", encoding="utf-8")

    from reports.commands import main

    status = main(["gate", "--records", str(place.records), "--baseline", str(place.baseline)])

    assert status == UNUSABLE
    assert "holds no record that can be shown" in capsys.readouterr().err


def test_a_line_that_is_lost_is_red(place: Place, capsys: Capture, tmp_path: Path) -> None:
    place.accept(expected_records())
    place.gate(expected_records())
    with place.records.open("a", encoding="utf-8") as stream:
        stream.write("{broken}\n{}\n")

    from reports.commands import main

    status = main(["gate", "--records", str(place.records), "--baseline", str(place.baseline)])

    assert status == RED
    assert "2 lines of the records cannot be read" in capsys.readouterr().out


def test_very_many_findings_are_told_in_ten_lines_and_kept_in_full(
    place: Place, capsys: Capture
) -> None:
    place.accept(records(200))
    capsys.readouterr()

    place.gate(records(2))

    printed = capsys.readouterr()
    assert len((printed.out + printed.err).splitlines()) <= 10
    assert "more like these; gate.md has them all" in printed.out
    kept = (place.records.with_name("gate.md")).read_text("utf-8")
    assert kept.count("the claim has vanished") > 100
