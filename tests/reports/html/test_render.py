"""The page as text: complete, self-contained, within its size, and unharmed by hostile records."""

import base64
import contextlib
import copy
import gzip
import hashlib
import json
import re
from typing import Any

import msgspec
import pytest

from harness.statistics.evidence import Verdict
from reports.html.changes import changes
from reports.html.render import Pages, render_page
from reports.records import Reading
from reports.words import all_words
from studies.report.records import records, typed
from tests.reports.markup import Page

HOSTILE = (
    "</title></script></style></noscript></svg><script>alert(1)</script>"
    "<img src=x onerror=alert(1)>\"'><b id=ui-search>{{7*7}}{% raw %}&lt;\u202e\ud800\x00]]>--><!--"
)


def page_of(rows: list[dict[str, Any]]) -> str:
    return render_page(Reading(typed(rows)))


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return records()


@pytest.fixture(scope="module")
def html(rows: list[dict[str, Any]]) -> str:
    return page_of(rows)


def test_every_claim_is_on_the_page_in_both_languages(rows: list[Any], html: str) -> None:
    page = Page(html)
    ids = {element.attributes.get("id") for element in page.all("details")}
    words = page.words()

    for row in rows:
        assert row["claim"] in ids
        assert row["sentence"]["en"] in words
        assert row["sentence"]["zh"] in words
        assert row["rerun"] in words
        assert row["digest"] in words


def test_ids_are_unique_and_links_lead_somewhere(html: str) -> None:
    page = Page(html)
    ids = [e.attributes["id"] for e in page.elements if e.attributes.get("id")]
    links = {e.attributes["href"] or "" for e in page.elements if "href" in e.attributes}

    assert len(ids) == len(set(ids))
    here = {link for link in links if not link.startswith("report.statistics.html")}
    assert {link.removeprefix("#") for link in here} <= set(ids) | {"report.complete.html"}


def test_the_link_to_a_section_is_the_same_in_a_run_of_some_claims(rows: list[Any]) -> None:
    key = rows[-1]["section"]["key"]
    some = [row for row in rows if row["section"]["key"] == key]

    whole, part = (page_of(kept) for kept in (rows, some))

    assert f'href="#ui-section-{key}"' in whole
    assert f'href="#ui-section-{key}"' in part


def test_the_page_needs_nothing_from_outside(html: str) -> None:
    page = Page(html)

    assert not {"src", "srcset", "action", "style", "onclick"} & {
        name for element in page.elements for name in element.attributes
    }
    assert not {"link", "img", "iframe", "object"} & {element.tag for element in page.elements}
    assert not re.search(r"https?://|@import|url\((?!#)", html)


def test_the_policy_allows_exactly_the_inlined_style_and_script(html: str) -> None:
    policy = next(
        e.attributes["content"] or ""
        for e in Page(html).all("meta")
        if "http-equiv" in e.attributes
    )

    assert policy.startswith("default-src 'none';")
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_pictures_have_a_title_and_a_description_in_both_languages(html: str) -> None:
    pictures = re.findall(r"<svg [^>]*role=img>.*?</svg>", html, re.DOTALL)

    assert len(pictures) > 30
    for picture in pictures:
        assert picture.count("<title") >= 1
        assert picture.count("<desc") == 2


def test_the_answer_counts_the_verdicts(html: str) -> None:
    words = Page(html).words()

    assert (
        "Of the chapter's 11 sentences 4 hold as printed, 1 holds less strongly than declared, "
        "3 are false as printed, 1 is refuted unexpectedly, "
        "1 is undecided and 1 ended in an error." in words
    )
    assert "本章的 11 句：4 句按原文成立，1 句成立但弱于所声明的程度，3 句原文不成立，" in words
    assert "1 句意外被推翻，1 句未决，1 句出错。" in words
    assert "13 claims on trial: 4 verdicts are not as expected." in words
    assert "at most 0.0031 expected wrong verdicts in 10 000 runs" in words


def test_the_same_records_give_the_same_page(rows: list[Any], html: str) -> None:
    assert page_of(rows) == html


def test_hostile_text_in_every_field_stays_text(html: str) -> None:
    calm, wild = Page(html), Page(page_of(_poisoned(records())))

    assert len(wild.all("script")) == len(wild.all("style")) == 1
    assert not wild.all("img")
    allowed = {element.tag for element in calm.elements}
    assert {element.tag for element in wild.elements} <= allowed
    names = {name for element in calm.elements for name in element.attributes}
    assert {name for element in wild.elements for name in element.attributes} <= names
    assert "<script>alert(1)</script>" in wild.words()
    assert "{{7*7}}" in wild.words()


