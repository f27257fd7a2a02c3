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

from studies.calibration.suite_runs import planted_file, words_of
from studies.power.salts import cases, examined, keep, stored

COMPLETE = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)  # all others left claims out
PARTS = 10  # each run examines the planted faults of one part, the next run those of the next


def main(salts: Sequence[str]) -> int:
    """Run the claims at every salt; 1 if a run was interrupted or misused."""
    for salt in salts:
        said, started = io.StringIO(), time.monotonic()
        with contextlib.redirect_stdout(said):
            code = pytest.main(words_of(salt))
            if code in COMPLETE:
                examine_planted(salt)
        if code not in COMPLETE:
            print(said.getvalue()[-2000:], file=sys.stderr)
            return 1
        print(salt, f"{time.monotonic() - started:.1f}", flush=True)
    return 0


def examine_planted(salt: str) -> None:
    """Examine the claims with the planted faults of the salt's part that are not kept already."""
    file = planted_file(salt)
    done = stored(file)
    for claim, fault in cases()[int(salt.rpartition("-")[2]) % PARTS :: PARTS]:
        if (claim.id, fault, salt) not in done:
            keep(examined(claim, fault, salt), file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
