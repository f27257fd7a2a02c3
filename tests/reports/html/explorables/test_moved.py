"""The explorables in a real browser: moved by the keyboard, told in both languages, seen by all."""

import base64
import gzip
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("playwright", reason="the extra 'test' brings playwright")

from playwright.sync_api import Browser, Locator, Page, expect

from reports.commands import main
from reports.html.explorables.chapter import explorables
from reports.html.explorables.explorable import Explorable
from studies.report.browser import Visit, chromium
from studies.report.records import records, write
from tests.reports.html.test_chinese import ALLOWED, QUOTED, SEEN, WORD

ALL = [pytest.param(one, id=one.name) for one in explorables()]
DRAWN = "all => all.map((svg) => svg.lastElementChild.innerHTML)"
# Sets every control to every value in turn, as a hand would, and returns what is told each time.
EVERY = """(live, [axes, language]) => {
  const told = [];
  const set = (places) => axes.forEach(([id, choice], i) => {
    const input = choice
      ? live.querySelector(`input[name="${id}"][value="${places[i]}"]`)
      : document.getElementById(id);
    if (choice) input.checked = true; else input.value = places[i];
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const go = (places) => {
    if (places.length === axes.length) {
      set(places);
      told.push(live.querySelector(".seen").children[language].textContent);
    } else for (let i = 0; i < axes[places.length][2]; i += 1) go([...places, i]);
  };
  go([]);
  return told;
}"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    source = write(folder / "records.jsonl", records())
    page = f"--output={folder / 'report.html'}"
    assert main(["html", f"--records={source}", page, "--tables"]) == 0
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser, report: Path) -> Iterator[Visit]:
    """A reader who ends without a network request or a complaint on the console."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", locale="en-GB"
    )
    visited = Visit(context, report)
    yield visited
    assert all(url.startswith("file://") for url in visited.requests)
    assert visited.complaints == []
    context.close()


def opened(visit: Visit, one: Explorable, language: str = "en") -> tuple[Page, Locator]:
    """The page at the explorable, and what its script has built there."""
    page = visit.open(f"?lang={language}#ui-explore-{one.name}")
    live = page.locator(f"#ui-explore-{one.name} .live")
    expect(live).to_be_visible()
    return page, live


def slider(live: Locator, one: Explorable, place: int = 0) -> Locator:
    return live.locator(f"#ui-explore-{one.name}-{one.controls[place].axis}")


def seen(live: Locator, language: str) -> Locator:
    """The sentence that is shown and read aloud."""
    return live.locator(".seen > i" + ("[lang=zh]" if language == "zh" else ":not([lang])"))


def test_nothing_is_built_before_it_is_opened(visit: Visit) -> None:
    page = visit.open()

    assert page.locator(".explore").count() == 4
    assert page.locator(".explore .live").count() == 0
    assert page.evaluate("document.querySelectorAll('*').length") <= 20_000


def test_it_is_opened_and_reached_by_the_keyboard(visit: Visit) -> None:
    one = explorables()[0]
    page = visit.open()

    page.locator(f"#ui-explore-{one.name} > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#ui-explore-{one.name} .live")).to_be_visible()
    for control in one.controls:
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.id || document.activeElement.name")
        assert focused == f"ui-explore-{one.name}-{control.axis}"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("one", ALL)
def test_a_key_moves_the_slider_the_figures_and_the_sentence(
    visit: Visit, one: Explorable, language: str
) -> None:
    page, live = opened(visit, one, language)
    control, moved = one.controls[0], dict(one.start)
    before = live.locator("svg.plot").evaluate_all(DRAWN)

    slider(live, one).focus()
    page.keyboard.press("ArrowLeft")
    moved[control.axis] -= 1

    told = getattr(one.told(moved), language)
    expect(seen(live, language)).to_have_text(told)
    expect(live.get_by_role("status")).to_have_text(told, use_inner_text=True)
    value = getattr(control.values[moved[control.axis]], language)
    expect(slider(live, one)).to_have_attribute("aria-valuetext", value)
    after = live.locator("svg.plot").evaluate_all(DRAWN)
    assert [old != new for old, new in zip(before, after, strict=True)] == [True] * len(after)
    desc = f"svg.plot > desc{'[lang=zh]' if language == 'zh' else ':not([lang])'}"
    assert set(live.locator(desc).all_text_contents()) == {told}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("one", ALL)
def test_at_every_setting_the_script_tells_what_was_measured(
    visit: Visit, one: Explorable, language: str
) -> None:
    _, live = opened(visit, one)
    assert everything_told(live, one, language) == everything_measured(one, language)


