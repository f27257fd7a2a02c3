"""The pictures of a record: what was seen comes first, and every axis has its name, twice."""

import functools
import re
from collections import Counter
from collections.abc import Iterator

import msgspec
import pytest

from harness.records.record import Cells, Counts, Curves, Dots, Mark, Record, Series, Size, Sweep
from harness.text import Text
from reports.detail import FULL
from reports.html.picture_words import setting_name, unit_of
from reports.html.pictures import OUTCOME, OUTCOMES, pictures
from reports.html.setting import LISTED, listed, setting_text, told_apart
from reports.svg.dots import HAPPENED
from reports.svg.element import UNIT, Picture
from reports.svg.parts import CAPTION as PARTS
from reports.svg.process import CAPTION as PROCESS
from reports.words import all_words
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
        key.style == "e" for key in picture.legend
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


def test_every_axis_in_the_words_has_a_unit_in_both_languages() -> None:
    labels = {key: text for key, text in all_words().items() if key.startswith(("axis ", "unit "))}
    assert labels
    for key, label in labels.items():
        assert UNIT.search(label.en), key
        assert UNIT.search(label.zh), key


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


def test_a_setting_is_named_by_what_it_is_in_its_claim() -> None:
    record = next(iter(typed(records())))

    def name(claim: str, key: str) -> str:
        return setting_name(msgspec.structs.replace(record, claim=claim), key).en

    assert name("do-unbiased", "p") == "drop probability p"
    assert name("ms-holdout-unbiased.outside", "p") == "parameters p"
    assert name("mine", "no_such_name") == "no such name"


@pytest.mark.parametrize(
    ("claim", "unit", "tested", "axis"),
    [
        ("mine", "probability", "that a < b happens with probability above 0.5", "that a < b"),
        ("mine", "probability", "it happens with probability above 0.5", "of what the sentence"),
        ("mine", "error / bound", "both sides are equal up to rounding", "of the two sides"),
        ("mine", "error / bound", "it holds in every instance", "largest breach of what"),
        (
            "mine", "Kolmogorov distance",
            "the distribution is N(0, 1) within a Kolmogorov distance of 0.02", "the law: N(0, 1)",
        ),
        ("do-keep-rule", "rate", "the rate equals f(p)", "units that are dropped"),
    ],
)  # fmt: skip
def test_what_is_tested_has_a_noun(claim: str, unit: str, tested: str, axis: str) -> None:
    chinese = {
        "that a < b happens with probability above 0.5": "“a < b”的概率大于 0.5",
        "the distribution is N(0, 1) within a Kolmogorov distance of 0.02":
            "服从 N(0, 1)（Kolmogorov 距离 0.02 以内）",
    }  # fmt: skip
    record = next(one for one in typed(records()) if one.settings and not one.settings[0].parts)
    relation = msgspec.structs.replace(
        record.relation, en=tested, zh=chinese.get(tested, ""), unit=unit, part=None
    )
    named = msgspec.structs.replace(record, claim=claim, relation=relation)

    label = unit_of(named)

    assert axis in label.en
    assert UNIT.search(label.en)
    assert UNIT.search(label.zh)


def test_a_sentence_about_every_instance_says_what_one_is_and_which_share_is_ruled_out() -> None:
    sweep = Sweep(share=0.05, instances=448, needed=440, failed=None, skipped=0)
    record = next(one for one in typed(records()) if one.settings and one.settings[0].trajectory)
    swept = msgspec.structs.replace(record, sweep=sweep)

    notes = [picture.note.en for picture in pictures(swept, FULL) if picture.note]

    assert any("An instance is" in note and "of 448 none failed" in note for note in notes)
    assert any("that 5 % of them or more fail" in note for note in notes)


def test_the_words_of_a_claim_s_curves_are_those_of_the_report() -> None:
    drawn = Curves(
        title=Text("Loss per epoch", "各轮的损失"), x_label=Text("epoch", "轮数"),
        y_label=Text("cross-entropy (nats)", "交叉熵（纳特）"), log_y=False, x=[1.0, 2.0],
        series=[Series(Text("train", "训练"), [1.0, 0.5], None, None)],
        marks=[Mark(Text("printed", "书中印出的值"), 0.7)],
    )  # fmt: skip
    record = msgspec.structs.replace(next(iter(typed(records()))), curves=[drawn])

    first = pictures(record, FULL)[0]

    assert first.caption.en.startswith("Cross-entropy of the net on training and test data")
    assert [key.name.en for key in first.legend] == [
        "on the training data", "the value that the book prints, at 0.7",
    ]  # fmt: skip


def test_a_picture_can_be_read_alone() -> None:
    told = dict.fromkeys(["sentence", "setting", "band", "tested"], False)
    for record, picture in shown():
        note = picture.note or Text("", "")
        assert record.sentence.en in picture.caption.en + note.en
        assert record.sentence.zh in picture.caption.zh + note.zh
        told["sentence"] = True
        if record.decisive and record.decisive.setting:
            name_of = functools.partial(setting_name, record)
            setting = setting_text(record.decisive.setting, name_of).en
            assert setting in picture.caption.en + note.en, record.claim
            told["setting"] = True
        if 'class="b s' in picture.svg:
            assert "the middle 80 %" in note.en
            told["band"] = True
        if HAPPENED in [key.name for key in picture.legend]:
            assert record.relation.en in note.en
            told["tested"] = True

    assert all(told.values()), told


