"""What "behaves the same" errs and takes: `python -m studies.same PART`; docs/studies/same.*."""

import argparse
import sys
from pathlib import Path

from reports.tables import Table, read_tables, write_tables
from studies.same import bisect, drift, loops, rates
from studies.tables import DOCS, made, pages, write


def rates_tables(runs: int) -> dict[str, Table]:
    """The tables of error rates and of pairs that are needed."""
    edge = list(rates.edge_rows(runs))
    return {
        "same-exact": made("same-exact", rates.exact_rows()),
        "same-edge": made(
            "same-edge",
            edge,
            holds=all(max(same, changed) <= most for _, _, same, changed, _, most, _ in edge),
        ),
        "same-power": made(
            "same-power", rates.power_rows(max(1, runs // 10)), {"pairs": rates.PAIRS}
        ),
    }


def drift_tables(_: int) -> dict[str, Table]:
    """The table of a drift and of errors, on a net that is trained."""
    return {"same-drift": made("same-drift", drift.drift_rows())}


def bisect_tables(runs: int) -> dict[str, Table]:
    """The tables of searches among commits: wrong ones, and what they take."""
    power, edge = list(bisect.power_rows(runs // 5)), list(bisect.edge_rows(runs // 5))
    values = {"rate": bisect.RATE, "times": TIMES}
    return {
        "same-bisect": made(
            "same-bisect", power, values, holds=all(ratio <= TIMES for *_, ratio, _, _ in power)
        ),
        "same-bisect-edge": made(
            "same-bisect-edge", edge, holds=all(wrong <= most for *_, wrong, most in edge)
        ),
    }


def loops_tables(runs: int) -> dict[str, Table]:
    """The tables of pairs that ought to be the same, and of planted faults of a loop."""
    KEPT.mkdir(parents=True, exist_ok=True)
    pythons = sorted(map(str, KEPT.glob("*/bin/python")))
    faults = list(loops.fault_rows(KEPT))
    alike = list(loops.alike_rows(runs // 10, pythons, KEPT))
    changed = sum(row[1] == "CHANGED" for row in faults)
    return {
        "same-alike": made("same-alike", alike, holds=not any(row[3] for row in alike)),
        "same-faults": made("same-faults", faults, {"changed": changed, "faults": len(faults)}),
    }


PARTS = {
    "rates": rates_tables,
    "drift": drift_tables,
    "bisect": bisect_tables,
    "loops": loops_tables,
}
KEPT = Path("out", "same-loops")  # runs, from which the part goes on; environments ENV/bin/python
TIMES = 1.5  # of the bound on pairs that a search may take


def main() -> int:
    """Make the tables of one part anew, and the page."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m studies.same")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--runs", type=int, default=2000, help="simulated runs a row")
    options = parser.parse_args()
    file = DOCS / "same.json"
    kept = dict(read_tables(file)) if file.exists() else {}
    write_tables(file, kept | PARTS[options.part](options.runs))
    write(pages(["same"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
