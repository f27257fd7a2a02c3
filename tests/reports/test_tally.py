"""The answer: how the sentences stand that the claims settle."""

from __future__ import annotations

from typing import Any

import pytest

from reports.tally import tally


def _claim(name: str, verdict: str, expected: str | None = None) -> dict[str, Any]:
    return {
        "claim": name,
        "row": name.partition(".")[0],
        "verdict": verdict,
        "as_expected": expected in (None, verdict),
        "device": "cpu",
    }


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ([_claim("a", "CONFIRMED"), _claim("a.more", "CONFIRMED")], "1 of 1 sentence holds"),
        ([_claim("a", "CONFIRMED"), _claim("a.outside", "REFUTED")], "1 holds under a condition"),
        ([_claim("a", "REFUTED"), _claim("a.corrected", "CONFIRMED")], "1 is false as printed"),
        ([_claim("a", "NOT TESTABLE")], "1 cannot be tested"),
        ([_claim("a", "NOT APPLICABLE")], "1 cannot be tested"),
        ([_claim("a", "REFUTED", "CONFIRMED")], "1 is refuted unexpectedly"),
        ([_claim("a", "ERROR", "CONFIRMED"), _claim("a.b", "REFUTED")], "1 ended in an error"),
        ([_claim("a", "UNDECIDED", "CONFIRMED")], "1 is undecided"),
    ],
)
def test_a_sentence_stands_as_its_claims_say(claims: list[dict[str, Any]], says: str) -> None:
    assert says in tally(claims).headline().en


def test_a_surprise_on_one_device_counts() -> None:
    there = {**_claim("a", "REFUTED", "CONFIRMED"), "device": "cuda:0"}

    assert "refuted unexpectedly" in tally([_claim("a", "CONFIRMED"), there]).headline().en
