"""Private names of other libraries: each is used in this room alone.

Where a release lacks one, the caller gets the plain way; the tests of this room then say which
name is gone. Decision 2 (docs/decisions/0002-private-names.md) says why each is needed.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

COMPILER = "torch._inductor."
LAST_WORDS = 5.0  # seconds that a pool's thread has to end, once its processes are gone


@contextlib.contextmanager
def without_constants_of_the_code() -> Iterator[None]:
    """Keep Hypothesis from drawing number literals of whatever modules are loaded by now.

    Releases since 6.131 do so now and then, which makes a draw depend on every literal of the
    project and on which claims ran before. There is no setting for it.
    """
    from unittest import mock

    try:
        from hypothesis.internal.conjecture import providers
    except ImportError:  # an early release, which draws no literals
        yield
        return
    cache = getattr(providers, "CONSTANTS_CACHE", None)
    if cache is None or not hasattr(providers.HypothesisProvider, "_local_constants"):
        yield
        return
    from hypothesis.internal.constants_ast import Constants

    nothing = property(lambda _: Constants())
    cache.cache.clear()
    try:
        with mock.patch.object(providers.HypothesisProvider, "_local_constants", nothing):
            yield
    finally:
        cache.cache.clear()


def range_of(strategy: Any) -> tuple[str, Any]:
    """What a Hypothesis strategy draws from: its form, and the values or strategies within.

    ("among", values), ("integers", (low, high)), ("floats", (low, high)), ("one of", strategies),
    ("tuple", strategies), ("list", (strategy, least, most, keys)), ("map" or "filter", (strategy,
    function)), or ("unknown", strategy).
    """
    strategy = getattr(strategy, "wrapped_strategy", strategy)
    match type(strategy).__name__:
        case "SampledFromStrategy" | "JustStrategy":
            whole: tuple[str, Any] = "among", tuple(strategy.elements)
            for form, function in (one[:2] for one in strategy._transformations):
                whole = form, (whole, function)
            return whole
        case "BooleansStrategy":
            return "among", (False, True)
        case "IntegersStrategy" if None not in (strategy.start, strategy.end):
            return "integers", (strategy.start, strategy.end)
        case "FloatStrategy":
            return "floats", (strategy.min_value, strategy.max_value)
        case "OneOfStrategy":
            return "one of", tuple(strategy.original_strategies)
        case "TupleStrategy":
            return "tuple", tuple(strategy.element_strategies)
        case "ListStrategy" | "UniqueListStrategy" | "UniqueSampledListStrategy":
            keys = getattr(strategy, "keys", ())
            return "list", (strategy.element_strategy, strategy.min_size, strategy.max_size, keys)
        case "MappedStrategy":
            return "map", (strategy.mapped_strategy, strategy.pack)
        case "FilteredStrategy":
            whole = "of", strategy.filtered_strategy
            for function in strategy.flat_conditions:
                whole = "filter", (whole, function)
            return whole
    return "unknown", strategy


def is_made_of_others(operation: Any) -> bool:
    """True for an operation of torch that every device gets as the operations it is made of."""
    import torch

    made = torch._C.DispatchKey.CompositeImplicitAutograd
    for name in operation.overloads():
        if "out" not in name:
            with contextlib.suppress(RuntimeError):  # of scripts, which no device sees
                if not getattr(operation, name).has_kernel_for_dispatch_key(made):
                    return False
    return True


def raise_in_thread(identity: int, error: type[Exception]) -> None:
    """Raise in another thread; like a signal, it is heeded between two bytecodes."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(identity), ctypes.py_object(error))


def workers_of(executor: Executor) -> int | None:
    """How many workers an executor has, if it says so."""
    said = getattr(executor, "_max_workers", None)
    return said if isinstance(said, int) else None


def dismiss(executor: Executor) -> None:
    """End an executor without waiting for blocks that nobody reads; a pool's processes too."""
    processes = dict(getattr(executor, "_processes", None) or {})
    manager = getattr(executor, "_executor_manager_thread", None)
    with contextlib.suppress(Exception):  # a broken executor may refuse even this
        executor.shutdown(wait=False, cancel_futures=True)
    for process in processes.values():
        process.terminate()
    if manager is not None:
        # Python before 3.12.8 wakes it at exit without a lock, and fails if it ends meanwhile
        # (python/cpython#125451).
        manager.join(LAST_WORDS)


def width_of(terminal: Any) -> int:
    """The columns of pytest's terminal, as it counts them."""
    return int(terminal._tw.fullwidth)


def current_line_of(terminal: Any) -> str:
    """What pytest's terminal has written since the last line end; '' where it does not say."""
    return str(getattr(terminal._tw, "_current_line", ""))


def name_no_files(terminal: Any) -> None:
    """Let pytest's terminal write outcomes without the file that they are of."""
    terminal.showfspath = False


def take_current_line_as(line: str, terminal: Any) -> None:
    """Tell pytest's terminal what stands in its line: it takes what was drawn over as written."""
    terminal._tw._current_line = line


def writes_to(array: Any) -> int | None:
    """How often torch has counted a write to a tensor; None for anything else."""
    count: int | None = getattr(array, "_version", None)
    return count


_watching = threading.Lock()
_watches: dict[int, list[threading.Thread]] = {}  # by the thread that makes the call
_plain_start: Callable[[threading.Thread], None] = threading.Thread.start


@contextlib.contextmanager
def threads_started() -> Iterator[list[threading.Thread]]:
    """The threads that are started by this one meanwhile, but for those of torch's compiler.

    It keeps a pool for as long as the process lives, and begins it at the first thing to compile.
    Whatever hands blocks to workers starts threads of its own while a block is measured, so that
    a count of threads would blame the primitive for them.
    """
    me = threading.get_ident()
    mine: list[threading.Thread] = []
    with _watching:
        outer = _watches.get(me)
        _watches[me] = mine
        threading.Thread.start = _noted_start  # type: ignore[method-assign, assignment]
    try:
        yield mine
    finally:
        with _watching:
            _watches.pop(me)
            if outer is not None:
                _watches[me] = outer
            if not _watches:
                threading.Thread.start = _plain_start  # type: ignore[method-assign, assignment]


def _noted_start(thread: threading.Thread) -> None:
    _plain_start(thread)
    mine = _watches.get(threading.get_ident())
    if mine is not None and not _is_called_from(COMPILER):
        mine.append(thread)


def _is_called_from(package: str) -> bool:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not str(frame.f_globals.get("__name__")).startswith(package):
        frame = frame.f_back
    return frame is not None


def plain_to_the_compiler(kind: type[torch.Generator]) -> None:
    """Let torch.compile take a class of generators as it takes torch's own: a graph ends there.

    It looks for exactly torch's own class, and takes any other for an object that operators are
    given; its fake of one is no generator, and the compiled function raises. Where the table of
    such objects is gone, the class is left as it is.
    """
    try:
        from torch._library import opaque_object

        known = opaque_object._OPAQUE_TYPES
        known[kind] = dataclasses.replace(known[kind.__base__], class_name=kind.__qualname__)
    except (ImportError, AttributeError, KeyError):  # an early release, which has no such objects
        return
