"""Experiments that many claims read: measured once a run for each block, kept, and read as copies.

Errors are added up by a union bound, which holds under any dependence: claims may read the same
replicates. What was measured is kept as bytes, so that every reader has a copy of its own, the
same one wherever it was measured, and a process keeps no more than `MOST`.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import json
import os
import pickle
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from harness.implementation.calls import calls_are_kept, counted_calls, note_calls
from harness.training.history import kept_histories, note_history

Given = ParamSpec("Given")
Value = TypeVar("Value")

MOST = 1 << 27  # bytes in memory; what was read longest ago goes first
PLAIN = (bool, int, float, str, tuple, list, type(None))

_kept: OrderedDict[Any, bytes] = OrderedDict()
_keeping = threading.Lock()


def experiment(measure: Callable[Given, Value]) -> Callable[Given, Value]:
    """Measure once for equal arguments on a stream that claims share, and read that again.

    The arguments are a `stream`, plain values, and what a run fixes: roles and images. The value
    is of arrays and tensors, which can be pickled. On any other stream, and while somebody looks
    at the calls of the objects on trial, it is measured every time. What raises is not kept: each
    reader has an error of its own.
    """
    name = f"{measure.__module__}:{measure.__qualname__}"
    signature = inspect.signature(measure)
    rest = next((p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD), "")

    @functools.wraps(measure)
    def read(*arguments: Given.args, **options: Given.kwargs) -> Value:
        bound = signature.bind(*arguments, **options)
        bound.apply_defaults()
        stream = bound.arguments["stream"]
        if stream.common is None or calls_are_kept():
            return measure(*arguments, **options)
        given = {**bound.arguments, "stream": stream.key.hex()}
        given |= given.pop(rest, {})
        key = (stream.common.folder, *_identity(name, given))
        data = _recalled(key)
        if data is None:
            file = _file(stream.common.folder, name, given)
            data = _measured(file, lambda: _pickled(lambda: measure(*arguments, **options)))
            _keep(key, data)
        value, calls, histories = pickle.loads(data)
        note_calls(calls)
        for history in histories:
            note_history(history)
        return value  # type: ignore[no-any-return]

    return read


def _pickled(measure: Callable[[], Any]) -> bytes:
    """The value, how often it took each object on trial to be called, and what trained."""
    calls: Mapping[str, int] = {}
    try:
        with counted_calls() as calls, kept_histories() as histories:
            value = measure()
    except BaseException:
        note_calls(calls)
        raise
    return pickle.dumps((value, dict(calls), histories), protocol=5)


# In this process


class _Same:
    """An object by its identity, which lives as long as the key that it is part of."""

    def __init__(self, thing: Any) -> None:
        # A role's object has the door's check around it, which is made anew for every block.
        self.thing = thing.__wrapped__ if hasattr(thing, "under_test") else thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def _identity(name: str, given: Mapping[str, Any]) -> tuple[Any, ...]:
    fixed = (_Same(value) for value in given.values() if not isinstance(value, PLAIN))
    return name, _plain(given), *fixed


def _plain(given: Mapping[str, Any]) -> str:
    return json.dumps({key: one for key, one in given.items() if isinstance(one, PLAIN)})


def forget() -> None:
    """Drop what is in memory: between two runs the objects on trial may change what they do."""
    with _keeping:
        _kept.clear()


def _recalled(key: Any) -> bytes | None:
    with _keeping:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _keep(key: Any, data: bytes) -> None:
    with _keeping:
        _kept[key] = data
        while sum(map(len, _kept.values())) > MOST:
            _kept.popitem(last=False)


# Between the processes of a run


def _file(folder: str, name: str, given: Mapping[str, Any]) -> Path | None:
    """Where the run's processes look for the value; None if another could not name it."""
    fixed = {key: one for key, one in given.items() if not isinstance(one, PLAIN)}
    names = [key if key == "images" else _name(one) for key, one in fixed.items()]
    if not folder or None in names:
        return None
    said = json.dumps([name, _plain(given), *names])
    return Path(folder, hashlib.sha256(said.encode()).hexdigest())


def _name(thing: Any) -> str | None:
    """The name by which every process of the run has the same object."""
    if hasattr(thing, "under_test"):
        return str(thing.under_test)
    module, name = getattr(thing, "__module__", ""), getattr(thing, "__qualname__", "")
    found = getattr(sys.modules.get(module), name, None)
    return f"{module}:{name}" if found is thing else None


def _measured(file: Path | None, measure: Callable[[], bytes]) -> bytes:
    """The bytes that a process of the run has left, or that are measured now and left there."""
    if file is None:
        return measure()
    with _alone(file):
        with contextlib.suppress(OSError):
            return file.read_bytes()
        data = measure()
        with contextlib.suppress(OSError):  # a full disk: others measure for themselves
            unfinished = file.with_name(f"{file.name}.{os.getpid()}")
            unfinished.write_bytes(data)
            unfinished.replace(file)
        return data


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep the other processes waiting until the value is there, or this one dies.

    Where there can be no lock (Windows, some network folders) they measure at the same time.
    """
    handle = None
    try:
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        if handle is not None:
            os.close(handle)
