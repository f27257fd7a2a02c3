"""The process of one side: imports its function once, and runs it for every seed that it is sent.

It runs under the Python of its side, where nothing of this suite need be installed: it imports the
standard library alone, and is run as a file. Answers are lines of JSON on a pipe of their own, so
that whatever the function prints is not taken for one.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from importlib import metadata
from typing import Any, TextIO

INSTALLED = ("site-packages", "dist-packages")  # known by the versions of what lies there
CODE = (".py", ".so", ".pyd")


def main() -> None:
    """Import the function, say how it is known, then answer each line of the standard input."""
    target, device, pipe = sys.argv[1], sys.argv[2], int(sys.argv[3])
    here = os.getcwd()
    sys.path[:1] = [here, os.path.join(here, "src")]  # in place of this file's own folder
    answers = os.fdopen(pipe, "w", encoding="utf-8")
    module, _, name = target.partition(":")
    try:
        function = importlib.import_module(module)
        file = getattr(function, "__file__", None) or ""
        for part in name.split("."):
            function = getattr(function, part)
    except BaseException as error:
        say(answers, {"failed": told(error)})
        return
    say(answers, {"ready": digest(here), "file": file})
    for line in sys.stdin:
        seed = json.loads(line)
        if device not in ("", "cpu") or not sys.platform.startswith("linux"):
            say(answers, answer(function, seed, device))  # no device outlives a fork
            continue
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            say(answers, answer(function, seed, device))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            say(answers, {"failed": f"its process ended ({os.waitstatus_to_exitcode(status)})"})


def answer(function: Any, seed: int | None, device: str) -> dict[str, Any]:
    """What the function returned, as plain data, or how it failed."""
    try:
        return {"returned": plain(function(seed, device) if device else function(seed))}
    except BaseException as error:
        return {"failed": told(error)}


def plain(value: Any) -> Any:
    """The value as JSON takes it; what it does not take is named by its type."""
    if hasattr(value, "items"):
        return {str(name): plain(one) for name, one in value.items()}
    if hasattr(value, "tolist"):
        value = (value.detach() if hasattr(value, "detach") else value).tolist()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return f"of type {type(value).__name__}"


def told(error: BaseException) -> str:
    """An error in one line, with the place where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    place = (
        f" at {os.path.basename(frames[-1].filename)} line {frames[-1].lineno}" if frames else ""
    )
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return text[:300] + place


def digest(here: str) -> str:
    """A digest of Python, of what is installed, and of all code in this tree.

    A run may import any of it late. Of code that lies elsewhere, what is loaded by now counts.
    """
    state = hashlib.sha256(sys.version.encode())
    for name, version in sorted({(one.name, one.version) for one in metadata.distributions()}):
        state.update(f"{name} {version}\n".encode())
    for name, file in sorted([*_in_tree(here), *_loaded_elsewhere(here)]):
        with open(file, "rb") as text:
            state.update(name.encode() + hashlib.sha256(text.read()).digest())
    return state.hexdigest()[:12]


def _in_tree(here: str) -> Iterator[tuple[str, str]]:
    for folder, inside, files in os.walk(here):
        inside[:] = [one for one in inside if one[0] != "." and one not in INSTALLED]
        for file in files:
            if file.endswith(CODE):
                path = os.path.join(folder, file)
                yield os.path.relpath(path, here), path


def _loaded_elsewhere(here: str) -> Iterator[tuple[str, str]]:
    apart = (here + os.sep, sysconfig.get_paths()["stdlib"] + os.sep)
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        known = file.startswith(apart) or any(one in file for one in INSTALLED)
        # torch.ops says that it is of "_ops.py", which is no file.
        if name != "__main__" and file.endswith(CODE) and not known and os.path.isfile(file):
            yield name, file


def say(answers: TextIO, message: dict[str, Any]) -> None:
    """One line to the other end."""
    answers.write(json.dumps(message) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
