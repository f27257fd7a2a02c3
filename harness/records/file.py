"""The file of a run's records: one line each, whole or not at all, and one run at a time."""

import os
from pathlib import Path

from harness.records import continuation
from harness.records.lock import FolderLock, OutputError
from harness.records.record import Record


class RecordsFile:
    """`records.jsonl` in the output folder.

    What an earlier run wrote is kept if this one goes on from it; else the first record starts
    the file anew.
    """

    def __init__(self, root: Path, output: Path, *, go_on: bool) -> None:
        self.path = root / output / "records.jsonl"
        self._output = output
        self._go_on = go_on
        self._begun = go_on
        self._lock = FolderLock(self.path.parent)

    def append(self, record: Record) -> None:
        """Write the record as one line; raise OutputError if the disk does not take it."""
        self.claim_folder()
        try:
            append_whole(self.path, record.as_line(), fresh=not self._begun)
        except OSError as error:
            raise OutputError(
                f"the record of {record.claim!r} cannot be written to {str(self.path)!r} "
                f"({error.strerror}); earlier ones are kept, give a folder that can be written "
                "with --claims-output"
            ) from error
        self._begun = True

    def claim_folder(self) -> None:
        """Keep other runs out of the folder; raise FolderInUseError if one writes into it."""
        self._lock.take()

    def check(self) -> None:
        """Raise OutputError now if records could not be written later."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab"):
                pass
            if self._go_on:
                self.claim_folder()
                continuation.drop_half_line(self.path)
        except OSError as error:
            raise OutputError(
                f"--claims-output={str(self._output)!r}: {str(self.path)!r} cannot be "
                f"written ({error.strerror}); give a folder that can be with --claims-output"
            ) from error

    def release(self) -> None:
        """Let the next run in."""
        self._lock.release()


def append_whole(file: Path, data: bytes, *, fresh: bool) -> None:
    """Append all of the data in one write, or nothing: a full disk leaves no half record."""
    file.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if fresh else 0)
    handle = os.open(file, flags, 0o644)
    try:
        before = os.fstat(handle).st_size
        try:
            written = os.write(handle, data)
            while written < len(data):
                written += os.write(handle, data[written:])
        except OSError:
            os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)
