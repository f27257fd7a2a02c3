"""Words for people, in two languages."""

import pytest

from harness.text import counted


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (counted(1, "claim"), "1 claim"),
        (counted(0, "claim"), "0 claims"),
        (counted(2, "claim is", "claims are"), "2 claims are"),
        (counted(1, "claim is", "claims are"), "1 claim is"),
        (counted(1000, "claim", shown="1 000"), "1 000 claims"),
    ],
)
def test_one_is_no_plural(said: str, told: str) -> None:
    assert said == told
