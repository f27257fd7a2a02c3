"""The Markdown summary, JUnit properties and annotations."""

import json
from typing import Any

import pytest

from reports.gate.annotations import workflow_commands
from reports.junit import properties
from reports.records import Notice, Reading
from reports.summary import LIMIT, plain, render_summary
from tests.reports.synthetic import records


def test_the_summary_says_the_answer_first_and_every_sentence() -> None:
    rows = records()

    text = render_summary(Reading(tuple(rows), (Notice("Line 3 is left out", ""),)))

    assert text.startswith("# 4 of 10 sentences hold as printed, 3 are false as printed")
    assert "Line 3 is left out" in text
    assert text.count("\n| ") >= 12 + 3
    assert "**✗ refuted** (expected: holds)" in text


def test_the_summary_of_very_many_claims_is_cut_and_says_so() -> None:
    text = render_summary(Reading(tuple(records(300) * 40)))

    assert len(text.encode()) < LIMIT + 1000
    assert "more lines; the HTML report has them all" in text


@pytest.mark.parametrize(
    ("given", "printed"),
    [
        ("a | b", "a \\| b"),
        ("<script>", "&lt;script&gt;"),
        ("a\nb", "a b"),
        ("[x](javascript:1)", "\\[x\\]\\(javascript:1\\)"),
        ("@someone #12", "\\@someone \\#12"),
        ("x" * 400, "x" * 300 + "…"),
    ],
)
def test_hostile_text_is_only_printed_by_markdown(given: str, printed: str) -> None:
    assert plain(given) == printed


def test_properties_are_pairs_of_text() -> None:
    record = records(1)[0]

    pairs = dict(properties(record))

    assert pairs["claims.verdict"] == "CONFIRMED"
    assert pairs["claims.rerun"] == record["rerun"]
    assert json.loads(pairs["claims.interval"]) == record["interval"]
    assert json.loads(pairs["claims.as_expected"]) is True


def test_nine_annotations_and_the_rest_counted() -> None:
    rows = [{**row, "as_expected": False} for row in records(30)]

    lines = workflow_commands(rows)

    assert len(lines) == 10
    assert lines[-1].startswith("::notice::21 more verdicts")


def test_no_annotation_where_all_is_as_expected() -> None:
    assert workflow_commands([row for row in records() if row["as_expected"]]) == []


def test_an_annotation_is_one_line_whatever_the_record_says() -> None:
    row: dict[str, Any] = {
        **records(1)[0],
        "as_expected": False,
        "claim": "a,b::c%0A",
        "sentence": {"en": "x\n::error::y\r\nz%", "zh": "x"},
    }

    (line,) = workflow_commands([row])

    assert "\n" not in line
    assert line.startswith(
        "::error title=a%2Cb%3A%3Ac%250A,file=claims/model_selection.py,line=12::"
    )
    assert "z%25: holds, expected: holds." in line
