"""The fork server: starts, the workers that they fork, and a connection to each of them."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from reports.benchmark_json import TimingsError

FOLDER = "benchmarks"
HERE = Path(__file__).parent
WORKER = "chapter_and_verse_worker"
PATIENCE = 600  # seconds without a message
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Connection:
    """The server's end of a process's connection: messages are JSON, a line each."""

    def __init__(self, accepted: socket.socket) -> None:
        accepted.settimeout(PATIENCE)
        self._socket = accepted
        self._stream = accepted.makefile("rw", encoding="utf-8")
        self.log = self.tree = Path()  # once it is known who connects
        self.name = str(self.receive()["name"])

    def send(self, **message: Any) -> None:
        """Send one message."""
        with contextlib.suppress(BrokenPipeError):  # `receive` tells that nobody is there
            self._stream.write(json.dumps(message) + "\n")
            self._stream.flush()

    def receive(self) -> dict[str, Any]:
        """The next message. Raises TimingsError where the process says nothing or has ended."""
        try:
            line = self._stream.readline()
        except OSError as error:
            raise TimingsError(f"a process said nothing for {PATIENCE} s; run it again") from error
        if not line:
            raise TimingsError(
                f"the benchmarks in {self.tree.name} failed ({_last_words(self.log)}); run them "
                f"there by themselves: python -m pytest {FOLDER} --benchmark-only"
            )
        message: dict[str, Any] = json.loads(line)
        return message

    def check(self, answer: dict[str, Any], row: str) -> None:
        """Raise TimingsError if the answer says that the row failed."""
        if answer.get("failed"):
            raise TimingsError(
                f"{row} fails in {self.tree.name}; run it there by itself: python -m pytest '{row}'"
            )

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            self._stream.close()
        self._socket.close()


class ForkServer:
    """Makes starts, has them fork workers, and waits for their connections at a socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._address = str(folder / "socket")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self._address)
        self._socket.listen(256)
        self._socket.settimeout(0.2)
        self._connected: dict[str, Connection] = {}
        self._trees: dict[str, Path] = {}
        self._starts: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, numbers: Iterable[int]) -> None:
        """Make the starts that are not there yet, side by side."""
        for number in numbers:
            if number not in self._starts:
                name = f"s{number}"
                with self._log(name).open("wb") as log:
                    self._starts[number] = subprocess.Popen(
                        [sys.executable, str(self.folder / "start.py"), self._address, name],
                        cwd=self.folder,
                        env=_environment(),
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                    )

    def fork(self, start: int, tree: Path, words: Sequence[str]) -> str:
        """Have a start fork a worker for a work tree; the name by which it will connect."""
        name = f"s{start} {len(self._trees) + 1}"
        self._trees[name] = tree
        log = str(self._log(name))
        asked = {"name": name, "tree": str(tree), "log": log, "words": list(words)}
        self.connection(f"s{start}").send(fork=[asked])
        return name

    def connection(self, name: str) -> Connection:
        """The connection of the process with this name, once it has connected."""
        waited = time.monotonic()
        while name not in self._connected:
            try:
                accepted = Connection(self._socket.accept()[0])
                accepted.log = self._log(accepted.name)
                accepted.tree = self._trees.get(accepted.name, Path())
                self._connected[accepted.name] = accepted
            except TimeoutError:
                ended = [one for one in self._starts.values() if one.poll() is not None]
                if ended or time.monotonic() - waited > PATIENCE:
                    last = _last_words(self._log(name.partition(" ")[0]))
                    raise TimingsError(f"no process connected ({last}); run it again") from None
        return self._connected[name]

    def dismiss(self, connections: Iterable[Connection]) -> None:
        """End these workers."""
        for one in connections:
            self._connected.pop(one.name).close()

    def close(self) -> None:
        """End all workers and starts."""
        for one in self._connected.values():
            one.close()
        for process in self._starts.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._socket.close()

    def _log(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.log"


@contextlib.contextmanager
def fork_server() -> Iterator[ForkServer]:
    """A fork server whose starts and workers are all ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="cav-"))  # short: a socket's path has 100 characters
    shutil.copy(HERE / "worker.py", folder / f"{WORKER}.py")
    shutil.copy(HERE / "start.py", folder / "start.py")
    server = ForkServer(folder)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


def _last_words(log: Path) -> str:
    """What a process said of its end: pytest's error rather than its count of errors."""
    said = log.read_text("utf-8", "replace").strip().splitlines() if log.is_file() else []
    errors = [line for line in said if line.startswith("E ")]
    return (errors or said or ["no output"])[-1].removeprefix("E").strip()


def _environment() -> dict[str, str]:
    # The hash seed moves dictionaries and sets about: another one in each start, so that the
    # comparison does not rest on one layout. A worker of pytest-xdist would pass its own mark on.
    left_out = ("PYTHONHASHSEED", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    # A question to the driver that would open the GPU would keep the start from forking.
    return {**kept, **dict.fromkeys(THREADS, "1"), "PYTORCH_NVML_BASED_CUDA_CHECK": "1"}
