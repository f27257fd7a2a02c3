"""The installed kit: a wheel in a fresh environment, one command, and no generic name."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

import pytest

from tests.docs.followed import ROOT

MINE = """
import numpy as np
from chapter_and_verse import door

def my_dropout(h, p, rng, training=True):
    if not training or p == 0:
        return h
    return np.where(rng.random(h.shape) < p, 0, h / max(1 - p, 1e-9)).astype(h.dtype)

dropout = door("dropout", my_dropout, arrays="numpy")
"""
pytest.importorskip("hatchling", reason="the wheel's build backend is not installed here")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel, on top of the packages that run this test."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next((folder / "lib").glob("python*")) / "site-packages"
    (site / "base.pth").write_text(sysconfig.get_path("purelib") + "\n")
    with zipfile.ZipFile(wheel) as archive:  # a wheel without scripts of its own is just unpacked
        archive.extractall(site)
    return folder / "bin" / "python"


def run(python: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CLAIMS", "PYTHONPATH"))
    }
    return subprocess.run(
        [str(python), *words], cwd=folder, env=kept, capture_output=True, text=True, timeout=170,
        check=False,
    )  # fmt: skip


def test_the_wheel_holds_one_package_and_no_compiled_leftovers(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0].split("-")[0] for name in names} == {"chapter_and_verse"}
    assert not [name for name in names if "__pycache__" in name]
    assert any(name.endswith("suite/harness/data/slice/LICENSE") for name in names)
    assert any(name.endswith("suite/reports/templates/page.html.jinja") for name in names)


def test_one_command_judges_a_function_within_a_minute(python: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    started = time.monotonic()

    done = run(
        python,
        tmp_path,
        "-m",
        "chapter_and_verse",
        "--claims-implementation",
        "dropout=mine:dropout",
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "all as expected" in done.stdout
    assert (tmp_path / "out" / "records.jsonl").exists()
    assert "chapter-and-verse" in (tmp_path / "out" / "records.jsonl").read_text()
    if (os.cpu_count() or 1) >= 2 and os.getloadavg()[0] < 2:
        assert time.monotonic() - started < 60


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
