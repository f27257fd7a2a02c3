"""The command line: python -m studies.scaling [page], for docs/studies/scaling.md."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from studies.scaling import growth, workers  # noqa: E402
from studies.scaling.page import DATA, write_page  # noqa: E402


def main(words: Sequence[str]) -> int:
    """Measure and write the page; with `page`, write it from the stored figures alone."""
    if list(words) not in ([], ["page"]):
        print("python -m studies.scaling: give nothing (to measure) or 'page'", file=sys.stderr)
        return 2
    if not words:
        data = {"workers": workers.table(), "growth": growth.tables()}
        DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    write_page()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
