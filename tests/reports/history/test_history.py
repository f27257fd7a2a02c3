"""The history: filled run by run, drawn with its steps, safe from other writers and bad files."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from reports.commands import main
from reports.history import file as history_file
from reports.history.file import HistoryError
from reports.history.store import add_run, read_past
from reports.history.view import history_of
from studies.report.browser import chromium
from studies.report.records import Row, typed, write
from tests.checkout import ROOT
from tests.processes import PATIENCE
from tests.reports.markup import Page
from tests.reports.place import expected_records

Capture = pytest.CaptureFixture[str]
TOY = {"a processor": {"benchmarks/test_toy.py::test_row[1]": 0.0}}


def runs(count: int, step: int | None = None) -> list[list[Row]]:
    """So many runs a day apart; from `step` on the first claim's effect is another one."""
    rng = np.random.default_rng(0)
    made = []
    for day in range(count):
        rows = expected_records(3, salt=f"run {day}")
        for row in rows:
            row["started"] = f"2026-{1 + day // 28:02}-{1 + day % 28:02}T03:00:00+00:00"
            row["estimate"] = 1 + rng.normal(0, 0.01)
        if step is not None and day >= step:
            rows[0]["estimate"] += 0.2
        made.append(rows)
    return made


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    file = tmp_path / "history.sqlite"
    rng = np.random.default_rng(1)
    for day, rows in enumerate(runs(24, step=12)):
        log = float(rng.normal(0, 0.01)) + (0.15 if day >= 16 else 0.0)
        timings = {"a processor": dict.fromkeys(TOY["a processor"], log)}
        add_run(file, typed(rows), timings, f"c{day}")
    return file


def test_a_step_in_an_effect_and_in_a_timing_is_found(filled: Path) -> None:
    history = history_of(read_past(filled))

    assert history.runs == 24
    first = history.claims[0]
    assert [step.run for step in first.steps] == [13]
    assert first.steps[0].what.en.startswith("effect ")
    assert [step.run for step in history.timings[0].steps] == [17]
    assert "1.16" in history.timings[0].steps[0].what.en or "1.17" in str(history.timings[0].steps)
    assert history.headline().en.startswith("24 runs from 2026-01-01 to 2026-01-24; 2 of 4")


