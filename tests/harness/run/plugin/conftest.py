"""A suite in a temporary folder, run by a pytest of its own with the real plugin."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.processes import python

HEAD = """
import numpy as np
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import exactly_equal, more_often_than_not, rate_equals
from harness.text import Text
from hypothesis import strategies as st

COMMON = dict(source="a test")
"""

COIN = """
@claim("toy-coin", "A coin of 95 % shows heads", "玩具主张",
       holds=more_often_than_not(), block=4, seconds=0.001, **COMMON)
def a_coin_shows_heads(relu, replicates, stream):
    return stream.numpy().random(replicates) < 0.95
"""

RATE = """
@claim("toy-rate", "A bit is one with probability p", "玩具主张",
       given={"p": st.sampled_from([0.2, 0.3])},
       holds=rate_equals(lambda p: p, within=0.05), block=4096, seconds=0.001, **COMMON)
def a_bit_is_one(relu, p, replicates, stream):
    return stream.numpy().random(replicates) < p
"""


class Run:
    """One finished run: exit status, what it printed, and the records that it left."""

    def __init__(self, done: subprocess.CompletedProcess[str], folder: Path) -> None:
        self.status = done.returncode
        self.text = done.stdout + done.stderr
        self.folder = folder

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
    (tmp_path / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npython_files = ["toy*.py"]\n'
        'addopts = ["--import-mode=importlib"]\n'
    )

    def run(*options: str, claims: str = COIN, name: str = "toy.py", timeout: float = 100) -> Run:
        (tmp_path / name).write_text(HEAD + claims)
        words = ("-m", "pytest", "-p", "no:randomly", *options)
        return Run(python(*words, folder=tmp_path, timeout=timeout), tmp_path)

    return run
