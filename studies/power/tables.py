"""The measured power as tables: power.json for the report, power.md for readers."""

from __future__ import annotations

from pathlib import Path

from reports.tables import Table, Tables, markdown, read_tables, write_tables

DOCS = Path(__file__).resolve().parents[2] / "docs" / "studies"
DATA, PAGE = DOCS / "power.json", DOCS / "power.md"
ORDER = ("bugs", "salts", "theirs", "out-of-reach", "frameworks", "seconds", "curve", "kills")

HEAD = """# Power: what the kit catches

Written by `python -m studies.power`: `salts` examines every mutant at 20 salts, `curves`
faults of a chosen size, `kills` every mutant against every claim, `frameworks` the correct ones,
`seconds` times each role, and `page` writes this page.
What is measured is kept, so that a run that was stopped goes on where it stopped.
`tests/claims/test_faults.py` asserts in CI, at one salt, that claims refute the mutants they name.

A mutant goes through the user's door, `--claims-implementation ROLE=MODULE:ATTR`.
"""


def read() -> dict[str, Table]:
    """The tables as they are; none where nothing has been measured."""
    return read_tables(DATA)


def write(tables: Tables) -> None:
    """Both files, the tables in their order."""
    ordered = {key: tables[key] for key in sorted(tables, key=_place)}
    write_tables(DATA, ordered)
    PAGE.write_text(page(ordered), encoding="utf-8")


def page(tables: Tables) -> str:
    """The page of these tables, in their order."""
    return "\n".join([HEAD, *map(markdown, tables.values())])


def _place(key: str) -> tuple[int, str]:
    return ORDER.index(key.partition(":")[0]), key
