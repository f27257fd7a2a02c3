"""The pictures of one record: what was seen, then what it proves.

First what a reader asks for, the runs themselves: curves, dots, histograms, grids. Then what was
found at each setting or the interval against the zones, and the e-processes.
"""

import dataclasses
import math
import re
from collections.abc import Iterator, Sequence

from markupsafe import Markup

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
from harness.text import Text, named
from reports.detail import FULL, Detail
from reports.html.setting import listed, setting_text, told_apart
from reports.numbers import interval, number
from reports.svg.cells import cell_grid
from reports.svg.dots import HAPPENED, NOT, asked, dots_plot
from reports.svg.element import UNIT, Key, Picture, quantity
from reports.svg.histogram import counted_in, histogram
from reports.svg.lines import line_plot
from reports.svg.parts import parts_plot, parts_strip
from reports.svg.process import process_plot
from reports.svg.settings import ORDER, settings_plot
from reports.svg.zones import InZones, strip, zone_plot
from reports.words import all_words, words

OUTCOME = Text("it happened", "发生")  # what a record calls a replicate in which it did
OUTCOMES = Text(
    "Every replicate, whether what is tested happened", "每次重复试验中所检验的情形是否发生"
)
ZONES = [
    Key("e", words("estimate")),
    Key("i", words("its interval")),
    Key("z", words("zone true")),
    Key("f", words("zone false")),
]
CLOSEST = Text("which came closest to failing", "它最接近不成立")
FIRST = Text("the first with this outcome", "它最先有此结果")
CLEAR_OF_FALSE = Text(
    "the interval is clear of where the sentence is false", "区间不触及论断不成立的区域"
)
CLEAR_OF_TRUE = Text(
    "the interval is clear of where the sentence is true", "区间不触及论断成立的区域"
)
ASKED_FOR = Text("the limit of what is tested", "检验的界限")
GAP = Text("values between the zones count as neither", "两区域之间的值两者都不算")
IN_GAP = Text("the interval lies in the gap between the zones", "区间位于两区域之间的空隙")
CLEAR_OF_NONE = Text("the interval reaches into both zones", "区间触及两个区域")
BY_EVIDENCE = Text(
    "though the interval reaches into both zones, the evidence, which tells more, excludes one",
    "区间虽触及两个区域，更精细的证据已排除其一",
)
EPOCHS = re.compile(r"after (\d+)")
LONGEST_SETTING = 72  # characters that a caption takes in
MOST_PICTURES = 12  # of one claim; the records hold the rest


def strip_of(record: Record) -> Markup:
    """The small picture of the record's row; it repeats what the opened claim says, silently."""
    if parts := _parts(record):
        return parts_strip(parts, record.confirm.needed, True)
    return strip(_in_zones(record), True)


def pictures(record: Record, detail: Detail) -> list[Picture]:
    """Every picture of an opened claim, what was seen first."""
    drawn = [_curves(curves, record, detail) for curves in record.curves]
    drawn += [_told(dots_plot(dots), record, [dots]) for dots in record.dots]
    drawn += [_told(_histogram(one, record, detail), record) for one in record.histograms]
    if detail is FULL:  # a page of thousands leaves them to the records
        drawn += [_cells(cells, record) for cells in record.grids]
    drawn = [_of_data(record, picture) for picture in drawn[:MOST_PICTURES]]
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
    one = [_of_proof(record, picture, _at_setting(picture.caption, record)) for picture in proofs]
    return [*drawn, *([] if found is None else [_of_proof(record, found, found.caption)]), *one]


def _settings(record: Record) -> Picture | None:
    """What was found at each setting; of several parts, of the one that the verdict rests on."""
    name, unit = record.relation.part, unit_of(record)
    if name is None:
        if _parts(record):
            return None
        found = [(one.estimate, one.interval) for one in record.settings]
    else:
        part = named(name)
        unit = Text(f"{part.en}: {unit.en}", f"{part.zh}：{unit.zh}")
        of_it = [next((p for p in one.parts if p.name == name), None) for one in record.settings]
        found = [(p.estimate, p.interval) if p else (None, None) for p in of_it]
    settings = [one.setting for one in record.settings]
    names, values_of = told_apart(settings)
    drawn = settings_plot(
        found,
        record.relation.true_zone,
        record.relation.false_zones,
        unit,
        record.deciding or 0,
        names=names,
        values_of=values_of,
        misses=math.exp(-record.confirm.needed) if record.interval else None,
    )
    if drawn is None:
        return None
    note = _rests(record)
    if drawn.x_label == ORDER and len(settings) > 1:
        note = _joined(note, listed(names, values_of))
    return dataclasses.replace(drawn, facts=_facts(record), note=note)


