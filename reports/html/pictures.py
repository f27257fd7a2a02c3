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

from harness.records.record import (
    Cells,
    Counts,
    Curves,
    Dots,
    Mark,
    Record,
    Size,
)
from harness.text import Text
from reports.detail import FULL, Detail
from reports.html.picture_notes import (
    TRIED_FIRST,
    agrees,
    how_often,
    is_everywhere,
    is_exact,
    is_to_be_rare,
    joined,
    measured_on,
    of_parts,
    of_replicates,
    outcome,
    parts_of,
    rests,
    rule,
    setting_at,
    sized,
    what_is_tested,
)
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
from reports.html.setting import listed, most_varied, told_apart
from reports.numbers import interval, number
from reports.svg.cells import cell_grid
from reports.svg.dots import HAPPENED, NOT, asked, dots_plot, is_paired, limit
from reports.svg.element import Key, Picture
from reports.svg.histogram import counted_in, histogram
from reports.svg.lines import line_plot
from reports.svg.parts import parts_plot, parts_strip
from reports.svg.process import COUNTED, process_plot
from reports.svg.settings import ORDER, settings_plot, verdicts_interval
from reports.svg.zones import BEYOND, InZones, beyond, is_beyond, shows_interval, strip, zone_plot
from reports.words import words

OUTCOME = Text("it happened", "发生")  # what a record calls a replicate in which it did
OUTCOMES = Text(
    "Every replicate as a square, full where what is tested happened",
    "每次重复试验为一格，所检验的情形发生则填满",
)
BARS = Text("A bar counts the values of its range.", "每根柱的高度为落在其范围内的数值个数。")
LARGEST = Text("largest estimate of all settings", "所有设置中最大的估计值")
ELSEWHERE = Text("The other settings are not drawn.", "其他设置未画出。")
OBSERVATIONS = Text("observations (number of values)", "观测（数值的个数）")
EPOCHS = re.compile(r"after (\d+)")
BOUND = re.compile(r"\|(.+)\| < (ln )?([\d.]+)")  # a formula that bounds the size of something
LONGEST_SETTING = 90  # characters that a caption takes in; a longer one stands in the note
MOST_PICTURES = 12  # of one claim; the records hold the rest


def strip_of(record: Record) -> Markup:
    """The small picture of the record's row; it repeats what the opened claim says, silently."""
    if parts := parts_of(record):
        return parts_strip(parts, record.confirm.needed, True)
    return strip(_in_zones(record), True)


def pictures(record: Record, detail: Detail) -> list[Picture]:
    """Every picture of an opened claim, what was seen first."""
    drawn = [_told(_curves(curves, record, detail), record) for curves in record.curves]
    drawn += [
        _told(dots_plot(dots, against=is_to_be_rare(record)), record, [dots])
        for dots in record.dots
    ]
    drawn += [_told(_histogram(one, record, detail), record) for one in record.histograms]
    if detail is FULL:  # a page of thousands leaves them to the records
        drawn += [_cells(cells, record) for cells in record.grids]
    drawn = drawn[:MOST_PICTURES]
    proofs: list[Picture] = []
    parts = parts_of(record)
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
    exact = is_exact(record)
    if name is None:
        if parts_of(record):
            return None
        found = [(one.estimate, None if exact else one.interval) for one in record.settings]
    else:
        of_it = [next((p for p in one.parts if p.name == name), None) for one in record.settings]
        found = [(p.estimate, p.interval) if p else (None, None) for p in of_it]
    settings = [one.setting for one in record.settings]
    name_of = functools.partial(setting_name, record)
    names, values_of = told_apart(settings, name_of)
    varied = most_varied(settings, name_of)
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
        misses=_misses(record),
        head=headed(record, unit_of(record)),
        everywhere=is_everywhere(record),
    )
    if drawn is None:
        return None
    said: list[Text | None] = [
        TRIED_FIRST if record.sweep and len(settings) > 1 else None,
        of_parts(record),
        rests(record),
        measured_on(record),
        listed(names, values_of, varied) if drawn.x_label == ORDER and len(settings) > 1 else None,
    ]
    note = functools.reduce(joined, filter(None, said), what_is_tested(record))
    return dataclasses.replace(drawn, facts=_facts(record), note=note)


def _misses(record: Record) -> float | None:
    """How probable it is at most that the verdict's interval misses its value."""
    return math.exp(-record.confirm.needed) if record.interval else None


def size_at(record: Record) -> Size | None:
    """The size of what is tested, where it is of the setting and the draws of the verdict."""
    size = sized(record)
    return size if size and agrees(size, record) else None


def _in_zones(record: Record) -> InZones:
    relation, known = record.relation, size_at(record) or record
    found = None if is_exact(record) else known.interval
    return InZones(relation.true_zone, relation.false_zones, found, known.estimate, record.verdict)


