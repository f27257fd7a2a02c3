"""The explorables in the pages' text: where they stand, what stays without a script, words."""

import base64
import copy
import gzip
import itertools
import json
import re
from typing import Any

import pytest

from claims.contents import CONTENTS
from reports.html.explorables.chapter import explorables, placed
from reports.html.explorables.explorable import Explorable, Lines
from reports.html.render import Pages
from reports.records import Reading
from studies.report.records import records, typed
from tests.checkout import ROOT
from tests.reports.markup import Page

ALL = [pytest.param(one, id=one.name) for one in explorables()]
ANCHOR = re.compile('id="(ui-explore-[a-z]+)"')


def pages(rows: list[dict[str, Any]] | None = None) -> Pages:
    return Pages(Reading(typed(rows or records())))


def section(html: str, name: str) -> str:
    """The markup of the section that has the explorable."""
    (whole,) = (part for part in html.split("<section class=chapter")[1:] if f'"{name}"' in part)
    return whole.partition("<ol class=claims>")[0]


def test_each_stands_once_at_a_section_of_its_topic() -> None:
    html = pages().page()

    assert ANCHOR.findall(html) == [f"ui-explore-{one.name}" for one in explorables()]
    for one in explorables():
        assert section(html, f"ui-explore-{one.name}").startswith(
            f' id="ui-section-{next(key for key in one.sections if f"ui-section-{key}" in html)}"'
        )


def test_a_page_without_its_sections_has_none() -> None:
    rows = [row for row in records() if row["section"]["key"] == "model-selection"]
    assert not ANCHOR.findall(pages(rows).page())


def test_the_first_section_that_is_there_has_it() -> None:
    there = ["capacity-errors", "polynomial-cubic", "xavier"]
    assert {key: one.name for key, one in placed(there).items()} == {
        "capacity-errors": "degree",
        "xavier": "depth",
    }


def test_an_object_on_trial_has_none_beside_it() -> None:
    rows = copy.deepcopy(records())
    for row in rows:
        row["implementation"] = {"dropout": "mine:dropout"}
    assert not ANCHOR.findall(pages(rows).page())


def test_the_complete_page_has_the_pictures_and_nothing_to_move_them() -> None:
    html = pages().complete()
    assert len(ANCHOR.findall(html)) == 4
    assert "data-packed" not in html
    assert section(html, "ui-explore-degree").count("<svg class=plot") == 2


@pytest.mark.parametrize("one", ALL)
def test_what_is_packed_is_what_was_measured(one: Explorable) -> None:
    (text,) = re.findall(
        'data-packed="([A-Za-z0-9+/=]*)"', section(pages().page(), f"ui-explore-{one.name}")
    )

    content = json.loads(gzip.decompress(base64.b64decode(text)))

    assert content["data"]["replicates"] == one.explored.replicates
    for name, quantity in one.explored.quantities.items():
        assert tuple(content["data"]["quantities"][name]["middle"]) == quantity.middle
    assert len(content["figures"]) == len(one.figures)


@pytest.mark.parametrize("one", ALL)
def test_it_links_to_those_of_its_claims_that_are_on_the_page(one: Explorable) -> None:
    here = section(pages().page(), f"ui-explore-{one.name}")
    present = {row["claim"] for row in records()}

    links = re.findall('<a href="#([^"]+)">', here)

    assert links == [claim for claim in one.claims if claim in present]


def test_every_claim_that_they_name_is_in_the_chapter() -> None:
    written = "".join(file.read_text("utf-8") for file in (ROOT / "claims").rglob("*.py"))
    for one in explorables():
        assert [claim for claim in one.claims if f'"{claim}"' not in written] == []


def test_every_section_that_they_name_is_in_the_chapter() -> None:
    known = {section.key for topic in CONTENTS for section in topic.sections}
    for one in explorables():
        assert set(one.sections) <= known


@pytest.mark.parametrize("one", ALL)
def test_every_setting_is_told_in_both_languages_with_all_its_numbers(one: Explorable) -> None:
    axes = [control.axis for control in one.controls]
    for places in itertools.product(*(range(len(control.values)) for control in one.controls)):
        told = one.told(dict(zip(axes, places, strict=True)))

        for said in (told.en, told.zh):
            assert "{" not in said
            assert "–" not in said  # the dash of what is not known
        assert re.search("[\u4e00-\u9fff]", told.zh)


@pytest.mark.parametrize("one", ALL)
def test_it_says_how_it_was_measured_and_that_no_verdict_rests_on_it(one: Explorable) -> None:
    assert f"{one.explored.replicates} replicates of each setting" in one.protocol.en
    assert f"重复 {one.explored.replicates} 次" in one.protocol.zh
    assert "no verdict rests on it" in one.protocol.en
    assert "任何判定都不以此为依据" in one.protocol.zh


@pytest.mark.parametrize("one", ALL)
def test_every_axis_has_a_name_in_both_languages(one: Explorable) -> None:
    for figure in one.figures:
        if isinstance(figure, Lines):
            assert figure.x_label.en
            assert figure.x_label.zh
            assert re.search(r"\(.+\)|error|\bloss", figure.y_label.en)
            assert figure.y_label.zh != figure.y_label.en


def test_they_add_little_to_what_is_there_at_load() -> None:
    html = pages().page()
    added = "".join(section(html, f"ui-explore-{one.name}") for one in explorables())

    assert len(added) <= 80_000
    assert len(Page(added).elements) <= 800