def test_what_is_exact_has_no_picture_of_evidence_and_says_by_which_rule_it_fell() -> None:
    record = next(one for one in typed(records()) if one.relation.test == "identity")
    shown = pictures(record, FULL)
    assert shown
    assert not any(one.caption.en.startswith(PROCESS.en) for one in shown)
    assert any("no comparison failed" in one.note.en for one in shown if one.note)
    assert not any("interval" in one.note.en for one in shown if one.note)


@pytest.mark.parametrize(
    ("true", "false", "told", "shading"),
    [
        ((0.9, 1.0), (0.0, 0.5), "shown to be above 0.5, and is refuted once it is shown to be "
         "below 0.9.", "z"),
        ((0.0, 0.001), (0.05, 1.0), "shown to be below 0.05, and is refuted once it is shown to be "
         "above 0.001.", "y"),
    ],
)  # fmt: skip
def test_replicates_say_how_probable_it_has_to_be_and_are_green_only_where_that_is_for_it(
    true: tuple[float, float], false: tuple[float, float], told: str, shading: str
) -> None:
    record = next(one for one in typed(records()) if one.relation.test == "bernoulli")
    relation = msgspec.structs.replace(
        record.relation, unit="probability", true_zone=true, false_zones=(false,)
    )
    first = pictures(msgspec.structs.replace(record, relation=relation, dots=[DOTS]), FULL)
    (dots,) = (one for one in first if "in every replicate" in one.caption.en)
    assert told in str(dots.note)
    assert {key.style for key in dots.legend} & {"z", "y"} == {shading}


def test_settings_beside_instances_say_that_these_are_drawn_besides() -> None:
    sweep = Sweep(share=0.05, instances=448, needed=440, failed=None, skipped=0)
    record = next(one for one in typed(records()) if one.relation.test == "bernoulli")
    settings = [msgspec.structs.replace(record.settings[0], setting={"n": i}) for i in range(3)]
    swept = msgspec.structs.replace(record, sweep=sweep, settings=settings, deciding=0)
    notes = [one.note.en for one in pictures(swept, FULL) if one.note]
    assert any("the instances are drawn besides" in note for note in notes)


def test_what_was_seen_comes_before_what_it_proves() -> None:
    record = next(one for one in typed(records()) if one.relation.test != "identity")
    captions = [
        one.caption.en for one in pictures(msgspec.structs.replace(record, dots=[DOTS]), FULL)
    ]
    (dots,) = (i for i, one in enumerate(captions) if "in every replicate" in one)
    (process,) = (i for i, one in enumerate(captions) if one.startswith(PROCESS.en))
    assert dots < process


@pytest.mark.parametrize("deciding", [0, 1])
def test_the_zones_show_the_size_where_it_is_of_the_setting_that_decides(deciding: int) -> None:
    record = next(
        one for one in typed(records()) if one.relation.test == "bernoulli" and one.settings
    )
    two = [record.settings[0]] * 2
    sized = msgspec.structs.replace(record, sizes=[SIZE], settings=two, deciding=deciding)
    facts = [value for picture in pictures(sized, FULL) for _, value in picture.facts]
    assert ("[0.46, 0.54]" in facts) == (deciding == 0)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ((0.6, 1.0), "the verdict's interval is clear of where the sentence is false"),
        ((0.1, 0.3), "the verdict's interval is clear of where the sentence is true"),
        ((0.6, 0.8), "the verdict's interval lies in the gap between the zones"),
        ((0.4, 0.95), "the evidence, which tells more"),
    ],
)
def test_the_zones_say_by_which_rule_the_verdict_fell(
    found: tuple[float, float], told: str
) -> None:
    record = next(one for one in typed(records()) if one.relation.test == "bernoulli")
    relation = msgspec.structs.replace(
        record.relation, true_zone=(0.9, 1.0), false_zones=((0.0, 0.5),), part=None
    )
    kept = {"settings": record.settings[:1], "deciding": 0}
    one = msgspec.structs.replace(record, relation=relation, interval=found, **kept)
    notes = [picture.note.en for picture in pictures(one, FULL) if picture.note]
    assert any(told in note for note in notes)


def test_many_settings_are_listed_as_far_as_lines_hold() -> None:
    names, of = told_apart([{"n": i, "fixed": "a long one"} for i in range(99)])

    few, many = listed(names[:3], of), listed(names, of)

    assert few == Text("Setting: n; 1: 0; 2: 1; 3: 2.", "设置：n；1：0；2：1；3：2。")
    left = 99 - many.en.count(": ") + 1
    assert many.en.endswith(f"; and {left} more in the table of settings.")
    assert f"其余 {left} 个" in many.zh
    assert len(many.en) < 2 * LISTED


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
