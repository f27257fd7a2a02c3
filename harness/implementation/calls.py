"""How often the objects on trial are called: a claim that never calls one says nothing about it."""

from __future__ import annotations

import contextlib
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

# Of the block that is measured in this thread; a worker's threads may measure several at once.
_calls: ContextVar[Counter[str] | None] = ContextVar("_calls", default=None)
_kept: ContextVar[deque[Call] | None] = ContextVar("_kept", default=None)
MOST_KEPT = 200


@dataclass(frozen=True)
class Call:
    """What an object on trial was called with."""

    role: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]


@contextlib.contextmanager
def kept_calls() -> Iterator[Sequence[Call]]:
    """The last calls of the objects on trial that this thread makes meanwhile."""
    kept: deque[Call] = deque(maxlen=MOST_KEPT)
    token = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(token)


@contextlib.contextmanager
def counted_calls() -> Iterator[Counter[str]]:
    """The calls of the objects on trial that this thread makes meanwhile, by role."""
    calls: Counter[str] = Counter()
    token = _calls.set(calls)
    try:
        yield calls
    finally:
        _calls.reset(token)


def note_call(role: str, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> None:
    """Count a call of the role's object for the block that this thread measures."""
    calls, kept = _calls.get(), _kept.get()
    if kept is not None:
        kept.append(Call(role, arguments, options))
    if calls is not None:
        calls[role] += 1


def note_calls(calls: Mapping[str, int]) -> None:
    """Count calls that were made when what this thread's block reads was measured."""
    counted = _calls.get()
    if counted is not None:
        counted.update(calls)


def calls_are_kept() -> bool:
    """Whether somebody wants to see the calls of this thread themselves."""
    return _kept.get() is not None
