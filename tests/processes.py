"""Python in a process of its own, in a folder, without the settings of this one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.checkout import ROOT

OURS = ("PYTEST", "CLAIMS")  # variables that steer the run that is under way
PATIENCE = 900.0  # seconds: what takes longer hangs, however busy the machine is
Done = subprocess.CompletedProcess[str]


def environment(folder: Path = ROOT, **changes: str | None) -> dict[str, str]:
    """This process's environment with the folder and the checkout importable; None takes away."""
    kept: dict[str, str | None] = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    kept["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([str(folder), str(ROOT)]))
    return {name: value for name, value in (kept | changes).items() if value is not None}


def python(*words: str, folder: Path = ROOT, **changes: str | None) -> Done:
    """Python given these words in the folder, to its end, however that is."""
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment(folder, **changes),
        capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, check=False,
    )  # fmt: skip


def printed(*words: str, folder: Path = ROOT, **changes: Any) -> str:
    """What Python prints that is given these words, without the ends; it must end well."""
    done = python(*words, folder=folder, **changes)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout.strip()
