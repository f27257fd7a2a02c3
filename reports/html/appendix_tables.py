"""Tables after the chapter: what other commands measured and wrote as JSON.

Read are files of `reports.tables`, such as docs/studies/calibration.json, and what
`compare-timings` wrote.
"""

import dataclasses
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.records.covered import percent
from harness.records.record import Series
from harness.statistics.comparison.confirmation import compared, paces
from harness.statistics.comparison.slowdown import Margins, Pace
from harness.text import Text, named
from reports.cleaning import clean, clean_all
from reports.numbers import number
from reports.records import RecordsError
from reports.svg.element import Picture
from reports.svg.lines import line_plot
from reports.tables import Cell, Plot, Table, decoded, texts
from reports.timings_file import NAME as TIMINGS
from reports.timings_file import read_timings

DEFAULTS = (
    "docs/studies/power.json",
    "docs/studies/calibration.json",
    "docs/studies/performance.json",
    "out/timings.json",
)
LARGEST = 8 * 2**20  # bytes
YES, NO = Text("yes", "是"), Text("no", "否")
PACES = {
    Pace.OK: Text("ok", "正常"),
    Pace.REGRESSION: Text("regression", "变慢"),
    Pace.UNDECIDED: Text("undecided", "未决"),
}
MOST_TABLES, MOST_ROWS, MOST_COLUMNS = 400, 120, 40


@dataclass(frozen=True)
class AppendixTable:
    """A table as the page shows it: its first rows as text, how many are left out, a picture."""

    table: Table
    rows: Sequence[Sequence[Text]]
    left_out: int
    picture: Picture | None


def read_appendix(paths: Sequence[Path]) -> tuple[list[AppendixTable], list[Text]]:
    """The tables of all files, and a notice for each file that holds none."""
    shown: list[AppendixTable] = []
    notices = []
    for path in paths:
        try:
            shown += [_shown(table) for table in _tables(path)]
        except (OSError, RecordsError, ValueError, LookupError, TypeError, AttributeError) as error:
            notices.append(_unreadable(path, error))
        except RecursionError as error:
            notices.append(_unreadable(path, error))
    if len(shown) > MOST_TABLES:
        notices.append(_too_many(len(shown) - MOST_TABLES))
    return shown[:MOST_TABLES], notices


def _too_many(left_out: int) -> Text:
    return Text(
        f"{left_out} tables beyond the first {MOST_TABLES} are left out; name fewer with --tables.",
        f"前 {MOST_TABLES} 张之后的 {left_out} 张表格已略去；请用 --tables 指定较少的文件。",
    )


def _unreadable(path: Path, error: Exception) -> Text:
    why = clean(f"{type(error).__name__}: {error}", 200)
    return Text(
        f"The tables in {path.name} cannot be read ({why}).",
        f"{path.name} 中的表格无法读取（{why}）。",
    )


def _tables(path: Path) -> list[Table]:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MiB")
    content = clean_all(json.loads(path.read_bytes()))
    if content.get("timings") == TIMINGS:
        return [_head_against_base(path)]
    return list(decoded(content).values())


def _shown(table: Table) -> AppendixTable:
    columns = table.columns[:MOST_COLUMNS]
    return AppendixTable(
        table=dataclasses.replace(table, columns=columns),
        rows=[[_cell(cell) for cell in row[: len(columns)]] for row in table.rows[:MOST_ROWS]],
        left_out=max(0, len(table.rows) - MOST_ROWS),
        picture=_picture(table, table.plot) if table.plot else None,
    )


def _picture(table: Table, plot: Plot) -> Picture:
    names = [column.en for column in table.columns]
    at = names.index(plot.x)
    x = [_value(row[at]) for row in table.rows]
    series = [
        Series(table.columns[place], [_value(row[place]) for row in table.rows], None, None)
        for place in map(names.index, plot.lines)
    ]
    axis = [value for value in x if value is not None and math.isfinite(value)]
    if not axis or len(axis) < len(x):
        raise ValueError(f"the column {plot.x!r} is no axis")
    return line_plot(table.title, axis, series, x_label=table.columns[at])


def _value(cell: Cell) -> float | None:
    if isinstance(cell, Text):
        raise ValueError(f"{cell.en!r} is no number")
    return None if cell is None else float(cell)


def _cell(cell: Cell) -> Text:
    if isinstance(cell, Text):
        return cell
    if isinstance(cell, bool):
        return YES if cell else NO
    return named("–" if cell is None else cell if isinstance(cell, str) else number(float(cell)))


def _head_against_base(path: Path) -> Table:
    """Every row of a comparison with its verdict; the floor is the A/A noise of the base."""
    timed, margins = read_timings(path), Margins()
    found = paces(timed.rows, margins)
    rows: list[tuple[Cell, ...]] = []
    for name, row in timed.rows.items():
        seen = compared(row, margins)
        low, high = (number(end, 3) for end in seen.interval)
        ratio = f"{number(seen.ratio, 3)} [{low}, {high}]"
        floor = percent(seen.floor)
        pace = PACES[found[name]]
        rows.append((name.rpartition("/")[2], ratio, floor, seen.processes[1], pace))
    return Table(
        title=Text("Head against base", "新版本与基准版本"),
        text=(
            Text(
                "Time of the head over time of the base; the floor is base against itself (A/A).",
                "新版本用时与基准版本用时之比；底噪是基准版本与其自身之比（A/A）。",
            ),
        ),
        command="python -m reports compare-timings BASE HEAD",
        columns=texts(
            "benchmark | ratio, 95 % interval | A/A floor | processes | verdict",
            "基准测试 | 比值，95% 区间 | A/A 底噪 | 进程数 | 判定",
        ),
        rows=tuple(rows),
    )
