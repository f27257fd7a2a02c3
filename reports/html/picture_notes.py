"""What stands under a record's pictures: what is tested, by which rule it was decided, on what.

A note says what a drawing does not, so that picture and caption can be read without their page.
"""

import functools
import math
from collections.abc import Sequence

from harness.records.covered import covered, percent
from harness.records.record import Interval, Part, Record, Relation
from harness.statistics.evidence import Verdict
from harness.text import Text
from reports.html.picture_words import setting_name, stated
from reports.html.setting import setting_text
from reports.numbers import number
from reports.svg.dots import REPLICATE
from reports.words import words

CLOSEST = Text("which came closest to failing", "它最接近不成立")
FIRST = Text("the first with this outcome", "它最先有此结果")
CLEAR_OF_FALSE = Text(
    "the verdict's interval is clear of where the sentence is false",
    "判定所用的区间不触及论断不成立的区域",
)
CLEAR_OF_TRUE = Text(
    "the verdict's interval is clear of where the sentence is true",
    "判定所用的区间不触及论断成立的区域",
)
GAP = Text("values between the zones count as neither", "两区域之间的值两者都不算")
IN_GAP = Text(
    "the verdict's interval lies in the gap between the zones",
    "判定所用的区间位于两区域之间的空隙",
)
CLEAR_OF_NONE = Text("the verdict's interval reaches into both zones", "判定所用的区间触及两个区域")
BY_EVIDENCE = Text(
    "though the verdict's interval reaches into both zones, the evidence, which tells more, "
    "excludes one",
    "判定所用的区间虽触及两个区域，更精细的证据已排除其一",
)
NONE_FAILED = Text(
    "no comparison failed, and a comparison leaves nothing to chance",
    "没有一次比较不成立，而比较不含偶然",
)
ONE_FAILED = Text(
    "a comparison failed, and a comparison leaves nothing to chance",
    "有一次比较不成立，而比较不含偶然",
)
TOO_FEW = Text("no comparison failed, but too few were made", "没有一次比较不成立，但次数不足")
TRIED_FIRST = Text(
    "The settings shown are tried first; the instances are drawn besides.",
    "所示的设置先行检验，实例另行抽取。",
)


def of_replicates(record: Record) -> Text:
    """What a replicate is, and how probable what happens in it has to be for a verdict."""
    asked_for = _asked_for(record)
    return REPLICATE if asked_for is None else joined(REPLICATE, asked_for)


def _asked_for(record: Record) -> Text | None:
    relation = record.relation
    if relation.unit != "probability" or relation.true_zone is None or parts_of(record):
        return None
    if len(relation.false_zones) != 1:
        return None
    (false_low, false_high), (true_low, true_high) = relation.false_zones[0], relation.true_zone
    rare = is_to_be_rare(record)
    holds, fails = (false_low, true_high) if rare else (false_high, true_low)
    if holds is None or fails is None:
        return None
    side, other = ("below", "above") if rare else ("above", "below")
    side_zh, other_zh = ("小于", "大于") if rare else ("大于", "小于")
    end, limit_of_true = number(holds), number(fails)
    return Text(
        f"The sentence holds once the probability that it happens is shown to be {side} {end}, "
        f"and is refuted once it is shown to be {other} {limit_of_true}.",
        f"发生的概率经检验{side_zh} {end} 时论断成立，经检验{other_zh} {limit_of_true} 时被推翻。",
    )


def is_to_be_rare(record: Record) -> bool:
    """Whether each replicate in which it happens speaks against the sentence."""
    zone = record.relation.true_zone
    return record.relation.unit == "probability" and bool(
        zone and zone[0] in (0.0, None) and zone[1] not in (1.0, None)
    )


def what_is_tested(record: Record) -> Text:
    """What is tested, and of a sentence about every instance what that is and what is ruled out."""
    told = stated(record)
    note = Text(f"Tested: {told.en}", f"检验：{told.zh}")
    instance = _instance(record)
    return note if instance is None else joined(note, instance)


def _instance(record: Record) -> Text | None:
    """What an instance is, how many there were, and which failing share they rule out."""
    sweep = record.sweep
    if sweep is None:
        return _compared(record)
    drawn = any(trial.drawn for trial in record.settings)
    one = (
        Text(
            "An instance is a drawn setting with random draws of its own",
            "一个实例即一个抽取的设置及其独立的随机数",
        )
        if drawn
        else Text(
            "An instance is a call with random draws of its own",
            "一个实例即一次使用独立随机数的调用",
        )
    )
    if sweep.failed is None and sweep.instances >= sweep.needed:
        n, share = f"{sweep.instances:,}", percent(sweep.share)
        return Text(
            f"{one.en}: of {n} none failed, which rules out, at the verdict's "
            f"error rate, that {share.en} of them or more fail.",
            f"{one.zh}：{n} 个无一不成立，这在判定所用的错误率下"
            f"排除了 {share.zh} 或更多的实例不成立。",
        )
    told = covered(record)
    return told and Text(f"{one.en}: {told.en}.", f"{one.zh}：{told.zh}。")


