"""What the long fuzz came to, as a table of docs/studies/calibration.md."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.text import Text
from reports.tables import Table, keep, read_tables, texts
from studies.calibration.page import DATA, write_pages

AIM = 1_000_000


@dataclass(frozen=True)
class Fuzzed:
    """A target after so many inputs; `seconds` of processor time."""

    target: str
    inputs: int = 0
    accepted: int = 0
    crashes: tuple[str, ...] = ()
    seconds: float = 0.0

    def __add__(self, more: Fuzzed) -> Fuzzed:
        """Both runs on the same target together."""
        return Fuzzed(
            self.target,
            self.inputs + more.inputs,
            self.accepted + more.accepted,
            self.crashes + more.crashes,
            self.seconds + more.seconds,
        )

    @property
    def rate(self) -> float:
        """Inputs a second of processor time."""
        return self.inputs / max(self.seconds, 1e-9)


def read_fuzzed(target: str, data: Path = DATA) -> Fuzzed:
    """What the table has of a target; its crashes are only counted."""
    for row in _rows(data):
        if row[0] == target:
            _, inputs, accepted, crashes, seconds, *_ = row
            return Fuzzed(target, inputs, accepted, ("",) * crashes, seconds)
    return Fuzzed(target)


def _rows(data: Path) -> tuple[tuple[Any, ...], ...]:
    table = read_tables(data).get("fuzz")
    return table.rows if table else ()


def keep_fuzzed(found: Fuzzed, data: Path = DATA) -> None:
    """Put the target's row into the table, in place of an earlier one, and write the pages."""
    rows = {row[0]: row for row in _rows(data)}
    rows[found.target] = (
        found.target, found.inputs, found.accepted, len(found.crashes), round(found.seconds, 1),
        round(found.rate), found.inputs >= AIM, not found.crashes,
    )  # fmt: skip
    table = Table(
        title=Text("Hostile input", "恶意输入"),
        command="python -m studies.fuzz --keep",
        text=(
            Text(
                "Good inputs with bytes changed, pieces moved and JSON values replaced by "
                "hostile ones, the same ones in every run; `--salt WORD` makes others. A "
                "run goes on where the one before it ended.",
                "合法输入经改动字节、移动片段、以恶意值替换 JSON 值而成，每次运行相同；"
                "`--salt WORD` 生成其他的。每次运行从上一次结束处继续。",
            ),
            Text(
                "A crash is anything but a value or the reader's own error in one "
                "sentence. The report's page is rendered from what its reader lets "
                "through and searched for anything that could run.",
                "除了得到一个值或读取器自己的一句话错误，其他都算崩溃。报告页面由读取器放行"
                "的内容渲染，并检查其中有无可执行之物。",
            ),
            Text(
                "`python -m studies.fuzz.guided READER` (`tox -e guided -- READER`) lets "
                "coverage lead the search (atheris); it keeps no table.",
                "`python -m studies.fuzz.guided READER`（`tox -e guided -- READER`）由覆盖率"
                "引导搜索（atheris）；它不留下表格。",
            ),
        ),
        columns=texts(
            "reader | inputs | accepted | crashes | seconds | inputs a second | a million | holds",
            "读取器 | 输入数 | 已接受 | 崩溃 | 秒 | 每秒输入数 | 达到一百万 | 达标",
        ),
        rows=tuple(rows[name] for name in sorted(rows)),
        holds=all(row[-1] for row in rows.values()),
        seconds=sum(row[4] for row in rows.values()),
    )
    keep(data, "fuzz", table)
    write_pages(data)
