"""The measured promises of docs/gate.md, on a quarter of its suites."""

from __future__ import annotations

import re

import pytest

from tests.gate_study import study


@pytest.fixture(scope="module")
def page() -> str:
    return study(50)


def counts(page: str, row: str) -> list[tuple[int, int]]:
    line = next(line for line in page.splitlines() if line.startswith(f"| {row}"))
    return [(int(a), int(b)) for a, b in re.findall(r"(\d+) of (\d+) \(", line)]


@pytest.mark.parametrize("row", ["this gate, processes dealt", "this gate, neighbours in turn"])
def test_no_suite_without_a_change_is_red(page: str, row: str) -> None:
    assert counts(page, row) == [(0, 50)]


def test_a_threshold_on_one_number_cries_wolf(page: str) -> None:
    red, suites = counts(page, "`--benchmark-compare-fail=mean:5%`, one process")[0]

    assert red > suites / 2


@pytest.mark.parametrize("spread", ["0 to 2 %", "2 to 3 %", "3 to 5 %"])
def test_a_slowdown_of_a_tenth_is_found_in_rows_that_spread_less_than_5_percent(
    page: str, spread: str
) -> None:
    found, undecided, passed = counts(page, spread)

    assert found[0] >= 0.9 * found[1]
    assert passed[0] == 0
    assert found[0] + undecided[0] == found[1]
