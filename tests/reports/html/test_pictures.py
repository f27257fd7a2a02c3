"""The pictures of a record: what was seen comes first, and every axis has its name, twice."""

from collections.abc import Iterator

import msgspec
import pytest

from harness.records.record import Dots, Record, Size
from harness.text import Text
from reports.detail import FULL
from reports.html.pictures import pictures
from reports.svg.element import Picture
from reports.svg.parts import CAPTION as PARTS
from reports.svg.process import CAPTION as PROCESS
from reports.svg.zones import TITLE as ZONES
from studies.report.records import records, typed

DOTS = Dots(
    title=Text("Every replicate", "每次重复试验"),
    x_label=Text("that (nats)", "彼（纳特）"),
    y_label=Text("this (nats)", "此（纳特）"),
    x=[1.0, 2.0],
    y=[2.0, 3.0],
    happened="11",
    factor=1.0,
    margin=0.0,
    asks="above",
)
SIZE = Size(Text("share", "比例"), 0.5, (0.46, 0.54), 900, 0.05, 0)


def shown() -> Iterator[tuple[Record, Picture]]:
    for record in typed(records()):
        for picture in pictures(msgspec.structs.replace(record, dots=[DOTS]), FULL):
            yield record, picture


def test_every_axis_has_a_name_in_both_languages() -> None:
    seen = set()
    for record, picture in shown():
        grid = "class=h" in picture.svg and "M0 0" not in picture.svg and not picture.x_label
        one_axis = picture.caption in (ZONES, PARTS)
        if grid and picture.facts:  # cells have no axes
            continue
        for label in (picture.x_label, *([] if one_axis else [picture.y_label])):
            assert label is not None, (record.claim, picture.caption)
            assert label.en, (record.claim, picture.caption)
            assert label.zh, (record.claim, picture.caption)
        seen.add(picture.caption)
    assert {DOTS.title, PROCESS} <= seen


def test_a_picture_says_what_its_bands_are_and_what_it_is_that_happened() -> None:
    told = {}
    for record, picture in shown():
        banded = 'class="b s' in picture.svg
        dotted = any(key.name.en == "it happened" for key in picture.legend)
        if banded and picture.caption not in (PARTS, PROCESS):
            assert picture.note
            assert "the middle 80 %" in picture.note.en
            told["band"] = True
        if dotted:
            assert picture.note == Text(
                f"It: {record.sentence.en}.", f"所问：{record.sentence.zh}。"
            )
            told["it"] = True

    assert told == {"band": True, "it": True}


def test_what_was_seen_comes_before_what_it_proves() -> None:
    (record, *_) = typed(records())
    captions = [one.caption for one in pictures(msgspec.structs.replace(record, dots=[DOTS]), FULL)]
    assert captions.index(DOTS.title) < captions.index(PROCESS)


@pytest.mark.parametrize("deciding", [0, 1])
def test_the_zones_show_the_size_where_it_is_of_the_setting_that_decides(deciding: int) -> None:
    record = next(
        one for one in typed(records()) if one.relation.test == "bernoulli" and one.settings
    )
    two = [record.settings[0]] * 2
    sized = msgspec.structs.replace(record, sizes=[SIZE], settings=two, deciding=deciding)
    facts = [value for picture in pictures(sized, FULL) for _, value in picture.facts]
    assert ("[0.46, 0.54]" in facts) == (deciding == 0)
