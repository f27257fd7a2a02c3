"""`roles` and `claims`: what objects can be judged as, and by which sentences."""

import argparse
import ast
import inspect
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from harness.declaration.roles import ROLES as HOMES
from harness.declaration.roles import unknown_role
from harness.run import suite
from harness.text import counted
from reports.commands import Command


def protocol(role: str) -> tuple[str, str]:
    """Signature and docstring of a role's reference, read from its text: no framework is loaded."""
    module, _, name = HOMES[role].partition(":")
    spec = find_spec(module)
    text = Path(str(spec.origin) if spec else "").read_text(encoding="utf-8")
    (found,) = (
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    result = f" -> {ast.unparse(found.returns)}" if found.returns else ""
    return f"{role}({ast.unparse(found.args)}){result}", ast.get_docstring(found) or ""


def told_roles(options: argparse.Namespace) -> int:
    """Print a line for every role, or all of one role's protocol."""
    if options.role is None:
        width = max(map(len, HOMES))
        for role in HOMES:
            print(f"{role:<{width}}  {protocol(role)[1].partition(chr(10))[0]}")
        print(f"{len(HOMES)} roles; `roles ROLE` says what one of them takes and returns")
        return 0
    signature, said = protocol(options.role)
    print(f"{signature}\n\n{inspect.cleandoc(said)}\n")
    count = sum(1 for _ in chosen([options.role]))
    print(f"{counted(count, 'claim takes', 'claims take')} it; `claims {options.role}` lists them")
    return 0


def chosen(roles: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Id, roles and sentence of every claim that takes one of the roles, or of all."""
    for claim in suite.whole_suite():
        if not roles or set(roles) & set(claim.roles):
            yield claim.id, ", ".join(claim.roles), claim.sentence.en


def told_claims(options: argparse.Namespace) -> int:
    """Print a line for every claim."""
    rows = list(chosen(options.roles))
    width = max(len(id) for id, _, _ in rows)
    for id, roles, sentence in rows:
        print(f"{id:<{width}}  {sentence}  [{roles}]")
    print(f"{len(rows)} claims; `judge ROLE=MODULE:ATTR --only ID` examines one of them")
    return 0


def _add_role(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "role", nargs="?", type=_a_role, metavar="ROLE", help="all that is known of this role"
    )


def _add_roles(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "roles", nargs="*", type=_a_role, metavar="ROLE", help="only claims that take this role"
    )


def _a_role(name: str) -> str:
    if name not in HOMES:
        raise argparse.ArgumentTypeError(unknown_role(name))
    return name


ROLES = Command(
    "list the roles that an object may fill, or show one",
    "List the roles that an object may fill, or show the protocol of one: arguments, shapes,\n"
    "dtypes, randomness, conventions.",
    _add_role,
    told_roles,
)
CLAIMS = Command(
    "list the claims, or those about a role",
    "List the claims by id, each with its sentence and the roles that it takes.",
    _add_roles,
    told_claims,
)
