"""What stands under a record's pictures: what is tested, by which rule it was decided, on what.

A note says what a drawing does not, so that picture and caption can be read without their page.
"""

import functools
import math
from collections.abc import Sequence

from harness.records.covered import HOLDS, covered, percent
from harness.records.record import Interval, Part, Record, Relation, Size
from harness.statistics.evidence import Verdict
from harness.text import Text
from reports.html.picture_words import plain, setting_name, stated
from reports.html.setting import setting_text
from reports.numbers import interval, number
from reports.svg.dots import REPLICATE
from reports.words import words

CLOSEST = Text("which came closest to failing by its evidence", "按证据，它最接近不成立")
FIRST = Text("the first with this outcome", "它最先有此结果")
FIRST_FAILED = Text("the first at which a comparison failed", "它最先有一次比较不成立")
EVERY_SETTING = Text("The verdict rests on every setting shown.", "判定依据所示的每个设置。")
CLEAR_OF_FALSE = Text(
    "the verdict's interval is clear of where the sentence is false",
    "判定所用的区间不触及论断不成立的区域",
)
CLEAR_OF_TRUE = Text(
    "the verdict's interval is clear of where the sentence is true",
    "判定所用的区间不触及论断成立的区域",
)
GAP = Text(
    "values between the zones are in neither, as there a test may answer either way",
    "两区域之间的值两者都不算，检验在该处可能给出任一结果",
)
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
OF_PARTS = {
    Verdict.CONFIRMED: Text("every part does", "各部分都成立"),
    Verdict.REFUTED: Text("a part is", "有一部分被推翻"),
}
NOT_EVERY_PART = Text("not every part is settled", "并非各部分都已判定")
TRIED_FIRST = Text(
    "The settings shown are tried first; the instances are drawn besides.",
    "所示的设置先行检验，实例另行抽取。",
)

MOST_PARTS = 6  # besides the one that is shown


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
        n, share, rate = f"{sweep.instances:,}", percent(sweep.share), number(record.alpha, 1)
        return Text(
            f"{one.en}: of {n} none failed, which rules out, at the verdict's "
            f"error rate of {rate}, that {share.en} of them or more fail.",
            f"{one.zh}：{n} 个无一不成立，这在判定所用的错误率 {rate} 下"
            f"排除了 {share.zh} 或更多的实例不成立。",
        )
    told = covered(record)
    return told and Text(f"{one.en}: {told.en}.", f"{one.zh}：{told.zh}。")


def _compared(record: Record) -> Text | None:
    """How many comparisons an exact test made: at the setting at which one failed, else at all."""
    trial = record.decisive
    if not is_exact(record) or trial is None:
        return None
    failed, many_settings = trial.refute is None, len(record.settings) > 1
    made = trial.observations if failed else sum(one.observations for one in record.settings)
    at = Text("in all", "共")
    if many_settings and failed:
        at = Text("at the setting that the verdict rests on", "在判定所依据的设置下")
    elif many_settings:
        at = Text("at all the settings", "在所有设置下共")
    end = (
        Text("at least one failed", "至少有一次不成立")
        if failed
        else Text("none failed", "无一不成立")
    )
    many = "comparison was" if made == 1 else "comparisons were"
    return Text(f"{made:,} {many} made {at.en}, {end.en}.", f"{at.zh}比较 {made:,} 次，{end.zh}。")


def rests(record: Record) -> Text:
    """At which setting the verdict was reached, why at that one, and by which rule."""
    if len(record.settings) == 1:
        return rule(record)
    if is_everywhere(record):
        return joined(EVERY_SETTING, rule(record))
    at = record.deciding or 0
    setting = setting_at(record, at)
    why = CLOSEST if record.verdict is Verdict.CONFIRMED else FIRST
    if is_exact(record):
        why = FIRST_FAILED
    rests = Text(
        f"The verdict rests on setting {at + 1}, {setting.en}, {why.en}.",
        f"判定依据设置 {at + 1}（{setting.zh}），{why.zh}。",
    )
    return joined(rests, rule(record))


def outcome(record: Record) -> Text:
    """The verdict and why: of a sentence with several parts, what they come to."""
    if not parts_of(record):
        return rule(record, gap=False)
    return _because(record, OF_PARTS.get(record.verdict, NOT_EVERY_PART))


