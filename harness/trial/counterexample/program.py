"""A call as a program that fails where its result is wrong, and needs this package for nothing."""

import inspect
from typing import Any

from harness.trial.counterexample.cutting import Arguments, leaves, shape
from harness.trial.counterexample.literals import literal
from harness.trial.counterexample.wrong import (
    ABSOLUTE,
    RELATIVE,
    OnTrial,
    relative_room,
    source_of,
)


def program(on_trial: OnTrial, given: Arguments) -> str:
    """The call, what is right, and a comparison of the two."""
    module, _, name = on_trial.target.partition(":")
    file = source_of(module)
    up = module.count(".") + (file.name == "__init__.py")
    right = on_trial.right(given, on_trial.returned(given))
    relative = next((relative_room(leaf) for leaf in leaves((right, {})) if shape(leaf)), RELATIVE)
    lines = [
        f"# {on_trial.target} as {on_trial.role}: what it returns, and what is right",
        "import sys",
        "import numpy as np",
        "import torch",
        f"sys.path.insert(0, {str(file.parents[up])!r})",
        f"from {module} import {name}",
        f"got = {_call(on_trial, name, given)}",
        f"right = {_right(on_trial, given, right)}",
        "print(f'got   {got}\\nright {right}')",
        f"torch.testing.assert_close(got, right, rtol={relative}, atol={ABSOLUTE}, equal_nan=True)",
    ]
    return "\n".join(lines) + "\n"


def _call(on_trial: OnTrial, name: str, given: Arguments) -> str:
    options = {
        key: value for key, value in given[1].items() if not _is_default(on_trial.thing, key, value)
    }
    words = [
        *map(literal, given[0]),
        *(f"{key}={literal(value)}" for key, value in options.items()),
    ]
    call = f"{name}({', '.join(words)})"
    return f"{call}[0]" if on_trial.steps else call


def _right(on_trial: OnTrial, given: Arguments, right: Any) -> str:
    if on_trial.role != "dropout":
        return literal(right)
    (h, p), told = map(literal, given[0][:2]), literal(right)
    settled = told == h or given[0][1] == 1  # nothing is drawn
    return told if settled else f"torch.where(got == 0, got, {h} / (1 - {p}))"


def _is_default(thing: Any, name: str, value: Any) -> bool:
    try:
        default = inspect.signature(thing).parameters[name].default
    except (KeyError, TypeError, ValueError):
        return False
    return type(default) is type(value) and not shape(value) and bool(default == value)
