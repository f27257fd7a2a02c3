"""How heavy a report is in headless Chromium: `python -m studies.report.weight [out/report.html]`.

Bytes and elements at load, the seconds to open, to open all claims and to print, and how often Tab
is pressed until the first claim. Exit status 1 if one is above its limit: the bounds are held here,
as no test asserts a time.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from studies.report.browser import chromium
from studies.report.opening import PAINTED

LIMITS = {
    "MB at load": 2.0,
    "elements at load": 20_000,
    "seconds to open": 0.8,
    "seconds to open all": 2.0,
    "seconds to print": 20.0,
    "stops to the first claim": 12,
}
CLAIM = "document.activeElement.matches('.claims>li>details>summary')"
PATIENCE = 600_000  # milliseconds; what takes longer is told as an error


def measured(report: Path) -> dict[str, float]:
    """Each figure by the name of its limit."""
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        opened = _seconds(lambda: _opened(page, report))
        elements = page.evaluate("document.querySelectorAll('*').length")
        stops = _stops(page)
        printed = _seconds(page.pdf)
        together = _seconds(lambda: _all_opened(page))
    figures = (report.stat().st_size / 1e6, elements, opened, together, printed, stops)
    return dict(zip(LIMITS, figures, strict=True))


def _opened(page: Page, report: Path) -> None:
    page.goto(report.resolve().as_uri())
    page.evaluate(PAINTED)


def _all_opened(page: Page) -> None:
    page.locator("#ui-open").click()
    page.wait_for_function("!document.querySelector('.claims>li>details:not([open])')")
    page.evaluate(PAINTED)


def _stops(page: Page) -> int:
    """Presses of Tab: by the link that skips to the sentences, as who knows the page goes."""
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for stop in range(2, 200):
        page.keyboard.press("Tab")
        if page.evaluate(CLAIM):
            return stop
    return 200


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def main() -> int:
    """Print a line for each figure; 1 if one is above its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, nargs="?", default=Path("out/report.html"))
    figures = measured(parser.parse_args().report)
    for name, limit in LIMITS.items():
        above = " ABOVE" if figures[name] > limit else ""
        print(f"{name}: {figures[name]:.4g} (limit {limit:g}){above}")
    return int(any(figures[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
