"""The measured power as tables: power.json for the report, power.md for readers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

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

Table = dict[str, Any]
Tables = dict[str, Table]


def read() -> Tables:
    """The tables as they are; none where nothing has been measured."""
    if not DATA.exists():
        return {}
    found: Tables = json.loads(DATA.read_text(encoding="utf-8"))
    return found


def write(tables: Mapping[str, Table]) -> None:
    """Both files, the tables in their order."""
    ordered = {key: tables[key] for key in sorted(tables, key=_place)}
    lines = ["{"]
    for number, (key, table) in enumerate(ordered.items(), 1):
        comma = "," if number < len(ordered) else ""
        lines.append(f" {json.dumps(key)}: {_json(table)}{comma}")
    DATA.write_text("\n".join([*lines, "}"]) + "\n", encoding="utf-8")
    PAGE.write_text(HEAD + "".join(map(section, ordered.values())), encoding="utf-8")


def section(table: Mapping[str, Any]) -> str:
    """The part of the page with one table."""
    columns: Sequence[str] = table["columns"]
    lines = [f"\n## {table['title']}\n", *table["text"], ""]
    lines += [_line(columns), "|---" * len(columns) + "|"]
    lines += [_line("" if cell is None else str(cell) for cell in row) for row in table["rows"]]
    return "\n".join(lines) + "\n"


def table(
    title: str,
    title_zh: str,
    text: Sequence[str],
    command: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    **more: Any,
) -> Table:
    """A table with its title in both languages, and the command that measures it."""
    return {
        "title": title,
        "title_zh": title_zh,
        "text": list(text),
        "command": command,
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        **more,
    }


def _place(key: str) -> tuple[int, str]:
    return ORDER.index(key.partition(":")[0]), key


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _json(table: Mapping[str, Any]) -> str:
    """The table with a line for each row, so that a changed row is a changed line."""
    parts = []
    for name, value in table.items():
        if name in ("rows", "entries"):
            inner = ",\n   ".join(json.dumps(row, ensure_ascii=False) for row in value)
            parts.append(f'  "{name}": [\n   {inner}\n  ]')
        else:
            parts.append(f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(parts) + "\n }"
