"""Tests run on a mutant in a forked process: libraries are loaded once, the module is mutated.

The parent imports the libraries and nothing of the suite; each child imports the suite anew, with
the mutant in place of one module, and runs pytest until the first failure.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from types import ModuleType

LIBRARIES = (
    "numpy", "scipy.stats", "scipy.special", "scipy.integrate", "scipy.optimize", "hypothesis",
    "hypothesis.extra.numpy", "pytest", "_pytest.assertion.rewrite",
)  # fmt: skip
OPTIONS = (
    "-x", "-q", "--noconftest", "-p", "no:cacheprovider", "--tb=no",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
MEMORY = 8 * 2**30  # bytes; a mutant that asks for more is killed by that


class _Planted(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds one module in the code that it was given."""

    def __init__(self, module: str, file: str, code: str) -> None:
        self.module, self.file, self.code = module, file, code

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.file, loader=self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.code, self.file, "exec"), module.__dict__)


def preload() -> None:
    """Load the libraries that the tests use, so that children have them."""
    for name in LIBRARIES:
        importlib.import_module(name)


def survives(module: str, file: str, code: str, tests: Sequence[str], seconds: float) -> bool:
    """Whether all tests pass with the code in place of the module.

    `seconds` of processor time are allowed: a mutant that never ends is killed.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which the child has not
        child = os.fork()
    if child == 0:
        status = 3
        try:
            status = _run(module, file, code, tests, seconds)
        finally:
            os._exit(status)
    limit = time.monotonic() + 20 * seconds  # a child that waits uses no processor time
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        if time.monotonic() > limit:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)


def _run(module: str, file: str, code: str, tests: Sequence[str], seconds: float) -> int:
    import pytest

    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    whole = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 2))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in [name for name in sys.modules if name.split(".")[0] in ("harness", "tests")]:
        del sys.modules[name]
    sys.meta_path.insert(0, _Planted(module, file, code))
    for file in tests:  # one after the other: most mutants die in the first
        if status := int(pytest.main([*OPTIONS, file])):
            return status
    return 0
