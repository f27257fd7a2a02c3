"""A suite in a temporary folder, run by pytest with the real plugin."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from studies.kills.toy import COIN, IMPORTS, SETTINGS
from tests.processes import Done, python
from tests.runs import run_here


class Run:
    """One finished run: exit status, what it printed, and the records that it left."""

    def __init__(self, done: Done, folder: Path) -> None:
        self.status = done.returncode
        self.text = done.stdout + done.stderr
        self.folder = folder

    @property
    def words(self) -> str:
        """What it printed, wherever its lines were broken."""
        return " ".join(self.text.split())

    @property
    def records(self) -> list[dict[str, Any]]:
        file = self.folder / "out" / "records.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()]

    @property
    def results(self) -> dict[str, tuple[str, int, str]]:
        return {r["claim"]: (r["verdict"], r["replicates"], r["digest"]) for r in self.records}


Suite = Callable[..., Run]


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    """Write claims into a file of a fresh folder and run pytest on it with options."""
    return _suite_in(tmp_path, run_here)


@pytest.fixture
def suite_apart(tmp_path: Path) -> Suite:
    """The same in a process of its own, whose environment may differ, for what would hurt this."""
    return _suite_in(tmp_path, partial(python, "-m", "pytest"))


def _suite_in(folder: Path, pytest_in: Callable[..., Done]) -> Suite:
    (folder / "conftest.py").write_text('pytest_plugins = ["harness.run.plugin"]\n')
    (folder / "pyproject.toml").write_text(SETTINGS)

    def run(*options: str, claims: str = COIN, name: str = "toy.py", **changes: str) -> Run:
        (folder / name).write_text(IMPORTS + claims)
        return Run(pytest_in("-p", "no:randomly", *options, folder=folder, **changes), folder)

    return run
