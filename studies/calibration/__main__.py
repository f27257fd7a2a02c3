"""The command line: python -m studies.calibration [PART ...]."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from reports.tables import Table, keep  # noqa: E402
from studies.calibration import (  # noqa: E402
    efficiency,
    end_to_end,
    exact,
    importance,
    replication,
    settings,
    sizes,
    suite_runs,
    suite_table,
)
from studies.tables import CALIBRATION, pages, write  # noqa: E402

PARTS: dict[str, Callable[[], Table]] = {
    "exact": exact.table, "importance": importance.table, "end-to-end": end_to_end.table,
    "replication": replication.table, "efficiency": efficiency.table,
    "sizes": sizes.table,
}  # fmt: skip


def main(words: Sequence[str]) -> int:
    """Make the tables that are asked for, all by default; 1 if one does not hold."""
    parser = argparse.ArgumentParser(
        prog="python -m studies.calibration",
        description="Measure the suite's own error rates, for docs/studies/calibration.md.",
    )
    parser.add_argument(
        "part", nargs="*", metavar="PART",
        help=f"{', '.join(PARTS)}, suite or kills (default: all but the last two)",
    )  # fmt: skip
    parser.add_argument("--runs", type=int, default=1, help="runs of the suite, or kills")
    parser.add_argument(
        "--seconds", type=float, default=None, help="longest time of all runs of the suite"
    )
    parser.add_argument("--processes", type=int, default=1, help="runs of the suite side by side")
    given = parser.parse_args(words)
    unknown = [part for part in given.part if part not in (*PARTS, "suite", "kills", "page")]
    if unknown:
        parser.error(f"no part named {unknown[0]!r}; there are {', '.join(PARTS)}, suite, kills")
    holds = True
    for part in given.part or PARTS:
        if part == "suite":
            holds &= add_runs(given)
            continue
        if part == "page":
            continue
        if part == "kills":
            from studies.kills.kills import table as kills

            made = kills(given.runs)
        else:
            made = PARTS[part]()
        keep(CALIBRATION, part, made)
        holds &= bool(made.holds)
        state = "holds" if made.holds else "DOES NOT HOLD"
        print(f"{part}: {state}, {len(made.rows)} rows, {made.seconds or 0.0:.1f} s", flush=True)
    write(pages(("calibration", "efficiency")))
    return 0 if holds else 1


def add_runs(given: argparse.Namespace) -> bool:
    """Run the suite at fresh salts; whether the table of all runs still holds."""
    for run in suite_runs.add_runs(given.runs, given.seconds, given.processes):
        counts = (
            f"{run.unlike} not as expected, {run.undecided} undecided, {run.errors} errors; "
            f"{run.known_wrong} of {run.known} known and {run.planted_wrong} of {run.planted} "
            "planted ones wrong"
        )
        print(f"{run.salt}: {run.claims} claims, {counts}; {run.seconds} s", flush=True)
        if run.remarks:
            print(f"  {run.remarks}", flush=True)
        settings.add_run(run.salt)
        _keep_runs()
    return _keep_runs()


def _keep_runs() -> bool:
    """After each run, for whoever interrupts; without a run, with the causes of today."""
    suite, drawn = suite_table.table(), settings.table()
    keep(CALIBRATION, "suite", suite)
    keep(CALIBRATION, "settings", drawn)
    return bool(suite.holds and drawn.holds)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
