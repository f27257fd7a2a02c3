"""The implementation under test: which object fills which role, and how it is brought in."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from harness.trial.contracts import guarded
from harness.trial.roles import ROLES, unknown_role

SPEC = re.compile(r"(?P<role>\w+)=(?P<module>[\w.]+):(?P<attr>\w+(\.\w+)*)")


class ImplementationError(ValueError):
    """An implementation cannot be brought in; the message names the role and the next step."""


@dataclass(frozen=True)
class Implementation:
    """Roles that are not the reference, as {role: "module:attr"}; everything else is."""

    replaced: Mapping[str, str] = field(default_factory=dict)

    def primitive(self, role: str) -> Callable[..., Any]:
        """The callable that fills the role, behind the role's contract."""
        return _primitive(role, self.replaced.get(role, ROLES[role]))

    def touches(self, roles: tuple[str, ...]) -> bool:
        """True if any of the roles is not the reference."""
        return any(role in self.replaced for role in roles)


def parse(specs: tuple[str, ...]) -> Implementation:
    """The implementation that specifications of the form ROLE=MODULE:ATTR name.

    Raises ImplementationError for an unknown role, a role given twice, a module that does not
    import, an attribute that is not there, or an object that does not fit the role.
    """
    replaced: dict[str, str] = {}
    for spec in specs:
        match = SPEC.fullmatch(spec)
        if match is None:
            raise ImplementationError(
                f"--claims-implementation={spec!r} is not of the form ROLE=MODULE:ATTR; "
                "write for example dropout=mypackage.layers:dropout"
            )
        role = match["role"]
        if role not in ROLES:
            raise ImplementationError(f"--claims-implementation={spec!r}: {unknown_role(role)}")
        if role in replaced:
            raise ImplementationError(
                f"--claims-implementation names the role {role!r} twice; give it once"
            )
        replaced[role] = f"{match['module']}:{match['attr']}"
        _check_signature(role, replaced[role])
    return Implementation(replaced)


def load(role: str, target: str) -> Any:
    """The object that "module:attr" names; raises ImplementationError in one sentence."""
    module_name, _, attribute = target.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:  # a user's module may raise anything while it is imported
        raise ImplementationError(
            f"role {role!r}: the module {module_name!r} does not import "
            f"({type(error).__name__}: {error}); check its name and that python can find it here"
        ) from error
    for name in attribute.split("."):
        if not hasattr(found, name):
            raise ImplementationError(
                f"role {role!r}: {module_name!r} has no attribute {attribute!r}; "
                "give MODULE:ATTR with the name that it defines"
            )
        found = getattr(found, name)
    return found


@lru_cache(maxsize=256)
def _primitive(role: str, target: str) -> Callable[..., Any]:
    found = load(role, target)
    if target == ROLES[role]:
        return found  # type: ignore[no-any-return]
    return guarded(role, found, target)


def _check_signature(role: str, target: str) -> None:
    found = load(role, target)
    if not callable(found):
        raise ImplementationError(
            f"role {role!r}: {target!r} is {type(found).__name__}, not something to call; "
            "give a function with the role's signature"
        )
    reference = inspect.signature(load(role, ROLES[role]))
    try:
        theirs = inspect.signature(found)
    except (TypeError, ValueError):
        return  # a builtin without a signature is met at its first call
    required = [
        name
        for name, parameter in reference.parameters.items()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    positional = [
        name
        for name in required
        if reference.parameters[name].kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    try:
        theirs.bind(*positional, **{name: None for name in required if name not in positional})
    except TypeError as error:
        raise ImplementationError(
            f"role {role!r}: {target!r} has the signature {theirs}, which does not take "
            f"{tuple(required)} ({error}); give it the role's signature {role}{reference}"
        ) from error
