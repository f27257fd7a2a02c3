"""Timings from pytest-benchmark's JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.text import Text
from reports.html.benchmarks import Benchmarks, read_benchmarks
from reports.html.render import Pages
from reports.records import Reading
from studies.report.records import records, typed
from tests.reports.markup import Page


def entry(device: str, median: float, **parameters: Any) -> dict[str, Any]:
    return {
        "name": f"test_dropout[{device}]",
        "params": {"device": device, **parameters},
        "stats": {"median": median, "iqr": median / 10, "rounds": 30},
        "extra_info": {
            "bytes_per_second": 3.2e9,
            "flop_per_second": 1.5e12,
            "replica_steps_per_second": 2.5e5,
            "fraction_of_limit": 0.125,
        },
    }


def file_of(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "benchmark.json"
    path.write_text(json.dumps(document))
    return path


def test_devices_stand_side_by_side(tmp_path: Path) -> None:
    rows = [entry("cuda:0", 1e-4, p=0.5), entry("cpu", 2e-3, p=0.5), entry("cpu", 1e-3, p=0.2)]

    timings = read_benchmarks(file_of(tmp_path, {"benchmarks": rows}))

    assert isinstance(timings, Benchmarks)
    assert timings.devices == ["cpu", "cuda:0"]
    assert [row.setting for row in timings.rows] == ["p = 0.5", "p = 0.2"]
    assert [row.ratio(timings.devices) for row in timings.rows] == ["20×", "–"]
    words = Page(Pages(Reading(typed(records(2)))).statistics(timings)).words()
    assert "2 ms" in words
    assert "1.5 TFLOP/s, 3.2 GB/s" in words
    assert timings.rows[0].timings["cpu"].steps == "250 k"
    assert timings.rows[0].timings["cuda:0"].limit == Text("12 %", "12%")
    assert "占设备极限" in words


def test_without_a_file_there_are_no_timings(tmp_path: Path) -> None:
    assert read_benchmarks(tmp_path / "benchmark.json") is None


@pytest.mark.parametrize("document", [
    [], {}, {"benchmarks": [{"name": 3}]},
    {"benchmarks": [{"name": "x", "stats": {"median": -1, "iqr": 0, "rounds": 1}}]},
    {"benchmarks": [{"name": "x", "params": "p", "stats": {}}]},
])  # fmt: skip
def test_another_file_is_a_notice_and_not_a_failure(tmp_path: Path, document: Any) -> None:
    notice = read_benchmarks(file_of(tmp_path, document))
    assert isinstance(notice, Text)
    assert "benchmark.json cannot be read" in notice.en


def test_a_file_cut_short_is_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "benchmark.json"
    path.write_text('{"benchmarks": [{"na')
    assert isinstance(read_benchmarks(path), Text)
