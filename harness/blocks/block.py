"""One block of replicates measured: the unit that is timed, digested and distributed."""

import contextlib
import hashlib
import importlib
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from harness.blocks.capabilities import held_to
from harness.blocks.compared import pictures_of
from harness.blocks.limits import limited, one_thread
from harness.blocks.settings import canonical
from harness.blocks.streams import block_stream
from harness.blocks.sweep import measure_sweep
from harness.blocks.task import ORIGIN, Block, Filter, Task, arguments_of, plain
from harness.declaration.claim import Claim
from harness.declaration.comparisons import kept_comparisons
from harness.declaration.exhibits import Compared, Curve, Exhibit, Measured, as_array
from harness.failures import fit_to_travel
from harness.implementation.calls import counted_calls
from harness.training.history import kept_histories

ONE_BLOCK = threading.Lock()  # a worker measures one block at a time, whatever its threads


def measure_named(task: Task) -> Block:
    """Measure the block of a claim that is looked up by module and name (in a worker).

    A worker process takes the warning filters of the process that sent the task, so that what is
    an error there is one here, and sends what was raised in a form that can travel.
    """
    claim: Claim = getattr(importlib.import_module(task.module), task.name)
    if task.origin == ORIGIN:  # a thread of the process that asks
        return measure(claim, task)
    with ONE_BLOCK, _filtered(task.filters):
        try:
            return measure(claim, task)
        except Exception as error:  # whatever a primitive raises
            travelling = fit_to_travel(error)
            travelling.calls = getattr(error, "calls", {})  # type: ignore[attr-defined]
            raise travelling from None


def is_found_by_name(claim: Claim) -> bool:
    """True if a worker can look the claim up, so that its blocks can be measured elsewhere."""
    name = claim.measure.__module__
    known = getattr(sys.modules.get(name), claim.name, None) is claim
    return known and _is_on_the_path(name.partition(".")[0], Path(claim.file))


def _is_on_the_path(package: str, file: Path) -> bool:
    """Whether another process that imports the package comes upon the file.

    pytest may load a test file by its path and give it a name that nobody else can import.
    """
    found = (finder.find_spec(package, None) for finder in sys.meta_path)
    spec = next(filter(None, found), None)
    places = [*(spec.submodule_search_locations or ()), spec.origin] if spec else []
    return any(place and file.is_relative_to(place) for place in places)


def warning_filters() -> tuple[Filter, ...]:
    """This process's warning filters, as a task carries them; pytest's own categories left out."""
    found: list[Filter] = []
    for action, message, category, module, line in warnings.filters:
        one = category if isinstance(category, type) else Warning
        if not one.__module__.startswith(("pytest", "_pytest")):
            found.append((action, _text(message), one, _text(module), line))
    return tuple(found)


def _text(pattern: Any) -> str:
    return str(getattr(pattern, "pattern", pattern) or "")


def measure(claim: Claim, task: Task) -> Block:
    """Measure one block. Whatever the claim's function raises is passed on, with `calls` on it."""
    if task.sweep is not None:
        return measure_sweep(claim, task, task.sweep)
    started = time.perf_counter()
    key = canonical(task.setting)
    names = task.salt, claim.id, key, task.device, task.index
    stream = block_stream(*names, folder=task.folder)
    arguments = arguments_of(claim, task, task.setting, claim.block, stream)
    with (
        one_thread(),
        limited(task.limit, claim.id),
        counted_calls() as calls,
        held_to(task.capability, claim.roles),
        kept_comparisons() as compared,
        kept_histories() as histories,
    ):
        try:
            measured = claim.measure(**arguments)
        except Exception as error:  # whatever a primitive raises
            error.calls = dict(calls)  # type: ignore[attr-defined]
            raise
    if not isinstance(measured, Measured):
        measured = Measured(measured)
    own, observation = measured.exhibits, plain(measured.observation)
    shown = (*own, *pictures_of(claim, compared, observation, own, histories))
    test = claim.test(task.setting)
    summary = test.summarise(observation)
    return Block(
        task.index,
        summary,
        _digest(measured.observation),
        tuple(map(_compact, shown)),
        time.perf_counter() - started,
        calls=dict(calls),
    )


def _digest(observation: Any) -> bytes:
    state = hashlib.sha256()

    def absorb(value: Any) -> None:
        if isinstance(value, Mapping):
            for name in sorted(value):
                state.update(str(name).encode() + b"\0")
                absorb(value[name])
        elif isinstance(value, tuple):
            for item in value:
                absorb(item)
        else:
            array = np.ascontiguousarray(plain(value))
            state.update(f"{array.dtype.str}{array.shape}".encode())
            state.update(array.tobytes())

    absorb(observation)
    return state.digest()


def _compact(exhibit: Exhibit) -> Exhibit:
    """The exhibit with host arrays of float64 in it, fit to cross a process boundary."""
    if isinstance(exhibit, Curve):
        lines = tuple(replace(line, y=as_array(line.y)) for line in exhibit.lines)
        return replace(exhibit, x=as_array(exhibit.x), lines=lines)
    if isinstance(exhibit, Compared):
        return exhibit
    return replace(exhibit, values=as_array(exhibit.values).ravel())


@contextlib.contextmanager
def _filtered(filters: tuple[Filter, ...]) -> Iterator[None]:
    with warnings.catch_warnings():
        if filters:
            warnings.resetwarnings()
        for action, message, category, module, line in filters:
            warnings.filterwarnings(action, message, category, module, line, append=True)  # type: ignore[arg-type]
        yield
