"""What every implementation of a role must keep, checked on each call at the door.

A broken contract is an ERROR of the trial, never a refutation: the claim was not examined.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from harness.blocks.failures import is_lost_device, is_out_of_memory
from harness.declaration.not_applicable import NotApplicableError
from harness.implementation.side_effects import broken_rule, side_effects_of, threads_started

WATCHED = 32  # the first calls are watched for side effects, and every so many after them


class ContractError(Exception):
    """A primitive broke its role's contract; the message names the role and the rule."""


class BlockTimeoutError(Exception):
    """A block took longer than its limit; the message says how long."""

    def __init__(self, message: str = "its block did not return within its limit") -> None:
        super().__init__(message)


def guarded(
    role: str, function: Callable[..., Any], target: str, reference: Callable[..., Any]
) -> Callable[..., Any]:
    """The function, with its side effects and its results held against the role's contract.

    An option of the reference that the function does not take is left out where it has its
    default value; any other value raises NotApplicableError.
    """
    check = CHECKS.get(role)
    fitted = _options_of(role, function, target, reference)
    calls = [0]

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        arguments, given = fitted(arguments, options)
        calls[0] += 1
        watched = calls[0] <= WATCHED or calls[0] % WATCHED == 0
        before = side_effects_of((arguments, given)) if watched else None
        try:
            with threads_started(watched) as started:
                result = function(*arguments, **given)
        except (NotApplicableError, ContractError):
            raise
        except BlockTimeoutError as error:
            raise ContractError(f"{target} as {role!r} hangs: {error}") from error
        except Exception as error:  # a user's function may raise anything
            if is_out_of_memory(error) or is_lost_device(error):
                raise  # of the machine, not of the function
            raise ContractError(
                f"{target} as {role!r} raised {type(error).__name__}: {error}"
            ) from error
        problem = before and broken_rule(
            before, side_effects_of((arguments, given)), result, started
        )
        if problem is None and check is not None:
            problem = check(result, *arguments, **given)
        if problem is not None:
            raise ContractError(f"{target} as {role!r} {problem}")
        return result

    # The engine asks for this to know that a fused kernel may not stand in for the primitive.
    call.under_test = target  # type: ignore[attr-defined]
    return call


Call = tuple[tuple[Any, ...], Mapping[str, Any]]


def _options_of(
    role: str, function: Callable[..., Any], target: str, reference: Callable[..., Any]
) -> Callable[[tuple[Any, ...], dict[str, Any]], Call]:
    """What turns a call in the reference's terms into one that the function takes."""
    try:
        theirs = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return lambda arguments, options: (arguments, options)
    known = inspect.signature(reference).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in theirs.values()):
        return lambda arguments, options: (arguments, options)
    lacking = {
        name: parameter.default
        for name, parameter in known.items()
        if name not in theirs and parameter.default is not parameter.empty
    }
    # A parameter of another name may still stand at the same place: only names are judged here.
    names = list(known)

    def fit(arguments: tuple[Any, ...], options: dict[str, Any]) -> Call:
        given = dict(options)
        if len(arguments) > len(theirs):
            given.update(zip(names[len(theirs) :], arguments[len(theirs) :], strict=False))
            arguments = arguments[: len(theirs)]
        for name in lacking.keys() & given.keys():
            if not _is(given.pop(name), lacking[name]):
                raise NotApplicableError(f"{target} as {role!r} takes no argument {name!r}")
        return arguments, given

    return fit


def _is(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(value == default))


def _like(result: Any, model: Any, *_: Any, **__: Any) -> str | None:
    """An elementwise primitive returns a tensor of its input's shape, dtype and device."""
    for name in ("shape", "dtype", "device"):
        given = getattr(model, name, None)
        found = getattr(result, name, None)
        if given is not None and found != given:
            return (
                f"returned {name} {_show(found, result)} for an input of {name} "
                f"{_show(given, model)}; return the input's {name}"
            )
    return None


def _dropout(result: Any, h: Any, p: Any, *_: Any, **__: Any) -> str | None:
    problem = _like(result, h)
    if problem is None and _finite(h) and not _finite(result):
        problem = f"returned NaN or infinity for finite input at p = {p!r}; return finite values"
    return problem


def _activation(result: Any, x: Any, *_: Any, **__: Any) -> str | None:
    problem = _like(result, x)
    if problem is None and _finite(x) and not _finite(result):
        problem = "returned NaN or infinity for finite input; return finite values"
    return problem


def _initializer(result: Any, fan_in: int, fan_out: int, *rest: Any, **options: Any) -> str | None:
    replicates = options.get("replicates", rest[1] if len(rest) > 1 else 1)
    expected = (replicates, fan_out, fan_in)
    shape = tuple(getattr(result, "shape", ()))
    if shape != expected:
        return f"returned shape {shape}; return (replicates, fan_out, fan_in) = {expected}"
    if not _finite(result):
        return "returned NaN or infinity; return finite weights"
    return None


def _finite(value: Any) -> bool:
    if hasattr(value, "isfinite"):
        return bool(value.isfinite().all())
    import numpy as np

    return bool(np.isfinite(np.asarray(value, dtype=np.float64)).all())


def _show(value: Any, owner: Any) -> str:
    if value is None:
        return f"nothing (a {type(owner).__name__})"
    return (
        str(tuple(value))
        if hasattr(value, "__len__") and not isinstance(value, str)
        else str(value)
    )


CHECKS: dict[str, Callable[..., str | None]] = {
    "dropout": _dropout,
    "channel_dropout": _dropout,
    "path_dropout": _dropout,
    "relu": _activation,
    "sigmoid": _activation,
    "tanh": _activation,
    "scaled_sigmoid": _activation,
    "xavier_uniform": _initializer,
    "xavier_normal": _initializer,
    "he_uniform": _initializer,
    "he_normal": _initializer,
    "plain_normal": _initializer,
}