def test_a_turned_verdict_is_a_step(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    for rows in runs(3):
        add_run(file, typed(rows), {}, "")
    last = runs(4)[3]
    last[0] |= {"verdict": "REFUTED", "as_expected": False}
    add_run(file, typed(last), {}, "")

    trend = next(t for t in history_of(read_past(file)).claims if t.id == last[0]["claim"])

    assert trend.marks == "✓✓✓✗"
    assert [step.what.en for step in trend.steps] == ["holds → refuted"]


def test_runs_stand_in_the_order_in_which_they_started(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    made = runs(3)
    for day in (2, 0, 1):
        add_run(file, typed(made[day]), {}, f"day {day}")

    assert [run.label for run in read_past(file).runs] == ["day 0", "day 1", "day 2"]


def test_the_same_run_is_added_once(tmp_path: Path, capsys: Capture) -> None:
    records = write(tmp_path / "records.jsonl", expected_records())
    words = ["add", "--records", str(records), "--history", str(tmp_path / "h.sqlite")]

    assert [main(words), main(words)] == [0, 0]

    assert "this run is in the history already" in capsys.readouterr().err
    assert len(read_past(tmp_path / "h.sqlite").runs) == 1


def test_the_page_draws_the_history(filled: Path, tmp_path: Path) -> None:
    records = write(tmp_path / "records.jsonl", expected_records())
    page = tmp_path / "report.html"

    status = main(["html", f"--records={records}", f"--output={page}", f"--history={filled}"])

    text = (tmp_path / "report.statistics.html").read_text(encoding="utf-8")
    assert status == 0
    assert "id=ui-history" in text
    assert "24 runs from 2026-01-01 to 2026-01-24" in text
    assert "共 24 次运行" in text
    assert Page(text).elements


def test_without_a_history_the_page_has_no_such_section(tmp_path: Path) -> None:
    records = write(tmp_path / "records.jsonl", expected_records())
    page = tmp_path / "report.html"

    main(["html", "--records", str(records), "--output", str(page)])

    statistics = tmp_path / "report.statistics.html"
    assert "ui-history" not in statistics.read_text(encoding="utf-8")


HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m"


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    rows = expected_records(2)
    rows[0] |= {"claim": HOSTILE, "sentence": {"en": HOSTILE, "zh": HOSTILE}}
    add_run(file, typed(rows), {HOSTILE: {HOSTILE: 0.0}}, HOSTILE)
    records = write(tmp_path / "records.jsonl", expected_records())
    page = tmp_path / "report.html"

    main(["html", "--records", str(records), "--output", str(page), "--history", str(file)])

    text = (tmp_path / "report.statistics.html").read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def damaged(file: Path) -> str:
    add_run(file, typed(expected_records()), {}, "")
    data = bytearray(file.read_bytes())
    data[100 : len(data) // 2] = b"\xff" * (len(data) // 2 - 100)
    file.write_bytes(data)
    return "is damaged or no history"


def no_database(file: Path) -> str:
    file.write_text("what a pity " * 99)
    return "is damaged or no history"


def of_others(file: Path) -> str:
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")
    return "is another program's file"


def of_the_future(file: Path) -> str:
    add_run(file, typed(expected_records()), {}, "")
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA user_version = 9")
    return "is a history of version 9"


def a_folder(file: Path) -> str:
    file.mkdir()
    return "cannot be read or written"


@pytest.mark.parametrize("spoil", [damaged, no_database, of_others, of_the_future, a_folder])
def test_a_file_that_is_no_history_is_one_sentence(
    tmp_path: Path, capsys: Capture, spoil: Callable[[Path], str]
) -> None:
    file = tmp_path / "history.sqlite"
    said = spoil(file)
    records = write(tmp_path / "records.jsonl", expected_records())

    status = main(["add", "--records", str(records), "--history", str(file)])

    shown = capsys.readouterr().err
    assert status == 2
    assert said in shown
    assert len(shown.strip().splitlines()) == 1


def test_a_time_beyond_all_measure_is_damage(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    add_run(file, typed(expected_records()), {"machine": {"test_training": 1e5}}, "")

    with pytest.raises(HistoryError, match="log_ratio is beyond any ratio of times in some row"):
        read_past(file)


def test_a_row_that_claims_to_be_larger_than_any_memory_is_damage(tmp_path: Path) -> None:
    page, pages = 4096, 3
    data = bytearray(page * pages + 1)
    data[:24] = b"SQLite format 3\0\x10\0\0\0\0\x40\x20\x20"
    # The table of tables is one leaf of six cells; the fifth begins at 3246 (12 * 256 + 174).
    data[100:118] = bytes([13, 0, 0, 0, 6, 0, 0, 0, 15, 0, 0, 209, 0, 160, 0, 230, 12, 174])
    data[3246:3265] = b"\xff" * 17 + b"\0\xff"  # its length, as far as a varint goes
    file = tmp_path / "history.sqlite"
    file.write_bytes(data)

    with pytest.raises(HistoryError, match="is damaged or too large for the memory; restore"):
        read_past(file)


def test_a_history_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="fill it with `python -m reports add`"):
        read_past(tmp_path / "none.sqlite")


def test_a_locked_history_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "history.sqlite"
    add_run(file, typed(expected_records()), {}, "")
    monkeypatch.setattr(history_file, "PATIENCE", 0.1)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(HistoryError, match="is locked: another process"):
        add_run(file, typed(expected_records(salt="fresh")), {}, "")

    other.close()


def test_a_full_disk_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "history.sqlite"
    add_run(file, typed(expected_records()), {}, "")
    real = sqlite3.connect

    def small(*words: object, **options: object) -> sqlite3.Connection:
        database: sqlite3.Connection = real(*words, **options)  # type: ignore[call-overload]
        (pages,) = database.execute("PRAGMA page_count").fetchone()
        database.execute(f"PRAGMA max_page_count = {pages}")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)
    many = [
        {**row, "claim": f"{row['claim']}-{i}"}
        for i in range(200)
        for row in expected_records(salt="fresh")
    ]
    with pytest.raises(HistoryError, match="disk is full"):
        add_run(file, typed(many), {}, "")

    monkeypatch.undo()
    assert len(read_past(file).runs) == 1


def test_three_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    file = tmp_path / "history.sqlite"
    started = []
    for number in range(3):
        records = write(tmp_path / f"{number}.jsonl", expected_records(salt=f"run {number}"))
        words = ["add", "--records", str(records), "--history", str(file)]
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "reports", *words], cwd=ROOT, stdout=subprocess.DEVNULL
            )
        )

    assert [process.wait(timeout=PATIENCE) for process in started] == [0, 0, 0]
    assert len(read_past(file).runs) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_in_the_opened_history(
    filled: Path, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    records = write(tmp_path / "records.jsonl", expected_records())
    page = tmp_path / "report.html"
    main(["html", "--records", str(records), "--output", str(page), "--history", str(filled)])

    with chromium() as browser:
        opened = browser.new_page(color_scheme=scheme)
        opened.goto((tmp_path / "report.statistics.html").as_uri())
        opened.evaluate("document.querySelector('#ui-history').open = true")
        found = axe.Axe().run(opened, context="#ui-history")

    assert found.response["violations"] == []
