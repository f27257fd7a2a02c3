"""`python -m reports html` from the outside: files, exit status, messages, and what it imports."""

from pathlib import Path

import pytest

from reports.commands import main
from studies.report.records import records, write
from tests.processes import printed


@pytest.fixture
def out(tmp_path: Path) -> Path:
    write(tmp_path / "out" / "records.jsonl", records())
    return tmp_path / "out"


def arguments(out: Path) -> list[str]:
    return ["html", f"--records={out / 'records.jsonl'}", f"--output={out / 'report.html'}"]


def test_it_writes_both_and_prints_the_path(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(arguments(out))

    assert status == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(out / "report.html")
    assert (out / "report.html").read_text("utf-8").startswith("<!doctype html>")
    assert (out / "summary.md").exists()
    assert sorted(p.name for p in out.iterdir()) == [
        "records.jsonl", "report.complete.html", "report.html", "report.statistics.html",
        "summary.md",
    ]  # fmt: skip


def test_lost_lines_are_told_by_the_status(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (out / "records.jsonl").open("a") as stream:
        stream.write("broken\n")

    status = main(arguments(out))

    assert status == 1
    assert "Line 14 is left out" in capsys.readouterr().err
    assert "Line 14 is left out" in (out / "report.html").read_text("utf-8")


def test_without_records_it_says_what(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = main(arguments(tmp_path))

    message = capsys.readouterr().err
    assert status == 2
    assert message.count("\n") == 1
    assert "run the claims first" in message


def test_a_baseline_is_compared(out: Path, tmp_path: Path) -> None:
    before = write(tmp_path / "before.jsonl", records()[:-1])
    main([*arguments(out), f"--baseline={before}"])
    assert "0 verdicts changed, 1 new, 0 gone" in (out / "report.html").read_text("utf-8")


def test_a_full_disk_leaves_the_old_page(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (out / "report.html").write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    status = main(arguments(out))

    assert status == 2
    assert "No space left on device" in capsys.readouterr().err
    assert (out / "report.html").read_text() == "old"
    assert not list(out.glob(".*"))


def test_it_runs_as_a_module_without_loading_torch_or_scipy(out: Path) -> None:
    code = (
        "import sys; from reports.commands import main; status = main(sys.argv[1:]); "
        "sys.exit(status or int(bool({'torch', 'scipy'} & set(sys.modules))))"
    )

    printed("-c", code, *arguments(out), PYTHONIOENCODING="utf-8")