def _rests(record: Record) -> Text:
    """At which setting the verdict was reached, why at that one, and by which rule."""
    if len(record.settings) == 1:
        return _rule(record)
    at = record.deciding or 0
    setting = setting_text(record.settings[at].setting)
    why = CLOSEST if record.verdict is Verdict.CONFIRMED else FIRST
    rests = Text(
        f"The verdict rests on setting {at + 1}, {setting.en}, {why.en}.",
        f"判定依据设置 {at + 1}（{setting.zh}），{why.zh}。",
    )
    return _joined(rests, _rule(record))


def _rule(record: Record) -> Text:
    """Which zones the interval is clear of: that, or evidence that tells more, is the verdict."""
    false = any(_meet(record.interval, zone) for zone in record.relation.false_zones)
    true = _meet(record.interval, record.relation.true_zone)
    clear = {(False, True): CLEAR_OF_FALSE, (True, False): CLEAR_OF_TRUE, (False, False): IN_GAP}
    rule, verdict = clear.get((false, true), CLEAR_OF_NONE), words(record.verdict)
    if rule is CLEAR_OF_NONE and record.verdict is not Verdict.UNDECIDED:
        rule = BY_EVIDENCE
    if _has_gap(record.relation):
        rule = Text(f"{rule.en}; {GAP.en}", f"{rule.zh}；{GAP.zh}")
    return Text(
        f"{verdict.en[:1].upper()}{verdict.en[1:]}: {rule.en}.", f"{verdict.zh}：{rule.zh}。"
    )


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


def unit_of(record: Record) -> Text:
    """The name and unit of what is tested, as an axis has it."""
    unit, known = record.relation.unit, all_words()
    own = f"unit {unit} of {record.claim}"  # what a mean is of, which variance was stated
    keys = (f"{own} {record.relation.part}", own, f"unit {unit}")
    found = next((known[key] for key in keys if key in known), None)
    return found or _label(named(unit), words("estimate"))


def size_at(record: Record) -> Size | None:
    """The size of what is tested, if it is known for the setting that the verdict rests on."""
    if record.sizes and record.deciding == 0 and not _parts(record):
        first = record.sizes[0]
        return first if record.relation.test != "identity" and not first.compared else None
    return None


def _in_zones(record: Record) -> InZones:
    relation, known = record.relation, size_at(record) or record
    return InZones(
        relation.true_zone, relation.false_zones, known.interval, known.estimate, record.verdict
    )


def _parts(record: Record) -> Sequence[Part]:
    """The deciding setting's parts, for a sentence that has several."""
    return record.decisive.parts if record.decisive and record.confirm.needed else ()


def _zones(record: Record) -> Picture:
    unit = unit_of(record)
    name = quantity(unit)
    return Picture(
        svg=zone_plot(_in_zones(record)),
        caption=Text(
            f"{name.en[:1].upper()}{name.en[1:]} found, and where the sentence is true",
            f"测得的{name.zh}与论断成立的区域",
        ),
        legend=ZONES,
        facts=_facts(record),
        x_label=unit,
        note=_rule(record),
    )


def _facts(record: Record) -> list[tuple[Text, str]]:
    """The numbers of the deciding setting, and the zones."""
    relation, size = record.relation, size_at(record)
    return [
        *([(words("interval 95"), interval(size.interval, 3))] if size else []),
        (words("estimate"), number(size.estimate if size else record.estimate)),
        (words("interval decision"), interval(record.interval)),
        (words("true zone"), interval(relation.true_zone)),
        (words("false zone"), " ∪ ".join(map(interval, relation.false_zones)) or "–"),
    ]


def _process(record: Record, detail: Detail) -> Iterator[Picture]:
    if record.decisive is not None and record.decisive.trajectory:
        steps = record.decisive.trajectory
        drawn = process_plot(steps, record.confirm.needed, record.refute.needed, detail)
        yield _told(drawn, record, record.dots)


