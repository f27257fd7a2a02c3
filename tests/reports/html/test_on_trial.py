"""What an engineer reads whose object is on trial: his checks, not the book's sentences."""

from reports.html.render import Pages
from reports.records import Reading
from studies.report.records import Row, records, typed
from tests.reports.markup import Page

MINE = {"implementation": {"dropout": "mine:dropout"}, "calls": {"dropout": 3}}


def rows() -> list[Row]:
    """Two checks that pass, one of them by a refutation that was expected, and one that fails."""
    holds, ends, fails, lacks = (row | MINE for row in records(4))
    holds |= {"verdict": "CONFIRMED", "expected": "CONFIRMED", "as_expected": True}
    ends |= {"verdict": "REFUTED", "expected": "REFUTED", "as_expected": True}
    fails |= {"verdict": "REFUTED", "expected": "CONFIRMED", "as_expected": False}
    fails |= {"mismatch": {
        "got": 1.0, "right": 2.0, "allowed": 0.0, "place": [0], "shape": [1], "off": 1,
    }, "counterexample": "assert False, 'mine'"}  # fmt: skip
    error = {"type": "Lacks", "message": "theirs has no half", "where": "mine.py:1"}
    lacks |= {"verdict": "NOT APPLICABLE", "as_expected": True, "error": error}
    return [holds, ends, fails, lacks]


def words(given: list[Row]) -> str:
    return Page(Pages(Reading(typed(given))).complete()).words()


def test_the_checks_that_fail_come_first_with_what_was_got_and_how_to_repeat_it() -> None:
    told = words(rows())

    assert "Your dropout: 1 of 3 checks fails." in told
    assert "你的 dropout：3 项检验中有 1 项未通过。" in told
    assert "1 where exactly 2 is right" in told
    assert "assert False, 'mine'" in told
    assert rows()[2]["rerun"] in told


def test_what_passed_and_what_does_not_apply_is_counted() -> None:
    told = words(rows())

    assert "2 checks pass" in told
    assert "1 check does not apply" in told
    assert "theirs has no half" in told


def test_the_book_is_not_on_trial() -> None:
    told = words(rows())
    assert "Dive into Deep Learning" not in told
    assert "as printed, " not in told


def test_an_object_that_passes_is_told_so() -> None:
    assert "Your dropout passes all 2 checks." in words(rows()[:2])


def test_an_object_that_nothing_judged_is_told_so() -> None:
    assert "Nothing of your dropout was judged." in words(rows()[3:])
