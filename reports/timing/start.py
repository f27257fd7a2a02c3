"""A start: a process that has loaded the libraries, and forks the workers that time.

It imports nothing of the suite and belongs to no side: base and head are forked from the same
start, so that where the libraries lie in memory, and the hash seed, are the same for both. Before
it loads a work tree, each process moves what it will allocate to a place of its own: its memory
layout is drawn, not inherited. So its label, base or head, is all that sets it apart.
"""

import contextlib
import gc
import importlib
import importlib.metadata
import mmap
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from reports.timing import worker
else:
    import chapter_and_verse_worker as worker  # a copy of it, beside this file's own

# Plugins of pytest that a worker does without, and this suite's, where it is installed.
LEFT_OUT = ("benchmark", "randomly", "xdist", "cacheprovider", "chapter_and_verse.plugin")
QUIET = ["-q", "-W", "default", *(word for name in LEFT_OUT for word in ("-p", f"no:{name}"))]
LIBRARIES = ("numpy", "torch", "numba")  # what takes long to load, where it is installed
PAGE = 4096
MOST_SMALL, MOST_LARGE, MOST_PAGES, MOST_FRAMES = 4000, 40, 2000, 64

Kept = list[Any]


def main(address: str, name: str) -> NoReturn:
    """Load the libraries, then fork what the line asks for until it is cut."""
    load()
    connection = worker.Connection(address, name)
    while "fork" in (asked := connection.receive()):
        for one in asked["fork"]:
            if os.fork() == 0:
                live(address, one["name"], Path(one["tree"]), Path(one["log"]), one["words"])
    with contextlib.suppress(ChildProcessError):
        while True:  # so that the time they took is counted as this process's
            os.wait()
    worker.leave()


def load() -> None:
    """Import the libraries and pytest's plugins: once, for all processes that are forked."""
    for entry in importlib.metadata.entry_points(group="pytest11"):
        if entry.name not in LEFT_OUT:
            with contextlib.suppress(Exception):  # pytest says it again, in the process itself
                entry.load()
    for library in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(library)
    gc.collect()
    gc.freeze()  # else the collector would write into every page that the forks share


def live(address: str, name: str, tree: Path, log: Path, words: list[str]) -> NoReturn:
    """A worker's life: it collects a work tree's benchmarks and runs what it is told to."""
    stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(stream, 1)
    os.dup2(stream, 2)
    connection = worker.Connection(address, name)  # before anything can fail
    draw = random.Random(int.from_bytes(os.urandom(16)))
    kept = shuffled_heap(draw)
    os.chdir(tree)
    sys.path[0] = str(tree)
    words = [*words, *QUIET]
    plugin = worker.WorkerPlugin(connection)
    with contextlib.suppress(BaseException):
        deeper(draw.randrange(MOST_FRAMES), lambda: pytest.main(words, plugins=[plugin]))
    sys.stdout.flush()
    del kept
    worker.leave()


def shuffled_heap(draw: random.Random) -> Kept:
    """Take pieces of random sizes and give some back, so that what follows lies elsewhere.

    Objects of the interpreter, blocks of the C library's heap, and pages; keep what is returned.
    """
    small = [bytes(draw.randrange(1, 480)) for _ in range(draw.randrange(MOST_SMALL))]
    large = [bytearray(draw.randrange(1, 1 << 16)) for _ in range(draw.randrange(MOST_LARGE))]
    pages = [mmap.mmap(-1, PAGE * draw.randrange(1, MOST_PAGES)) for _ in range(3)]
    draw.shuffle(small)
    draw.shuffle(large)
    return [small[: len(small) // 2], large[: len(large) // 2], pages]


def deeper(frames: int, call: Callable[[], Any]) -> Any:
    """Call from further down the stack of C, at the same depth of the interpreter's own.

    Frames of the interpreter lie in pieces of 16 KiB; a loop that crosses from one to the next at
    each call asks the system for memory each time, and takes up to twice as long.
    """
    nested: Iterator[Any] = (call() for _ in [None])
    for _ in range(frames):
        nested = map(next, [nested])
    return next(nested)


if __name__ == "__main__":
    main(*sys.argv[1:])
