"""The installed kit, as a user has it: `python -m tests.wheel.installed` times its one command.

Its exit status is 0 if a dropout of the user's own is judged within a minute, of the wall.
"""

import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from tests.checkout import ROOT
from tests.processes import PATIENCE, environment

LIMIT = 60.0  # seconds
MINE = """
import numpy as np
from chapter_and_verse import adapter

def my_dropout(h, p, rng, training=True):
    if not training or p == 0:
        return h
    return np.where(rng.random(h.shape) < p, 0, h / max(1 - p, 1e-9)).astype(h.dtype)

dropout = adapter("dropout", my_dropout, arrays="numpy")
"""
JUDGE = ("-m", "chapter_and_verse", "judge", "dropout=mine:dropout")


def build(folder: Path, target: str = "wheel", source: Path = ROOT) -> Path:
    """The wheel or the sdist of a tree, by default of this one, built into the folder."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=source, check=True, capture_output=True,
    )  # fmt: skip
    (made,) = folder.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return made


def fresh_python(wheel: Path, folder: Path, *, bare: bool = False) -> Path:
    """A fresh environment with the wheel, on top of the packages that run this process.

    A bare one has the wheel alone.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "--python", str(python),
         "install", "--no-deps", "--no-index", str(wheel)],
        check=True,
    )  # fmt: skip
    if not bare:
        site = next((folder / "lib").glob("python*")) / "site-packages"
        (site / "base.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def run(
    python: Path, folder: Path, *words: str, **changes: str
) -> subprocess.CompletedProcess[str]:
    """The words given to the environment's Python in the folder, without our own settings."""
    variables = environment(folder, PYTHONPATH=None) | changes
    return subprocess.run(
        [str(python), *words], cwd=folder, env=variables,
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


def main() -> int:
    """Judge the function once and say how long it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = fresh_python(build(folder / "dist"), folder / "venv")
        (folder / "mine.py").write_text(MINE)
        started = time.monotonic()
        done = run(python, folder, *JUDGE)
        seconds = time.monotonic() - started
    print(done.stdout[-500:] + done.stderr[-500:])
    print(f"{seconds:.1f} s of at most {LIMIT:g}, exit status {done.returncode}")
    return int(done.returncode != 0 or seconds > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
