"""Runs on other versions: verdicts must agree, digests where the settings do."""

from typing import Any

from tests.portability import Records, compared
from tests.reports.synthetic import records


def keyed(rows: list[dict[str, Any]], **versions: str) -> Records:
    return {
        (row["claim"], row["device"]): {**row, "versions": {**row["versions"], **versions}}
        for row in rows
    }


def test_the_same_run_twice_agrees_in_everything() -> None:
    rows = list(records(3))

    row = compared(keyed(rows), keyed(rows))

    assert row[1:] == ("nothing", 3, 3, 3, 3, "none", "none", True)


def test_another_verdict_does_not_hold_and_is_named() -> None:
    rows = list(records(3))
    other = [{**rows[0], "verdict": "UNDECIDED", "digest": "x"}, *rows[1:]]

    row = compared(keyed(rows), keyed(other, numpy="1.0"))

    assert row[1] == "numpy"
    name = rows[0]["claim"]
    assert (row[3], *row[5:]) == (2, 2, name, name, False)


def test_digests_are_compared_where_the_settings_are_the_same() -> None:
    rows = list(records(3))
    other = [{**rows[0], "settings": [], "digest": "x"}, *rows[1:]]

    row = compared(keyed(rows), keyed(other, hypothesis="1.0"))

    assert row[4:] == (2, 2, "none", "none", True)
