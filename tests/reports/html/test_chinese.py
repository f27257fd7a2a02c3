"""The page in Chinese, as a reader whose browser asks for it finds it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="the extra 'test' brings playwright")

from playwright.sync_api import Browser, Page, expect

from reports.commands import main
from studies.report.browser import chromium, open_all
from studies.report.records import records, write
from tests.reports.html.test_comparison import page as comparison

# Names, symbols and units that Chinese prose leaves as they are.
ALLOWED = {
    "English",  # the switch back
    *("Xavier", "He", "Hoyer", "Bernoulli", "Kolmogorov", "Adam", "SGD", "PyTorch"),
    *("sigmoid", "tanh", "relu", "softmax", "logit"),
    *("L1", "L2", "ms", "cpu", "float32", "float64", "min", "max", "corr", "Var"),
}
WORD = re.compile(r"(?<![_A-Za-z])[A-Za-z][A-Za-z0-9]+")  # and no index, as in n_in
QUOTED = re.compile(r"“[\x20-\x7e]*”|--[a-z-]+|#\S+")  # what a program said, options, addresses
# Every text that the page shows or speaks, apart from code and what is marked as English.
SEEN = """() => {
  const seen = [document.title];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    if (at.closest("code,pre,script,style,noscript,option,title,desc,[lang=en]")) continue;
    if (at.checkVisibility()) seen.push(walk.currentNode.textContent);
  }
  for (const option of document.querySelectorAll("option")) seen.push(option.textContent);
  for (const picture of document.querySelectorAll("svg[role=img]")) {
    seen.push(picture.querySelector(":scope>title").textContent);
    seen.push(picture.querySelector(":scope>desc").textContent);
  }
  for (const named of document.querySelectorAll("[aria-label],[placeholder]")) {
    seen.push(named.ariaLabel ?? named.placeholder);
  }
  return seen;
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    source = write(folder / "records.jsonl", records())
    tables = folder / "tables.json"
    tables.write_text("{}", encoding="utf-8")
    page = f"--output={folder / 'report.html'}"
    assert main(["html", f"--records={source}", page, "--tables", str(tables)]) == 0
    (folder / "compared.html").write_text(comparison(1.2, name="乙", base="甲"), encoding="utf-8")
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(browser: Browser, report: Path, languages: str, address: str = "") -> Page:
    page = browser.new_context(locale=languages).new_page()
    page.goto(report.as_uri() + address)
    return page


@pytest.mark.parametrize(
    ("browsers", "pages"), [("zh-CN", "zh"), ("zh-TW", "zh"), ("en-GB", "en"), ("fr-FR", "en")]
)
def test_the_page_opens_in_the_browsers_language(
    browser: Browser, report: Path, browsers: str, pages: str
) -> None:
    page = opened(browser, report, browsers)

    expect(page.locator("html")).to_have_attribute("lang", pages)
    expect(page).to_have_title(re.compile("逐章逐句$" if pages == "zh" else "Verse$"))
    assert page.locator(f"#ui-{pages}").is_checked()


def test_what_was_chosen_comes_before_the_browsers_language(browser: Browser, report: Path) -> None:
    page = opened(browser, report, "zh-CN")
    page.locator("label", has_text="English").click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(report.as_uri())
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(report.as_uri() + "?lang=zh")
    expect(page.locator("html")).to_have_attribute("lang", "zh")


def test_without_scripts_the_page_is_english_until_chinese_is_chosen(
    browser: Browser, report: Path
) -> None:
    page = browser.new_context(locale="zh-CN", java_script_enabled=False).new_page()
    page.goto(report.as_uri())

    heading = page.get_by_role("heading", level=1)
    expect(heading.locator("i:not([lang])")).to_be_visible()
    page.locator("label", has_text="中文").click()
    expect(heading.locator("i[lang=zh]")).to_be_visible()
    expect(heading.locator("i:not([lang])")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "texts"),
    [("report.html", 1000), ("report.statistics.html", 100), ("compared.html", 20)],
)
def test_no_english_stands_on_the_chinese_pages(
    browser: Browser, report: Path, name: str, texts: int
) -> None:
    page = opened(browser, report.with_name(name), "zh-CN")
    if page.locator("#ui-open").count():
        open_all(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")

    seen = [" ".join(text.split()) for text in page.evaluate(SEEN)]

    assert len(seen) > texts
    english = {
        text: words
        for text in seen
        if (words := [one for one in WORD.findall(QUOTED.sub("", text)) if one not in ALLOWED])
    }
    assert english == {}


@pytest.mark.parametrize(("sought", "found"), [("丢弃法", "暂退法"), ("权重衰退", "权重衰减")])
def test_a_search_finds_a_thing_by_its_other_names(
    browser: Browser, report: Path, sought: str, found: str
) -> None:
    page = opened(browser, report, "zh-CN")
    search, shown = page.get_by_role("searchbox"), page.locator(".claims>li:not([hidden])")

    search.fill(found)
    names = shown.evaluate_all("all => all.map((one) => one.firstElementChild.id)")
    search.fill(sought)

    assert names
    assert shown.evaluate_all("all => all.map((one) => one.firstElementChild.id)") == names
