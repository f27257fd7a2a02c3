"""The command line: python -m studies.mutation [MODULE ...]."""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence

os.environ.setdefault("CI", "1")  # Hypothesis draws the same examples for every mutant
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from reports.tables import write_tables  # noqa: E402
from studies.mutation.equivalents import is_argued, is_hidden, read_equivalents  # noqa: E402
from studies.mutation.killed import Killed  # noqa: E402
from studies.mutation.mutants import Mutant, mutants  # noqa: E402
from studies.mutation.runner import preload, survives  # noqa: E402
from studies.mutation.scores import (  # noqa: E402
    Score,
    digest_of,
    every_module,
    keep,
    killers_of,
    table,
)
from studies.tables import DOCS, ROOT, pages, write  # noqa: E402


def judge(
    module: str, part: tuple[int, int], seconds: float, wanted: str, before: Killed
) -> Iterator[tuple[Mutant, str]]:
    """Each mutant of the module with what became of it: killed, equivalent or survived.

    Those that were killed `before` are not tried again.
    """
    file = ROOT / f"{module.replace('.', '/')}.py"
    argued, tests = read_equivalents(), killers_of(module)
    source = file.read_text(encoding="utf-8")
    if not survives(module, str(file), source, tests, seconds):
        raise SystemExit(f"{module}: its tests fail on the module as it is; mend that first")
    for number, mutant in enumerate(mutants(source)):
        if number % part[1] != part[0] or wanted not in mutant.before:
            continue
        if is_argued(module, mutant, argued):
            yield mutant, "equivalent"
            continue
        if before.has(mutant):
            yield mutant, "killed"
            continue
        lives = survives(module, str(file), mutant.code, tests, seconds)
        if not lives:
            before.add(mutant)
        if lives and is_hidden(module, mutant, argued):
            yield mutant, "equivalent"
        else:
            yield mutant, "survived" if lives else "killed"


def main(words: Sequence[str]) -> int:
    """Judge the modules' mutants; 1 if one survived without an argument."""
    parser = argparse.ArgumentParser(prog="python -m studies.mutation")
    parser.add_argument(
        "module", nargs="*", help="harness.statistics.evidence, ... (default: all that decide)"
    )
    parser.add_argument("--part", default="1/1", help="K/N: every Nth mutant, beginning at K")
    parser.add_argument("--seconds", type=float, default=40.0, help="processor time a mutant has")
    parser.add_argument("--line", default="", help="only mutants of lines that contain this")
    parser.add_argument(
        "--go-on", action="store_true",
        help="do not try again what an earlier run killed in the same module: where it was "
        "stopped, or where tests were only added since",
    )  # fmt: skip
    given = parser.parse_args(words)
    first, _, parts = given.part.partition("/")
    part = int(first) - 1, int(parts)
    names = given.module or every_module()
    preload()
    alive = 0
    for name in names:
        counts = {"killed": 0, "equivalent": 0, "survived": 0}
        started = time.monotonic()
        before = Killed(name, digest_of(name), forget=not given.go_on)
        for mutant, fate in judge(name, part, given.seconds, given.line, before):
            counts[fate] += 1
            if fate == "survived":
                print(f"{name}\t{mutant.operator}\t{mutant.line}\t{mutant.before}\t{mutant.after}",
                      flush=True)  # fmt: skip
        shown = ", ".join(f"{count} {fate}" for fate, count in counts.items())
        print(f"{name}: {shown}, {time.monotonic() - started:.0f} s", flush=True)
        alive += counts["survived"]
        if part == (0, 1) and not given.line:
            keep(Score(name, sum(counts.values()), counts["killed"], counts["equivalent"],
                       counts["survived"], digest_of(name)))  # fmt: skip
            write_tables(DOCS / "mutation.json", {"mutation": table()})
            write(pages(["mutation"]))
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
