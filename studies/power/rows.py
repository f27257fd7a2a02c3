"""The catalogue of shipped bugs, `studies/power/bugs.tsv`, and the faults that stand for its rows.

A fault's docstring begins with the rows that it stands for.
"""

import csv
import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.implementation.named import load

TABLE = Path(__file__).with_name("bugs.tsv")
ROW = re.compile(r"[A-Z]\d\d")
HEAD = re.compile(rf"{ROW.pattern}(?:(?:, | and ){ROW.pattern})*")


@dataclass(frozen=True)
class Bug:
    """A row: its id, the part of the subject, what was wrong, the smallest sample that shows it."""

    id: str
    part: str
    fault: str
    sample: str


@cache
def bugs() -> Sequence[Bug]:
    """Every row of the catalogue, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(Bug(**row) for row in csv.DictReader(file, delimiter="\t"))


@cache
def rows_of(fault: str) -> tuple[str, ...]:
    """The rows that a fault, ROLE=MODULE:ATTR, stands for."""
    role, _, target = fault.partition("=")
    head = HEAD.match(inspect.getdoc(load(role, target)) or "")
    return tuple(ROW.findall(head[0])) if head else ()
