"""The code behind a module: its own tree by file, what was installed by its list of files."""

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from harness.implementation import source
from harness.implementation.source import ROOT, Sources, is_known, packages_digest, place_of, short


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`behind_mine` imports a package's module, which imports a sibling that nothing else does."""
    write(tmp_path / "behind_mine.py", "import numpy\nfrom behind_pkg.layers import dropout\n")
    write(tmp_path / "behind_pkg" / "__init__.py", "")
    write(tmp_path / "behind_pkg" / "layers.py", "from . import masks\nfrom os import path\n")
    write(tmp_path / "behind_pkg" / "masks.py", "import behind_missing\n")
    write(tmp_path / "behind_pkg" / "other.py", "")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    os.utime(file, ns=(0, len(text) + abs(hash(text)) % 10**9))  # no edit within a clock's tick


OWN = {
    "module behind_mine", "module behind_pkg", "module behind_pkg.layers",
    "module behind_pkg.masks", "module behind_missing",
}  # fmt: skip


def test_a_module_is_followed_through_its_own_tree_and_is_not_run(tree: Path) -> None:
    found = Sources().behind("behind_mine")

    assert set(found) == OWN
    assert found["module behind_missing"] == "absent"
    assert all(map(is_known, found.values()))
    assert not any(name.startswith("behind_") for name in sys.modules)


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("behind_mine.py", "behind_mine"),
        ("behind_pkg/__init__.py", "behind_pkg"),
        ("behind_pkg/masks.py", "behind_pkg.masks"),
    ],
)
def test_a_changed_text_has_another_digest(tree: Path, file: str, module: str) -> None:
    before = Sources().behind("behind_mine")
    write(tree / file, (tree / file).read_text() + "x = 1\n")

    after = Sources().behind("behind_mine")

    assert {name for name in after if after[name] != before[name]} == {f"module {module}"}


def test_what_no_import_reaches_does_not_matter(tree: Path) -> None:
    before = Sources().behind("behind_mine")
    write(tree / "behind_pkg" / "other.py", "x = 1\n")
    assert Sources().behind("behind_mine") == before


def test_a_module_that_was_missing_and_is_there_is_another_one(tree: Path) -> None:
    write(tree / "behind_missing.py", "")
    assert is_known(Sources().behind("behind_mine")["module behind_missing"])
    assert Sources().behind("behind_mine")["module behind_missing"] != "absent"


def test_a_file_that_changes_while_a_run_goes_on_is_unknown(tree: Path) -> None:
    sources = Sources()
    sources.behind("behind_mine")
    write(tree / "behind_pkg" / "masks.py", "x = 1\n")

    found = sources.behind("behind_mine")

    assert found["module behind_pkg.masks"] == "unknown: masks.py changed while it ran"
    assert is_known(found["module behind_mine"])


def test_a_folder_counts_as_it_was_when_it_was_looked_at(tree: Path) -> None:
    sources = Sources()
    digest = sources.look(tree)

    assert sources.look(tree) == digest == Sources().look(tree)
    write(tree / "behind_mine.py", "x = 1\n")
    assert sources.look(tree) == "unknown: behind_mine.py changed while it ran"
    assert is_known(Sources().look(tree))
    assert Sources().look(tree) != digest


def test_what_loads_code_by_other_means_is_unknown_and_says_where(tree: Path) -> None:
    write(tree / "behind_pkg" / "masks.py", "\nexec(text)\n")
    found = Sources().behind("behind_mine")
    assert found["module behind_pkg.masks"] == "unknown: masks.py, line 2 runs code by exec"


def test_compiled_modules_and_notebooks_are_unknown(tree: Path) -> None:
    suffix = EXTENSION_SUFFIXES[0]
    (tree / f"behind_fast{suffix}").write_bytes(b"")
    write(tree / "behind_mine.py", "import behind_fast\n")

    compiled = Sources().behind("behind_mine")["module behind_fast"]

    assert compiled == f"unknown: behind_fast{suffix} is compiled"
    assert not is_known(str(place_of("__main__")))
    assert Sources().behind("behind_nowhere") == {"module behind_nowhere": "unknown"}


def test_a_framework_is_nobody_s_own_tree(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST", 2)
    found = Sources().behind("behind_mine")
    assert found["module behind_mine"] == "unknown: it imports more than 2 files"


def test_an_installed_package_is_known_by_its_list_of_files(tree: Path) -> None:
    """`packaging` is installed under its own name, `_pytest` under another."""
    write(tree / "behind_mine.py", "import packaging.version, _pytest\nfrom torch import nn\n")

    found = Sources().behind("behind_mine")

    assert set(found) == {"module behind_mine", "package packaging", "package _pytest"}
    assert all(map(is_known, found.values()))


def test_a_package_without_a_list_of_files_is_unknown(tree: Path) -> None:
    write(tree / "site-packages" / "behind_copied.py", "")
    sys.path.insert(0, str(tree / "site-packages"))
    try:
        write(tree / "behind_mine.py", "import behind_copied\n")
        found = Sources().behind("behind_mine")
    finally:
        sys.path.pop(0)

    assert found["package behind_copied"] == "unknown: it is in no installed list of files"


def test_the_kit_itself_and_the_standard_library_are_not_followed() -> None:
    assert [place_of(name) for name in ("harness.primitives.dropout", "os.path", "torch.nn")] == [
        "", "", "",
    ]  # fmt: skip
    assert place_of("chapter_and_verse") == place_of("chapter_and_verse.__main__") == ""
    assert place_of("claims.dropout.faults.layer") == ROOT / "claims/dropout/faults/layer.py"
    assert place_of("harness.no_such_module") is None


def test_digests_keep_parts_apart() -> None:
    assert short("ab", "c") != short("a", "bc")
    assert len(short("a")) == 12
    assert packages_digest(["torch", "numpy"]) != packages_digest(["numpy", "torch"])
