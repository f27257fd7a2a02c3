"""A run of pytest in this process: as one in a process of its own, but torch is loaded already."""

import contextlib
import gc
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import Done, environment


def run_here(*options: str, folder: Path) -> Done:
    """What `python -m pytest` does with these options in the folder.

    For a run that leaves this process as it was: one that is killed, hangs, leaves threads behind
    or is asked what it imports needs a process of its own.
    """
    said = io.StringIO()
    with _inside(folder), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = pytest.main(list(options))
    return Done(options, int(status), said.getvalue(), "")


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """The folder is where this process works and imports from; afterwards all is as before."""
    before, path = dict(os.environ), list(sys.path)
    conftest = sys.modules.pop("conftest", None)  # pytest would take ours for the folder's
    loaded = set(sys.modules)
    os.environ.clear()
    os.environ.update(environment(folder))
    sys.path.insert(0, str(folder))
    gc.freeze()  # pytest collects garbage at its end: not among all that the other tests loaded
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        gc.unfreeze()
        for name in set(sys.modules) - loaded:
            if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]  # the next run's may have its name
        if conftest is not None:
            sys.modules["conftest"] = conftest
        sys.path[:] = path
        os.environ.clear()
        os.environ.update(before)
