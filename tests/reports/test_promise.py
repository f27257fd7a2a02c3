"""What one in a million covers is said in one sentence, the same wherever a reader meets it."""

import pytest

from reports.html.render import Pages
from reports.records import Reading
from reports.words import words
from studies.report.records import records, typed
from tests.checkout import ROOT
from tests.reports.markup import Page

PROMISE = words("promise")


def test_the_page_says_it_in_both_languages_and_links_to_it_from_the_budget() -> None:
    pages = Pages(Reading(typed(records())))
    there, page = Page(pages.statistics()), Page(pages.page())

    assert PROMISE.en in there.words()
    assert PROMISE.zh in there.words()
    links = {element.attributes.get("href") for element in page.all("a")}
    assert "report.statistics.html#ui-promise" in links


@pytest.mark.parametrize(("file", "said"), [
    ("README.md", PROMISE.en), ("docs/how_it_is_tested.md", PROMISE.en),
    ("docs/how_it_is_tested.zh.md", PROMISE.zh),
])  # fmt: skip
def test_the_documents_say_it_word_for_word(file: str, said: str) -> None:
    assert said in (ROOT / file).read_text(encoding="utf-8").splitlines()


def test_it_is_one_sentence() -> None:
    assert PROMISE.en.count(".") == PROMISE.zh.count("。") == 1
