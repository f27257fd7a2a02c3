"""A headless Chromium for the tests of the page, with no network of its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
PATIENCE = 120_000  # milliseconds that a page may take on a machine with much else to do
NAMES = ("chromium", "chromium-browser", "google-chrome")


def executable() -> str | None:
    """The browser to drive: $CHROMIUM, or one that is installed."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a fresh profile; skips the test, with the reason, where there is none."""
    path = executable()
    if path is None:
        pytest.skip("no Chromium is installed ($CHROMIUM names one)")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page that remembers what it asked the network for and what it complained about."""

    def __init__(self, context: BrowserContext, report: Path) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.url = report.as_uri()
        self.page: Page = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, address: str = "") -> Page:
        """Go to the report, with a query or a fragment."""
        self.page.goto(self.url + address)
        return self.page

    def shown(self) -> list[str]:
        """The ids of the claims whose rows are on the page now, in order."""
        found: list[str] = self.page.eval_on_selector_all(
            ".claims>li:not([hidden])>details", "all => all.map(one => one.id)"
        )
        return found


def open_all(page: Page) -> None:
    """Open every claim on the page. It unpacks them first, which takes a busy machine a while."""
    page.locator("#ui-open").click()
    expect(page.locator(".claims>li:not([hidden])>details:not([open])")).to_have_count(0)
