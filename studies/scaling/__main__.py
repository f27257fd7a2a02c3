"""The command line: python -m studies.scaling [page], for docs/studies/scaling.md."""

import os
import sys
from collections.abc import Sequence

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from reports.tables import write_tables  # noqa: E402
from studies.scaling import growth, tables, workers  # noqa: E402
from studies.tables import filled, write  # noqa: E402


def main(words: Sequence[str]) -> int:
    """Measure and write the page; with `page`, write it from the stored figures alone."""
    if list(words) not in ([], ["page"]):
        print("python -m studies.scaling: give nothing (to measure) or 'page'", file=sys.stderr)
        return 2
    found = tables.again() if words else tables.tables(workers.table(), growth.tables())
    write_tables(tables.DATA, found)
    write([filled("scaling")])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
