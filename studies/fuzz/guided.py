"""Fuzzing led by coverage: python -m studies.fuzz.guided TARGET [--seconds S] [--corpus FOLDER].

Atheris (libFuzzer) keeps the inputs that reach new branches of the readers and mutates those;
half of the mutations are ours, which know JSON. The first crash ends the run with exit status 77;
the input that crashed is left in the folder as `crash-...`.
"""

import argparse
import random
import sys
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

READERS = ["harness", "reports", "tomllib"]  # instrumented: what reads, not what is read with
LARGEST = 1 << 16  # bytes of an input


def main(words: Sequence[str]) -> int:
    """Fuzz one target; libFuzzer ends the process itself when the time is up."""
    try:
        import atheris
    except ImportError:
        print("atheris is not installed (the extra 'fuzz'); it is for Linux and Python < 3.14")
        return 2
    with atheris.instrument_imports(include=READERS):
        from studies.fuzz.mutations import one_mutation
        from studies.fuzz.targets import targets
    parser = argparse.ArgumentParser(prog="python -m studies.fuzz.guided")
    parser.add_argument("target", choices=sorted(targets()))
    parser.add_argument("--seconds", type=int, default=300, help="how long")
    parser.add_argument("--inputs", type=int, default=-1, help="at most so many")
    parser.add_argument("--corpus", type=Path, help="a folder for the inputs that were kept")
    given = parser.parse_args(words)
    target = targets()[given.target]
    folder = Path(given.corpus or tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (folder / f"seed-{number}").write_bytes(seed)
    file = Path(tempfile.mkdtemp()) / ("input.toml" if given.target == "user file" else "input")
    said = {"accepted": 0, "refused": 0}
    warnings.simplefilter("error")

    def read(data: bytes) -> None:
        said["refused" if target.read(data, file) else "accepted"] += 1

    def mutate(data: bytes, largest: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if dice.random() < 0.5:
            return bytes(atheris.Mutate(data, largest))
        return one_mutation(data, dice)[:largest]

    options = {
        "max_total_time": given.seconds, "runs": given.inputs, "max_len": LARGEST, "seed": 1,
        "rss_limit_mb": 8192, "timeout": 60, "print_final_stats": 1,
    }  # fmt: skip
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup(
        [sys.argv[0], *arguments, f"-artifact_prefix={folder}/", str(folder)],
        read,
        custom_mutator=mutate,
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
