"""How long the page takes to open in headless Chromium: `python -m studies.report.opening`.

From the address to the second frame after the load event, each time in a context of its own.
Exit status 1 if the median is above `--limit`: the bound is held here, as no test asserts a time.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from reports.html.render import Pages
from reports.records import Reading
from studies.report.browser import chromium
from studies.report.records import records, typed

PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def seconds_to_open(claims: int, visits: int) -> tuple[int, list[float]]:
    """Bytes of a page of synthetic claims, and the seconds of each visit."""
    taken = []
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        report = Path(folder) / "report.html"
        page = Pages(Reading(typed(records(claims)))).page()
        report.write_text(page, encoding="utf-8")
        for _ in range(visits):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            visit = context.new_page()
            started = time.perf_counter()
            visit.goto(report.as_uri())
            visit.evaluate(PAINTED)
            taken.append(time.perf_counter() - started)
            context.close()
        return report.stat().st_size, taken


def main() -> int:
    """Print the size of the page and the seconds of the visits; 1 if they are above the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--visits", type=int, default=7)
    parser.add_argument("--limit", type=float, default=1.5, help="seconds the median may take")
    given = parser.parse_args()
    size, taken = seconds_to_open(given.claims, given.visits)
    median = statistics.median(taken)
    print(
        f"{given.claims} claims, {size / 1e6:.2f} MB: median {median:.2f} s, "
        f"{min(taken):.2f} to {max(taken):.2f} s in {given.visits} visits, limit {given.limit} s"
    )
    return int(median > given.limit)


if __name__ == "__main__":
    sys.exit(main())
