"""The installed kit: a wheel in a fresh environment, one command, and no generic name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

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
    assert any(name.endswith("suite/harness/data/slice/LICENSE") for name in names)
    assert any(name.endswith("suite/reports/templates/page.html.jinja") for name in names)


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
        "print([r.verdict for r in check_implementation(dropout=mine.dropout, claims=['do-eval'])])"
    )

    done = run(python, tmp_path, "-c", script)

    assert done.stdout.strip() == "['CONFIRMED']", done.stderr