def _zones(record: Record) -> Picture:
    unit = unit_of(record)
    name = headed(record, unit)
    its = words("interval 95") if size_at(record) else verdicts_interval(_misses(record))
    drawn = _in_zones(record)
    further = beyond(drawn)
    note = functools.reduce(
        joined,
        filter(None, [further, how_often(record), rule(record), measured_on(record)]),
        what_is_tested(record),
    )
    return Picture(
        svg=zone_plot(drawn),
        caption=Text(
            f"{name.en}, as found, and where the sentence is true",
            f"测得的{name.zh}，与论断成立的区域",
        ),
        legend=[
            *([] if is_beyond(drawn) else [Key("e", words("estimate"))]),
            *([Key("i", its)] if shows_interval(drawn) else []),
            *([Key("w", BEYOND)] if further else []),
            Key("z", words("zone true")),
            Key("f", words("zone false")),
        ],
        facts=_facts(record),
        x_label=of_part(record, unit),
        note=note,
    )


def _facts(record: Record) -> list[tuple[Text, str]]:
    """The numbers of the deciding setting, and the zones."""
    relation, size = record.relation, size_at(record)
    name, estimate = words("estimate"), record.estimate
    of = words("interval 95")
    if size:
        name, of, estimate = counted_on(name, size), counted_on(of, size), size.estimate
    if len(record.settings) > 1 and is_everywhere(record):
        name = LARGEST
        estimate = max(one.estimate or 0.0 for one in record.settings)
    its = verdicts_interval(_misses(record))
    return [
        *([(of, interval(size.interval, 3))] if size else []),
        (name, number(estimate)),
        *([] if is_exact(record) else [(its, interval(record.interval))]),
        (words("true zone"), interval(relation.true_zone)),
        (words("false zone"), " ∪ ".join(map(interval, relation.false_zones)) or "–"),
    ]


def counted_on(name: Text, size: Size) -> Text:
    """What a size is called: more observations than the verdict's stand behind it."""
    return Text(
        f"{name.en}, measured on after the verdict to n = {size.observations:,}",
        f"{name.zh}（判定之后继续测量至 n = {size.observations:,}）",
    )


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
    """Where the sentence begins to be true: of a bounded size, or of one side over the other."""
    bound = BOUND.fullmatch(record.formula or "")
    if bound and bound[1] == counted.x_label.en:
        end = math.log(float(bound[3])) if bound[2] else float(bound[3])
        for sign, value in (("−", -end), ("", end)):
            at = f"{sign}{bound[2] or ''}{bound[3]}"
            yield Mark(Text(f"limit of the test: {at}", f"检验的界限：{at}"), value)
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
        return _told(dataclasses.replace(drawn, note=of_replicates(record)), record)
    return _told(cell_grid(cells.title, rows, cells.on, cells.off, cells.row_names), record)


def _told(drawn: Picture, record: Record, dots: Sequence[Dots] = ()) -> Picture:
    """The picture with what is tested of it, and what that asks of each replicate."""
    happens = list(filter(None, map(asked, dots)))
    note = what_is_tested(record)
    if happens:
        one = Text("; ".join(text.en for text in happens), "；".join(text.zh for text in happens))
        note = joined(note, Text(f"It happens where {one.en}.", f"发生即：{one.zh}。"))
    if dots and drawn.facts:  # of the replicates themselves
        note = joined(note, of_replicates(record))
    said = [None if dots else how_often(record), outcome(record), drawn.note]
    return dataclasses.replace(drawn, note=functools.reduce(joined, filter(None, said), note))


def _alone(record: Record, drawn: Picture, *, with_setting: bool = True) -> Picture:
    """The picture with its setting, its sentence and their condition, to be read alone."""
    at = record.deciding
    setting = None if at is None or not record.settings[at].setting else setting_at(record, at)
    caption, note, many = drawn.caption, drawn.note, len(record.settings)
    of, of_zh = "", ""
    if setting and with_setting and at is not None and many > 1:
        of, of_zh = f"setting {at + 1} of {many}: ", f"{many} 个设置中的第 {at + 1} 个："
        note = joined(ELSEWHERE, note) if note else ELSEWHERE
    if setting and with_setting and len(setting.en) <= LONGEST_SETTING:
        caption = Text(f"{caption.en} ({of}{setting.en})", f"{caption.zh}（{of_zh}{setting.zh}）")
    elif setting and with_setting:
        of, of_zh = of or "setting: ", of_zh or "设置："
        told = Text(f"{of.capitalize()}{setting.en}.", f"{of_zh}{setting.zh}。")
        note = joined(told, note) if note else told
    if record.condition:
        under = record.condition
        told = Text(f"Condition: {under.en}.", f"条件：{under.zh}。")
        note = joined(told, note) if note else told
    sentence = record.sentence
    caption = Text(f"{caption.en} – “{sentence.en}”", f"{caption.zh}——“{sentence.zh}”")
    return dataclasses.replace(drawn, caption=caption, note=note)