def _compared(record: Record) -> Text | None:
    """How many comparisons an exact test made at the setting that its verdict rests on."""
    trial = record.decisive
    if record.relation.test != "identity" or parts_of(record) or trial is None:
        return None
    n, failed = f"{trial.observations:,}", trial.refute is None
    at = (
        Text("at the setting that the verdict rests on", "在判定所依据的设置下")
        if trial.setting
        else Text("in all", "共")
    )
    end = (
        Text("at least one failed", "至少有一次不成立")
        if failed
        else Text("none failed", "无一不成立")
    )
    many = "comparison was" if trial.observations == 1 else "comparisons were"
    return Text(f"{n} {many} made {at.en}, {end.en}.", f"{at.zh}比较 {n} 次，{end.zh}。")


def rests(record: Record) -> Text:
    """At which setting the verdict was reached, why at that one, and by which rule."""
    if len(record.settings) == 1:
        return rule(record)
    at = record.deciding or 0
    setting = setting_at(record, at)
    why = CLOSEST if record.verdict is Verdict.CONFIRMED else FIRST
    rests = Text(
        f"The verdict rests on setting {at + 1}, {setting.en}, {why.en}.",
        f"判定依据设置 {at + 1}（{setting.zh}），{why.zh}。",
    )
    return joined(rests, rule(record))


def rule(record: Record) -> Text:
    """Which zones the interval is clear of: that, or evidence that tells more, is the verdict."""
    if is_exact(record):
        why = {Verdict.REFUTED: ONE_FAILED, Verdict.UNDECIDED: TOO_FEW}
        return _because(record, why.get(record.verdict, NONE_FAILED))
    false = any(_meet(record.interval, zone) for zone in record.relation.false_zones)
    true = _meet(record.interval, record.relation.true_zone)
    clear = {(False, True): CLEAR_OF_FALSE, (True, False): CLEAR_OF_TRUE, (False, False): IN_GAP}
    rule = clear.get((false, true), CLEAR_OF_NONE)
    if rule is CLEAR_OF_NONE and record.verdict is not Verdict.UNDECIDED:
        rule = BY_EVIDENCE
    if _has_gap(record.relation):
        rule = Text(f"{rule.en}; {GAP.en}", f"{rule.zh}；{GAP.zh}")
    return _because(record, rule)


def _because(record: Record, why: Text) -> Text:
    verdict = words(record.verdict)
    return Text(f"{verdict.en[:1].upper()}{verdict.en[1:]}: {why.en}.", f"{verdict.zh}：{why.zh}。")


def is_exact(record: Record) -> bool:
    """Whether one comparison that fails refutes the sentence: no share of them is estimated."""
    return record.relation.test == "identity" and not parts_of(record)


def _has_gap(relation: Relation) -> bool:
    """Whether values lie between the zones: more than the rounding of one number."""
    if relation.true_zone is None:
        return False
    low, high = relation.true_zone
    return any(
        near is not None and end is not None and abs(near - end) > 1e-9
        for zone in relation.false_zones
        for near, end in ((zone[1], low), (zone[0], high))
    )


def _meet(found: Interval | None, zone: Interval | None) -> bool:
    """Whether an interval reaches into a zone; null is infinite, and a shared end is not enough."""
    if found is None or zone is None:
        return False
    (a, b), (c, d) = (
        (-math.inf if low is None else low, math.inf if high is None else high)
        for low, high in (found, zone)
    )
    return max(a, c) < min(b, d) or (a == b and c <= a <= d)


def parts_of(record: Record) -> Sequence[Part]:
    """The deciding setting's parts, for a sentence that has several."""
    return record.decisive.parts if record.decisive and record.confirm.needed else ()


def setting_at(record: Record, at: int) -> Text:
    """The setting with that index, in words."""
    return setting_text(record.settings[at].setting, functools.partial(setting_name, record))


def joined(first: Text, then: Text) -> Text:
    """Two sentences, one after the other."""
    return Text(f"{first.en} {then.en}", f"{first.zh}{then.zh}")
