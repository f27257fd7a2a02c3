"""What pictures call things: settings, lines, and the event that an axis is about."""

import msgspec
import pytest

from harness.records.record import Curves, Mark, Record, Relation, Series
from harness.text import Text
from reports.detail import FULL
from reports.html.picture_words import setting_name, unit_of
from reports.html.pictures import pictures
from reports.svg.element import UNIT
from reports.words import all_words
from studies.report.records import records, typed


def test_every_axis_in_the_words_has_a_unit_in_both_languages() -> None:
    labels = {key: text for key, text in all_words().items() if key.startswith(("axis ", "unit "))}
    assert labels
    for key, label in labels.items():
        assert UNIT.search(label.en), key
        assert UNIT.search(label.zh), key


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
    named = msgspec.structs.replace(record, claim=claim, relation=relation, formula=None)

    label = unit_of(named)

    assert axis in label.en
    assert UNIT.search(label.en)
    assert UNIT.search(label.zh)


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


def on(relation: Relation, formula: str | None) -> Record:
    record = next(iter(typed(records())))
    return msgspec.structs.replace(record, claim="mine", relation=relation, formula=formula)


OFTEN = Relation(
    "what the sentence says happens with probability above 0.5", "句中所述情形发生的概率大于 0.5",
    "probability", "bernoulli", (0.9, 1.0), ((0.0, 0.5),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "part", "axis", "axis_zh"),
    [
        ("a < b", None, "probability of “a < b” (", "“a < b”的概率（"),
        (
            "P(some w_j = 0) > 1/2",
            None,
            "probability of “some w_j = 0” (",
            "“some w_j = 0”的概率（",
        ),
        ("P(f(x) > g(x)) > 0.75", None, "probability of “f(x) > g(x)” (", "“f(x) > g(x)”的概率（"),
        ("a < b" * 15, None, "what the formula below says", "下方公式所述情形发生的概率"),
        ("a < b", "gap", "its part of the formula below", "下方公式中该部分所述情形发生的概率"),
        (None, None, "what the sentence says", "句中所述情形发生的概率"),
    ],
)
def test_the_axis_says_the_event_by_its_formula(
    formula: str | None, part: str | None, axis: str, axis_zh: str
) -> None:
    label = unit_of(on(msgspec.structs.replace(OFTEN, part=part), formula))
    assert axis in label.en
    assert axis_zh in label.zh


@pytest.mark.parametrize("part", [None, "whole"])
def test_what_is_breached_is_the_formula(part: str | None) -> None:
    every = msgspec.structs.replace(OFTEN, en="it holds in every instance", unit="error / bound")
    every = msgspec.structs.replace(every, part=part)
    breach = "largest breach of " + ("its part of" if part else "what") + " the formula below"
    assert unit_of(on(every, "a = b")).en.startswith(breach)
    assert "of what the sentence says" in unit_of(on(every, None)).en
