"""The long fuzz: python -m tests.fuzz [--inputs N] [--seconds S] [--salt WORD] [TARGET ...]."""

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
from tests.fuzz.table import Fuzzed, keep_fuzzed
from tests.fuzz.targets import targets


def fuzz(name: str, count: int, seconds: float, folder: Path, salt: str = "") -> Fuzzed:
    """Try so many inputs on a target, or as many as the time allows; at most five crashes."""
    target = targets()[name]
    file = folder / ("input.toml" if name == "user file" else "input")
    started, before, tried, accepted = time.monotonic(), time.process_time(), 0, 0
    crashes: list[str] = []
    for data in inputs(target.seeds, count, f"{name} {salt}".strip()):
        if time.monotonic() - started > seconds or len(crashes) == 5:
            break
        tried += 1
        try:
            accepted += not target.read(data, file)
        except Exception:  # whatever is not the reader's own error is what is looked for
            crashes.append(f"{data[:2000]!r}\n{traceback.format_exc(limit=-4)}")
    return Fuzzed(name, tried, accepted, tuple(crashes), time.process_time() - before)


def main(words: Sequence[str]) -> int:
    """Fuzz the targets that are named, all by default; 1 if one crashed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", nargs="*", metavar="TARGET", help=", ".join(targets()))
    parser.add_argument("--inputs", type=int, default=1_000_000, help="inputs a target")
    parser.add_argument("--seconds", type=float, default=3600.0, help="longest time a target")
    parser.add_argument("--salt", default="", help="a word: another one makes other inputs")
    parser.add_argument("--keep", action="store_true", help="add to the table in docs/")
    given = parser.parse_args(words)
    if unknown := set(given.target) - set(targets()):
        parser.error(f"no target named {min(unknown)!r}; there are {', '.join(targets())}")
    warnings.simplefilter("error")
    crashed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in given.target or targets():
            found = fuzz(name, given.inputs, given.seconds, Path(folder), given.salt)
            crashed += len(found.crashes)
            print(
                f"{name}: {found.inputs} inputs, {found.accepted} accepted, "
                f"{len(found.crashes)} crashes, {found.rate:.0f} a second of processor time",
                flush=True,
            )
            print("\n".join(found.crashes), end="", flush=True)
            if given.keep:
                keep_fuzzed(found)
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
