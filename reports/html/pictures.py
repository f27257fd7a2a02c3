"""The pictures of one record: what was seen, then what it proves.

First what a reader asks for, the runs themselves: curves, dots, histograms, grids. Then what was
found at each setting or the interval against the zones, and the e-processes.
"""

import dataclasses
import functools
import math
import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup

from harness.records.covered import covered, percent
from harness.records.record import (
    Cells,
    Counts,
    Curves,
    Dots,
    Interval,
    Mark,
    Part,
    Record,
    Relation,
    Size,
)
from harness.statistics.evidence import Verdict
from harness.text import Text
from reports.detail import FULL, Detail
from reports.html.picture_words import (
    axis_label,
    headed,
    lines_of,
    marks_of,
    of_part,
    setting_name,
    title_of,
    unit_of,
)
from reports.html.setting import listed, setting_text, told_apart
from reports.numbers import interval, number
from reports.svg.cells import cell_grid
from reports.svg.dots import HAPPENED, NOT, REPLICATE, asked, dots_plot, is_paired, limit
from reports.svg.element import Key, Picture
from reports.svg.histogram import counted_in, histogram
from reports.svg.lines import line_plot
from reports.svg.parts import parts_plot, parts_strip
from reports.svg.process import COUNTED, process_plot
from reports.svg.settings import ORDER, settings_plot
from reports.svg.zones import InZones, strip, zone_plot
from reports.words import words

OUTCOME = Text("it happened", "发生")  # what a record calls a replicate in which it did
OUTCOMES = Text(
    "Every replicate as a square, full where what is tested happened",
    "每次重复试验为一格，所检验的情形发生则填满",
)
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
BARS = Text("A bar counts the values of its range.", "每根柱的高度为落在其范围内的数值个数。")
OBSERVATIONS = Text("observations (number of values)", "观测（数值的个数）")
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
EPOCHS = re.compile(r"after (\d+)")
LONGEST_SETTING = 90  # characters that a caption takes in; a longer one stands in the note
MOST_PICTURES = 12  # of one claim; the records hold the rest


def strip_of(record: Record) -> Markup:
    """The small picture of the record's row; it repeats what the opened claim says, silently."""
    if parts := _parts(record):
        return parts_strip(parts, record.confirm.needed, True)
    return strip(_in_zones(record), True)


def pictures(record: Record, detail: Detail) -> list[Picture]:
    """Every picture of an opened claim, what was seen first."""
    drawn = [_curves(curves, record, detail) for curves in record.curves]
    drawn += [
        _told(dots_plot(dots, against=_is_to_be_rare(record)), record, [dots])
        for dots in record.dots
    ]
    drawn += [_told(_histogram(one, record, detail), record) for one in record.histograms]
    if detail is FULL:  # a page of thousands leaves them to the records
        drawn += [_cells(cells, record) for cells in record.grids]
    drawn = drawn[:MOST_PICTURES]
    proofs: list[Picture] = []
    parts = _parts(record)
    found = (
        _settings(record)
        if detail is FULL and (len(record.settings) > 1 or (parts and not drawn))
        else None
    )
    if parts:
        proofs.append(_told(parts_plot(parts, record.confirm.needed), record))
    elif found is None and (record.relation.true_zone or record.estimate is not None):
        proofs.append(_zones(record))
    proofs += _process(record, detail)
    over_settings = [] if found is None else [_alone(record, found, with_setting=False)]
    seen, proved = ([_alone(record, picture) for picture in some] for some in (drawn, proofs))
    return [*seen, *over_settings, *proved]


def _settings(record: Record) -> Picture | None:
    """What was found at each setting; of several parts, of the one that the verdict rests on."""
    name = record.relation.part
    if name is None:
        if _parts(record):
            return None
        found = [(one.estimate, one.interval) for one in record.settings]
    else:
        of_it = [next((p for p in one.parts if p.name == name), None) for one in record.settings]
        found = [(p.estimate, p.interval) if p else (None, None) for p in of_it]
    settings = [one.setting for one in record.settings]
    names, values_of = told_apart(settings, functools.partial(setting_name, record))
    if len(settings) == 1:
        names = []  # nothing sets it off from others
    drawn = settings_plot(
        found,
        record.relation.true_zone,
        record.relation.false_zones,
        of_part(record, unit_of(record)),
        record.deciding or 0,
        names=names,
        values_of=values_of,
        misses=math.exp(-record.confirm.needed) if record.interval else None,
        head=headed(record, unit_of(record)),
    )
    if drawn is None:
        return None
    note = _told_of(record)
    if record.sweep and len(settings) > 1:
        note = _joined(note, TRIED_FIRST)
    note = _joined(note, _rests(record))
    if drawn.x_label == ORDER and len(settings) > 1:
        note = _joined(note, listed(names, values_of))
    return dataclasses.replace(drawn, facts=_facts(record), note=note)


