"""A calibration table: rows of plain values, kept as JSON and shown as Markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = Sequence[Any]


@dataclass(frozen=True)
class Table:
    """What one command measured: `key` names it, `command` makes it again."""

    key: str
    title: str
    command: str
    text: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    holds: bool
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The table as JSON data."""
        return {
            "title": self.title,
            "command": self.command,
            "text": list(self.text),
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "holds": self.holds,
            "seconds": round(self.seconds, 1),
        }


def keep(file: Path, table: Table) -> None:
    """Put the table into the JSON file in place of an earlier one of the same key."""
    tables = load(file)
    tables[table.key] = table.as_dict()
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(tables, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=True)
    file.write_text(text + "\n", encoding="utf-8")


def load(file: Path) -> dict[str, Any]:
    """The tables of the file by key; none where there is no file."""
    if not file.exists():
        return {}
    tables: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return tables


def markdown(table: Mapping[str, Any]) -> str:
    """The table as a section of a Markdown page, with the command beside it."""
    header = "| " + " | ".join(table["columns"]) + " |"
    rule = "| " + " | ".join("---" for _ in table["columns"]) + " |"
    rows = ["| " + " | ".join(map(shown, row)) + " |" for row in table["rows"]]
    state = "holds in every row" if table["holds"] else "DOES NOT HOLD in some row"
    parts = [
        f"## {table['title']}",
        f"Made by `{table['command']}` in {table['seconds']:g} s of processor time: {state}.",
        "\n".join(table["text"]),
        "\n".join([header, rule, *rows]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def shown(value: Any) -> str:
    """A cell: numbers with the digits that a reader can use."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        if value == 0 or (1e-3 <= abs(value) < 1e6):
            return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
        return f"{value:.3g}" if math.isfinite(value) else "infinite"
    return str(value)
