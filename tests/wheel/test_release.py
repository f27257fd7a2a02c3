"""What a release consists of: sdist and wheel, the script, the version, types."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from chapter_and_verse import __version__
from tests.checkout import ROOT
from tests.wheel.installed import build, fresh_python, run

USER = """
import chapter_and_verse as kit
from chapter_and_verse import ConformanceTests, Verdict, adapter, check_implementation, claim
from chapter_and_verse import rate_equals, strategies


def mine(h: float, p: float) -> float:
    return h


records = check_implementation(dropout=adapter("dropout", mine, arrays="numpy"))
right: bool = records[0].verdict is Verdict.CONFIRMED


@claim(
    "x", "A sentence", source="here",
    given={"n": strategies.counts(1, 2)}, holds=rate_equals(0.5, within=0.1),
)
def a_sentence(n: int, replicates: int) -> tuple[int, int]:
    return n, replicates


class TestMine(ConformanceTests):
    dropout = mine


wrong: int = records[0].claim
kit.no_such_name
"""
ERRORS = {
    "user.py:26": 'has type "str", variable has type "int"',
    "user.py:27": 'has no attribute "no_such_name"',
}


def test_the_script_says_its_version_and_lists_roles(python: Path, tmp_path: Path) -> None:
    script = python.with_name("chapter-and-verse")

    said = [
        subprocess.run([script, *words], cwd=tmp_path, capture_output=True, text=True, check=True)
        for words in (["--version"], ["roles", "dropout"])
    ]

    assert said[0].stdout == f"chapter-and-verse {__version__}\n"
    assert "dropout(h: Tensor, p: float" in said[1].stdout


def test_a_run_from_the_wheel_is_reported_accepted_and_gated(python: Path, tmp_path: Path) -> None:
    fault = "dropout=chapter_and_verse.claims.dropout.faults.layer:forgets_to_rescale"
    only = ("--only", "do-unbiased.variance")

    done = run(python, tmp_path, "-m", "chapter_and_verse", "judge", fault, *only)
    others = [
        run(python, tmp_path, "-m", "chapter_and_verse", *words)
        for words in (["report"], ["accept"], ["gate"])
    ]
    repeat = re.findall(r"^  repeat +(python .*)$", done.stdout, re.MULTILINE)[0]
    again = run(python, tmp_path, *repeat.split()[1:])

    assert done.returncode == 1
    assert "REFUTED, expected CONFIRMED" in done.stdout
    assert [one.returncode for one in others] == [0, 1, 1], [one.stderr for one in others]
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
    assert repeat.startswith(f"python -m chapter_and_verse judge {fault} --only=do-unb")
    assert again.returncode == 1
    assert "REFUTED, expected CONFIRMED" in again.stdout


def test_types_are_found_in_strict_mode(wheel: Path, tmp_path: Path) -> None:
    """In an environment that has the wheel alone: what it needs is Any there."""
    pytest.importorskip("mypy")
    python = fresh_python(wheel, tmp_path / "venv", bare=True)
    (tmp_path / "user.py").write_text(USER.lstrip())

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(python), "user.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    found = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert [line.partition(": error:")[0] for line in found] == list(ERRORS), done.stdout
    assert all(says in line for says, line in zip(ERRORS.values(), found, strict=True))


def test_the_sdist_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sdist = build(tmp_path / "sdist", "sdist")
    with tarfile.open(sdist) as archive:
        # As filter="data", which the first releases of Python 3.11 do not know.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        archive.extractall(tmp_path)

    again = build(tmp_path / "wheel", source=tmp_path / sdist.name.removesuffix(".tar.gz"))

    assert contents(again) == contents(wheel)


def contents(wheel: Path) -> dict[str, int]:
    """The checksum of every file in a wheel but its list of them."""
    with zipfile.ZipFile(wheel) as archive:
        return {one.filename: one.CRC for one in archive.infolist() if "RECORD" not in one.filename}


def test_an_editable_installation_is_the_checkout(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in (
        "chapter_and_verse",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "NOTICE",
        "hatch_build.py",
    ):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-c", "from hatchling.build import build_editable as b; b('../made')"],
        cwd=source, check=True, capture_output=True,
    )  # fmt: skip

    (made,) = (tmp_path / "made").glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        (pth,) = (name for name in archive.namelist() if name.endswith(".pth"))
        assert archive.read(pth).decode().strip() == str(source)
        assert not [name for name in archive.namelist() if name.endswith(".py")]


def test_what_is_installed_says_which_version_it_is(python: Path, tmp_path: Path) -> None:
    code = "import importlib.metadata as m; print(m.version('chapter-and-verse'))"

    assert run(python, tmp_path, "-c", code).stdout.strip() == __version__
