"""A call in a role's terms, as the object on trial takes it."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.declaration.not_applicable import NotApplicableError
from harness.implementation.side_effects import arrays_in

# What is done by an optimiser that takes no such option, whatever the reference's default is.
ABSENT = {"weight_decay": 0.0}
# Options that say how another one works: they have no effect where that one is 0.
SERVES = {"decays": "weight_decay", "decoupled": "weight_decay"}

Call = tuple[tuple[Any, ...], Mapping[str, Any]]


def fitting(
    role: str, function: Callable[..., Any], target: str, reference: Callable[..., Any]
) -> Callable[[tuple[Any, ...], dict[str, Any]], Call]:
    """What turns a call in the reference's terms into one that the function takes.

    An option of the reference that the function does not take is left out where it has its
    default value or no effect. Any other value raises NotApplicableError when it is asked for, and
    so does an array of another dtype than `function.dtypes` names, if it names any.
    """
    options_of = _options_of(role, function, target, reference)
    dtypes = getattr(function, "dtypes", None)
    if dtypes is None:
        return options_of

    def fit(arguments: tuple[Any, ...], options: dict[str, Any]) -> Call:
        for name in _dtypes_in((*arguments, *options.values())):
            if name not in dtypes:
                raise NotApplicableError(
                    f"{target} as {role!r} is declared for {', '.join(dtypes)} alone, not {name}"
                )
        return options_of(arguments, options)

    return fit


def _dtypes_in(given: tuple[Any, ...]) -> Iterator[str]:
    """The names of the floating dtypes that a call is about, of arrays and where it names one."""
    named = [value for value in given if _is_dtype(value)]
    for dtype in (*named, *(array.dtype for array in arrays_in(given))):
        name = str(dtype).removeprefix("torch.")
        if "float" in name:
            yield name


def _is_dtype(value: Any) -> bool:
    return (type(value).__module__, type(value).__name__) == ("torch", "dtype")


def _options_of(
    role: str, function: Callable[..., Any], target: str, reference: Callable[..., Any]
) -> Callable[[tuple[Any, ...], dict[str, Any]], Call]:
    """What leaves out of a call the options that the function does not take."""
    try:
        theirs = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return lambda arguments, options: (arguments, options)
    known = inspect.signature(reference).parameters
    kinds = [parameter.kind for parameter in theirs.values()]
    takes_any = inspect.Parameter.VAR_KEYWORD in kinds
    lacking = {
        name: ABSENT.get(name, parameter.default)
        for name, parameter in known.items()
        if not takes_any and name not in theirs and parameter.default is not parameter.empty
    }
    # A parameter of another name may still stand at the same place: only names are judged here.
    names = list(known)
    placed = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    endless = inspect.Parameter.VAR_POSITIONAL in kinds
    places = sys.maxsize if endless else sum(kind in placed for kind in kinds)

    def has_no_effect(name: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> bool:
        served = SERVES.get(name, "")
        if served not in known:
            return False
        stated = {**dict(zip(names, arguments, strict=False)), **options}
        return bool(stated.get(served, known[served].default) == 0)

    def fit(arguments: tuple[Any, ...], options: dict[str, Any]) -> Call:
        given = dict(options)
        given.update(zip(names[places:], arguments[places:], strict=False))
        for name in lacking:
            if name not in given or has_no_effect(name, arguments, options):
                given.pop(name, None)
            elif not _is(given.pop(name), lacking[name]):
                raise NotApplicableError(f"{target} as {role!r} takes no argument {name!r}")
        return arguments[:places], given

    return fit


def _is(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))
