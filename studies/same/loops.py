"""Pairs that ought to be SAME, and planted faults of a training loop, with golden values beside."""

import contextlib
import functools
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from harness.same.comparison import Asked, Comparison, examined
from harness.same.places import How, opened
from harness.same.sides import Side, side_of
from harness.statistics.comparison.margins import margins
from harness.statistics.comparison.sameness import Answer, Part, Rates
from studies.same import mlperf
from studies.same.drift import red
from studies.same.loop import trained
from studies.same.loop_faults import FAULTS

# Stated before the first comparison. The rate has no noise, and the norm of the weights little.
WITHIN = {
    "loss": "5%", "update": "5%", "rate": "1%", "weights": "1%", "test_loss": "5%",
    "accuracy": "1 point",
}  # fmt: skip
Row = tuple[Any, ...]


INSIDE: dict[str, dict[str, Any]] = {  # in this process
    "64 bits in place of 32": {"dtype": torch.float64},
    "inputs summed in reverse order": {"reverse": True},
}
# A process each: libraries read these when they are loaded. Threads that spin while they wait take
# 35 times the processor time of a run this small, where other processes want the cores too.
APART = {
    "two threads in place of one": ("OMP_WAIT_POLICY=PASSIVE", "two_threads"),
    "ATEN_CPU_CAPABILITY=default": ("ATEN_CPU_CAPABILITY=default", "trained"),
    "MKL_CBWR=COMPATIBLE": ("MKL_CBWR=COMPATIBLE", "trained"),
}


def alike_rows(comparisons: int, pythons: Sequence[str], kept: Path) -> Iterator[Row]:
    """What differs, and what its share of so many comparisons found.

    A round is a comparison of each kind, of the same seeds, so that the loop as it is runs once for
    all of them; the next round has other seeds. `pythons` are environments with other releases.
    """
    with contextlib.ExitStack() as stack:
        others = {
            name: side_of(functools.partial(trained, **change)) for name, change in INSIDE.items()
        }
        for name, (word, function) in APART.items():
            others[name] = stack.enter_context(opened(word, _how(function)))
        for python in pythons:
            others[f"torch {_release(python)}"] = stack.enter_context(
                opened(python, _how("trained"))
            )
        found: dict[str, list[Comparison]] = {name: [] for name in others}
        base = _remembered(side_of(trained))
        for place in range(math.ceil(comparisons / len(others))):
            for name, other in others.items():
                side = replace(other, name=name)
                found[name].append(_compared(base, side, f"alike {place}", kept))
            log(place, *(str(of[-1].answer) for of in found.values()))
        for name, of in found.items():
            yield name, *counted(of)


def fault_rows(kept: Path) -> Iterator[Row]:
    """The rows of all faults, as `fault_row` has them."""
    base = _remembered(side_of(trained))
    for name, loop in FAULTS.items():
        other = side_of(functools.partial(trained, loop=loop))
        found = _compared(base, replace(other, name=name), "faults", kept)
        log(*fault_row(name, found))
        yield fault_row(name, found)


def fault_row(name: str, found: Comparison) -> Row:
    """Fault, answer, pairs; the statistic that moved furthest, and how far; what others say.

    In margins, and among those that changed where some did. A median of runs that diverged is none.
    The others are golden values, with the runs that they call red, and MLPerf's rule.
    """
    part = max(found.found.parts, key=lambda one: (one.answer is Answer.CHANGED, _far(one)))
    moved = None if part.estimate is None else 100 * part.margin.shown(part.estimate)
    reds = sum(red(*pair) for pair in found.runs)
    return name, str(found.answer), len(found.runs), part.margin.of, moved, reds, passed(found)


def counted(found: Sequence[Comparison]) -> tuple[int, ...]:
    """Comparisons, SAME, CHANGED, undecided, pairs, runs golden values call red, not passed."""
    answers = [one.answer for one in found]
    runs = [pair for one in found for pair in one.runs]
    return (
        len(found),
        *(answers.count(one) for one in (Answer.SAME, Answer.CHANGED, Answer.UNDECIDED)),
        len(runs),
        sum(red(*pair) for pair in runs),
        sum(not passed(one) for one in found),
    )


def passed(found: Comparison) -> bool:
    """Whether the runs of the other side pass MLPerf's rule, those of this one as reference."""
    sides = zip(*((one["reached"], other["reached"]) for one, other in found.runs), strict=True)
    reference, other = ([math.inf if x is None else float(x) for x in side] for side in sides)
    return mlperf.passes(reference, other)


def log(*said: object) -> None:
    """How far a run of an hour is."""
    print(*said, file=sys.stderr, flush=True)


def _release(python: str) -> str:
    ask = "import torch; print(torch.__version__)"
    return subprocess.run(
        [python, "-c", ask], capture_output=True, text=True, check=True
    ).stdout.strip()


def _far(part: Part) -> float:
    return math.inf if part.estimate is None else abs(part.estimate) / part.margin.zone[1]


def _how(function: str) -> How:
    return How(f"studies.same.loop:{function}", Path.cwd())


def _remembered(side: Side) -> Side:
    run = functools.cache(lambda seed: side.run(0, seed))
    return replace(side, run=lambda _, seed: run(seed))


def _compared(one: Side, other: Side, salt: str, kept: Path) -> Comparison:
    file = kept / f"{salt} {other.name}.jsonl".replace("/", " ")
    return examined(one, other, Asked(margins(WITHIN), Rates(), salt=salt), file)
