"""How a primitive behaves beside what it returns: its inputs, the global generators, threads.

A snapshot before the call and one after it tell which rule was broken.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# The global generators are read here, so that a primitive that draws from them is found out.
from random import getstate as state_of_python
from typing import Any

import numpy as np
from numpy.random import get_state as state_of_numpy

SMALL = 1 << 16  # elements of an input that are compared by value; larger ones by version alone


@dataclass(frozen=True)
class Conduct:
    """What a well-behaved call leaves as it was."""

    inputs: tuple[Any, ...]  # the arrays among the arguments, as they are
    values: tuple[bytes | None, ...]  # their content, where it is small
    versions: tuple[int | None, ...]  # torch's count of writes to a tensor
    generators: Mapping[str, Any]
    threads: frozenset[int]


def conduct_of(arguments: Any) -> Conduct:
    """The state that a call with these arguments must leave alone."""
    inputs = tuple(_arrays(arguments))
    return Conduct(
        inputs,
        tuple(_content(array) for array in inputs),
        tuple(getattr(array, "_version", None) for array in inputs),
        dict(_generators()),
        frozenset(thread.ident or 0 for thread in threading.enumerate()),
    )


def broken_rule(before: Conduct, after: Conduct, result: Any) -> str | None:
    """The rule that was broken between the two snapshots, as the end of a sentence; or None."""
    if before.values != after.values or before.versions != after.versions:
        return "changed its input; work on a copy and return new values"
    for name, state in after.generators.items():
        if name in before.generators and before.generators[name] != state:
            return (
                f"changed the state of {name}; draw from the generator that is given and from "
                "nothing else"
            )
    if after.threads - before.threads:
        return "left a thread running; finish everything before returning"
    for array in _arrays(result):
        if any(array is not given and _shares(array, given) for given in before.inputs):
            return "returned a view of its input; return a copy (or, unchanged, the input itself)"
    return None


def _arrays(value: Any, depth: int = 3) -> Iterator[Any]:
    if isinstance(value, np.ndarray) or hasattr(value, "untyped_storage"):
        yield value
    elif depth and isinstance(value, Mapping):
        for item in value.values():
            yield from _arrays(item, depth - 1)
    elif depth and isinstance(value, list | tuple):
        for item in value:
            yield from _arrays(item, depth - 1)


def _content(array: Any) -> bytes | None:
    if isinstance(array, np.ndarray):
        return array.tobytes() if array.size <= SMALL else None
    if array.numel() > SMALL or array.device.type != "cpu":
        return None
    flat = array.detach().contiguous()
    return bytes(flat.view(-1).view(sys.modules["torch"].uint8).numpy().tobytes())


def _generators() -> Iterator[tuple[str, Any]]:
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        yield "torch's global generator", torch.get_rng_state().numpy().tobytes()
    name, keys, *rest = state_of_numpy()  # noqa: NPY002
    yield "NumPy's global generator", (name, np.asarray(keys).tobytes(), *rest)
    yield "Python's global generator", state_of_python()


def _shares(result: Any, given: Any) -> bool:
    if isinstance(result, np.ndarray) and isinstance(given, np.ndarray):
        return bool(np.may_share_memory(result, given))
    if hasattr(result, "untyped_storage") and hasattr(given, "untyped_storage"):
        ours, theirs = result.untyped_storage(), given.untyped_storage()
        return bool(ours.data_ptr() == theirs.data_ptr() != 0)
    return False
