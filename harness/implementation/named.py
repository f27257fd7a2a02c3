"""The implementation under test: which object fills which role, and how it is brought in."""

import importlib
import importlib.util
import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from harness.adapters.conventions import checked_dtypes, checked_share
from harness.declaration.roles import ROLES, unknown_role
from harness.implementation.contracts import guarded
from harness.implementation.unadapted import adapter_for
from harness.implementation.user_file import read_user_file

ENTRY_POINTS = "chapter_and_verse.implementations"
DECLARED: dict[str, Callable[[Any], Any]] = {  # what an object may say of itself
    "dtypes": checked_dtypes, "least_share": checked_share,
}  # fmt: skip
SPEC = re.compile(r"(?P<role>\w+)=(?P<module>[\w.]+):(?P<attr>\w+(\.\w+)*)")


class ImplementationError(ValueError):
    """An implementation cannot be brought in; the message names the role and the next step."""


@dataclass(frozen=True)
class Implementation:
    """Roles that are not the reference, as {role: "module:attr"}; everything else is.

    `objects` holds the ones that cannot be found by that name, by role: they stay in this process.
    """

    replaced: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, Any] = field(default_factory=dict)

    def primitive(self, role: str) -> Callable[..., Any]:
        """The callable that fills the role, behind the role's contract."""
        if role in self.objects:
            return guarded(role, self.objects[role], self.replaced[role], load(role, ROLES[role]))
        return _primitive(role, self.replaced.get(role, ROLES[role]))

    def on_trial(self, roles: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the roles that are not the reference."""
        return tuple(role for role in roles if self.replaced.get(role, ROLES[role]) != ROLES[role])

    def least_share(self, roles: tuple[str, ...]) -> float:
        """The smallest part of all instances that a claim about those on trial has to exclude."""
        given = [
            self.objects[role] if role in self.objects else load(role, self.replaced[role])
            for role in self.on_trial(roles)
        ]
        return max((getattr(thing, "least_share", 0.0) for thing in given), default=0.0)


def parse(specs: tuple[str, ...]) -> Implementation:
    """The implementation that specifications name: ROLE=MODULE:ATTR, a TOML file, an entry point.

    Raises ImplementationError for an unknown role, a role given twice, a module that does not
    import, an attribute that is not there, or an object that does not fit the role; UserFileError
    for a file that cannot be used.
    """
    replaced: dict[str, str] = {}
    for spec in specs:
        for role, target in _roles_named_by(spec):
            if role not in ROLES:
                raise ImplementationError(f"--claims-implementation={spec!r}: {unknown_role(role)}")
            if role in replaced:
                raise ImplementationError(
                    f"--claims-implementation names the role {role!r} twice; give it once"
                )
            replaced[role] = target
            with warnings.catch_warnings():
                warnings.simplefilter("default")  # what a user's module warns of is no error here
                _check_declared(role, load(role, target), target)
    return Implementation(replaced)


def of_objects(given: Mapping[str, Any]) -> Implementation:
    """The implementation of {role: callable or "module:attr"}; raises ImplementationError."""
    named = {role: target for role, target in given.items() if isinstance(target, str)}
    replaced = dict(parse(tuple(f"{role}={target}" for role, target in named.items())).replaced)
    objects: dict[str, Any] = {}
    for role, thing in given.items():
        if role in named:
            continue
        if role not in ROLES:
            raise ImplementationError(unknown_role(role))
        name = _name_of(thing)
        _check_declared(role, thing, name)
        replaced[role] = name
        if not _is_found_by(name, thing):
            objects[role] = thing
    return Implementation(replaced, objects)


def _name_of(thing: Any) -> str:
    qualified = str(getattr(thing, "__qualname__", type(thing).__qualname__))
    if qualified.startswith("adapter("):  # an adapter says whose object is behind it
        return qualified
    return f"{getattr(thing, '__module__', '')}:{qualified}"


def _is_found_by(name: str, thing: Any) -> bool:
    if not SPEC.fullmatch(f"role={name}") or name.startswith("__main__:"):
        return False
    try:
        return load("role", name) is thing
    except ImplementationError:
        return False


def _roles_named_by(spec: str) -> list[tuple[str, str]]:
    if match := SPEC.fullmatch(spec):
        return [(match["role"], f"{match['module']}:{match['attr']}")]
    is_file = spec.endswith(".toml")
    named = read_user_file(Path(spec)).implementation if is_file else _entry_point(spec)
    pairs = []
    for role, target in named.items():
        if not SPEC.fullmatch(f"role={target}"):
            raise ImplementationError(
                f"--claims-implementation={spec!r}: role {role!r} is {target!r}; "
                'give it as "MODULE:ATTR"'
            )
        pairs.append((role, target))
    return pairs


def _entry_point(name: str) -> Mapping[str, str]:
    found = {point.name: point for point in entry_points(group=ENTRY_POINTS)}
    if name not in found:
        known = f"a package's entry point ({', '.join(sorted(found))})" if found else "a .toml file"
        raise ImplementationError(
            f"--claims-implementation={name!r} is not of the form ROLE=MODULE:ATTR, nor {known}; "
            "write for example dropout=mypackage.layers:dropout"
        )
    try:
        named = found[name].load()
    except Exception as error:  # a user's package may raise anything while it is imported
        raise ImplementationError(
            f"the entry point {name!r} of {ENTRY_POINTS!r} does not load "
            f"({type(error).__name__}: {error}); check the package that declares it"
        ) from error
    if not isinstance(named, Mapping):
        raise ImplementationError(
            f"the entry point {name!r} of {ENTRY_POINTS!r} is {type(named).__name__}; "
            'point it at a mapping {role: "MODULE:ATTR"}'
        )
    return named


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


def _primitive(role: str, target: str) -> Callable[..., Any]:
    found = load(role, target)
    if target == ROLES[role]:
        return found  # type: ignore[no-any-return]
    return guarded(role, found, target, load(role, ROLES[role]))


def _check_declared(role: str, found: Any, target: str) -> None:
    if not callable(found):
        raise ImplementationError(
            f"role {role!r}: {target!r} is {type(found).__name__}, not something to call; "
            "give a function with the role's signature"
        )
    for name, checked in DECLARED.items():
        try:
            if hasattr(found, name):
                checked(getattr(found, name))
        except ValueError as error:
            raise ImplementationError(f"role {role!r}: {target!r} says {error}") from error
    filled = load(role, ROLES[role])
    if adapted := adapter_for(role, found, filled):
        raise ImplementationError(
            f"role {role!r}: {target!r} is a framework's own, or made of one that is, and does "
            f"not take the role's arguments; make them fit with {adapted}, and give that"
        )
    reference = inspect.signature(filled)
    try:
        theirs = inspect.signature(found)
    except (TypeError, ValueError):
        return  # a builtin without a signature is met at its first call
    required = [
        parameter
        for parameter in reference.parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    by_name = [p.name for p in required if p.kind is p.KEYWORD_ONLY]
    names = [p.name for p in required if p.kind is not p.KEYWORD_ONLY]
    try:
        theirs.bind(*names, **dict.fromkeys(by_name))
    except TypeError as error:
        raise ImplementationError(
            f"role {role!r}: {target!r} has the signature {theirs}, which does not take "
            f"{(*names, *by_name)} ({error}); give it the role's signature {role}{reference}"
        ) from error
