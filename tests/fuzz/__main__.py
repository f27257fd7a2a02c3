"""The long fuzz: python -m tests.fuzz [--inputs N] [--seconds S] [TARGET ...]."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.mutations import inputs
from tests.fuzz.targets import targets


def fuzz(name: str, count: int, seconds: float, folder: Path) -> tuple[int, int, list[str]]:
    """Inputs tried, of them accepted, and the crashes (at most five, with their input)."""
    target = targets()[name]
    file = folder / ("input.toml" if name == "user file" else "input")
    started, tried, accepted = time.monotonic(), 0, 0
    crashes: list[str] = []
    for data in inputs(target.seeds, count, name):
        if time.monotonic() - started > seconds or len(crashes) == 5:
            break
        tried += 1
        try:
            accepted += not target.read(data, file)
        except Exception:  # whatever is not the reader's own error is what is looked for
            crashes.append(f"{data[:2000]!r}\n{traceback.format_exc(limit=-4)}")
    return tried, accepted, crashes


def main(words: Sequence[str]) -> int:
    """Fuzz the targets that are named, all by default; 1 if one crashed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", nargs="*", metavar="TARGET", help=", ".join(targets()))
    parser.add_argument("--inputs", type=int, default=1_000_000, help="inputs a target")
    parser.add_argument("--seconds", type=float, default=3600.0, help="longest time a target")
    given = parser.parse_args(words)
    if unknown := set(given.target) - set(targets()):
        parser.error(f"no target named {min(unknown)!r}; there are {', '.join(targets())}")
    warnings.simplefilter("error")
    crashed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in given.target or targets():
            tried, accepted, crashes = fuzz(name, given.inputs, given.seconds, Path(folder))
            crashed += len(crashes)
            print(
                f"{name}: {tried} inputs, {accepted} accepted, {len(crashes)} crashes", flush=True
            )
            print("\n".join(crashes), end="", flush=True)
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
