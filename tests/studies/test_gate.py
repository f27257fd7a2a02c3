"""The measured promises of docs/studies/gate.md, on a quarter of its suites."""

from collections.abc import Mapping
from typing import Any

import pytest

from reports.tables import Table, Tables, read_tables
from studies.gate.study import study
from studies.tables import DOCS, shown

SUITES = 60
Counts = Mapping[str, tuple[Any, ...]]  # a table's rows by their first cell


def counts(table: Table) -> Counts:
    return {shown(row[0]): row[1:] for row in table.rows}


@pytest.fixture(scope="module")
def tables() -> Tables:
    return study(SUITES)


def test_no_suite_without_a_change_is_red(tables: Tables) -> None:
    assert counts(tables["unchanged"])["this gate"] == (0, SUITES)


def test_a_threshold_on_one_number_cries_wolf(tables: Tables) -> None:
    red, suites = counts(tables["unchanged"])["`time.process_time`"]
    assert red > suites / 2


def test_a_slowdown_of_a_tenth_in_one_row_is_found(tables: Tables) -> None:
    found, suites = counts(tables["slower"])["this gate"]
    assert found >= 0.9 * suites


@pytest.mark.parametrize("spread", ["0 – 1 %", "1 – 2 %"])
def test_it_is_found_in_quiet_rows_above_all(tables: Tables, spread: str) -> None:
    _, found, undecided, passed, suites = counts(tables["spread"])[spread]
    assert found >= 0.9 * suites
    assert found + undecided + passed == suites


def test_the_committed_tables_promise_95_percent_and_no_more_than_1_percent_red() -> None:
    kept = read_tables(DOCS / "gate.json")

    red, suites = counts(kept["unchanged"])["this gate"]
    found, slowed = counts(kept["slower"])["this gate"]
    assert suites == slowed == 200
    assert red <= 0.01 * suites
    assert found >= 0.95 * slowed
