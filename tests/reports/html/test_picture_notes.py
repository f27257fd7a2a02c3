"""What stands under a picture, so that it is read without its page."""

import functools

import msgspec
import pytest

from harness.records.record import Part, Reached, Record, Relation, Sweep
from harness.statistics.evidence import Verdict
from harness.text import Text
from reports.detail import FULL
from reports.html.picture_notes import (
    EVERY_SETTING,
    how_often,
    of_parts,
    outcome,
    rests,
    what_is_tested,
)
from reports.html.picture_words import setting_name, stated
from reports.html.pictures import pictures
from reports.html.setting import LISTED, listed, most_varied, setting_text, told_apart
from reports.svg.dots import HAPPENED
from reports.svg.process import CAPTION as PROCESS
from reports.words import words
from studies.report.records import records, typed
from tests.reports.html.test_pictures import DOTS, shown


def test_a_sentence_about_every_instance_says_what_one_is_and_which_share_is_ruled_out() -> None:
    sweep = Sweep(share=0.05, instances=448, needed=440, failed=None, skipped=0)
    record = next(one for one in typed(records()) if one.settings and one.settings[0].trajectory)
    swept = msgspec.structs.replace(record, sweep=sweep)

    notes = [picture.note.en for picture in pictures(swept, FULL) if picture.note]

    assert any("An instance is" in note and "of 448 none failed" in note for note in notes)
    assert any("that 5 % of them or more fail" in note for note in notes)


def test_a_picture_can_be_read_alone() -> None:
    told = dict.fromkeys(["sentence", "setting", "band", "tested"], False)
    for record, picture in shown():
        note = picture.note or Text("", "")
        assert record.sentence.en in picture.caption.en + note.en
        assert record.sentence.zh in picture.caption.zh + note.zh
        told["sentence"] = True
        if EVERY_SETTING.en not in note.en and record.decisive and record.decisive.setting:
            name_of = functools.partial(setting_name, record)
            setting = setting_text(record.decisive.setting, name_of).en
            assert setting in picture.caption.en + note.en, record.claim
            told["setting"] = True
        if 'class="b s' in picture.svg:
            assert "the middle 80 %" in note.en
            told["band"] = True
        if HAPPENED in [key.name for key in picture.legend]:
            assert stated(record).en in note.en
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


def test_of_settings_beyond_the_list_the_number_that_varies_most_is_told() -> None:
    settings = [{"kind": f"{i}{'k' * 80}", "p": i / 4} for i in range(9)]
    names, of = told_apart(settings)

    told = listed(names, of, most_varied(settings))

    kept = told.en.count("k, ")
    rest = ", ".join(str(i / 4).removesuffix(".0") for i in range(kept, 9))
    assert told.en.endswith(f"; and {9 - kept} more in the table of settings, with p = {rest}.")
    assert told.zh.endswith(f"；其余 {9 - kept} 个见设置表，其p = {rest}。")


def test_what_varies_most_is_a_number() -> None:
    settings = [
        {"same": 1, "word": "abc"[i], "flag": i > 1, "n": i % 2, "p": i / 2} for i in range(3)
    ]

    assert most_varied(settings) == (Text("p", "p"), ["0", "0.5", "1"])
    assert most_varied([{"same": 1, "word": "abc"[i]} for i in range(3)]) is None


FORMULA = "accuracy > 1/2 with 4σ - 2, < 1/4 with σ"
ZH = "用 4σ - 2 时精度 > 1/2，用 σ 时 < 1/4"


@pytest.mark.parametrize(
    ("en", "zh", "unit", "told", "told_zh"),
    [
        (
            "what the sentence says happens with probability above 0.5",
            "句中所述情形发生的概率大于 0.5", "probability",
            f"Tested: “{FORMULA}” happens with probability above 0.5.",
            f"检验：“{ZH}”的概率大于 0.5。",
        ),
        (
            "it happens with probability above 0.6", "该事件的概率大于 0.6", "probability",
            f"Tested: “{FORMULA}” happens with probability above 0.6.",
            f"检验：“{ZH}”的概率大于 0.6。",
        ),
        (
            "it holds in every instance, up to rounding", "在每个实例中都成立（至多相差舍入）",
            "error / bound",
            f"Tested: “{FORMULA}” holds in every instance, up to rounding.",
            f"检验：“{ZH}”在每个实例中都成立（至多相差舍入）。",
        ),
        (
            "both sides are equal up to rounding", "两边在舍入误差内相等", "error / bound",
            f"Tested: both sides are equal up to rounding. Formula: {FORMULA}.",
            f"检验：两边在舍入误差内相等。公式：{ZH}。",
        ),
        (
            "l1: what the sentence says happens with probability above 0.5; and l2: both agree",
            "L1：句中所述情形发生的概率大于 0.5；且L2：两者一致", "",
            "Tested: l1: its part of the formula happens with probability above 0.5; and l2: both "
            f"agree. Formula: {FORMULA}.",
            f"检验：L1：公式中该部分所述情形发生的概率大于 0.5；且L2：两者一致。公式：{ZH}。",
        ),
        (
            "that a < b happens with probability above 0.5", "“a < b”的概率大于 0.5", "probability",
            "Tested: that a < b happens with probability above 0.5.",
            "检验：“a < b”的概率大于 0.5。",
        ),
    ],
)  # fmt: skip
def test_a_note_says_what_is_tested_by_the_formula_where_words_leave_it_to_the_sentence(
    en: str, zh: str, unit: str, told: str, told_zh: str
) -> None:
    record = next(iter(typed(records())))
    relation = Relation(en, zh, unit, "bernoulli", None, ())
    record = msgspec.structs.replace(record, relation=relation, sweep=None, formula=FORMULA)
    assert what_is_tested(record) == Text(told, told_zh)
    unsaid = what_is_tested(msgspec.structs.replace(record, formula=None))
    assert unsaid == Text(f"Tested: {en}.", f"检验：{zh}。")


