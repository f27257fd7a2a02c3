"""Takes the pictures of the report and of the terminal that the README and the docs show.

`python -m studies.report.screenshots [out/report.html] [docs/images]`
"""

import sys
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser

from studies.report import terminal
from studies.report.browser import chromium

SETTLED = 1500  # milliseconds until what is in view is painted, on a busy machine
CLAIMS = ("po-deg19-overfits", "in-forward", "do-unbiased")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
Media = Literal["screen", "print"]
SCREENS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "zh": {"locale": "zh-CN", "color_scheme": "light"},
    "zh-dark": {"locale": "zh-CN", "color_scheme": "dark"},
    "narrow": {"width": 390},
    "print": {"media": "print", "width": 794},  # the width of A4 at 96 dots an inch
}


def take(report: Path, folder: Path) -> list[Path]:
    """The first screen as everybody meets it, and three opened claims; returns the files written.

    The first screen is taken light, dark, in Chinese, narrow and in print, the claims light and
    dark.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        screens = [
            _first_screen(browser, report, folder / f"report-{name}.png", **kind)
            for name, kind in SCREENS.items()
        ]
        claims = [
            _claim(browser, report, claim, folder / f"{claim}-{scheme}.png", scheme)
            for scheme in SCHEMES
            for claim in CLAIMS
        ]
        return screens + claims


def _first_screen(
    browser: Browser, report: Path, file: Path, width: int = 1280, media: Media = "screen",
    **kind: Any,
) -> Path:  # fmt: skip
    page = browser.new_page(viewport={"width": width, "height": 1100}, **kind)
    page.emulate_media(media=media)
    page.goto(report.resolve().as_uri())
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=file)
    page.close()
    return file


def _claim(
    browser: Browser, report: Path, claim: str, file: Path, scheme: Literal["light", "dark"]
) -> Path:
    page = browser.new_page(viewport={"width": 1100, "height": 900}, color_scheme=scheme)
    page.goto(f"{report.resolve().as_uri()}#{claim}")
    opened = page.locator(f"details[id='{claim}']")
    opened.wait_for()
    box = opened.bounding_box()
    height = min(1500.0, box["height"]) if box else 900.0
    page.set_viewport_size({"width": 1100, "height": int(height) + 40})
    opened.evaluate("claim => claim.scrollIntoView({behavior: 'instant'})")
    page.wait_for_timeout(SETTLED)
    page.screenshot(path=file)
    page.close()
    return file


def main() -> None:
    """Take the pictures and print their paths."""
    report = Path(sys.argv[1] if len(sys.argv) > 1 else "out/report.html")
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "docs/images")
    for file in [*take(report, folder), *terminal.take(folder)]:
        print(file)


if __name__ == "__main__":
    main()
