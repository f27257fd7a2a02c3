"""What the wheel's modules are called: names rewritten, lines kept, and the suite's own tests."""

import re
import shutil
from pathlib import Path

import pytest

from tests.checkout import ROOT, sources
from tests.wheel.installed import run

hatch_build = pytest.importorskip("hatch_build", reason="the build backend is not installed here")

FOLDERS = ("chapter_and_verse", "claims", "harness", "reports")
NEEDED = ("examples", "studies", "tests")
# Some of each: pure functions, records, processes, objects by name, commands, a run as a user's.
OWN = (
    "tests/harness/blocks", "tests/harness/declaration/test_texts.py",
    "tests/harness/records/test_record.py", "tests/harness/run/test_api.py",
    "tests/harness/statistics/test_ledger.py", "tests/harness/workers/test_scheduler.py",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("from harness.text import Text", "from chapter_and_verse.harness.text import Text"),
        ("from harness import devices", "from chapter_and_verse.harness import devices"),
        ("import os, reports.keys as k", "import os, chapter_and_verse.reports.keys as k"),
        ("    from claims import contents", "    from chapter_and_verse.claims import contents"),
        ("f'harness.data.{x}'", "f'chapter_and_verse.harness.data.{x}'"),
        (
            "x = 'dropout=claims.dropout.faults.layer:y'",
            "x = 'dropout=chapter_and_verse.claims.dropout.faults.layer:y'",
        ),
        ("'`python -m reports gate`'", "'`python -m chapter_and_verse.reports gate`'"),
        ("'pytest claims -n 2'", "'pytest --pyargs chapter_and_verse.claims -n 2'"),
        ("'from harness import text'", "'from chapter_and_verse.harness import text'"),
    ],
)
def test_a_name_of_a_module_is_rewritten(written: str, read: str) -> None:
    assert hatch_build.under_one_name(written + "\n") == read + "\n"


@pytest.mark.parametrize("kept", [
    "claims.append(claims)", "harness = reports.data.harness",
    "x = 'claims.append', 'claims/dropout/layer.py', 'the claims of it', '--claims-only'",
    "from mine.harness.data import claims", "from . import claims, reports",
    "x = 'mine.harness.data'", "'the reports from claims and harness. text'",
])  # fmt: skip
def test_what_names_no_module_is_left_alone(kept: str) -> None:
    assert hatch_build.under_one_name(kept + "\n") == kept + "\n"


def test_an_import_that_binds_the_folder_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"here.py:1: 'import harness.text' binds a name"):
        hatch_build.under_one_name("import harness.text\n", "here.py")


def test_every_line_stays_where_it_is_and_no_import_names_a_folder() -> None:
    for name, text in sources(FOLDERS).items():
        renamed = hatch_build.under_one_name(text, name)

        assert renamed.count("\n") == text.count("\n"), name
        assert not re.search(r"^\s*(from|import) (claims|harness|reports)\b", renamed, re.M), name


def test_the_suite_passes_its_own_tests_from_the_wheel(python: Path, tmp_path: Path) -> None:
    for folder in NEEDED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__py*"))
    for file in tmp_path.rglob("*.py"):
        file.write_text(hatch_build.under_one_name(file.read_text("utf-8"), file.name), "utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = --import-mode=importlib\npythonpath = .\nfilterwarnings = error\n"
    )

    done = run(python, tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", *OWN)

    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
