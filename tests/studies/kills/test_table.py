"""The page of faults is complete: every row has a test that exists, every test has its row."""

import ast
from pathlib import Path

from tests.checkout import ROOT

PAGE = (ROOT / "docs" / "studies" / "faults.md").read_text(encoding="utf-8")
# What is promised to be survived, by words of its row.
PROMISED = (
    "kill -9", "disk full", "read-only folder", "clock jumps", "out of memory", "under xdist",
    "process pool", "Dask", "SIGINT twice", "two runs in one folder", "locked SQLite",
    "corrupt SQLite", "Unicode, spaces", "no HOME", "no TTY", "C locale",
)  # fmt: skip


def rows() -> list[tuple[str, str]]:
    """Each row's words with the test that it names."""
    found = [line.split("|") for line in PAGE.splitlines() if "::test_" in line]
    return [(cells[1].strip(), cells[3].strip().strip("`")) for cells in found]


def functions_of(file: Path) -> set[str]:
    """The test functions of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    return {name for name in functions if name.startswith("test_")}


def test_every_row_names_a_test_that_there_is() -> None:
    named = [test.split("::") for _, test in rows()]
    assert [one for one in named if one[1] not in functions_of(ROOT / one[0])] == []


def test_every_fault_that_is_tried_has_its_row() -> None:
    here = Path(__file__)
    tried = {
        f"tests/studies/kills/{file.name}::{test}"
        for file in here.parent.glob("test_*.py")
        if file != here
        for test in functions_of(file)
    }

    assert tried - {test for _, test in rows()} == set()


def test_every_fault_that_is_promised_has_its_row() -> None:
    words = [fault.replace("`", "") for fault, _ in rows()]
    assert [fault for fault in PROMISED if not any(fault in row for row in words)] == []