def test_a_number_that_was_not_measured_is_seen(browser: Browser, report: Path) -> None:
    one, page = explorables()[0], report.read_text(encoding="utf-8")
    found = re.search('id="ui-explore-degree" data-packed="([^"]+)"', page)
    assert found is not None
    content = json.loads(gzip.decompress(base64.b64decode(found[1])))
    content["data"]["quantities"]["train"]["middle"][-1] += 5  # steps of a 500th of a decade
    packed = base64.b64encode(gzip.compress(json.dumps(content).encode())).decode()
    wrong = report.with_name("wrong.html")
    wrong.write_text(page.replace(found[1], packed), encoding="utf-8")
    context = browser.new_context(locale="en-GB")

    _, live = opened(Visit(context, wrong), one)
    told = everything_told(live, one, "en")

    off = [a != b for a, b in zip(told, everything_measured(one, "en"), strict=True)]
    assert off == [False] * (len(off) - 1) + [True]
    context.close()


def everything_told(live: Locator, one: Explorable, language: str) -> list[str]:
    """What the page says at every setting, the last control running fastest."""
    axes = [
        (f"ui-explore-{one.name}-{control.axis}", control.choice, len(control.values))
        for control in one.controls
    ]
    told: list[str] = live.evaluate(EVERY, [axes, ["en", "zh"].index(language)])
    return told


def everything_measured(one: Explorable, language: str) -> list[str]:
    """What should be said there."""
    axes = [control.axis for control in one.controls]
    settings = itertools.product(*(range(len(control.values)) for control in one.controls))
    told = [one.told(dict(zip(axes, places, strict=True))) for places in settings]
    return [getattr(text, language) for text in told]


@pytest.mark.parametrize("one", ALL)
def test_a_choice_is_made_by_the_arrow_keys(visit: Visit, one: Explorable) -> None:
    page, live = opened(visit, one)
    place = next(i for i, control in enumerate(one.controls) if control.choice)

    live.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")

    moved = {**one.start, one.controls[place].axis: 1}
    expect(seen(live, "en")).to_have_text(one.told(moved).en)


def test_the_language_may_change_after_it_was_built(visit: Visit) -> None:
    one = explorables()[3]
    page, live = opened(visit, one)

    page.get_by_text("中文", exact=True).click()

    expect(seen(live, "zh")).to_be_visible()
    expect(seen(live, "en")).to_be_hidden()
    title = live.locator("svg.plot > title").first
    expect(title).to_have_attribute("lang", "zh")
    slider(live, one, 1).focus()
    page.keyboard.press("End")
    expect(slider(live, one, 1)).to_have_attribute("aria-valuetext", "1")


def test_nothing_moves_by_itself(visit: Visit) -> None:
    page, live = opened(visit, explorables()[1])
    slider(live, explorables()[1]).focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.getAnimations().length") == 0


def test_no_english_stands_on_the_chinese_side(visit: Visit) -> None:
    page = visit.open("?lang=zh")
    page.locator(".explore").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    expect(page.locator(".explore .live")).to_have_count(4)

    texts = [" ".join(text.split()) for text in page.evaluate(SEEN)]

    words = {word for text in texts for word in WORD.findall(QUOTED.sub("", text))}
    assert words <= ALLOWED


@pytest.mark.parametrize("one", ALL)
def test_without_scripts_a_picture_stands_there(
    browser: Browser, report: Path, one: Explorable
) -> None:
    context = browser.new_context(java_script_enabled=False)
    for name in ("report.html", "report.complete.html"):
        page = Visit(context, report.with_name(name)).open()
        page.locator(f"#ui-explore-{one.name} > summary").click()
        still = page.locator(f"#ui-explore-{one.name} .still")
        expect(still.locator("svg.plot")).to_have_count(len(one.figures))
        expect(still).to_contain_text(one.told().en)
        expect(still).to_be_visible()
        assert page.locator(f"#ui-explore-{one.name} input").count() == 0
    context.close()


def test_what_is_printed_is_the_picture_that_stays(visit: Visit) -> None:
    page, live = opened(visit, explorables()[0])
    still = page.locator("#ui-explore-degree .still")
    expect(still).to_be_hidden()

    page.emulate_media(media="print")

    expect(live).to_be_hidden()
    expect(still).to_be_visible()


@pytest.mark.parametrize("look", ["light", "dark", "narrow"])
def test_axe_finds_no_violation_and_nothing_runs_over_the_side(
    browser: Browser, report: Path, look: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    width = 360 if look == "narrow" else 1280
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if look == "dark" else "light",
        reduced_motion="reduce",
    )
    page = Visit(context, report).open()
    page.locator(".explore").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    expect(page.locator(".explore .live")).to_have_count(4)

    found = axe.Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
