"""The report in a real browser, as a reader uses it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="the extra 'test' brings playwright")

from playwright.sync_api import Browser, expect

from reports.commands import main
from studies.report.browser import Visit, chromium, open_all
from studies.report.records import records, write
from tests.checkout import ROOT

CLAIM = "po-deg19-overfits"
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("report"), records())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, report: Path) -> Iterator[Visit]:
    """A reader who ends without a network request or a complaint on the console."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visited = Visit(context, report)
    yield visited
    assert all(url.startswith("file://") for url in visited.requests)
    assert visited.complaints == []
    context.close()


def made(folder: Path, rows: list[dict[str, Any]]) -> Path:
    source = write(folder / "records.jsonl", rows)
    tables = str(ROOT / "docs" / "studies" / "calibration.json")
    words = ["html", f"--records={source}", f"--output={folder / 'report.html'}"]
    assert main([*words, "--tables", tables]) == 0
    return folder / "report.html"


def test_the_answer_stands_on_the_first_screen(visit: Visit) -> None:
    page = visit.open()

    box = page.get_by_role("heading", level=1).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 400
    answer = page.get_by_role("heading", level=1)
    expect(answer).to_contain_text("Of the chapter's 11 sentences 4 hold as printed")
    expect(page.get_by_text("Dive into Deep Learning")).to_be_in_viewport()
    expect(page.locator("#ui-list-false")).to_be_in_viewport()


def test_a_number_of_the_answer_leads_to_its_list(visit: Visit) -> None:
    page = visit.open()

    page.get_by_role("link", name="4 hold as printed").click()

    expect(page.locator("#ui-list-holds > li")).to_have_count(4)
    expect(page.locator("#ui-list-holds > li").first).to_be_in_viewport()


def test_a_false_sentence_leads_to_what_was_measured(visit: Visit) -> None:
    page = visit.open()
    page.locator("#ui-list-false a").first.click()
    expect(page.locator("details[open] .body svg.plot").first).to_be_in_viewport()


def test_the_first_claim_is_within_twelve_stops_of_the_keyboard(visit: Visit) -> None:
    page = visit.open()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    reached = "document.activeElement.matches('.claims>li>details>summary')"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(reached):
            break

    assert page.evaluate(reached)


def test_a_claim_opens_and_has_its_own_address(visit: Visit) -> None:
    page = visit.open()

    page.get_by_role("heading", name="The degree-19 model overfits").click()

    expect(page.locator(f"#{CLAIM} .body")).to_be_visible()
    expect(page).to_have_url(visit.url + f"#{CLAIM}")  # waits: the toggle event comes later
    page.reload()
    expect(page.locator(f"#{CLAIM} .body")).to_be_visible()
    expect(page.locator(f"#{CLAIM}")).to_be_in_viewport()