def test_numbers_of_the_setting_stand_in_place_of_functions_of_it() -> None:
    record = next(iter(typed(records())))
    here = Text("the rate equals 0.3 within 0.01 (there)", "频率等于 0.3，误差不超过 0.01（该处）")
    relation = Relation("the rate equals f(p) within f(p)", "频率", "rate", "binomial", None, ())
    for filled, told in ((here, here.en), (None, relation.en)):
        shown = msgspec.structs.replace(relation, filled=filled)
        one = msgspec.structs.replace(record, relation=shown, formula=None)
        assert what_is_tested(one).en.startswith(f"Tested: {told}.")


def test_an_exact_verdict_rests_on_every_setting_or_on_the_first_that_failed() -> None:
    record = next(one for one in typed(records()) if one.relation.test == "identity")
    first = msgspec.structs.replace(record.settings[0], setting={"n": 1}, refute=0.0)
    failed = msgspec.structs.replace(first, setting={"n": 2}, refute=None)
    held = msgspec.structs.replace(
        record, verdict=Verdict.CONFIRMED, settings=[first, first], deciding=0, sweep=None
    )
    fell = msgspec.structs.replace(
        held, verdict=Verdict.REFUTED, settings=[first, failed], deciding=1
    )

    assert rests(held).en.startswith("The verdict rests on every setting shown. Holds:")
    assert rests(held).zh.startswith("判定依据所示的每个设置。")
    n = first.observations
    assert f"{2 * n:,} comparisons were made at all the settings, none" in what_is_tested(held).en
    assert "rests on setting 2, examples n = 2, the first at which a comparison" in rests(fell).en
    assert "at the setting that the verdict rests on, at least one" in what_is_tested(fell).en


def with_parts() -> Record:
    record = next(one for one in typed(records()) if one.relation.test == "bernoulli")
    parts = [
        Part("rate_alone", 1.0, (0.69, 1.0), 41.0, -5.0),
        Part("dropout_alone", 0.97, (0.62, 1.0), 33.0, -5.0),
        Part("value", 0.0, (0.0, 0.0), None, 0.0),
    ]
    return msgspec.structs.replace(
        record,
        relation=msgspec.structs.replace(record.relation, part="dropout_alone"),
        verdict=Verdict.CONFIRMED,
        settings=[msgspec.structs.replace(record.settings[0], parts=parts, observations=64)],
        confirm=Reached(33.0, 20.0),
        refute=Reached(0.0, 20.0),
        deciding=0,
    )


def test_of_several_parts_the_others_are_told_and_why_this_one_is_shown() -> None:
    told = of_parts(with_parts())

    assert told == Text(
        "Shown is the part “dropout alone”, the closest to failing by its evidence, of 64 "
        "replicates. The other parts: rate alone 1 [0.69, 1], holds; value 0, holds.",
        "所示为“只用暂退法”部分，按证据最接近不成立，共 64 次重复试验。"
        "其他部分：只提高学习率 1 [0.69, 1]，成立；值 0，成立。",
    )
    assert outcome(with_parts()) == Text("Holds: every part does.", "成立：各部分都成立。")


def test_every_picture_says_what_was_tested_and_what_came_of_it() -> None:
    for record, picture in shown():
        note = picture.note or Text("", "")
        assert stated(record).en in note.en, (record.claim, picture.caption.en)
        assert stated(record).zh in note.zh
        verdict = words(record.verdict)
        assert f"{verdict.en[:1].upper()}{verdict.en[1:]}: " in note.en
        assert f"{verdict.zh}：" in note.zh


def test_a_picture_of_one_of_several_settings_says_which() -> None:
    record = next(one for one in typed(records()) if one.relation.test == "bernoulli")
    settings = [msgspec.structs.replace(record.settings[0], setting={"n": i}) for i in range(3)]
    several = msgspec.structs.replace(record, settings=settings, deciding=1, dots=[DOTS])

    (dots,) = (one for one in pictures(several, FULL) if "in every replicate" in one.caption.en)

    assert "(setting 2 of 3: examples n = 1)" in dots.caption.en
    assert "（3 个设置中的第 2 个：样本数 n = 1）" in dots.caption.zh
    assert "The other settings are not drawn." in str(dots.note)


def test_a_share_of_replicates_is_told_as_a_count_where_it_is_one() -> None:
    record = next(one for one in typed(records()) if one.relation.test == "bernoulli")
    for estimate, told in ((5 / 64, "It happened in 5 of 64 replicates."), (0.07, None)):
        trial = msgspec.structs.replace(record.settings[0], estimate=estimate, observations=64)
        one = msgspec.structs.replace(record, settings=[trial], deciding=0)
        found = how_often(one)
        assert (found and found.en) == told