def _rests(record: Record) -> Text:
    """At which setting the verdict was reached, why at that one, and by which rule."""
    if len(record.settings) == 1:
        return _rule(record)
    at = record.deciding or 0
    setting = _setting(record, at)
    why = CLOSEST if record.verdict is Verdict.CONFIRMED else FIRST
    rests = Text(
        f"The verdict rests on setting {at + 1}, {setting.en}, {why.en}.",
        f"判定依据设置 {at + 1}（{setting.zh}），{why.zh}。",
    )
    return _joined(rests, _rule(record))


def _rule(record: Record) -> Text:
    """Which zones the interval is clear of: that, or evidence that tells more, is the verdict."""
    if _is_exact(record):
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


def _is_exact(record: Record) -> bool:
    """Whether one comparison that fails refutes the sentence: no share of them is estimated."""
    return record.relation.test == "identity" and not _parts(record)


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


def size_at(record: Record) -> Size | None:
    """The size of what is tested, if it is known for the setting that the verdict rests on."""
    if record.sizes and record.deciding == 0 and not _parts(record):
        first = record.sizes[0]
        return first if record.relation.test != "identity" and not first.compared else None
    return None


def _in_zones(record: Record) -> InZones:
    relation, known = record.relation, size_at(record) or record
    found = None if _is_exact(record) else known.interval
    return InZones(relation.true_zone, relation.false_zones, found, known.estimate, record.verdict)


def _parts(record: Record) -> Sequence[Part]:
    """The deciding setting's parts, for a sentence that has several."""
    return record.decisive.parts if record.decisive and record.confirm.needed else ()


def _zones(record: Record) -> Picture:
    unit = unit_of(record)
    name = headed(record, unit)
    its = words("its interval 95" if size_at(record) else "its interval")
    return Picture(
        svg=zone_plot(_in_zones(record)),
        caption=Text(
            f"{name.en}, as found, and where the sentence is true",
            f"测得的{name.zh}，与论断成立的区域",
        ),
        legend=[
            Key("e", words("estimate")),
            *([] if _is_exact(record) else [Key("i", its)]),
            Key("z", words("zone true")),
            Key("f", words("zone false")),
        ],
        facts=_facts(record),
        x_label=of_part(record, unit),
        note=_joined(_told_of(record), _rule(record)),
    )


def _facts(record: Record) -> list[tuple[Text, str]]:
    """The numbers of the deciding setting, and the zones."""
    relation, size = record.relation, size_at(record)
    return [
        *([(words("interval 95"), interval(size.interval, 3))] if size else []),
        (words("estimate"), number(size.estimate if size else record.estimate)),
        *([] if _is_exact(record) else [(words("interval decision"), interval(record.interval))]),
        (words("true zone"), interval(relation.true_zone)),
        (words("false zone"), " ∪ ".join(map(interval, relation.false_zones)) or "–"),
    ]


def _process(record: Record, detail: Detail) -> Iterator[Picture]:
    """Both e-processes, where there is one thing that they grow with.

    What is exact is decided by one comparison, and of parts that count different things each has
    evidence of its own: their bars show it.
    """
    trial, test = record.decisive, record.relation.test
    if trial is None or not trial.trajectory or test == "identity":
        return
    events = test == "bernoulli"
    if trial.parts and not (events and trial.trajectory[-1][0] == trial.observations):
        return
    counted = COUNTED if events else OBSERVATIONS
    needed = record.confirm.needed, record.refute.needed
    yield _told(process_plot(trial.trajectory, *needed, detail, counted), record, record.dots)


def _curves(curves: Curves, record: Record, detail: Detail) -> Picture:
    compared = {float(n) for one in record.dots for n in EPOCHS.findall(_sides(one))}
    return line_plot(
        title_of(curves.title, curves.y_label),
        curves.x,
        lines_of(curves.series),
        marks=marks_of(curves.marks),
        log_y=curves.log_y,
        # Records of older versions do not say it; of each replicate's sides they have as many.
        replicates=curves.replicates or next((len(one.x) for one in record.dots), None),
        paired=any(map(is_paired, record.dots)),
        compared=sorted(compared) if curves.x_label.en == "epoch" else (),
        x_label=axis_label(curves.x_label, curves.title),
        y_label=axis_label(curves.y_label, curves.title),
        detail=detail,
    )


def _sides(dots: Dots) -> str:
    return f"{dots.y_label.en} {dots.x_label.en}"


