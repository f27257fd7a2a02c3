"""A number that a relation is about: itself, or a function of the setting by argument name."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

Setting = Mapping[str, Any]
Number = float | Callable[..., float]


def at(value: Number, setting: Setting) -> float:
    """The number, or the function of the setting evaluated at it by argument name."""
    if not callable(value):
        return value
    return float(value(**{name: setting[name] for name in arguments(value)}))


@lru_cache(maxsize=1024)
def arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    """The values of the setting that the function asks for."""
    return tuple(inspect.signature(function).parameters)


def written(value: Number) -> str:
    """The number in the words of a relation."""
    if not callable(value):
        return f"{value:g}"
    return "f(" + ", ".join(arguments(value)) + ")"


def functions(*values: Number) -> tuple[Callable[..., float], ...]:
    """Those of the numbers that depend on the setting."""
    return tuple(value for value in values if callable(value))


def filled(words: str, functions: Sequence[Callable[..., float]], numbers: Sequence[str]) -> str:
    """The words of a relation with numbers in place of its functions, in their order."""
    for function, number in zip(functions, numbers, strict=True):
        words = words.replace(written(function), number, 1)
    return words
