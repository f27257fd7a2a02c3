"""Tiny suites: the text of their claims, and one in a folder of its own that can be hurt."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from studies.tables import ROOT

IMPORTS = """
import numpy as np
from harness.declaration.claim import Verdict, claim
from harness.declaration.relations import exactly_equal, more_often_than_not, rate_equals
from harness.text import Text
from hypothesis import strategies as st

COMMON = dict(source="a test")
"""

COIN = """
@claim("toy-coin", "A coin of 95 % shows heads", "玩具论断",
       holds=more_often_than_not(), block=4, seconds=0.001, **COMMON)
def a_coin_shows_heads(relu, replicates, stream):
    return stream.numpy().random(replicates) < 0.95
"""

RATE = """
@claim("toy-rate", "A bit is one with probability p", "玩具论断",
       given={"p": st.sampled_from([0.2, 0.3])},
       holds=rate_equals(lambda p: p, within=0.05), block=4096, seconds=0.001, **COMMON)
def a_bit_is_one(relu, p, replicates, stream):
    return stream.numpy().random(replicates) < p
"""
# A witness, apart from the records: what pytest has announced as finished, in one write each.
CONFTEST = """
import json
import os
import harness.environment
import pytest

pytest_plugins = ["harness.run.plugin"]
# Torch would be loaded to name its kernels, and for nothing else: the claims are NumPy's.
harness.environment.kernels = lambda: {}
WITNESS = os.path.join(os.path.dirname(__file__), "witness")


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report):
    record = getattr(report, "claims_record", None)
    if record is not None:
        handle = os.open(WITNESS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(handle, (json.loads(record)["claim"] + "\\n").encode())
        os.close(handle)
"""
SETTINGS = (
    '[tool.pytest.ini_options]\npython_files = ["toy*.py"]\naddopts = ["--import-mode=importlib"]\n'
)
# Roles of NumPy alone: torch is not loaded, so that a run starts quickly.
COINS = """
@claim("toy-coin-{n}", "Coin {n} shows heads", "玩具论断",
       holds=more_often_than_not({holds}), block=4, seconds=0.001, **COMMON)
def coin_{n}_shows_heads(gaussian_noise, replicates, stream):
    {before}
    return stream.numpy().random(replicates) < {bias}
"""
# (verdict, replicates, digest) by claim: what must not depend on what happened to the run.
Results = dict[str, tuple[str, int, str]]


def coin(n: int | str, *, bias: float = 0.95, holds: str = "", before: str = "pass") -> str:
    """The text of a claim about a coin; `before` is a statement that runs in each block."""
    return COINS.format(n=n, bias=bias, holds=holds, before=before)


class Toy:
    """A folder with a suite, the environment it is run in, and what it left."""

    def __init__(self, folder: Path, *claims: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        (folder / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
        (folder / "toy.py").write_text(IMPORTS + "".join(claims), encoding="utf-8")

    @property
    def records_file(self) -> Path:
        """Where the records are written by default."""
        return self.folder / "out" / "records.jsonl"

    def environment(self, **changes: str | None) -> dict[str, str]:
        """The environment of this process without pytest's variables; None takes one away."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "CLAIMS"))}
        kept["PYTHONPATH"] = os.pathsep.join([str(self.folder), str(ROOT)])
        kept["PYTHONDONTWRITEBYTECODE"] = "1"
        for name, value in changes.items():
            kept.pop(name, None)
            if value is not None:
                kept[name] = value
        return kept

    def start(
        self, *options: str, environment: Mapping[str, str] | None = None, **popen: Any
    ) -> subprocess.Popen[str]:
        """A run in the background."""
        given: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **popen}
        with interrupts_heeded():
            return subprocess.Popen(
                [sys.executable, "-m", "pytest", "-p", "no:randomly", "-p", "no:cacheprovider",
                 *options],
                cwd=self.folder, stdin=subprocess.DEVNULL, text=True, encoding="utf-8",
                errors="replace", env=environment or self.environment(), **given,
            )  # fmt: skip

    def run(self, *options: str, timeout: float = 900, **popen: Any) -> tuple[int, str]:
        """A run to its end: exit status and what it printed."""
        process = self.start(*options, **popen)
        try:
            text, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return process.returncode, text

    def records(self, file: Path | None = None) -> list[dict[str, Any]]:
        """The records; every line of the file must be whole."""
        text = (file or self.records_file).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def results(self, file: Path | None = None) -> Results:
        """What the last record of each claim says."""
        return {
            record["claim"]: (record["verdict"], record["replicates"], record["digest"])
            for record in self.records(file)
        }

    def witnessed(self) -> list[str]:
        """The claims that pytest announced as finished."""
        file = self.folder / "witness"
        return file.read_text(encoding="utf-8").split() if file.exists() else []


@contextlib.contextmanager
def interrupts_heeded() -> Iterator[None]:
    """What is started meanwhile can be interrupted, also from tests that a shell runs behind (&).

    Such a shell has its children ignore SIGINT, and what a process ignores its children ignore.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
