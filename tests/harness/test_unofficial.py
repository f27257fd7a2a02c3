"""Private names of other libraries: each is still there, and what is done where one is not.

A test of the first part fails when a release takes a name away; see harness/unofficial.py.
"""

import ctypes
import sys
import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import pytest
import torch

from harness import unofficial
from harness.blocks.settings import draw_settings
from tests.harness.blocks.test_settings import _numbers

NAMES = [
    (
        "hypothesis",
        "hypothesis.internal.conjecture.providers",
        "HypothesisProvider._local_constants",
    ),
    ("hypothesis", "hypothesis.internal.conjecture.providers", "CONSTANTS_CACHE.cache"),
    ("hypothesis", "hypothesis.internal.constants_ast", "Constants"),
    ("pytest", "_pytest.terminal", "TerminalReporter"),
    ("pytest", "_pytest._io", "TerminalWriter.fullwidth"),
    ("torch", "torch", "Tensor._version"),
    ("torch", "torch", "_C.DispatchKey.CompositeImplicitAutograd"),
    ("torch", "torch._inductor.async_compile", "AsyncCompile.pool"),
    ("torch", "torch.utils._python_dispatch", "TorchDispatchMode"),
    ("torch", "torch", "ops.mkldnn._linear_pointwise"),
]


@pytest.mark.parametrize(("package", "module", "name"), NAMES, ids=[n for _, _, n in NAMES])
def test_a_private_name_is_there(package: str, module: str, name: str) -> None:
    found = pytest.importorskip(module, reason=f"{package} {version(package)} has no {module}")
    for part in name.split("."):
        found = getattr(found, part, None)

    assert found is not None, (
        f"{package} {version(package)} has no {module}.{name} any more: "
        "see what harness/unofficial.py does without it, and decision 2"
    )


def test_python_raises_in_another_thread() -> None:
    assert hasattr(ctypes.pythonapi, "PyThreadState_SetAsyncExc"), (
        "this Python has no PyThreadState_SetAsyncExc: a block that hangs in a thread is not ended"
    )


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_says_its_workers_and_a_pool_its_processes(pool: type[Executor]) -> None:
    with pool(2) as executor:  # type: ignore[call-arg]
        assert unofficial.workers_of(executor) == 2, f"{pool.__name__} has no _max_workers any more"
        if pool is ProcessPoolExecutor:
            for name in ("_processes", "_executor_manager_thread"):
                assert hasattr(executor, name), f"{pool.__name__} has no {name} any more"


def test_an_executor_that_does_not_say_its_workers_has_none() -> None:
    assert unofficial.workers_of(Executor()) is None


def test_a_terminal_has_pytest_s_own_width(request: pytest.FixtureRequest) -> None:
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        pytest.skip("a worker of pytest-xdist has no terminal")

    assert unofficial.width_of(reporter) > 0


def test_a_terminal_keeps_the_line_that_it_is_writing(request: pytest.FixtureRequest) -> None:
    writer = request.config.get_terminal_writer()

    assert hasattr(writer, "_current_line"), "pytest keeps its line no more (_current_line)"


def test_a_terminal_can_be_told_to_name_no_files(request: pytest.FixtureRequest) -> None:
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        pytest.skip("a worker of pytest-xdist has no terminal")

    assert isinstance(reporter.showfspath, bool), "pytest always names the files (showfspath)"


def test_torch_counts_the_writes_to_a_tensor() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.zeros(2)
    before = unofficial.writes_to(tensor)
    tensor += 1

    assert before is not None, "torch counts writes to a tensor no more (Tensor._version)"
    assert unofficial.writes_to(tensor) == before + 1
    assert unofficial.writes_to([0.0]) is None


def test_threads_are_noted_while_they_are_watched_and_by_who_started_them() -> None:
    def start() -> threading.Thread:
        thread = threading.Thread(target=lambda: None)
        thread.start()
        return thread

    with unofficial.threads_started() as outer:
        first = start()
        with unofficial.threads_started() as inner:
            second = start()
    after = start()

    assert (outer, inner) == ([first], [second])
    assert after not in outer
    assert threading.Thread.start is unofficial._plain_start


def test_a_thread_of_the_compiler_s_is_not_of_who_has_something_compiled() -> None:
    compiler: dict[str, Any] = {"__name__": "torch._inductor.async_compile"}
    exec("def build(job): job.start()", compiler)
    others, own = threading.Thread(target=len, args=("",)), threading.Thread(target=lambda: None)

    with unofficial.threads_started() as started:
        compiler["build"](others)
        own.start()

    assert started == [own]


def test_the_compiler_takes_a_class_of_generators_for_no_argument_of_operators() -> None:
    kinds = pytest.importorskip("torch._library.opaque_object")

    class Mine(torch.Generator):
        pass

    assert kinds.is_opaque_type(Mine) == kinds.is_opaque_type(torch.Generator)
    unofficial.plain_to_the_compiler(Mine)
    assert not kinds.is_opaque_type(Mine)


# Where Hypothesis draws no literals there is nothing to keep it from


def test_an_early_hypothesis_without_it_needs_no_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    package = pytest.importorskip("hypothesis.internal.conjecture")
    # The lowest release that is allowed has no such module.
    monkeypatch.delattr(package, "providers", raising=False)
    monkeypatch.setitem(sys.modules, "hypothesis.internal.conjecture.providers", None)
    entered = False

    with unofficial.without_constants_of_the_code():
        entered = True

    assert entered


def test_no_guard_is_needed_without_such_a_cache_or_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    providers = pytest.importorskip("hypothesis.internal.conjecture.providers")
    with monkeypatch.context() as changed:
        changed.setattr(providers, "CONSTANTS_CACHE", None, raising=False)
        without_cache = draw_settings(_numbers(), 3, "salt")
    with monkeypatch.context() as changed:
        changed.delattr(providers.HypothesisProvider, "_local_constants", raising=False)
        with unofficial.without_constants_of_the_code():
            pass

    assert len(without_cache) == 3


def test_torch_says_which_operations_it_makes_of_others() -> None:
    names = ("linear", "matmul", "cdist", "linalg_qr", "mul", "sum", "sigmoid_backward")

    made = [name for name in names if unofficial.is_made_of_others(getattr(torch.ops.aten, name))]

    assert made == ["linear", "matmul", "cdist"]
