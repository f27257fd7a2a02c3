"""The pictures of a record: what was seen comes first, and every axis has its name, twice."""

import re
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from harness.records.record import Cells, Counts, Dots, Record, Size
from harness.text import Text
from reports.detail import FULL
from reports.html.pictures import OUTCOME, OUTCOMES, pictures
from reports.svg.element import UNIT, Picture
from reports.svg.parts import CAPTION as PARTS
from reports.svg.process import CAPTION as PROCESS
from studies.report.records import CHAPTER, records, typed

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
CODE = re.compile(r"[A-Za-z]{2,}\w*_\w|\b[a-z]{2,}\w* ?=")  # n_in and λ = 3 are the chapter's own
SIZE = Size(Text("share", "比例"), 0.5, (0.46, 0.54), 900, 0.05, 0)


def shown() -> Iterator[tuple[Record, Picture]]:
    for record in typed(records()):
        for picture in pictures(msgspec.structs.replace(record, dots=[DOTS]), FULL):
            yield record, picture


def is_grid(picture: Picture) -> bool:
    """Cells have no axes."""
    return any(key.style == "h" for key in picture.legend)


def has_one_axis(picture: Picture) -> bool:
    return picture.caption.en.startswith(PARTS.en) or any(
        key.style in ("e", "w") for key in picture.legend
    )


def test_every_axis_has_a_name_and_a_unit_in_both_languages() -> None:
    seen = set()
    for record, picture in shown():
        if is_grid(picture):
            continue
        for label in (picture.x_label, *([] if has_one_axis(picture) else [picture.y_label])):
            assert label is not None, (record.claim, picture.caption)
            en, zh = label.en.removesuffix(", logarithmic"), label.zh.removesuffix("，对数刻度")
            assert UNIT.search(en), (record.claim, en)
            assert UNIT.search(zh), (record.claim, zh)
            assert UNIT.sub("", en).strip(), (record.claim, en)
            seen.add(en)
    assert {
        "that (nats)",
        "evidence (nats)",
        "epoch (number of passes over the training data)",
    } <= seen


def test_no_two_pictures_of_a_claim_have_one_caption() -> None:
    for record in typed(records()):
        captions = [picture.caption for picture in pictures(record, FULL)]
        assert len(captions) == len(set(captions)), record.claim


def test_no_two_pictures_of_a_page_have_one_title() -> None:
    sentences = len(CHAPTER["sentences"])  # beyond them the records repeat
    for language in ("en", "zh"):
        titles = Counter(
            getattr(picture.caption, language)
            for record in typed(records(sentences))
            for picture in pictures(record, FULL)
        )
        assert [title for title, times in titles.items() if times > 1] == []


def test_axes_and_legends_have_words_in_place_of_the_code_s_names() -> None:
    for record in typed(records()):
        settings = [
            msgspec.structs.replace(
                trial, setting={"weight_decay": i, "batch_size": 2 * i, "lr": i}
            )
            for i, trial in enumerate(record.settings[:1] * 3)
        ]
        at = None if record.deciding is None else 0
        named = msgspec.structs.replace(record, settings=settings, deciding=at)
        for picture in pictures(named, FULL):
            labels = [picture.x_label, picture.y_label, *(key.name for key in picture.legend)]
            for label in filter(None, labels):
                assert not CODE.search(label.en), (record.claim, label)
                assert not CODE.search(label.zh), (record.claim, label)


def test_what_was_seen_comes_before_what_it_proves() -> None:
    record = next(one for one in typed(records()) if one.relation.test != "identity")
    captions = [
        one.caption.en for one in pictures(msgspec.structs.replace(record, dots=[DOTS]), FULL)
    ]
    (dots,) = (i for i, one in enumerate(captions) if "in every replicate" in one)
    (process,) = (i for i, one in enumerate(captions) if one.startswith(PROCESS.en))
    assert dots < process


@pytest.mark.parametrize(
    ("deciding", "found", "shows"),
    [(0, (0.2, 0.8), True), (1, (0.2, 0.8), False), (0, (0.7, 1.0), False)],
)
def test_a_size_is_shown_where_it_is_of_the_setting_and_the_draws_that_decide(
    deciding: int, found: tuple[float, float], shows: bool
) -> None:
    record = next(
        one for one in typed(records()) if one.relation.test == "bernoulli" and one.settings
    )
    two = [record.settings[0]] * 2
    sized = msgspec.structs.replace(
        record, sizes=[SIZE], settings=two, deciding=deciding, interval=found
    )
    drawn = pictures(sized, FULL)
    assert ("[0.46, 0.54]" in [value for one in drawn for _, value in one.facts]) == shows
    told = any("came to 0.5 [0.46, 0.54] (95 %), outside" in str(one.note) for one in drawn)
    assert told == (not shows and deciding == 0)


@pytest.mark.parametrize(
    ("formula", "limits"),
    [
        ("|growth| < ln 2", ["−ln 2, at −0.6931", "ln 2, at 0.6931"]),
        ("|growth| < 0.5", ["−0.5, at −0.5", "0.5, at 0.5"]),
        ("|other| < ln 2", []),
        (None, []),
    ],
)
def test_a_histogram_of_what_the_formula_bounds_marks_both_limits(
    formula: str | None, limits: list[str]
) -> None:
    growth = Text("growth", "增长")
    counted = Counts(title=growth, x_label=growth, edges=[-1.0, 0.0, 1.0], counts=[1, 1], marks=[])
    record = next(iter(typed(records())))
    one = msgspec.structs.replace(record, histograms=[counted], formula=formula, curves=[], dots=[])

    drawn = next(p for p in pictures(one, FULL) if "A bar counts" in str(p.note))

    assert [key.name.en for key in drawn.legend] == [f"limit of the test: {at}" for at in limits]
    assert len({key.style for key in drawn.legend}) == len(limits)


@pytest.mark.parametrize(("factor", "marked"), [(1.3, True), (1.0, False)])
def test_a_histogram_of_one_side_over_the_other_marks_the_limit(
    factor: float, marked: bool
) -> None:
    ratio = Text("ratio", "比值")
    counted = Counts(title=ratio, x_label=ratio, edges=[1.0, 1.6, 2.2], counts=[1, 1], marks=[])
    dots = msgspec.structs.replace(DOTS, factor=factor)
    record = next(iter(typed(records())))
    shown = pictures(msgspec.structs.replace(record, dots=[dots], histograms=[counted]), FULL)
    told = [key.name.en for picture in shown for key in picture.legend]
    assert ("limit of the test: 1.3 × that, at 1.3" in told) == marked


def test_the_replicates_that_are_only_counted_stand_under_their_sentence() -> None:
    outcomes = Cells(title=OUTCOMES, on=OUTCOME, off=Text("not", "未"), row_names=[], rows=["10"])
    record = next(iter(typed(records())))
    captions = [
        one.caption.en for one in pictures(msgspec.structs.replace(record, grids=[outcomes]), FULL)
    ]
    assert any(one.startswith(OUTCOMES.en) and record.sentence.en in one for one in captions)
