"""Faults that nobody listed: `python -m studies.blind FOLDER [--salts N] [ROLE ...]`.

A file of the folder is named as a role; its functions `fault_...` are wrong objects of it, and
`right...` are correct ones. Each is judged by the role's claims of the profile `dev`, the cheap
first, until one refutes it, at N salts (1 by default). A line for each object says at how many
salts it was caught, by which claims; the last ones give the figure. Exit status 1 where a correct
object was blamed.
"""

import argparse
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.declaration.roles import ROLES, unknown_role
from harness.implementation.named import Implementation, ImplementationError, of_objects
from harness.run.api import chosen_claims
from harness.run.examiner import of_the_suite
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Conditions

DEV = PROFILES["dev"]
NO_LIMIT = 1e6  # seconds: the machine may have other work for a while


@dataclass(frozen=True)
class Judged:
    """An object, whether it is wrong, and what caught it at each salt: '' where nothing did."""

    role: str
    name: str
    wrong: bool
    caught: tuple[str, ...]

    @property
    def told(self) -> str:
        """The object, at how many salts it was caught, and by what."""
        by = sorted({claim for claim in self.caught if claim})
        at = f"{sum(map(bool, self.caught))} of {len(self.caught)}"
        return f"{self.role}: {self.name}  {at}  {', '.join(by)}"


def objects_in(file: Path) -> dict[str, Callable[..., Any]]:
    """The wrong and the correct objects of a file, by name."""
    spec = importlib.util.spec_from_file_location(f"blind_{file.stem}", file)
    if spec is None or spec.loader is None:
        raise ImplementationError(f"{file} is no module; give ROLE.py with functions fault_...")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a fault may be looked up by its name
    spec.loader.exec_module(module)
    named = vars(module).items()
    return {name: one for name, one in named if name.startswith(("fault_", "right"))}


def judged(role: str, name: str, thing: Any, salts: Sequence[str]) -> Judged:
    """What the claims of the role say of the object."""
    claims = sorted(chosen_claims((role,), profile="dev"), key=lambda claim: claim.cost)
    implementation = of_objects({role: thing})
    caught = (_caught(claims, implementation, salt) for salt in salts)
    return Judged(role, name, name.startswith("fault_"), tuple(caught))


def _caught(claims: Sequence[Claim], implementation: Implementation, salt: str) -> str:
    conditions = Conditions(
        salt=salt, profile=DEV, implementation=implementation, block_limit=NO_LIMIT
    )
    examiner = of_the_suite(DEV)
    for claim in claims:
        found = examiner.examine(claim, conditions)
        if found.verdict not in (claim.expected, Verdict.NOT_APPLICABLE):
            return claim.id if found.verdict is not Verdict.ERROR else f"{claim.id} (ERROR)"
    return ""


def in_folder(folder: Path, roles: Sequence[str], salts: Sequence[str]) -> Iterator[Judged]:
    """Every object of the folder's files, or of those of the roles."""
    for file in sorted(folder.glob("*.py")):
        if file.stem not in ROLES:
            raise ImplementationError(f"{file}: {unknown_role(file.stem)}")
        for name, thing in objects_in(file).items() if not roles or file.stem in roles else ():
            yield judged(file.stem, name, thing, salts)


def main(words: list[str]) -> int:
    """Judge the folder and print the figure."""
    parser = argparse.ArgumentParser(prog="python -m studies.blind", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("roles", nargs="*", metavar="ROLE")
    parser.add_argument("--salts", type=int, default=1, metavar="N")
    options = parser.parse_args(words)
    found = []
    for one in in_folder(
        options.folder, options.roles, [f"blind {n}" for n in range(options.salts)]
    ):
        found.append(one)
        print(one.told, flush=True)
    wrong = [one for one in found if one.wrong]
    right = [one for one in found if not one.wrong]
    always = sum(all(one.caught) for one in wrong)
    blamed = sum(any(one.caught) for one in right)
    print(f"{always} of {len(wrong)} wrong objects caught at every salt")
    print(f"{blamed} of {len(right)} correct objects blamed")
    return int(blamed > 0 or not found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
