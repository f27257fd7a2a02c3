"""One block of replicates measured: the unit that is timed, digested and distributed."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib
import signal
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from harness.blocks.failures import fit_to_travel
from harness.blocks.settings import canonical
from harness.blocks.streams import block_stream
from harness.declaration.claim import Claim
from harness.declaration.exhibits import Curve, Exhibit, Measured, Statistic, as_array
from harness.implementation.contracts import BlockTimeoutError
from harness.implementation.named import Implementation
from harness.statistics.evidence import Summary

ORIGIN = uuid.uuid4().hex  # of this process: a task from elsewhere was sent to a worker
ONE_BLOCK = threading.Lock()  # a worker measures one block at a time, whatever its threads

Filter = tuple[str, str, type[Warning], str, int]  # action, message, category, module, line


@dataclass(frozen=True)
class Task:
    """Everything that a worker needs to measure one block: plain data, importable names."""

    module: str
    name: str
    setting: Mapping[str, Any]
    salt: str
    device: str
    index: int
    replaced: Mapping[str, str]
    images: str
    limit: float
    objects: Mapping[str, Any] = field(default_factory=dict)
    filters: tuple[Filter, ...] = ()
    origin: str = ORIGIN


@dataclass(frozen=True)
class Block:
    """What came back: the test's summary, the digest of the raw observation, the exhibits."""

    index: int
    summary: Summary
    digest: bytes
    exhibits: tuple[Exhibit, ...]
    seconds: float


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
            raise fit_to_travel(error) from None


def is_found_by_name(claim: Claim) -> bool:
    """True if a worker can look the claim up, so that its blocks can be measured elsewhere."""
    module = sys.modules.get(claim.measure.__module__)
    return module is not None and getattr(module, claim.name, None) is claim


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
    """Measure one block. Whatever the claim's function raises is passed on."""
    started = time.perf_counter()
    arguments = _arguments(claim, task)
    with _one_thread(), _limited(task.limit, claim.id):
        measured = claim.measure(**arguments)
    if not isinstance(measured, Measured):
        measured = Measured(measured)
    test = claim.holds.test(task.setting)
    summary = test.summarise(_plain(measured.observation))
    return Block(
        task.index,
        summary,
        _digest(measured.observation),
        _compact(measured.exhibits),
        time.perf_counter() - started,
    )


def _arguments(claim: Claim, task: Task) -> dict[str, Any]:
    implementation = Implementation(task.replaced, task.objects)
    arguments: dict[str, Any] = dict(task.setting)
    for role in claim.roles:
        arguments[role] = implementation.primitive(role)
    needs = set(claim.needs)
    if "replicates" in needs:
        arguments["replicates"] = claim.block
    if "device" in needs:
        arguments["device"] = task.device
    if "stream" in needs:
        key = canonical(task.setting)
        arguments["stream"] = block_stream(task.salt, claim.id, key, task.device, task.index)
    if "images" in needs:
        arguments["images"] = _images(task.images)
    return arguments


@lru_cache(maxsize=2)
def _images(source: str) -> Any:
    from harness.data.fashion_mnist import load_images

    match source:
        case "slice" | "full":
            return load_images(source)
        case folder:
            return load_images(Path(folder))


def _plain(observation: Any) -> Any:
    """The observation with torch tensors turned into arrays, through mappings and tuples."""
    if isinstance(observation, Mapping):
        return {name: _plain(value) for name, value in observation.items()}
    if isinstance(observation, tuple):
        return tuple(_plain(value) for value in observation)
    if hasattr(observation, "detach"):
        tensor = observation.detach().to("cpu")
        return (tensor.double() if tensor.dtype.is_floating_point else tensor).numpy()
    return observation


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
            array = np.ascontiguousarray(_plain(value))
            state.update(f"{array.dtype.str}{array.shape}".encode())
            state.update(array.tobytes())

    absorb(observation)
    return state.digest()


def _compact(exhibits: tuple[Exhibit, ...]) -> tuple[Exhibit, ...]:
    """The exhibits with host arrays of float64 in them, fit to cross a process boundary."""
    from dataclasses import replace

    compact: list[Exhibit] = []
    for exhibit in exhibits:
        if isinstance(exhibit, Curve):
            lines = tuple(replace(line, y=as_array(line.y)) for line in exhibit.lines)
            compact.append(replace(exhibit, x=as_array(exhibit.x), lines=lines))
        elif isinstance(exhibit, Statistic):
            compact.append(replace(exhibit, values=as_array(exhibit.values).ravel()))
        else:
            compact.append(replace(exhibit, values=as_array(exhibit.values).ravel()))
    return tuple(compact)


@contextlib.contextmanager
def _filtered(filters: tuple[Filter, ...]) -> Iterator[None]:
    with warnings.catch_warnings():
        if filters:
            warnings.resetwarnings()
        for action, message, category, module, line in filters:
            warnings.filterwarnings(action, message, category, module, line, append=True)  # type: ignore[arg-type]
        yield


_measuring = 0
_threads_before: int  # when the first of those that measure now began
_counting = threading.Lock()


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """One torch thread: sums in another order are other samples, and verdicts must not differ.

    The number is one for the process, so that the last block to end sets it back.
    """
    global _measuring, _threads_before
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    with _counting:
        if _measuring == 0:
            _threads_before = torch.get_num_threads()
        _measuring += 1
        if torch.get_num_threads() != 1:
            torch.set_num_threads(1)
    try:
        yield
    finally:
        with _counting:
            _measuring -= 1
            if _measuring == 0 and _threads_before != 1:
                torch.set_num_threads(_threads_before)


@contextlib.contextmanager
def _limited(seconds: float, claim: str) -> Iterator[None]:
    """Stop a block that never returns: by a signal, or in another thread by an exception."""
    message = (
        f"a block of {claim!r} did not return within {seconds:g} s; "
        "give it longer with --claims-block-limit or find what hangs"
    )
    if seconds <= 0:
        yield
        return
    if threading.current_thread() is not threading.main_thread():
        with _watched(seconds, message):
            yield
        return
    if not hasattr(signal, "setitimer"):
        yield
        return

    def expire(*_: object) -> None:
        raise BlockTimeoutError(message)

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextlib.contextmanager
def _watched(seconds: float, message: str) -> Iterator[None]:
    """A timer that raises in this thread; like a signal, it is heeded between two bytecodes."""
    thread = ctypes.c_ulong(threading.get_ident())
    ending = threading.Lock()
    ended = False

    def expire() -> None:
        with ending:
            if not ended:
                raised = ctypes.py_object(BlockTimeoutError)
                ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, raised)

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    except BlockTimeoutError:
        raise BlockTimeoutError(message) from None
    finally:
        with ending:
            ended = True
        timer.cancel()