def _curves(curves: Curves, record: Record, detail: Detail) -> Picture:
    compared = {float(n) for one in record.dots for n in EPOCHS.findall(_sides(one))}
    return line_plot(
        all_words().get(f"title {curves.y_label.en}", curves.title),
        curves.x,
        curves.series,
        marks=curves.marks,
        log_y=curves.log_y,
        # A claim whose event is one of whole replicates has as many curves.
        replicates=record.replicates if record.dots else None,
        compared=sorted(compared) if curves.x_label.en == "epoch" else (),
        x_label=_label(curves.x_label, curves.title),
        y_label=_label(curves.y_label, curves.title),
        detail=detail,
    )


def _sides(dots: Dots) -> str:
    return f"{dots.y_label.en} {dots.x_label.en}"


def _histogram(counted: Counts, record: Record, detail: Detail) -> Picture:
    return histogram(
        counted.title,
        counted.edges,
        counted.counts,
        marks=[*counted.marks, *_threshold(counted, record)],
        x_label=_label(counted.x_label, counted.title),
        of_replicates=sum(counted.counts) == record.replicates,
        detail=detail,
    )


def _threshold(counted: Counts, record: Record) -> Iterator[Mark]:
    """Where the sentence begins to be true, where what is counted is one side over the other."""
    for dots in record.dots:
        pairs = list(zip(dots.y, dots.x, strict=True))
        if dots.margin or dots.factor in (0.0, 1.0) or not all(y and x for y, x in pairs):
            continue
        ratios = [(y or 0.0) / (x or 1.0) for y, x in pairs]
        if counted_in(ratios, counted.edges) == list(counted.counts):
            yield Mark(ASKED_FOR, dots.factor)


def _cells(cells: Cells, record: Record) -> Picture:
    rows = [[cell == "1" for cell in row] for row in cells.rows]
    if cells.on == OUTCOME:
        return _told(cell_grid(OUTCOMES, rows, HAPPENED, NOT), record)
    return cell_grid(cells.title, rows, cells.on, cells.off, cells.row_names)


def _told(drawn: Picture, record: Record, dots: Sequence[Dots] = ()) -> Picture:
    """The picture with what is tested of it, and what that asks of each replicate."""
    tested, happens = record.relation, list(filter(None, map(asked, dots)))
    note = Text(f"Tested: {tested.en}.", f"检验：{tested.zh}。")
    if happens:
        one = Text("; ".join(text.en for text in happens), "；".join(text.zh for text in happens))
        note = _joined(note, Text(f"It happens where {one.en}.", f"发生即：{one.zh}。"))
    note = _joined(note, drawn.note) if drawn.note else note
    return dataclasses.replace(drawn, note=note)


def _joined(first: Text, then: Text) -> Text:
    return Text(f"{first.en} {then.en}", f"{first.zh}{then.zh}")


def _of_data(record: Record, drawn: Picture) -> Picture:
    """The picture with its setting in the caption and the sentence below, to be read alone."""
    if drawn.caption == OUTCOMES:  # that it happened says nothing without the sentence
        return _of_proof(record, drawn, _at_setting(drawn.caption, record))
    sentence = record.sentence
    told = Text(f"The sentence: {sentence.en}", f"论断：{sentence.zh}")
    if record.condition:
        told = Text(f"{told.en}; {record.condition.en}", f"{told.zh}；{record.condition.zh}")
    note = Text(f"{told.en}.", f"{told.zh}。")
    note = _joined(note, drawn.note) if drawn.note else note
    return dataclasses.replace(drawn, note=note, caption=_at_setting(drawn.caption, record))


def _of_proof(record: Record, drawn: Picture, caption: Text) -> Picture:
    """The picture with the sentence behind its caption: what is drawn is its number or evidence."""
    sentence = record.sentence
    caption = Text(f"{caption.en}: {sentence.en}", f"{caption.zh}：{sentence.zh}")
    return dataclasses.replace(drawn, caption=caption)


def _at_setting(caption: Text, record: Record) -> Text:
    """The caption with the setting that the verdict rests on, unless that is too long."""
    if record.decisive and record.decisive.setting:
        setting = setting_text(record.decisive.setting)
        if len(setting.en) <= LONGEST_SETTING:
            return Text(f"{caption.en} ({setting.en})", f"{caption.zh}（{setting.zh}）")
    return caption


def _label(label: Text, title: Text) -> Text:
    """The label of an axis with its unit: what a claim leaves out words.tsv adds, by its name."""
    name = label if label.en else title
    if known := all_words().get(f"axis {name.en}"):
        return known
    return name if UNIT.search(name.en) else Text(f"{name.en} (pure number)", f"{name.zh}（纯数）")
