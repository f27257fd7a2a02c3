"""Mutants that an earlier run killed, so that a run that was stopped can be gone on with."""

from pathlib import Path

from studies.mutation.mutants import Mutant
from studies.tables import ROOT

FOLDER = ROOT / "out" / "mutation"


class Killed:
    """The killed mutants of one module as it is, in a file to which each is added at once."""

    def __init__(self, module: str, digest: str, *, forget: bool, folder: Path = FOLDER) -> None:
        self.file = folder / f"{module}-{digest}.txt"
        if forget:
            self.file.unlink(missing_ok=True)
        lines = self.file.read_text(encoding="utf-8") if self.file.exists() else ""
        self._known = set(lines.splitlines())

    def has(self, mutant: Mutant) -> bool:
        """Whether the mutant was killed before."""
        return _key(mutant) in self._known

    def add(self, mutant: Mutant) -> None:
        """Note that the mutant is killed."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(_key(mutant) + "\n")
        self._known.add(_key(mutant))


def _key(mutant: Mutant) -> str:
    return f"{mutant.operator} {mutant.occurrence}"
