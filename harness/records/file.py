"""The file of a run's records: one line each, whole or not at all, and one run at a time."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from harness.records import continuation
from harness.records.lock import FolderInUseError, FolderLock
from harness.run.options import SessionError


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

    def append(self, record: dict[str, Any]) -> None:
        """Write the record as one line; raise SessionError if the disk does not take it."""
        line = json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"
        self.claim_folder()
        try:
            append_whole(self.path, line.encode(), fresh=not self._begun)
        except OSError as error:
            raise SessionError(
                f"the record of {record['claim']!r} cannot be written to {str(self.path)!r} "
                f"({error.strerror}); earlier ones are kept, give a folder that can be written "
                "with --claims-output"
            ) from error
        self._begun = True

    def claim_folder(self) -> None:
        """Raise SessionError if another run writes into the output folder; else keep others out."""
        try:
            self._lock.take()
        except FolderInUseError as error:
            raise SessionError(str(error)) from error

    def check(self) -> None:
        """Raise SessionError now if records could not be written later."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab"):
                pass
            if self._go_on:
                self.claim_folder()
                continuation.drop_half_line(self.path)
        except OSError as error:
            raise SessionError(
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
