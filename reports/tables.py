"""Tables that a command measured: kept as JSON, shown on the page and in Markdown."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from harness.text import Text

Cell = str | int | float | bool | Text | None


@dataclass(frozen=True)
class Plot:
    """A line plot of a table's columns, which are named in English."""

    x: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table in two languages; `command` makes it again.

    `holds` is whether every row is as it has to be, None where nothing has to be; `seconds` is the
    processor time it took; `measured` is what the table was made from, where that is kept.
    A cell that says the same in every language is plain.
    """

    title: Text
    text: tuple[Text, ...]
    command: str
    columns: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    plot: Plot | None = None
    holds: bool | None = None
    seconds: float | None = None
    measured: Any = None


Tables = Mapping[str, Table]


def texts(en: str, zh: str, *same: str) -> tuple[Text, ...]:
    """Columns or cells from a line in each language, "where | seconds"; `same` follow in both.

    Raises ValueError if the two lines have different numbers of them.
    """
    named = zip(en.split(" | "), zh.split(" | "), strict=True)
    return (*(Text(*names) for names in named), *(Text(name, name) for name in same))


def read_tables(file: Path) -> dict[str, Table]:
    """The tables of a file by their keys; none where there is no file.

    Raises msgspec.ValidationError, which names the place, for a file that does not hold tables.
    """
    return decoded(msgspec.json.decode(file.read_bytes())) if file.exists() else {}


def decoded(content: Any) -> dict[str, Table]:
    """JSON data as tables. Raises msgspec.ValidationError."""
    return msgspec.convert(content, dict[str, Table])


def write_tables(file: Path, tables: Tables) -> None:
    """Write the tables in their order, a line for each row: a changed row is a changed line."""
    parts = ",\n".join(f" {_json(key)}: {_table_json(table)}" for key, table in tables.items())
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{{\n{parts}\n}}\n", encoding="utf-8")


def keep(file: Path, key: str, table: Table) -> None:
    """Put the table into the file in place of an earlier one of that key; keys are sorted."""
    write_tables(file, dict(sorted({**read_tables(file), key: table}.items())))


def _table_json(table: Table) -> str:
    parts = []
    for name, value in msgspec.to_builtins(table).items():
        if isinstance(value, list | tuple):
            inner = ",".join(f"\n   {_json(row)}" for row in value)
            parts.append(f"  {_json(name)}: [{inner}\n  ]")
        elif value is not None:
            parts.append(f"  {_json(name)}: {_json(value)}")
    return "{\n" + ",\n".join(parts) + "\n }"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
