"""What every implementation of a role must keep, checked on each call at the door.

A broken contract is an ERROR of the trial, never a refutation: the claim was not examined.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


class ContractError(Exception):
    """A primitive broke its role's contract; the message names the role and the rule."""


def guarded(role: str, function: Callable[..., Any], target: str) -> Callable[..., Any]:
    """The function, with its results held against the role's contract."""
    check = CHECKS.get(role)

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        if check is not None:
            problem = check(result, *arguments, **options)
            if problem is not None:
                raise ContractError(f"{target} as {role!r} {problem}")
        return result

    # The engine asks for this to know that a fused kernel may not stand in for the primitive.
    call.under_test = target  # type: ignore[attr-defined]
    return call


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
