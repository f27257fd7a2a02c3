"""The measured promises of docs/studies/gate.md, on a quarter of its suites."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from studies.gate.study import PAGE, study

SUITES = 60


@pytest.fixture(scope="module")
def page() -> str:
    return study(SUITES)


def counts(page: str, row: str) -> list[list[tuple[int, int]]]:
    """'17 of 60' in each line of a table that begins so."""
    lines = [line for line in page.splitlines() if line.startswith(f"| {row}")]
    return [[(int(a), int(b)) for a, b in re.findall(r"(\d+) of (\d+)", line)] for line in lines]


def test_no_suite_without_a_change_is_red(page: str) -> None:
    unchanged, _ = counts(page, "this gate |")

    assert unchanged == [(0, SUITES)]


def test_a_threshold_on_one_number_cries_wolf(page: str) -> None:
    ((red, suites),), *_ = counts(page, "`--benchmark-compare-fail=mean:5%`, one process")

    assert red > suites / 2


def test_a_slowdown_of_a_tenth_in_one_row_is_found(page: str) -> None:
    _, ((found, suites),) = counts(page, "this gate |")

    assert found >= 0.9 * suites


@pytest.mark.parametrize("spread", ["0 to 1 %", "1 to 2 %"])
def test_it_is_found_in_quiet_rows_above_all(page: str, spread: str) -> None:
    ((found, undecided, passed),) = counts(page, spread)

    assert found[0] >= 0.9 * found[1]
    assert found[0] + undecided[0] + passed[0] == found[1]


def test_the_committed_page_promises_95_percent_and_no_more_than_1_percent_red() -> None:
    text = Path(PAGE).read_text(encoding="utf-8")

    ((red, suites),), ((found, slowed),) = counts(text, "this gate |")
    assert suites == slowed == 200
    assert red <= 0.01 * suites
    assert found >= 0.95 * slowed
