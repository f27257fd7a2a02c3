"""The tables of the studies, and their pages: numbers from a study, words from tables.toml."""

import math
import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from harness.text import Text
from reports.tables import Cell, Table, Tables, read_tables, texts

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs" / "studies"
CALIBRATION = DOCS / "calibration.json"
WORDS = Path(__file__).with_name("tables.toml")
GENERATED = "<!-- generated: python -m studies.self_trial; do not edit -->"
MARKED = re.compile(r"(<!-- tables: (.*?) -->\n).*?(<!-- /tables -->)", re.DOTALL)
STATES = {
    True: Text("it holds in every row", "每行达标"),
    False: Text("it DOES NOT HOLD in some row", "有些行不达标"),
}
YES, NO = Text("yes", "是"), Text("NO", "否")


@cache
def words() -> Mapping[str, Any]:
    """What tables.toml says, by table."""
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def made(
    key: str, rows: Iterable[Sequence[Any]], values: Mapping[str, Any] | None = None, **more: Any
) -> Table:
    """The table of that key: its words with the values in them, and these rows.

    `more` are fields of the table. A cell that is a word of tables.toml is said in both languages.
    """
    said = words()[key]
    known = {"command": said["command"], **(values or {})}
    en, zh = (line.format(**known) for line in said["columns"])
    return Table(
        title=_text(said["title"], known),
        text=tuple(_text(pair, known) for pair in said["text"] if _is_known(pair[0], known)),
        command=said["command"].format(**known),
        columns=texts(en, zh),
        rows=tuple(tuple(map(_cell, row)) for row in rows),
        **more,
    )


def _text(pair: Sequence[str], known: Mapping[str, Any]) -> Text:
    return Text(*(line.format(**known) for line in pair))


def _is_known(line: str, known: Mapping[str, Any]) -> bool:
    names = [name for _, name, _, _ in string.Formatter().parse(line) if name]
    return all(known.get(name.partition(".")[0]) is not None for name in names)


def _cell(cell: Any) -> Cell:
    zh = words()["words"].get(cell) if isinstance(cell, str) else None
    found: Cell = Text(cell, zh) if zh else cell
    return found


def pages(names: Iterable[str] = ()) -> Iterator[tuple[Path, str]]:
    """The pages of these names, by default all, each with its text; two languages where it has."""
    for name in names or words()["pages"]:
        said = words()["pages"][name]
        tables = read_tables(DOCS / f"{said.get('data', name)}.json")
        chosen = [table for key in said["tables"] for table in _matching(tables, key)]
        for language, end in (("en", ".md"), ("zh", ".zh.md")):
            place = ("en", "zh").index(language)
            parts = [
                GENERATED,
                f"# {said['title'][place]}",
                *(pair[place] for pair in said["text"]),
            ]
            parts += [markdown(table, language) for table in chosen]
            yield DOCS / f"{name}{end}", "\n\n".join(part.strip() for part in parts) + "\n"


def filled(name: str) -> tuple[Path, str]:
    """A page that people write, with its tables anew between marks that name their keys."""
    file, tables = DOCS / f"{name}.md", read_tables(DOCS / f"{name}.json")

    def anew(found: re.Match[str]) -> str:
        chosen = [table for key in found[2].split() for table in _matching(tables, key)]
        parts = "\n".join(f"#{markdown(table, 'en')}" for table in chosen)
        return f"{found[1]}\n{parts}\n{found[3]}"

    return file, MARKED.sub(anew, file.read_text(encoding="utf-8"))


def write(written: Iterable[tuple[Path, str]]) -> None:
    """Write the pages."""
    for file, text in written:
        file.write_text(text, encoding="utf-8")


def _matching(tables: Tables, pattern: str) -> list[Table]:
    return [table for key, table in tables.items() if fnmatch(key, pattern)]


def markdown(table: Table, language: str) -> str:
    """The table as a section of a Markdown page, with the command that makes it again."""
    by = {"en": "Made by `{}`", "zh": "由 `{}` 生成"}[language].format(table.command)
    if table.seconds is not None:
        by += {"en": " in {:g} s of processor time", "zh": "，用处理器时间 {:g} 秒"}[
            language
        ].format(table.seconds)
    if table.holds is not None:
        by += {"en": ": ", "zh": "："}[language] + getattr(STATES[table.holds], language)
    lines = [
        line(getattr(column, language) for column in table.columns),
        "|---" * len(table.columns) + "|",
        *(line(shown(cell, language) for cell in row) for row in table.rows),
    ]
    text = "\n".join(getattr(paragraph, language) for paragraph in table.text)
    end = {"en": ".", "zh": "。"}[language]
    parts = [f"## {getattr(table.title, language)}", text, by + end]
    return "\n\n".join([*(part for part in parts if part), "\n".join(lines)]) + "\n"


def shown(cell: Cell, language: str = "en") -> str:
    """A cell in a language: numbers with the digits that a reader can use."""
    match cell:
        case None:
            return ""
        case bool():
            return str(getattr(YES if cell else NO, language))
        case float():
            if cell == 0 or 1e-3 <= abs(cell) < 1e6:
                return f"{cell:.4g}" if abs(cell) < 1000 else f"{cell:.0f}"
            return f"{cell:.3g}" if math.isfinite(cell) else "∞"
        case Text():
            return str(getattr(cell, language))
    return str(cell)


def line(cells: Iterable[str]) -> str:
    """A row of a Markdown table, without its end of line."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
