"""Writes docs/roles.md from the references' docstrings: `python -m studies.roles_page`."""

import inspect

from harness.declaration.roles import PROTOCOLS, ROLES
from harness.implementation.named import load
from harness.implementation.results import CHECKS, HELD
from harness.run.suite import whole_suite
from harness.training.solver import MLP, Solver, Split
from studies.tables import ROOT

PAGE = ROOT / "docs" / "roles.md"
HEAD = """<!-- generated: python -m studies.roles_page; do not edit -->

# Roles

What an implementation of your own may fill, and the protocol that it must keep.
A role's protocol is the signature and the docstring of its reference.
What claims and planted faults stand behind each sentence is in [promises](promises.md).

"""
EVERY_ROLE = """An argument with a default may be missing from your function.
Claims that need another value are then not applicable.
Every role returns new values and leaves the arrays that it is given and every global generator as
they were. What trains moves the net, the optimiser and the schedule that it is given, and what
initialises a net writes into it.
"""
VALUES = """
## What a training run is told

Frozen values of `harness.training.solver`, which the roles that train take.
"""


def page() -> str:
    """The page as it should read now."""
    values = "".join(_value(told) for told in (Split, Solver, MLP))
    return HEAD + EVERY_ROLE + "".join(_section(role) for role in sorted(ROLES)) + VALUES + values


def _value(told: type) -> str:
    return f"\n### {told.__name__}\n\n```python\n{_named(told)}\n```\n\n{inspect.getdoc(told)}\n"


def _named(told: type) -> str:
    return told.__name__ + _signature(told).removesuffix(" -> None")


def _section(role: str) -> str:
    reference = load(role, ROLES[role])
    taking = [claim.id for claim in whole_suite() if role in claim.roles]
    direct = "" if taking else "No claim takes it yet.\n"
    notes = []
    if role in CHECKS:
        held = HELD.get(CHECKS[role], "Type and shape")
        verb = "are" if " and " in held else "is"
        notes.append(f"{held} of the result {verb} checked at the door.")
    if role in PROTOCOLS:
        notes.append("It is a protocol: the profile `quick` examines it only when it is on trial.")
    if taking:
        shown = ", ".join(f"`{id}`" for id in taking[:6])
        more = f" and {len(taking) - 6} more" if len(taking) > 6 else ""
        direct = f"Claims: {shown}{more}.\n"
    return (
        f"\n## {role}\n\n```python\n{role}{_signature(reference)}\n```\n\n"
        f"{inspect.getdoc(reference)}\n\n" + "".join(f"{note}\n" for note in notes) + direct
    )


def _signature(reference: object) -> str:
    text = str(inspect.signature(reference))  # type: ignore[arg-type]
    return text.replace("'", "").replace("npt.", "").replace("torch._VariableFunctions.", "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
