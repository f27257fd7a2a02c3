"""Runs of the suite, one after the other: python -m studies.calibration.suite_process SALT ...

A line is printed for each run that came to its end: the salt and the seconds it took.
"""

from __future__ import annotations

import contextlib
import io
import sys
import time
from collections.abc import Sequence

import pytest

from studies.calibration.suite_runs import words_of

COMPLETE = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)  # all others left claims out


def main(salts: Sequence[str]) -> int:
    """Run the claims at every salt; 1 if a run was interrupted or misused."""
    for salt in salts:
        said, started = io.StringIO(), time.monotonic()
        with contextlib.redirect_stdout(said):
            code = pytest.main(words_of(salt))
        if code not in COMPLETE:
            print(said.getvalue()[-2000:], file=sys.stderr)
            return 1
        print(salt, f"{time.monotonic() - started:.1f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
