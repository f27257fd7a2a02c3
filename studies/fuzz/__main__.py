"""The long fuzz: python -m studies.fuzz [--inputs N] [--seconds S] [--salt WORD] [TARGET ...].

Inputs come in pieces, each with a seed of its own; with `--keep` a run begins after the pieces
that are in the table, so that a million inputs may be tried in several runs.
"""

import argparse
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

from studies.fuzz.mutations import inputs
from studies.fuzz.table import AIM, Fuzzed, keep_fuzzed, read_fuzzed
from studies.fuzz.targets import targets
from studies.tables import pages, write

PIECE = 10_000  # inputs with one seed; a run that is out of time ends with a whole piece
CRASHES = 5  # after so many the target is left


def fuzz(
    name: str, count: int, seconds: float, folder: Path, salt: str = "", before: int = 0
) -> Fuzzed:
    """Try inputs on a target, from number `before` up to `count`, as long as the time allows."""
    target = targets()[name]
    file = folder / ("input.toml" if name == "user file" else "input")
    started, used, tried, accepted = time.monotonic(), time.process_time(), 0, 0
    crashes: list[str] = []
    for piece in range(before // PIECE, -(-count // PIECE)):
        if tried and time.monotonic() - started > seconds:
            break
        size = min(PIECE, count - piece * PIECE)
        for data in inputs(target.seeds, size, f"{name} {salt} {piece}"):
            tried += 1
            try:
                accepted += not target.read(data, file)
            except Exception:  # whatever is not the reader's own error is what is looked for
                crashes.append(f"{data[:2000]!r}\n{traceback.format_exc(limit=-4)}")
        if len(crashes) >= CRASHES:
            break
    return Fuzzed(name, tried, accepted, tuple(crashes), time.process_time() - used)


def main(words: Sequence[str]) -> int:
    """Fuzz the targets that are named, all by default; 1 if one crashed."""
    parser = argparse.ArgumentParser(prog="python -m studies.fuzz")
    parser.add_argument("target", nargs="*", metavar="TARGET", help=", ".join(targets()))
    parser.add_argument("--inputs", type=int, default=AIM, help="inputs a target")
    parser.add_argument("--seconds", type=float, default=3600.0, help="longest time a target")
    parser.add_argument("--salt", default="", help="a word: another one makes other inputs")
    parser.add_argument(
        "--keep", action="store_true", help="go on with the table in docs/ and add to it"
    )
    parser.add_argument("--anew", action="store_true", help="forget what the table has before")
    given = parser.parse_args(words)
    if unknown := set(given.target) - set(targets()):
        parser.error(f"no target named {min(unknown)!r}; there are {', '.join(targets())}")
    warnings.simplefilter("error")
    crashed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in given.target or targets():
            before = read_fuzzed(name) if given.keep and not given.anew else Fuzzed(name)
            found = fuzz(name, given.inputs, given.seconds, Path(folder), given.salt, before.inputs)
            crashed += len(found.crashes)
            print(
                f"{name}: {found.inputs} inputs, {found.accepted} accepted, "
                f"{len(found.crashes)} crashes, {found.rate:.0f} a second of processor time",
                flush=True,
            )
            print("\n".join(found.crashes), end="", flush=True)
            if given.keep:
                keep_fuzzed(before + found)
                write(pages(["calibration"]))
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
