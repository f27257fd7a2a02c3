"""Runs of a side in a process of its own: another revision, another Python, another environment."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from harness.records.compared_runs import RunsError

CHILD = Path(__file__).with_name("child.py")
LIMIT = 600.0  # seconds of one run


@dataclass(frozen=True)
class Start:
    """How a side's process is started: what it is called, where, and by which Python."""

    name: str
    folder: Path
    target: str  # module:function
    python: str = sys.executable
    device: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    limit: float = LIMIT


class Worker:
    """The process of one side, and its answers. As a context it ends with the process."""

    def __init__(self, start: Start) -> None:
        """Start the process and let it import. Raises RunsError where it cannot."""
        module, colon, name = start.target.partition(":")
        if not (module and colon and name):
            raise RunsError(
                f"--run {start.target!r} names no function; give module:function, as train:run"
            )
        self._start = start
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        ours, theirs = os.pipe()
        words = [start.python, str(CHILD), start.target, start.device, str(theirs)]
        try:
            self._process = subprocess.Popen(
                words, cwd=start.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=self._log, pass_fds=(theirs,), start_new_session=True,
                env={**os.environ, **start.variables},
            )  # fmt: skip
        except OSError as error:
            os.close(ours)
            raise RunsError(
                f"{start.name}: {start.python!r} cannot be started ({error.strerror}); name the "
                "Python of an environment, as .venv/bin/python"
            ) from error
        finally:
            os.close(theirs)
        self._answers, self._rest, self._closed = ours, b"", False
        try:
            ready = self._answer("import its module")
            if "failed" in ready:
                raise RunsError(
                    f"{start.name}: {start.target} cannot be imported ({ready['failed']}); name a "
                    "function that this side has, and build with --build what needs it"
                )
        except BaseException:
            self.close()
            raise
        self.digest, self.file = str(ready["ready"]), Path(str(ready["file"]))

    def __enter__(self) -> Self:
        """The worker itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def run(self, pair: int, seed: int | None) -> Any:
        """What the side's function returned for the seed. Raises RunsError."""
        if self._process.poll() is not None or self._process.stdin is None:
            raise RunsError(f"{self._start.name}: its process has ended; begin again")
        with contextlib.suppress(BrokenPipeError):  # the answer says what became of it
            self._process.stdin.write(json.dumps(seed).encode() + b"\n")
            self._process.stdin.flush()
        answer = self._answer(f"run pair {pair}, seed {seed}")
        if "failed" in answer:
            raise RunsError(
                f"{self._start.name}: pair {pair}, seed {seed}, failed ({answer['failed']}); mend "
                "it, or return NaN for a run that diverges"
            )
        return answer["returned"]

    def close(self) -> None:
        """End the process and whatever it has started; once, since its pipe's number is reused."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        with contextlib.suppress(OSError):
            os.close(self._answers)
        self._log.close()

    def _answer(self, doing: str) -> dict[str, Any]:
        """The next line, within the limit. Raises RunsError."""
        until = time.monotonic() + self._start.limit
        while b"\n" not in self._rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._answers], [], [], left)[0]:
                self.close()
                raise RunsError(
                    f"{self._start.name}: it did not {doing} within {self._start.limit:g} s and "
                    "was ended; make the run smaller, or give it longer with --limit"
                )
            data = os.read(self._answers, 1 << 16)
            if not data:
                raise RunsError(
                    f"{self._start.name}: its process ended before it could {doing} "
                    f"({self._last_line()}); run {self._start.target} there by itself"
                )
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\n")
        found: dict[str, Any] = json.loads(line)
        return found

    def _last_line(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return said[-1][:200] if said else "it said nothing"