def test_bodies_wait_as_text_that_no_parser_looks_into() -> None:
    pages = Pages(Reading(typed(_poisoned(records()))))

    html = pages.page()

    (packed,) = re.findall(" id=ui-bodies>([A-Za-z0-9+/=]*)</script>", html)
    assert html.lower().count("<script") == html.lower().count("</script") == 2
    bodies = json.loads(gzip.decompress(base64.b64decode(packed)))
    complete = pages.complete()
    assert len(bodies) == len(records())
    assert all(body in complete for body in bodies.values())


def test_no_hostile_character_reaches_the_page() -> None:
    html = page_of(_poisoned(records()))
    html.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)


@pytest.mark.parametrize(
    "name", ["ui-search", "", " ", "#", "a b", "../x", "é", "<b>", "-", "constructor"]
)
def test_a_claim_may_have_any_name(rows: list[Any], name: str) -> None:
    odd = [{**rows[0], "claim": name or "x", "twin": name or "x"}, rows[1]]

    page = Page(page_of(odd))

    ids = [e.attributes["id"] for e in page.elements if e.attributes.get("id")]
    assert len(ids) == len(set(ids))


def test_a_known_failure_is_told_and_still_counts_as_a_surprise() -> None:
    known = {"id": "x", "role": "dropout", "reason": "see issue 7", "expiry": "2027-01-01"}
    row = {**records(12)[11], "known_failure": known}

    words = Page(page_of([row])).words()

    assert "see issue 7" in words
    assert "1 verdict is not as expected." in words


def test_what_was_got_is_told_in_both_languages() -> None:
    (row,) = records(1)
    seen = {"got": None, "right": 2.0, "allowed": 1e-6, "place": [3], "shape": [8], "off": 2}

    page = page_of([row | {"mismatch": seen}])

    assert "no finite number where 2 ± 1e-06 is right, at [3] of [8]; 2 of 8 are off" in page
    assert "得到 非有限值，应为 2 ± 1e-06，位于 [8] 中的 [3]；8 个中有 2 个不符" in page
    assert "Got and right" not in page_of([row])


def test_every_optional_field_may_be_null() -> None:
    for name in records(1)[0]:
        full = records(1)[0]
        with contextlib.suppress(msgspec.ValidationError):
            page = page_of([{**full, name: None}])
            assert full["sentence"]["en"] in Page(page).words(), name


@pytest.mark.parametrize("value", [0.0, 1e308, -1e308, 5e-324, 1e-300])
def test_extreme_numbers_draw_pictures_within_their_frame(value: float) -> None:
    row = records(12)[6]
    row |= {"estimate": value, "interval": [-abs(value), None]}
    for curves in row["curves"]:
        curves["series"][0]["middle"][3] = value
        curves["series"][0]["low"] = [None] * len(curves["x"])
        curves["series"][1]["high"][5] = abs(value)
    row["histograms"][0]["marks"][0]["value"] = value

    html = page_of([row])

    shown = re.sub(r"sha256-[\w+/=]+", "", html).lower()  # a hash may have any letters
    assert "nan" not in shown.replace("finance", "")
    numbers = [int(n) for d in re.findall(r' d="([^"]*)"', html) for n in re.findall(r"-?\d+", d)]
    assert max(map(abs, numbers)) <= 1000


def test_a_change_since_the_baseline_is_told(rows: list[Any]) -> None:
    before = copy.deepcopy(rows[1:])
    before[0] |= {"verdict": "CONFIRMED"}
    before.append({**rows[0], "claim": "old"})

    html = render_page(Reading(typed(rows)), changes(typed(before), typed(rows)))

    words = Page(html).words()
    assert "1 verdicts changed, 1 new, 1 gone" in words
    assert "holds → refuted" in words


def test_every_word_of_the_page_has_its_chinese() -> None:
    for key, text in all_words().items():
        assert text.en
        assert re.search("[\u4e00-\u9fff]", text.zh), key


def test_two_devices_are_two_rows_of_one_sentence() -> None:
    rows = records(4) + records(4, device="cuda:0")

    page = Page(page_of(rows))

    answer = "Of the chapter's 3 sentences 2 hold as printed and 1 is false as printed."
    assert answer in page.words()
    ids = {element.attributes.get("id") for element in page.all("details")}
    assert {"ms-memoriser", "ms-memoriser--cuda-0"} <= ids


@pytest.mark.parametrize(("count", "limit"), [(80, 500_000), (400, 2_000_000)])
def test_the_page_stays_small(count: int, limit: int) -> None:
    size = len(Pages(Reading(typed(records(count)))).page().encode())
    assert size <= limit, f"{size} bytes for {count} claims"


def _poisoned(value: Any) -> Any:
    """The records with hostile text added to every string that may be any text."""
    if isinstance(value, str):
        fixed = value in set(Verdict) or re.fullmatch("[0-9a-f]{64}", value)
        return value if fixed else value + HOSTILE
    if isinstance(value, list):
        return [_poisoned(item) for item in value]
    if isinstance(value, dict):
        return {key: _poisoned(item) for key, item in value.items()}
    return value
