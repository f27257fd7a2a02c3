"""The installed kit: a wheel in a fresh environment, one command, and no generic name."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.processes import python as checkout
from tests.wheel.installed import JUDGE, MINE, run

PACKAGE, FOLDERS = "chapter_and_verse", ("claims", "harness", "reports")


def test_the_wheel_holds_one_package_and_no_compiled_leftovers(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {PACKAGE}
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_holds_all_that_a_user_runs_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(f"{PACKAGE}/")}
    suite = {file for folder in FOLDERS for file in files_in(folder)}

    assert {"claims/dropout/faults/layer.py", "harness/data/slice/LICENSE"} < suite
    assert names == {*(f"{PACKAGE}/{file}" for file in suite), *files_in(PACKAGE)}


def files_in(folder: str) -> set[str]:
    """The files of a folder of the checkout, without what Python compiled."""
    files = [file for file in (ROOT / folder).rglob("*") if file.is_file()]
    return {str(file.relative_to(ROOT)) for file in files if file.parent.name != "__pycache__"}


def test_one_command_judges_a_function_as_in_the_checkout(python: Path, tmp_path: Path) -> None:
    """Verdicts, samples and their digests are the same: they depend on no module's name."""
    (tmp_path / "mine.py").write_text(MINE)

    here = checkout(*JUDGE, "--output=here", "--only=do-unbiased", folder=tmp_path)
    there = run(python, tmp_path, *JUDGE, "--output=there")

    assert here.returncode == there.returncode == 0, there.stdout + there.stderr
    assert "all as expected" in there.stdout
    assert read(tmp_path / "here") < read(tmp_path / "there")


def read(output: Path) -> set[tuple[str, str, str, str]]:
    lines = (output / "records.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    return {(r["claim"], r["verdict"], r["salt"], r["digest"]) for r in records}


@pytest.mark.parametrize("name", ["claims", "harness", "reports", "tests", "conftest"])
def test_no_generic_name_is_importable(python: Path, tmp_path: Path, name: str) -> None:
    done = run(python, tmp_path, "-c", f"import chapter_and_verse\nimport {name}")
    assert f"No module named '{name}'" in done.stderr


def test_the_public_names_work_outside_the_command(python: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    script = (
        "import mine\nfrom chapter_and_verse import check_implementation\n"
        "records = check_implementation(dropout=mine.dropout, claims=['do-eval'])\n"
        "print([record.verdict.value for record in records])"
    )

    done = run(python, tmp_path, "-c", script)

    assert done.stdout.strip() == "['CONFIRMED']", done.stderr
