"""One run a folder: the lock that keeps a second run from writing into the first one's records."""

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path


class OutputError(ValueError):
    """Records cannot be written to the output folder; the message says what to give instead."""


class FolderInUseError(OutputError):
    """Another run writes into the folder; the message names it."""


class FolderLock:
    """A lock on `<folder>/records.lock`, which ends with the process, however that ends.

    The file stays and says who held it last; it is the lock that counts, not the file.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "records.lock"
        self._handle: int | None = None

    def take(self) -> None:
        """Hold the lock from now on; raises FolderInUseError naming the run that holds it.

        Where there can be no lock (Windows, some network folders, a full disk) none is held:
        what cannot be written is told when a record is.
        """
        if self._handle is not None:
            return
        try:
            import fcntl

            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o644)
        except (ImportError, OSError):
            return
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            held = isinstance(error, BlockingIOError)
            other = " ".join(os.read(handle, 200).decode("utf-8", "replace").split())
            os.close(handle)
            if not held:
                return
            raise FolderInUseError(
                f"another run ({other or 'of unknown process'}) writes its records to "
                f"{str(self.file.parent)!r}; wait for it, or give this one a folder of its own "
                "with --claims-output"
            ) from error
        with contextlib.suppress(OSError):
            os.ftruncate(handle, 0)
            now = datetime.now(UTC)
            os.write(handle, f"process {os.getpid()}, since {now:%Y-%m-%d %H:%M:%S} UTC\n".encode())
        self._handle = handle

    def release(self) -> None:
        """Let the next run in."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
