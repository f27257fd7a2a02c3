"""Reading records that are damaged, foreign or hostile."""

import json
from pathlib import Path
from typing import Any

import pytest

from reports import records as reader
from reports.records import RecordsError, read_records
from studies.report import large
from studies.report.records import records, write


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    return records(6)


def test_records_come_in_the_order_of_the_chapter(tmp_path: Path, rows: list[Any]) -> None:
    path = write(tmp_path / "records.jsonl", rows[::-1])

    reading = read_records(path)

    assert [record.claim for record in reading.records] == [r["claim"] for r in rows]
    assert reading.notices == ()


def test_a_last_line_that_is_cut_short_is_noticed(tmp_path: Path, rows: list[Any]) -> None:
    path = write(tmp_path / "records.jsonl", rows)
    path.write_bytes(path.read_bytes()[:-100])

    reading = read_records(path)

    assert len(reading.records) == 5
    assert "Line 6, the last one, is cut short" in reading.notices[0].en
    assert reading.lost == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"not json", "malformed"),
        (b'{"schema_version": 2}', "missing required field `claim`"),
        (b"[]", "Expected `object`, got `array`"),
        (b"\xff\xfe", "malformed"),
        (b'{"a": NaN}', "malformed"),
        (b'{"schema_version": 2, "alpha": 1e999}', "out of range"),
        (b'{"schema_version": ' + b"9" * 5000 + b"}", "out of range"),
        (b'{"a": ' * 100_000, "nested too deeply"),
    ],
    ids=["text", "no record", "list", "bytes", "nan", "infinite", "digits", "deep"],
)
def test_damaged_lines_are_lost(tmp_path: Path, rows: list[Any], line: bytes, said: str) -> None:
    path = write(tmp_path / "records.jsonl", rows)
    path.write_bytes(line + b"\n" + path.read_bytes())

    reading = read_records(path)

    assert len(reading.records) == 6
    assert reading.lost == 1
    assert said in reading.notices[0].en


def test_another_schema_version_is_refused(tmp_path: Path, rows: list[Any]) -> None:
    path = write(tmp_path / "records.jsonl", [*rows, {**rows[0], "schema_version": 1}])
    with pytest.raises(RecordsError, match=r"line 7 has schema_version=1 .* reads 2"):
        read_records(path)


def test_a_line_that_is_too_long_is_left_out(
    tmp_path: Path, rows: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LONGEST_LINE", 40_000)
    long = {**rows[0], "claim": "long", "code": "x" * 100_000}
    path = write(tmp_path / "records.jsonl", [long, *rows])

    reading = read_records(path)

    assert len(reading.records) == 6
    assert "longer than" in reading.notices[0].en


@pytest.mark.parametrize("content", [b"{}\n", b"\x00" * 1000])
def test_a_file_without_a_record_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(content)

    with pytest.raises(RecordsError, match="holds no record that can be shown"):
        read_records(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="run the claims first"):
        read_records(tmp_path / "records.jsonl")


def test_the_last_record_of_a_claim_counts(tmp_path: Path, rows: list[Any]) -> None:
    again = {**rows[2], "verdict": "UNDECIDED", "as_expected": False}
    path = write(tmp_path / "records.jsonl", [*rows, again])

    reading = read_records(path)

    assert len(reading.records) == 6
    assert reading.records[2].verdict == "UNDECIDED"
    assert "superseded" in reading.notices[0].en


def test_records_of_two_runs_are_said_to_be(tmp_path: Path, rows: list[Any]) -> None:
    path = write(tmp_path / "records.jsonl", [{**rows[0], "salt": "another"}, *rows[1:]])

    (notice,) = read_records(path).notices

    assert notice.en.startswith("The records are of 2 runs, by salt (profile): another (")
    assert "2 次运行" in notice.zh


def test_text_of_a_record_is_cleaned(tmp_path: Path, rows: list[Any]) -> None:
    hostile = {**rows[0], "source": "a\u202eb\x1b[31mc"}
    path = tmp_path / "records.jsonl"
    path.write_text(json.dumps(hostile) + "\n", encoding="utf-8")

    (record,) = read_records(path).records

    assert record.source == "a\\u202eb\\x1b[31mc"


@pytest.mark.parametrize(("limit", "value"), [("MOST_RECORDS", 5), ("LARGEST_WHOLE", 60_000)])
def test_more_than_a_page_can_show_is_one_clear_error(
    tmp_path: Path, rows: list[Any], monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(reader, limit, value)
    path = write(tmp_path / "records.jsonl", rows)

    with pytest.raises(RecordsError, match="more than one page can show"):
        read_records(path)


def test_records_that_a_later_one_supersedes_take_no_room(
    tmp_path: Path, rows: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "records.jsonl", rows)
    monkeypatch.setattr(reader, "LARGEST_WHOLE", path.stat().st_size)
    write(path, rows * 5)

    assert len(read_records(path).records) == len(rows)


@pytest.mark.parametrize("kind", ["continued", "one line"])
def test_a_large_file_takes_little_memory(tmp_path: Path, kind: str) -> None:
    """The same with 200 MiB and more kinds: `python -m studies.report.large`."""
    case = large.CASES[kind]

    path = large.write(tmp_path / "records.jsonl", kind, 16)
    outcome = large.page_of(path)
    path.unlink()

    assert outcome.status == case.status, outcome.said
    assert case.said in outcome.said
    assert outcome.mebibytes < 256
