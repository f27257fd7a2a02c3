"""The answer: how the sentences stand that the claims settle."""

import pytest

from reports.tally import tally
from studies.report.records import Row, records, typed


def _claim(name: str, verdict: str, expected: str | None = None) -> Row:
    return {
        **records(1)[0], "claim": name, "row": name.partition(".")[0], "verdict": verdict,
        "as_expected": expected in (None, verdict), "device": "cpu",
    }  # fmt: skip


@pytest.mark.parametrize(("claims", "says"), [
    ([_claim("a", "CONFIRMED"), _claim("a.more", "CONFIRMED")], "1 of 1 sentence holds"),
    ([_claim("a", "CONFIRMED"), _claim("a.outside", "REFUTED")], "1 holds under a condition"),
    ([_claim("a", "REFUTED"), _claim("a.corrected", "CONFIRMED")], "1 is false as printed"),
    ([_claim("a", "NOT TESTABLE")], "1 cannot be tested"),
    ([_claim("a", "NOT APPLICABLE")], "1 does not apply to what is on trial"),
    ([_claim("a", "REFUTED", "CONFIRMED")], "1 is refuted unexpectedly"),
    ([_claim("a", "ERROR", "CONFIRMED"), _claim("a.b", "REFUTED")], "1 ended in an error"),
    ([_claim("a", "UNDECIDED", "CONFIRMED")], "1 is undecided"),
    ([_claim("a", "WEAKER", "CONFIRMED")], "1 holds less strongly than declared"),
    ([_claim("a", "WEAKER")], "1 holds less strongly than declared"),
    ([_claim("a", "CONFIRMED"), _claim("a.more", "WEAKER")], "1 of 1 sentence holds"),
])  # fmt: skip
def test_a_sentence_stands_as_its_claims_say(claims: list[Row], says: str) -> None:
    assert says in tally(typed(claims)).headline().en


def test_a_surprise_on_one_device_counts() -> None:
    there = {**_claim("a", "REFUTED", "CONFIRMED"), "device": "cuda:0"}
    assert "refuted unexpectedly" in tally(typed([_claim("a", "CONFIRMED"), there])).headline().en