def _histogram(counted: Counts, record: Record, detail: Detail) -> Picture:
    drawn = histogram(
        title_of(counted.title, counted.x_label),
        counted.edges,
        counted.counts,
        marks=[*marks_of(counted.marks), *_threshold(counted, record)],
        x_label=axis_label(counted.x_label, counted.title),
        of_replicates=sum(counted.counts) == record.replicates,
        detail=detail,
    )
    return dataclasses.replace(drawn, note=BARS)


def _threshold(counted: Counts, record: Record) -> Iterator[Mark]:
    """Where the sentence begins to be true, where what is counted is one side over the other."""
    for dots in record.dots:
        pairs = list(zip(dots.y, dots.x, strict=True))
        if dots.margin or dots.factor in (0.0, 1.0) or not all(y and x for y, x in pairs):
            continue
        ratios = [(y or 0.0) / (x or 1.0) for y, x in pairs]
        if counted_in(ratios, counted.edges) == list(counted.counts):
            yield Mark(limit(dots), dots.factor)


def _cells(cells: Cells, record: Record) -> Picture:
    rows = [[cell == "1" for cell in row] for row in cells.rows]
    if cells.on == OUTCOME:
        drawn = cell_grid(OUTCOMES, rows, HAPPENED, NOT)
        return _told(dataclasses.replace(drawn, note=_replicate(record)), record)
    return cell_grid(cells.title, rows, cells.on, cells.off, cells.row_names)


def _told(drawn: Picture, record: Record, dots: Sequence[Dots] = ()) -> Picture:
    """The picture with what is tested of it, and what that asks of each replicate."""
    happens = list(filter(None, map(asked, dots)))
    note = _told_of(record)
    if happens:
        one = Text("; ".join(text.en for text in happens), "；".join(text.zh for text in happens))
        note = _joined(note, Text(f"It happens where {one.en}.", f"发生即：{one.zh}。"))
    if dots and drawn.facts:  # of the replicates themselves
        note = _joined(note, _replicate(record))
    note = _joined(note, drawn.note) if drawn.note else note
    return dataclasses.replace(drawn, note=note)


def _replicate(record: Record) -> Text:
    """What a replicate is, and how probable what happens in it has to be for a verdict."""
    asked_for = _asked_for(record)
    return REPLICATE if asked_for is None else _joined(REPLICATE, asked_for)


def _asked_for(record: Record) -> Text | None:
    relation = record.relation
    if relation.unit != "probability" or relation.true_zone is None or _parts(record):
        return None
    if len(relation.false_zones) != 1:
        return None
    (false_low, false_high), (true_low, true_high) = relation.false_zones[0], relation.true_zone
    rare = _is_to_be_rare(record)
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


def _is_to_be_rare(record: Record) -> bool:
    """Whether each replicate in which it happens speaks against the sentence."""
    zone = record.relation.true_zone
    return record.relation.unit == "probability" and bool(
        zone and zone[0] in (0.0, None) and zone[1] not in (1.0, None)
    )


def _told_of(record: Record) -> Text:
    """What is tested, and of a sentence about every instance what that is and what is ruled out."""
    tested = record.relation
    note = Text(f"Tested: {tested.en}.", f"检验：{tested.zh}。")
    instance = _instance(record)
    return note if instance is None else _joined(note, instance)


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
    if record.relation.test != "identity" or _parts(record) or trial is None:
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


def _joined(first: Text, then: Text) -> Text:
    return Text(f"{first.en} {then.en}", f"{first.zh}{then.zh}")


def _alone(record: Record, drawn: Picture, *, with_setting: bool = True) -> Picture:
    """The picture with its setting, its sentence and their condition, to be read alone."""
    at = record.deciding
    setting = None if at is None or not record.settings[at].setting else _setting(record, at)
    caption, note = drawn.caption, drawn.note
    if setting and with_setting and len(setting.en) <= LONGEST_SETTING:
        caption = Text(f"{caption.en} ({setting.en})", f"{caption.zh}（{setting.zh}）")
    elif setting and with_setting:
        told = Text(f"Setting: {setting.en}.", f"设置：{setting.zh}。")
        note = _joined(told, note) if note else told
    if record.condition:
        under = record.condition
        told = Text(f"Condition: {under.en}.", f"条件：{under.zh}。")
        note = _joined(told, note) if note else told
    sentence = record.sentence
    caption = Text(f"{caption.en} – “{sentence.en}”", f"{caption.zh}——“{sentence.zh}”")
    return dataclasses.replace(drawn, caption=caption, note=note)


def _setting(record: Record, at: int) -> Text:
    return setting_text(record.settings[at].setting, functools.partial(setting_name, record))
