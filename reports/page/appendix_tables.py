"""Sheets after the chapter: tables that other commands measured and wrote as JSON.

A file holds `{key: {"title", "text", "command", "columns", "rows", "plot"}}`, as
docs/studies/calibration.json
does; `plot` may be missing, and `title_zh`, `text_zh` and `columns_zh` where
sheet_words.py knows them. `plot` is `{"x": COLUMN, "lines": [COLUMN, ...]}` and draws these
columns. Also read: the comparisons with peers (`python -m studies.peers`), and what
`compare-timings` wrote.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.statistics.comparison.confirmation import compared, paces
from harness.statistics.comparison.slowdown import Margins
from harness.text import Text
from reports.numbers import number
from reports.page import appendix_tables_zh as sheet_words
from reports.page.appendix_tables_zh import cell
from reports.page.appendix_tables_zh import columns as _columns
from reports.records import Notice, RecordsError
from reports.svg.element import Picture
from reports.svg.lines import Series, line_plot
from reports.text import clean, clean_all
from reports.timing.store import NAME as TIMINGS
from reports.timing.store import read_timings

DEFAULTS = (
    "docs/studies/power.json",
    "docs/studies/calibration.json",
    "out/peers.json",
    "out/timings.json",
)
LARGEST = 8 * 2**20  # bytes
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 400, 120, 40
PEERS = Text("Ratios to peers and to the machine's limit", "与同类实现及机器极限之比")
HEAD = Text("Head against base", "新版本与基准版本")
HEAD_COLUMNS = ("benchmark", "ratio, 95 % interval", "A/A floor", "processes", "verdict")


@dataclass(frozen=True)
class Sheet:
    """A table with its title, what it says, the command that measured it, and a picture."""

    title: Text
    text: Sequence[Text]
    command: str
    columns: Sequence[Text]
    rows: Sequence[Sequence[Text]]
    left_out: int = 0
    picture: Picture | None = None


def read_sheets(paths: Sequence[Path]) -> tuple[list[Sheet], list[Notice]]:
    """The sheets of all files, and a notice for each file that holds none."""
    sheets: list[Sheet] = []
    notices = []
    for path in paths:
        try:
            sheets += _sheets(path)
        except (OSError, RecordsError, ValueError, LookupError, TypeError, AttributeError) as error:
            notices.append(_unreadable(path, error))
        except RecursionError as error:
            notices.append(_unreadable(path, error))
    if len(sheets) > MOST_SHEETS:
        notices.append(_too_many(len(sheets) - MOST_SHEETS))
    return sheets[:MOST_SHEETS], notices


def _too_many(left_out: int) -> Notice:
    return Notice(
        f"{left_out} tables beyond the first {MOST_SHEETS} are left out; name fewer with --sheets.",
        f"前 {MOST_SHEETS} 张之后的 {left_out} 张表格已略去；请用 --sheets 指定较少的文件。",
    )


def _unreadable(path: Path, error: Exception) -> Notice:
    why = clean(f"{type(error).__name__}: {error}", 200)
    return Notice(
        f"The tables in {path.name} cannot be read ({why}).",
        f"{path.name} 中的表格无法读取（{why}）。",
    )


def _sheets(path: Path) -> list[Sheet]:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
    content = clean_all(json.loads(path.read_bytes()))
    if content.get("timings") == TIMINGS:
        return [_head_against_base(path)]
    if "results" in content:
        return [_peers(content)]
    return [_sheet(key, table) for key, table in content.items()]


def _sheet(key: str, table: Mapping[str, Any]) -> Sheet:
    names = [str(column) for column in table["columns"]][:MOST_COLUMNS]
    rows = table["rows"]
    title, columns = sheet_words.title(key, table), _columns(names, table.get("columns_zh"))
    return Sheet(
        title=title,
        text=_paragraphs(table.get("text"), table.get("text_zh")),
        command=str(table.get("command") or ""),
        columns=columns,
        rows=[[_cell(value) for value in row[: len(columns)]] for row in rows[:MOST_ROWS]],
        left_out=max(0, len(rows) - MOST_ROWS),
        picture=_picture(title, columns, rows, table.get("plot")),
    )


def _paragraphs(text: Any, zh: Any = None) -> list[Text]:
    lines, given = ([one] if isinstance(one, str) else list(one or ()) for one in (text, zh))
    return sheet_words.paragraphs([str(line) for line in lines], given)


def _picture(
    title: Text, columns: Sequence[Text], rows: Sequence[Any], plot: Any
) -> Picture | None:
    if not plot:
        return None
    names = [column.en for column in columns]
    at = names.index(plot["x"])
    x = [float(row[at]) for row in rows]
    series = [
        Series(columns[place], [_value(row[place]) for row in rows])
        for place in map(names.index, plot["lines"])
    ]
    if not x or not all(map(math.isfinite, x)):
        raise ValueError(f"the column {plot['x']!r} is no axis")
    return line_plot(title, x, series, x_label=columns[at])


def _value(value: Any) -> float | None:
    return None if value is None else float(value)


def _cell(value: Any) -> Text:
    if isinstance(value, bool):
        return cell("yes" if value else "no")
    if isinstance(value, int | float):
        return cell(number(float(value)))
    return cell("–" if value is None else str(value))


def _peers(content: Mapping[str, Any]) -> Sheet:
    """One row per workload and peer: how many times faster ours is, beside what it should reach."""
    rows = [
        [
            cell(str(result["title"])),
            cell(str(row["against"])),
            cell(f"{number(row['target'], 3)}×"),
            cell(
                f"{number(row['reached'], 3)}× [{number(row['low'], 3)}, {number(row['high'], 3)}]"
            ),
            _cell(row["reached"] >= row["target"]),
        ]
        for result in content["results"].values()
        for row in result["rows"]
    ]
    return Sheet(
        title=PEERS,
        text=_paragraphs(content.get("machine")),
        command="python -m studies.peers",
        columns=_columns(["workload", "against", "should reach", "reached, 95 % interval", "met"]),
        rows=rows[:MOST_ROWS],
        left_out=max(0, len(rows) - MOST_ROWS),
    )


def _head_against_base(path: Path) -> Sheet:
    """Every row of a comparison with its verdict; the floor is the A/A noise of the base."""
    timed, margins = read_timings(path), Margins()
    found = paces(timed.rows, margins)
    rows = []
    for name, row in timed.rows.items():
        seen = compared(row, margins)
        low, high = (number(end, 3) for end in seen.interval)
        shown = name.rpartition("/")[2]
        floor = f"{100 * seen.floor:.2g} %"
        ratio = f"{number(seen.ratio, 3)} [{low}, {high}]"
        cells = (shown, ratio, floor, str(seen.processes[1]), found[name].value)
        rows.append([cell(text) for text in cells])
    return Sheet(
        title=HEAD,
        text=_paragraphs(
            "Time of the head over time of the base; the floor is base against itself (A/A)."
        ),
        command="python -m reports compare-timings BASE HEAD",
        columns=_columns(
            ["benchmark", "ratio, 95 % interval", "A/A floor", "processes", "verdict"]
        ),
        rows=rows[:MOST_ROWS],
        left_out=max(0, len(rows) - MOST_ROWS),
    )
