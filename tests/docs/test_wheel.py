"""The installed kit: a wheel in a fresh environment, one command, and no generic name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.docs.installed import JUDGE, MINE, build_wheel, fresh_python, run

pytest.importorskip("hatchling", reason="the wheel's build backend is not installed here")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fresh_python(wheel, tmp_path_factory.mktemp("fresh") / "venv")


def test_the_wheel_holds_one_package_and_no_compiled_leftovers(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0].split("-")[0] for name in names} == {"chapter_and_verse"}
    assert not [name for name in names if "__pycache__" in name]


def test_the_wheel_holds_all_that_a_user_runs_and_nothing_else(wheel: Path) -> None:
    inside = "chapter_and_verse"
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(f"{inside}/")}
    suite = {file for folder in ("claims", "harness", "reports") for file in files_in(folder)}

    assert {"claims/dropout/faults/layer.py", "harness/data/slice/LICENSE"} < suite
    assert names == {
        *(f"{inside}/suite/{file}" for file in suite),
        *(f"{inside}/suite/{file}" for file in ("NOTICE", "conftest.py", "pyproject.toml")),
        *files_in(inside),
    }


def files_in(folder: str) -> set[str]:
    """The files of a folder of the checkout, without what Python compiled."""
    files = [file for file in (ROOT / folder).rglob("*") if file.is_file()]
    return {str(file.relative_to(ROOT)) for file in files if file.parent.name != "__pycache__"}


def test_one_command_judges_a_function(python: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)

    done = run(python, tmp_path, *JUDGE)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "all as expected" in done.stdout
    assert (tmp_path / "out" / "records.jsonl").exists()
    assert "chapter-and-verse" in (tmp_path / "out" / "records.jsonl").read_text()


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
