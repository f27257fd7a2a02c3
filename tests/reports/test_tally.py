"""The answer: how the sentences stand that the claims settle."""

import re

import pytest

from reports.tally import FALSE, tally
from studies.report.records import Row, records, typed


def _claim(name: str, verdict: str, expected: str | None = None) -> Row:
    return {
        **records(1)[0], "claim": name, "row": name.partition(".")[0], "verdict": verdict,
        "as_expected": expected in (None, verdict), "device": "cpu",
    }  # fmt: skip


@pytest.mark.parametrize(("claims", "says"), [
    ([_claim("a", "CONFIRMED"), _claim("a.more", "CONFIRMED")], "1 holds as printed"),
    ([_claim("a", "CONFIRMED"), _claim("a.outside", "REFUTED")], "1 holds under a condition"),
    ([_claim("a", "REFUTED"), _claim("a.corrected", "CONFIRMED")], "1 is false as printed"),
    ([_claim("a", "NOT TESTABLE")], "1 cannot be tested"),
    ([_claim("a", "NOT APPLICABLE")], "1 does not apply to what is on trial"),
    ([_claim("a", "REFUTED", "CONFIRMED")], "1 is refuted unexpectedly"),
    ([_claim("a", "ERROR", "CONFIRMED"), _claim("a.b", "REFUTED")], "1 ended in an error"),
    ([_claim("a", "UNDECIDED", "CONFIRMED")], "1 is undecided"),
    ([_claim("a", "WEAKER", "CONFIRMED")], "1 holds less strongly than declared"),
    ([_claim("a", "WEAKER")], "1 holds less strongly than declared"),
    ([_claim("a", "CONFIRMED"), _claim("a.more", "WEAKER")], "1 holds as printed"),
])  # fmt: skip
def test_a_sentence_stands_as_its_claims_say(claims: list[Row], says: str) -> None:
    assert says in tally(typed(claims)).headline().en


def test_a_surprise_on_one_device_counts() -> None:
    there = {**_claim("a", "REFUTED", "CONFIRMED"), "device": "cuda:0"}
    assert "refuted unexpectedly" in tally(typed([_claim("a", "CONFIRMED"), there])).headline().en


@pytest.mark.parametrize("count", [1, 13, 60])
def test_the_numbers_add_up(count: int) -> None:
    counted = tally(typed(records(count)))

    of_sentences = [int(one.words.en.split()[0]) for one in counted.standings()]
    assert sum(of_sentences) == len(counted.sentences)
    assert sum(map(int, re.findall(r"\d+", counted.behind().en)[1:])) == counted.claims == count
    assert sorted(of_sentences) == sorted(_numbers(counted.headline().zh)[-len(of_sentences) :])


def _numbers(text: str) -> list[int]:
    return [int(found) for found in re.findall(r"\d+", text)]


def test_where_a_condition_ends_the_book_is_not_refuted() -> None:
    end = _claim("a.outside", "REFUTED") | {"expected": "REFUTED"}

    counted = tally(typed([_claim("a", "CONFIRMED"), end, _claim("b", "REFUTED")]))

    assert (counted.ends, counted.claims) == (1, 3)
    assert [one.row for one in counted.sentences if one.standing == FALSE] == ["b"]


def test_what_engineers_add_is_no_sentence_of_the_chapter() -> None:
    row = _claim("mine", "CONFIRMED")
    row["section"] = row["section"] | {"beyond": True}

    counted = tally(typed([row, _claim("a", "CONFIRMED")]))

    assert [one.row for one in counted.sentences] == ["a"]
    assert "1 about what the chapter does not print" in counted.behind().en


def test_a_part_of_the_suite_is_told_and_its_sentences_are_not_the_chapter_s() -> None:
    corrected = _claim("a.corrected", "CONFIRMED") | {"suite": 3}

    counted = tally(typed([corrected]))

    alarm = counted.alarm()
    assert alarm is not None
    assert "1 of the suite's 3 claims" in alarm.en
    assert "1 was tested in part" in counted.headline().en
    assert tally(typed([corrected | {"suite": 1}])).alarm() is None