def test_search_finds_both_languages_and_ids(visit: Visit) -> None:
    page = visit.open()
    search = page.get_by_role("searchbox")

    search.fill("xavier")
    assert visit.shown() == ["in-xavier-forward"]
    search.fill("期望")
    assert visit.shown() == ["do-unbiased"]
    search.fill("wd- sparser")
    assert visit.shown() == ["wd-sparser"]
    expect(page.get_by_role("status").first).to_have_text("1 of 13 claims")
    search.fill("no such sentence")
    expect(page.get_by_text("No sentence matches.")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    assert len(visit.shown()) == 13


def test_filters_combine_and_survive_a_reload(visit: Visit) -> None:
    page = visit.open()

    page.locator("#ui-verdict").select_option("false")
    page.locator("#ui-topic").select_option("weight-decay")
    assert visit.shown() == ["wd-sparser"]
    page.reload()

    assert visit.shown() == ["wd-sparser"]
    expect(page).to_have_url(re.compile("verdict=false"))


def test_what_is_not_as_expected_can_be_shown_alone(visit: Visit) -> None:
    page = visit.open()
    page.locator("#ui-verdict").select_option("unexpected")
    assert visit.shown() == ["do-variance", "do-coadaptation", "in-xavier-forward", "in-vanish"]


def test_sorting_puts_surprises_first_and_the_chapter_back(visit: Visit) -> None:
    page = visit.open()
    before = visit.shown()
    sort = page.locator("#ui-sort")

    sort.select_option("verdict")
    surprises = ["do-coadaptation", "do-variance", "in-vanish", "in-xavier-forward"]
    assert visit.shown()[:4] == surprises
    sort.select_option("time")
    times = page.eval_on_selector_all(".claims>li", "all => all.map(one => +one.dataset.s)")
    assert times == sorted(times, reverse=True)
    sort.select_option("")
    assert visit.shown() == before


def test_a_link_to_a_claim_that_the_filter_hides_shows_it(visit: Visit) -> None:
    page = visit.open(f"?verdict=CONFIRMED#{CLAIM}")
    expect(page.locator(f"#{CLAIM} .body")).to_be_visible()


def test_chinese_is_complete_and_stays(visit: Visit) -> None:
    page = visit.open(f"#{CLAIM}")

    page.get_by_text("中文", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("本章的 11 句")
    assert page.evaluate("document.documentElement.lang") == "zh"
    expect(page.locator("#ui-verdict option").first).to_have_text("全部判定")
    expect(page).to_have_url(re.compile("lang=zh"))
    title = page.locator(f"#{CLAIM} svg.plot > title").first
    assert title.get_attribute("lang") == "zh"
    assert page.locator("i:not([lang]):visible").count() == 0
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("本章的 11 句")


def test_the_theme_follows_the_system_until_it_is_chosen(visit: Visit) -> None:
    page = visit.open()
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)

    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(paper)
    page.get_by_text("Light", exact=True).click()

    assert light != dark
    assert page.evaluate(paper) == light
    page.reload()
    assert page.evaluate(paper) == light


def test_the_command_is_copied_whole(visit: Visit) -> None:
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit.open(f"#{CLAIM}")

    page.locator(f"#{CLAIM}").get_by_role("button", name="Copy").click()

    expect(page.locator(f"#{CLAIM} .copy")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == next(r["rerun"] for r in records() if r["claim"] == CLAIM)


def test_everything_is_reached_by_keyboard(visit: Visit) -> None:
    page = visit.open()
    focused = "document.activeElement.textContent.trim() + document.activeElement.id"

    page.keyboard.press("Tab")
    assert "Skip to the sentences" in page.evaluate(focused)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "ui-search"
    page.keyboard.type("overfits")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.claims>li>details>summary')"):
            break
    page.keyboard.press("Enter")

    expect(page.locator(f"#{CLAIM} .body")).to_be_visible()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_open_all_and_close_all(visit: Visit) -> None:
    page = visit.open()

    page.get_by_role("button", name="Open all").click()
    expect(page.locator(".claims>li>details[open]>.body")).to_have_count(13)
    page.get_by_role("button", name="Close all").click()
    assert page.locator(".claims>li>details[open]").count() == 0


def test_without_scripts_every_claim_is_there(browser: Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = Visit(context, report).open()

    for row in records():
        expect(page.locator(f"details[id='{row['claim']}'] h3")).to_be_visible()
    page.get_by_role("heading", name="The degree-19 model overfits").click()
    page.locator(f"#{CLAIM}").get_by_text("written out").click()
    expect(page).to_have_url(report.with_name("report.complete.html").as_uri() + f"#{CLAIM}")
    page.locator(f"#{CLAIM} > summary").click()
    expect(page.locator(f"#{CLAIM}").get_by_text("Settings tried")).to_be_visible()
    page.get_by_text("中文", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("本章的 11 句")
    expect(page.get_by_role("searchbox")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_nothing_runs_over_the_side(browser: Browser, report: Path, size: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height})
    page = Visit(context, report).open()
    open_all(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("look", ["light", "dark", "narrow", "print"])
def test_axe_finds_no_violation(browser: Browser, report: Path, look: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    width, height = SIZES["narrow" if look == "narrow" else "wide"]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = Visit(context, report).open()
    if look == "print":
        page.emulate_media(media="print")

    index = axe.Axe().run(page)
    for claim in (CLAIM, "wd-norm-monotone", "do-coadaptation"):
        page.goto(f"{report.as_uri()}#{claim}")
        expect(page.locator(f"#{claim} .body")).to_be_visible()
        page.eval_on_selector_all(f"#{claim} details", "all => all.forEach(d => d.open = true)")
    opened = axe.Axe().run(page)
    page.goto(report.with_name("report.statistics.html").as_uri())
    page.eval_on_selector_all("#ui-appendix details", "all => all.forEach(d => d.open = true)")
    statistics = axe.Axe().run(page)

    assert index.violations_count == 0, index.generate_report()
    assert statistics.violations_count == 0, statistics.generate_report()
    assert opened.violations_count == 0, opened.generate_report()
    context.close()


def test_hostile_records_run_nothing(browser: Browser, tmp_path: Path) -> None:
    wild = '</script></noscript><script>document.title="owned"</script><img src=x onerror=alert(1)>'
    rows = records(3)
    for row in rows:
        row["sentence"] = {"en": row["claim"] + wild, "zh": wild}
        row["code"] = row["rerun"] = row["device_name"] = wild
        row["relation"]["en"] = row["source"] = wild
    rows[0]["claim"] = wild
    visit = Visit(browser.new_context(), made(tmp_path, rows))

    page = visit.open()
    open_all(page)

    assert page.title() != "owned"
    assert page.locator("img").count() == 0
    assert visit.complaints == []
    page.context.close()


TOPS = """id => new Promise(done => {
  const seen = [];
  const look = () => {
    seen.push(Math.round(document.getElementById(id).getBoundingClientRect().top));
    seen.length < 40 ? requestAnimationFrame(look) : done([...new Set(seen)]);
  };
  look();
})"""


@pytest.mark.parametrize("follow", ["a link from elsewhere", "a link on the page"])
def test_a_deep_link_into_a_long_page_rests_at_once(
    browser: Browser, tmp_path: Path, follow: str
) -> None:
    rows = records(336)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit, target = Visit(context, made(tmp_path, rows)), rows[300]["claim"]

    if follow == "a link from elsewhere":
        page = visit.open(f"#{target}")
    else:
        page = visit.open()
        page.evaluate("id => { location.hash = id }", target)

    (top,) = page.evaluate(TOPS, target)
    assert 0 <= top < 100
    expect(page.locator(f'[id="{target}"] .body')).to_be_visible()
    context.close()


def test_two_thousand_claims_open(browser: Browser, tmp_path: Path) -> None:
    # How fast: `python -m studies.report.opening`; no test asserts a time.
    report = made(tmp_path, records(2000))
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit = Visit(context, report)

    assert report.stat().st_size <= 5_000_000
    page = visit.open()
    page.get_by_role("searchbox").fill("xavier")
    first = visit.shown()[0]
    page.locator(f"#{first} summary").first.click()

    expect(page.locator(f"#{first} .body")).to_be_visible()
    assert visit.complaints == []
    context.close()


def test_the_budget_leads_to_what_it_covers(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("link", name="what that covers").click()
    expect(page.locator("#ui-promise")).to_be_in_viewport()
