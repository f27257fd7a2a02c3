"""The measured power as tables: power.json for the report, power.md for readers."""

from reports.tables import Table, Tables, read_tables, write_tables
from studies.tables import DOCS, pages
from studies.tables import write as write_pages

DATA = DOCS / "power.json"
ORDER = ("bugs", "salts", "theirs", "out-of-reach", "frameworks", "seconds", "curve", "kills")


def read() -> dict[str, Table]:
    """The tables as they are; none where nothing has been measured."""
    return read_tables(DATA)


def write(tables: Tables) -> None:
    """The tables in their order, and the page."""
    write_tables(DATA, {key: tables[key] for key in sorted(tables, key=_place)})
    write_pages(pages(["power"]))


def _place(key: str) -> tuple[int, str]:
    return ORDER.index(key.partition(":")[0]), key
