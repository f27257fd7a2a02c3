"""Mutants that no test can kill, each with the reason why: equivalents.tsv.

An entry is one change of one line, or `*`: whatever of that line survives, where the line as a
whole cannot be seen from outside (the size of a cache, the start of a search).
"""

from dataclasses import dataclass
from pathlib import Path

from studies.mutation.mutants import Mutant
from studies.mutation.scores import shown_name

FILE = Path(__file__).with_name("equivalents.tsv")


@dataclass(frozen=True)
class Equivalent:
    """A mutant by its module (or `*`) and its line before and after; why it changes nothing."""

    module: str
    before: str
    after: str
    reason: str


def read_equivalents(file: Path = FILE) -> list[Equivalent]:
    """The list that is kept, without its heading."""
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    return [Equivalent(*line.split("\t")) for line in lines]


def is_argued(module: str, mutant: Mutant, argued: list[Equivalent]) -> bool:
    """Whether the list has this very mutant, so that it need not be tried."""
    key = (shown_name(module), mutant.before, mutant.after)
    return any((entry.module, entry.before, entry.after) == key for entry in argued)


def is_hidden(module: str, mutant: Mutant, argued: list[Equivalent]) -> bool:
    """Whether the list has the mutant's whole line, so that it is equivalent if it survives."""
    name = shown_name(module)
    return any(
        entry.after == "*" and entry.before == mutant.before and entry.module in (name, "*")
        for entry in argued
    )