def rule(record: Record, *, gap: bool = True) -> Text:
    """Which zones the interval is clear of: that, or evidence that tells more, is the verdict.

    Of the `gap` between them a picture that shows it says what it is.
    """
    if is_exact(record):
        why = {Verdict.REFUTED: ONE_FAILED, Verdict.UNDECIDED: TOO_FEW}
        return _because(record, why.get(record.verdict, NONE_FAILED))
    false = any(_meet(record.interval, zone) for zone in record.relation.false_zones)
    true = _meet(record.interval, record.relation.true_zone)
    clear = {(False, True): CLEAR_OF_FALSE, (True, False): CLEAR_OF_TRUE, (False, False): IN_GAP}
    rule = clear.get((false, true), CLEAR_OF_NONE)
    if rule is CLEAR_OF_NONE and record.verdict is not Verdict.UNDECIDED:
        rule = BY_EVIDENCE
    if gap and _has_gap(record.relation):
        rule = Text(f"{rule.en}; {GAP.en}", f"{rule.zh}；{GAP.zh}")
    return _because(record, rule)


def _because(record: Record, why: Text) -> Text:
    verdict = words(record.verdict)
    return Text(f"{verdict.en[:1].upper()}{verdict.en[1:]}: {why.en}.", f"{verdict.zh}：{why.zh}。")


def how_often(record: Record) -> Text | None:
    """In how many replicates what is tested happened, where the estimate is a share of them."""
    trial = record.decisive
    if record.relation.test != "bernoulli" or trial is None or parts_of(record):
        return None
    times, n = (trial.estimate or 0.0) * trial.observations, trial.observations
    if abs(times - round(times)) > 1e-6:
        return None
    return Text(
        f"It happened in {round(times)} of {n:,} replicates.",
        f"{n:,} 次重复试验中发生 {round(times)} 次。",
    )


def of_parts(record: Record) -> Text | None:
    """Which of several parts is shown and why that one, and what each other one came to."""
    name, parts = record.relation.part, parts_of(record)
    part = next((one for one in parts if one.name == name), None)
    if part is None or len(parts) == 1:
        return None
    shown, why = plain(part.name), Text("", "")
    if record.verdict in HOLDS and _nats(part) == min(map(_nats, parts)):
        why = Text(", the closest to failing by its evidence", "，按证据最接近不成立")
    n = record.decisive.observations if record.decisive else 0
    many = Text("", "")
    if record.relation.test == "bernoulli":
        many = Text(f", of {n:,} replicates", f"，共 {n:,} 次重复试验")
    others = [_came_to(one, record) for one in parts if one is not part]
    told, left = others[:MOST_PARTS], len(others) - MOST_PARTS
    if left > 0:
        told.append(Text(f"{left} more below", f"其余 {left} 个见下"))
    return Text(
        f"Shown is the part “{shown.en}”{why.en}{many.en}. "
        f"The other parts: {'; '.join(one.en for one in told)}.",
        f"所示为“{shown.zh}”部分{why.zh}{many.zh}。其他部分：{'；'.join(one.zh for one in told)}。",
    )


def _came_to(part: Part, record: Record) -> Text:
    """A part's estimate, its interval unless it is one number, and its own verdict."""
    name, found = plain(part.name), number(part.estimate)
    if part.interval is not None and part.interval[0] != part.interval[1]:
        found += f" {interval(part.interval)}"
    verdict = Verdict.UNDECIDED
    if _nats(part) >= record.confirm.needed:
        verdict = Verdict.CONFIRMED
    elif part.refute is None or part.refute >= record.refute.needed:
        verdict = Verdict.REFUTED
    its = words(verdict)
    return Text(f"{name.en} {found}, {its.en}", f"{name.zh} {found}，{its.zh}")


def _nats(part: Part) -> float:
    """The evidence for a part; null is infinite."""
    return math.inf if part.confirm is None else part.confirm


def measured_on(record: Record) -> Text | None:
    """What was measured on after the verdict, where it left the verdict's interval."""
    size = sized(record)
    if size is None or agrees(size, record):
        return None
    n = f"{size.observations:,}"
    found = f"{number(size.estimate)} {interval(size.interval, 3)}"
    return Text(
        f"Measured on after the verdict, over {n} observations, it came to {found} (95 %), outside "
        "the verdict's interval. That is hardly possible unless many observations share a draw, "
        "such as one net: then the interval is of what was drawn until the verdict.",
        f"判定之后继续测量，{n} 个观测给出 {found}（95%），位于判定所用的区间之外。"
        "除非许多观测共用一次抽取（如同一网络），否则几乎不可能；此时该区间只针对判定之前所抽取的。",
    )


def sized(record: Record) -> Size | None:
    """The size of what is tested, if it is known for the setting that the verdict rests on."""
    if record.sizes and record.deciding == 0 and not parts_of(record):
        first = record.sizes[0]
        return first if record.relation.test != "identity" and not first.compared else None
    return None


def agrees(size: Size, record: Record) -> bool:
    """Whether what was measured on lies in the verdict's interval: it may be of other draws."""
    return record.interval is None or _meet((size.estimate, size.estimate), record.interval)


def is_everywhere(record: Record) -> bool:
    """Whether the verdict rests on all the settings alike: none of their comparisons failed."""
    return is_exact(record) and record.verdict is not Verdict.REFUTED


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
