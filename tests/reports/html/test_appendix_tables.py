"""Tables that other commands measured, after the chapter."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.statistics.comparison.confirmation import Row
from harness.text import Text
from reports.commands import main
from reports.html.appendix_tables import MOST_ROWS, MOST_TABLES, read_appendix
from reports.timings_file import Timed, write_timings
from studies.report.records import records, write
from tests.checkout import ROOT

CURVE = {
    "dropout": {
        "title": {"en": "A rate that is off, by size", "zh": "丢弃率偏差的大小"},
        "text": [{"en": "The margin is 0.01.", "zh": "界限是 0.01。"}],
        "command": "python -m studies.power",
        "columns": [
            {"en": "eps / margin", "zh": "ε / 界限"},
            {"en": "refuted", "zh": "被推翻"},
            {"en": "confirmed", "zh": "成立"},
        ],
        "rows": [[0, 0, 5], [1, 3, 1], [2, 5, 0]],
        "plot": {"x": "eps / margin", "lines": ["refuted", "confirmed"]},
    }
}


def saved(folder: Path, content: Any) -> Path:
    file = folder / "x.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return file


def test_a_power_curve_is_a_table_and_a_picture(tmp_path: Path) -> None:
    (shown,), notices = read_appendix([saved(tmp_path, CURVE)])

    assert notices == []
    assert shown.table.title.zh == "丢弃率偏差的大小"
    assert [cell.en for cell in shown.rows[1]] == ["1", "3", "1"]
    assert shown.picture is not None
    assert "refuted" in str(shown.picture.svg)
    assert "被推翻" in str(shown.picture.svg)


@pytest.mark.parametrize("name", ["calibration.json", "power.json"])
def test_what_is_committed_is_shown_and_named_in_both_languages(name: str) -> None:
    tables, notices = read_appendix([ROOT / "docs" / "studies" / name])

    assert notices == []
    assert tables
    assert all(len(row) == len(shown.table.columns) for shown in tables for row in shown.rows)
    said = [
        text
        for shown in tables
        for text in (shown.table.title, *shown.table.text, *shown.table.columns)
    ]
    assert {text.en for text in said if english_only(text)} == set()


def english_only(text: Text) -> bool:
    return text.zh == text.en and not text.en.isdigit()


def test_no_table_is_lost_without_a_word(tmp_path: Path) -> None:
    many = {str(i): CURVE["dropout"] for i in range(MOST_TABLES + 3)}

    tables, (notice,) = read_appendix([saved(tmp_path, many)])

    assert len(tables) == MOST_TABLES
    assert notice.en.startswith("3 tables beyond")


def test_head_against_base_has_its_noise_and_its_verdict(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    base, head = rng.normal(0, 0.01, (2, 6))
    row = Row(((base, head + 0.1),), (((base, head + 0.1),),))
    file = tmp_path / "timings.json"
    write_timings(file, Timed({"benchmarks/test_a.py::test_b[cpu]": row}))

    (shown,), _ = read_appendix([file])

    name, ratio, floor, processes, verdict = (cell.en for cell in shown.rows[0])
    assert name == "test_a.py::test_b[cpu]"
    assert ratio.startswith("1.1")
    assert floor.endswith("%")
    assert (processes, verdict) == ("6", "regression")


def test_long_tables_are_cut_and_counted(tmp_path: Path) -> None:
    table = {**CURVE["dropout"], "rows": [[i, 0, 0] for i in range(MOST_ROWS + 7)]}

    (shown,), _ = read_appendix([saved(tmp_path, {"t": table})])

    assert len(shown.rows) == MOST_ROWS
    assert shown.left_out == 7


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"a": 3}',
        json.dumps({"a": {**CURVE["dropout"], "rows": 3}}),
        '{"timings": "chapter-and-verse timings"}',
        json.dumps({"a": {**CURVE["dropout"], "plot": {"x": "no such column", "lines": []}}}),
        "[" * 100_000,
    ],
    ids=["empty", "list", "cut", "number", "rows", "timings", "axis", "deep"],
)
def test_what_holds_no_tables_is_a_notice(tmp_path: Path, content: str) -> None:
    tables, notices = read_appendix([saved(tmp_path, content)])
    assert tables == []
    assert "cannot be read" in notices[0].en


def test_the_page_shows_them_and_hostile_text_stays_text(tmp_path: Path) -> None:
    wild = "<script>alert(1)</script>\u202e"
    both = {"en": wild, "zh": wild}
    table = {"title": both, "text": [both], "columns": [both], "rows": [[wild]], "command": wild}
    file = saved(tmp_path, {"wild": table, **CURVE})
    source = write(tmp_path / "records.jsonl", records(3))
    page = tmp_path / "report.html"

    words = [
        "html",
        f"--records={source}",
        f"--output={page}",
        "--tables",
        str(file),
        "no-such-file",
    ]
    status = main(words)

    text = "".join(one.read_text("utf-8") for one in sorted(tmp_path.glob("report*.html")))
    assert status == 0
    assert "A rate that is off, by size" in text
    assert "丢弃率偏差的大小" in text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "The tables in no-such-file cannot be read" in text
