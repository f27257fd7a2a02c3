"""How a primitive behaves beside what it returns: inputs, earlier results, generators, threads.

A snapshot before the call and one after it tell which rule was broken.
"""

import ctypes
import dataclasses
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

# The global generators are read here, so that a primitive that draws from them is found out.
from random import getstate as state_of_python
from typing import Any

import numpy as np
from numpy.random import get_state as state_of_numpy

from harness.unofficial import writes_to

SMALL = 1 << 16  # elements of an input that are compared by value; larger ones by version alone


@dataclass(frozen=True)
class SideEffects:
    """What a well-behaved call leaves as it was."""

    inputs: tuple[Any, ...]  # the arrays among the arguments, as they are
    values: tuple[bytes | None, ...]  # their content, where it is small
    versions: tuple[int | None, ...]  # torch's count of writes to a tensor
    generators: Mapping[str, Any]
    earlier: tuple[bytes, ...] = ()  # the content of what an earlier call returned


def side_effects_of(arguments: Any, earlier: Sequence[Any] = ()) -> SideEffects:
    """The state that a call with these arguments must leave alone; `earlier` is `memory_of`."""
    inputs = tuple(arrays_in(arguments, 4))  # a list in a state in a call
    return SideEffects(
        inputs,
        tuple(_content(array) for array in inputs),
        tuple(writes_to(array) for array in inputs),
        dict(_generators()),
        tuple(map(_bytes, earlier)),
    )


def memory_of(result: Any) -> tuple[Any, ...]:
    """Where the small arrays of a result lie, without the graph behind them."""
    small = (array for array in arrays_in(result, 4) if _content(array) is not None)
    return tuple(
        array if isinstance(array, np.ndarray) else array.untyped_storage() for array in small
    )


def broken_rule(
    before: SideEffects, after: SideEffects, result: Any, started: Sequence[threading.Thread],
    instead: str = "draw from the generator that is given and from nothing else",
) -> str | None:  # fmt: skip
    """The rule that was broken between the two snapshots, as the end of a sentence; or None.

    `instead` is what to do rather than draw from a global generator.
    """
    if before.values != after.values or before.versions != after.versions:
        return "changed its input; work on a copy and return new values"
    if before.earlier != after.earlier:
        return "changed what it had returned before; return new values in every call"
    for name, state in after.generators.items():
        if name in before.generators and before.generators[name] != state:
            return f"changed the state of {name}; {instead}"
    if any(thread.is_alive() for thread in started):
        return "left a thread running; finish everything before returning"
    for array in arrays_in(result):
        if any(array is not given and _shares(array, given) for given in before.inputs):
            return "returned a view of its input; return a copy (or, unchanged, the input itself)"
    return None


def arrays_in(value: Any, depth: int = 3) -> Iterator[Any]:
    """The arrays and tensors in a value: through mappings, sequences and dataclasses."""
    if isinstance(value, np.ndarray) or hasattr(value, "untyped_storage"):
        yield value
    elif depth and isinstance(value, Mapping):
        for item in value.values():
            yield from arrays_in(item, depth - 1)
    elif depth and isinstance(value, list | tuple):
        for item in value:
            yield from arrays_in(item, depth - 1)
    elif depth and dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from arrays_in(getattr(value, field.name), depth - 1)


def _content(array: Any) -> bytes | None:
    if isinstance(array, np.ndarray):
        return array.tobytes() if array.size <= SMALL else None
    if array.numel() > SMALL or array.device.type != "cpu":
        return None
    # Read where it lies: an operation of torch would be counted as one of the primitive's.
    memory = array.untyped_storage()
    return _bytes(memory) if memory.nbytes() <= SMALL * array.element_size() else None


def _bytes(memory: Any) -> bytes:
    if isinstance(memory, np.ndarray):
        return memory.tobytes()
    return ctypes.string_at(memory.data_ptr(), memory.nbytes())


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
