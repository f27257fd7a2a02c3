"""Runs on other versions: verdicts must agree, digests where the settings do."""

from typing import Any

import numpy as np
import pytest

from studies.portability import CHANGES, COMPILED, Records, changes_between, compared
from studies.report.records import records


def keyed(rows: list[dict[str, Any]], **versions: str) -> Records:
    return {
        (row["claim"], row["device"]): {**row, "versions": {**row["versions"], **versions}}
        for row in rows
    }


def test_the_same_run_twice_agrees_in_everything() -> None:
    rows = list(records(3))
    row = compared(keyed(rows), keyed(rows))
    assert row[1:] == ("nothing", 3, 3, 3, 3, "none", "", "none", True)


def test_another_verdict_does_not_hold_and_is_named() -> None:
    rows = list(records(3))
    other = [{**rows[0], "verdict": "UNDECIDED", "digest": "x"}, *rows[1:]]

    row = compared(keyed(rows), keyed(other, numpy="1.0"))

    assert row[1] == "numpy"
    name = rows[0]["claim"]
    assert (row[3], *row[5:7], *row[8:]) == (2, 2, name, name, False)


def test_digests_are_compared_where_the_settings_are_the_same() -> None:
    rows = list(records(3))
    other = [{**rows[0], "settings": [], "digest": "x"}, *rows[1:]]

    row = compared(keyed(rows), keyed(other, hypothesis="1.0"))

    assert row[4:] == (2, 2, "none", "", "none", True)


def estimates() -> list[dict[str, Any]]:
    """Records whose trials all estimate something other than a rounding error."""
    rows = [row for row in records(3) if all(t["estimate"] for t in row["settings"])]
    return [{**row, "relation": {**row["relation"], "test": "mean"}} for row in rows]


def changed(row: dict[str, Any], factor: float) -> dict[str, Any]:
    trials = [{**t, "estimate": t["estimate"] and t["estimate"] * factor} for t in row["settings"]]
    return {**row, "settings": trials, "digest": "x"}


@pytest.mark.parametrize(("factor", "numpy", "how"), [
    (1 + 2e-16, "2.2.0", "last bits: `sum` of more than 8192"),
    (1 + 2e-16, "9.9.1", "last bits: by a change that is not known"),
    (1 + 1e-9, "2.2.0", "other samples, or rounding made larger: estimates are up to 1.0e-09"),
])  # fmt: skip
def test_how_samples_differ_is_said(factor: float, numpy: str, how: str) -> None:
    rows = estimates()
    other = [changed(rows[0], factor), *rows[1:]]

    row = compared(keyed(rows, numpy="9.9.0"), keyed(other, numpy=numpy))

    assert row[6] == rows[0]["claim"]
    assert row[7].startswith(how)


def test_of_a_rounding_error_it_cannot_be_told() -> None:
    row, also, *rest = estimates()
    exact = {**row, "relation": {**row["relation"], "test": "identity"}}
    before = keyed([exact, also, *rest])

    alone = compared(before, keyed([changed(exact, 3.0), also, *rest], numba="0.60"))[7]
    beside = compared(before, keyed([changed(exact, 3.0), changed(also, 1 + 2e-16), *rest]))[7]

    assert alone == f"in identities only, of which it cannot be told: {COMPILED}"
    assert beside == (
        "last bits: by a change that is not known; 1 identities, of which it cannot be told"
    )


def test_another_number_of_observations_is_another_sample() -> None:
    row, *rest = estimates()
    trials = [{**trial, "observations": trial["observations"] + 1} for trial in row["settings"]]

    how = compared(keyed([row, *rest]), keyed([{**row, "settings": trials, "digest": "x"}, *rest]))

    assert how[7].startswith("other samples")


def test_a_change_lies_between_the_releases_before_and_after_it() -> None:
    assert changes_between("2.2.6", "2.3.0", "numpy") == [CHANGES[0]]
    assert changes_between("2.5.5", "2.2.0", "numpy") == list(CHANGES)
    assert changes_between("2.4.6", "2.3.0", "numpy") == []
    assert changes_between("1.14.0", "2.13.0+cpu", "scipy") == []


def test_sums_are_added_in_parts_before_the_release_that_is_named_and_not_since() -> None:
    x = np.random.Generator(np.random.SFC64(262144)).standard_normal(262144)
    in_parts = 0.0
    for start in range(0, len(x), 8192):
        in_parts += float(x[start : start + 8192].sum())
    change = CHANGES[0]
    release = tuple(map(int, np.__version__.split(".")[:2]))

    assert (float(x.sum()) == in_parts) is (release < change.since)
    assert float(x.sum()) == pytest.approx(in_parts, rel=1e-12)


def test_other_kernels_of_the_same_versions_are_named() -> None:
    rows = estimates()
    other = [changed(rows[0], 1 + 2e-16), *rows[1:]]

    row = compared(keyed(rows, openblas="0.3 Haswell"), keyed(other, openblas="0.3 Zen"))

    assert row[1] == "openblas"
    assert row[7] == "last bits: openblas is 0.3 Zen, not 0.3 Haswell"
