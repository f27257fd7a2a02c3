"""Words in the cells of several tables, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from harness.text import Text
from reports.tables import Cell

WORDS = {
    "CONFIRMED": "成立",
    "REFUTED": "被推翻",
    "computed": "算出",
    "edge of the false zone": "假区域边缘",
    "edge of the true zone": "真区域边缘",
    "exact": "精确",
    "fixed sample": "固定样本",
    "inside the false zone": "假区域内部",
    "inside the true zone": "真区域内部",
    "just false": "恰为假",
    "just true": "恰为真",
    "margin": "界限",
    "measured": "测得",
    "middle of the gap": "间隔中点",
    "none": "无",
    "not shown": "未能显示",
    "nothing": "无",
    "sequential": "序贯",
}


def translated(rows: Iterable[Sequence[Any]]) -> tuple[tuple[Cell, ...], ...]:
    """The rows with the words that are known in both languages."""
    return tuple(
        tuple(
            Text(cell, WORDS[cell]) if isinstance(cell, str) and cell in WORDS else cell
            for cell in row
        )
        for row in rows
    )
