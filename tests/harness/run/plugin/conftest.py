"""A suite in a temporary folder, run by a pytest of its own with the real plugin."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studies.kills.toy import COIN, IMPORTS, SETTINGS
from tests.processes import python


class Run:
    """One finished run: exit status, what it printed, and the records that it left."""

    def __init__(self, done: subprocess.CompletedProcess[str], folder: Path) -> None:
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
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["harness.run.plugin"]\n')
    (tmp_path / "pyproject.toml").write_text(SETTINGS)

    def run(*options: str, claims: str = COIN, name: str = "toy.py", **changes: str) -> Run:
        (tmp_path / name).write_text(IMPORTS + claims)
        words = ("-m", "pytest", "-p", "no:randomly", *options)
        return Run(python(*words, folder=tmp_path, **changes), tmp_path)

    return run
