"""The Markdown summary, JUnit properties and annotations."""

import json

import pytest

from harness.text import Text
from reports.gate.tell import command
from reports.junit import properties
from reports.records import Reading
from reports.summary import LIMIT, plain, render_summary
from studies.report.records import records, typed


def test_the_summary_says_the_answer_first_and_only_what_differs() -> None:
    rows = records()

    text = render_summary(Reading(typed(rows), (Text("Line 3 is left out", ""),)))

    assert text.startswith(
        "# Of the chapter's 11 sentences 4 hold as printed, 1 holds less strongly than declared"
    )
    assert "Line 3 is left out" in text
    assert text.count("\n| ") == 1 + 4
    assert "**✗ refuted** (expected: holds)" in text
    assert "**↓ holds, weaker than declared** (expected: holds)" in text


def test_the_summary_of_very_many_claims_is_cut_and_says_so() -> None:
    odd = [row | {"as_expected": False} for row in records(300)]
    text = render_summary(Reading(typed(odd) * 40))
    assert len(text.encode()) < LIMIT + 1000
    assert "more lines; the HTML report has them all" in text


@pytest.mark.parametrize(("given", "printed"), [
    ("a | b", "a \\| b"), ("<script>", "&lt;script&gt;"), ("a\nb", "a b"),
    ("[x](javascript:1)", "\\[x\\]\\(javascript:1\\)"), ("@someone #12", "\\@someone \\#12"),
    ("x" * 400, "x" * 300 + "…"),
])  # fmt: skip
def test_hostile_text_is_only_printed_by_markdown(given: str, printed: str) -> None:
    assert plain(given) == printed


def test_properties_are_pairs_of_text() -> None:
    record = records(1)[0]

    pairs = dict(properties(*typed([record])))

    assert pairs["claims.verdict"] == "CONFIRMED"
    assert pairs["claims.rerun"] == record["rerun"]
    assert json.loads(pairs["claims.interval"]) == record["interval"]
    assert json.loads(pairs["claims.as_expected"]) is True


def test_a_weaker_verdict_is_a_property_that_is_not_as_expected() -> None:
    pairs = dict(properties(*typed([records()[-1]])))
    assert (pairs["claims.verdict"], pairs["claims.expected"]) == ("WEAKER", "CONFIRMED")
    assert json.loads(pairs["claims.as_expected"]) is False


def test_an_annotation_is_one_line_whatever_a_record_says() -> None:
    line = command("error", "a,b::c%0A", "x\n::error::y\r\nz%", "claims/a.py", 12)
    assert line == "::error title=a%2Cb%3A%3Ac%250A,file=claims/a.py,line=12::x ::error::y z%25"
