"""Tables that other commands measured, after the chapter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.statistics.comparison.confirmation import Row
from harness.text import Text
from reports.commands import main
from reports.page.appendix_tables import MOST_ROWS, MOST_SHEETS, read_sheets
from reports.page.appendix_tables_zh import paragraphs
from reports.timing.rounds import Timed
from reports.timing.store import write_timings
from tests.reports.synthetic import records, write

ROOT = Path(__file__).resolve().parents[2]
CURVE = {
    "dropout": {
        "title": "A rate that is off, by size",
        "title_zh": "丢弃率偏差的大小",
        "text": ["The margin is 0.01."],
        "command": "python -m studies.power",
        "columns": ["eps / margin", "refuted", "confirmed"],
        "rows": [[0, 0, 5], [1, 3, 1], [2, 5, 0]],
        "plot": {"x": "eps / margin", "lines": ["refuted", "confirmed"]},
    }
}
PEERS = {
    "machine": "a machine",
    "results": {
        "net": {
            "title": "A net",
            "rows": [
                {"against": "JAX", "target": 2.0, "reached": 3.5, "low": 3.0, "high": 4.0},
            ],
        }
    },
}


def saved(folder: Path, content: Any) -> Path:
    file = folder / "x.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def test_a_power_curve_is_a_table_and_a_picture(tmp_path: Path) -> None:
    (sheet,), notices = read_sheets([saved(tmp_path, CURVE)])

    assert notices == []
    assert sheet.title.zh == "丢弃率偏差的大小"
    assert [cell.en for cell in sheet.rows[1]] == ["1", "3", "1"]
    assert sheet.picture is not None
    assert "refuted" in str(sheet.picture.svg)
    assert "被推翻" in str(sheet.picture.svg)


@pytest.mark.parametrize("name", ["calibration.json", "power.json"])
def test_what_is_committed_is_shown_and_named_in_both_languages(name: str) -> None:
    sheets, notices = read_sheets([ROOT / "docs" / "studies" / name])

    assert notices == []
    assert len(sheets) >= 5
    unnamed = [sheet.title.en for sheet in sheets if sheet.title.zh == sheet.title.en]
    assert not unnamed, "give the table a title_zh, or reports/page/appendix_tables.py its Chinese"
    assert all(len(row) == len(sheet.columns) for sheet in sheets for row in sheet.rows)
    nameless = {column.en for sheet in sheets for column in sheet.columns if english_only(column)}
    assert not nameless, (
        "give the table columns_zh, or reports/page/appendix_tables_zh.py their Chinese"
    )


def english_only(text: Text) -> bool:
    return text.zh == text.en and not text.en.isdigit()


def test_paragraphs_of_what_is_committed_are_said_in_both_languages() -> None:
    sheets, _ = read_sheets(
        [ROOT / "docs" / "studies" / name for name in ("calibration.json", "power.json")]
    )

    untold = {line.en for sheet in sheets for line in sheet.text if english_only(line)}

    assert not untold, "give the table text_zh, or reports/page/appendix_tables_zh.py their Chinese"


def test_a_figure_within_a_paragraph_stands_in_the_chinese_too() -> None:
    (said,) = paragraphs(["Undecided is not wrong; its planned share is 7 % at these rates."])

    assert "7 %" in said.zh
    assert said.zh != said.en


def test_a_table_may_bring_its_own_chinese(tmp_path: Path) -> None:
    own = {**CURVE["dropout"], "text_zh": ["界限是 0.01。"], "columns_zh": ["甲", "乙", "丙"]}

    (sheet,), _ = read_sheets([saved(tmp_path, {"x": own})])

    assert [column.zh for column in sheet.columns] == ["甲", "乙", "丙"]
    assert [line.zh for line in sheet.text] == ["界限是 0.01。"]


def test_no_table_is_lost_without_a_word(tmp_path: Path) -> None:
    many = {str(i): CURVE["dropout"] for i in range(MOST_SHEETS + 3)}

    sheets, (notice,) = read_sheets([saved(tmp_path, many)])

    assert len(sheets) == MOST_SHEETS
    assert notice.en.startswith("3 tables beyond")


def test_ratios_to_peers_stand_beside_what_they_should_reach(tmp_path: Path) -> None:
    (sheet,), _ = read_sheets([saved(tmp_path, PEERS)])

    ((*cells, met),) = sheet.rows
    assert [cell.en for cell in cells] == ["A net", "JAX", "2×", "3.5× [3, 4]"]
    assert met == Text("yes", "是")


def test_head_against_base_has_its_noise_and_its_verdict(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    base, head = rng.normal(0, 0.01, (2, 6))
    row = Row(((base, head + 0.1),), (((base, head + 0.1),),))
    file = tmp_path / "timings.json"
    write_timings(file, Timed({"benchmarks/test_a.py::test_b[cpu]": row}))

    (sheet,), _ = read_sheets([file])

    name, ratio, floor, processes, verdict = (cell.en for cell in sheet.rows[0])
    assert name == "test_a.py::test_b[cpu]"
    assert ratio.startswith("1.1")
    assert floor.endswith("%")
    assert (processes, verdict) == ("6", "regression")


def test_long_tables_are_cut_and_counted(tmp_path: Path) -> None:
    table = {"title": "t", "columns": ["a"], "rows": [[i] for i in range(MOST_ROWS + 7)]}

    (sheet,), _ = read_sheets([saved(tmp_path, {"t": table})])

    assert len(sheet.rows) == MOST_ROWS
    assert sheet.left_out == 7


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"a": 3}',
        '{"a": {"title": "t", "columns": ["a"], "rows": 3}}',
        '{"results": {"a": {}}}',
        '{"timings": "chapter-and-verse timings"}',
        json.dumps({"a": {**CURVE["dropout"], "plot": {"x": "no such column", "lines": []}}}),
        "[" * 100_000,
    ],
    ids=["empty", "list", "cut", "number", "rows", "peers", "timings", "axis", "deep"],
)
def test_what_holds_no_tables_is_a_notice(tmp_path: Path, content: str) -> None:
    sheets, notices = read_sheets([saved(tmp_path, content)])

    assert sheets == []
    assert "cannot be read" in notices[0].en


def test_the_page_shows_them_and_hostile_text_stays_text(tmp_path: Path) -> None:
    wild = "<script>alert(1)</script>\u202e"
    table = {"title": wild, "text": [wild], "columns": [wild], "rows": [[wild]], "command": wild}
    file = saved(tmp_path, {"wild": table, **CURVE})
    source = write(tmp_path / "records.jsonl", records(3))
    page = tmp_path / "report.html"

    status = main(
        ["html", f"--records={source}", f"--output={page}", "--sheets", str(file), "no-such-file"]
    )

    text = page.read_text("utf-8")
    assert status == 0
    assert "A rate that is off, by size" in text
    assert "丢弃率偏差的大小" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "The tables in no-such-file cannot be read" in text
