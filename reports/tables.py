"""Tables that a command measured: kept as JSON, shown on the page and in Markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
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


def markdown(table: Table) -> str:
    """The English table as a section of a Markdown page."""
    made = []
    if table.seconds is not None:
        state = {True: ": holds in every row", False: ": DOES NOT HOLD in some row", None: ""}
        made = [
            f"Made by `{table.command}` in {table.seconds:g} s of processor time"
            f"{state[table.holds]}."
        ]
    lines = [
        _line(column.en for column in table.columns),
        "|---" * len(table.columns) + "|",
        *(_line(map(shown, row)) for row in table.rows),
    ]
    text = "\n".join(paragraph.en for paragraph in table.text)
    parts = [f"## {table.title.en}", *made, text, "\n".join(lines)]
    return "\n\n".join(part for part in parts if part) + "\n"


def shown(cell: Cell) -> str:
    """A cell in English: numbers with the digits that a reader can use."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "NO"
        case float():
            if cell == 0 or 1e-3 <= abs(cell) < 1e6:
                return f"{cell:.4g}" if abs(cell) < 1000 else f"{cell:.0f}"
            return f"{cell:.3g}" if math.isfinite(cell) else "infinite"
        case Text():
            return cell.en
    return str(cell)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


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
