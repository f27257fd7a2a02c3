"""What the pictures call things: words in place of code's names, composed from what a record has.

`words.tsv` has them by kind: `title`, `line` and `mark` by the English text of a claim's exhibit,
`argument` by its name, `unit` by the relation's. A line `... of ID` is of one claim, or
of all whose id begins with it up to a dot.
"""

import itertools
import re
from collections.abc import Iterable

from harness.records.record import Mark, Record, Series
from harness.text import Text, named
from reports.svg.element import UNIT, quantity
from reports.words import all_words, words

RUNS = "From epoch to epoch: "  # how the harness heads the training that it adds
BOTH_SIDES = "both sides are equal"
INSIDE_A_LAW = "the printed figure is inside"
EVENT = re.compile(r"(.*?) happens with probability ")
EVENT_ZH = re.compile("(.*?)的概率[大小]于")
LAW = re.compile(r"the distribution is (.*) within a Kolmogorov distance")
LAW_ZH = re.compile("服从(.*)（Kolmogorov 距离")
SAYS = Text("what the sentence says", "句中所述情形发生")
UNSAID = (
    SAYS,
    Text("it", "该事件"),
    Text("it", ""),
)  # how words begin that leave it to the sentence
PROBABLE = re.compile(r"P\((.*?)\) > [\d./]+")  # of a formula, what is tested of the event within
LONGEST_EVENT = 70  # characters of a formula that an axis takes in
BELOW = Text("what the formula below says", "下方公式所述情形发生")
PART = Text("its part of the formula", "公式中该部分所述情形发生")
PART_BELOW = Text(f"{PART.en} below", f"下方{PART.zh}")
TAILS = {
    "below": Text("a replicate at or below the printed figure", "一次重复试验不超过书中数值"),
    "above": Text("a replicate at or above the printed figure", "一次重复试验不低于书中数值"),
}


def plain(name: str) -> Text:
    """A name out of code as words."""
    found = named(name)
    return Text(found.en.replace("_", " "), found.zh.replace("_", " "))


def setting_name(record: Record, name: str) -> Text:
    """What an argument of the claim's experiment is, with the chapter's symbol for it."""
    known = all_words()
    keys = argument_keys(record.claim, name)
    return next((known[key] for key in keys if key in known), plain(name))


def argument_keys(claim: str, name: str) -> list[str]:
    """The lines that may have an argument's words, the narrowest first."""
    stems = itertools.accumulate(claim.split("."), lambda stem, end: f"{stem}.{end}")
    return [*reversed([f"argument {name} of {stem}" for stem in stems]), f"argument {name}"]


def title_of(title: Text, axis: Text) -> Text:
    """The title of a claim's exhibit, such that it can be read without the others of its page."""
    known = all_words()
    for key in (f"title {axis.en}", f"title {title.en}"):
        if key in known:
            return known[key]
    if title.en.startswith(RUNS):
        run, run_zh = title.en.removeprefix(RUNS), title.zh.partition("：")[2]
        comma = "," if "," in run else ""
        return Text(f"{capital(run)}{comma} over the epochs", f"{run_zh}随轮数的变化")
    return title


def lines_of(series: Iterable[Series]) -> list[Series]:
    """The lines of a picture under their names in words."""
    return [
        Series(all_words().get(f"line {one.name.en}", one.name), one.middle, one.low, one.high)
        for one in series
    ]


def marks_of(marks: Iterable[Mark]) -> list[Mark]:
    """The marks of a picture under their names in words."""
    return [Mark(all_words().get(f"mark {one.name.en}", one.name), one.value) for one in marks]


def unit_of(record: Record) -> Text:
    """The name and unit of what is tested, as an axis has it."""
    unit, known, tested = record.relation.unit, all_words(), tested_of(record)
    keys = list(_own(record))
    if unit == "error / bound" and BOTH_SIDES in tested.en:
        keys.append("unit both sides")
    elif unit == "error / bound" and record.formula:
        keys.append("unit formula" if record.relation.part is None else "unit formula part")
    if found := next((known[key] for key in keys if key in known), None):
        return found
    if unit == "probability":
        return _probability(record, tested)
    law, law_zh = LAW.search(tested.en), LAW_ZH.search(tested.zh)
    if unit == "Kolmogorov distance" and law and law_zh:
        return Text(
            f"Kolmogorov distance to the law: {law[1]} (difference of probabilities)",
            f"与所述分布的 Kolmogorov 距离：{law_zh[1].strip()}（概率之差）",
        )
    return known.get(f"unit {unit}") or _pure(named(unit) if unit else words("estimate"))


def _own(record: Record) -> tuple[str, str]:
    """The keys of the claim's own words: what a mean is of, which variance was stated."""
    own = f"unit {record.relation.unit} of {record.claim}"
    return f"{own} {record.relation.part}", own


def tested_of(record: Record) -> Text:
    """What is tested, in words; of several parts, of the one that the numbers are of."""
    tested, part = record.relation.words, record.relation.part
    if part is None:
        return tested
    name = plain(part)
    return Text(
        _part(tested.en, "; and ", f"{name.en}: "), _part(tested.zh, "；且", f"{name.zh}：")
    )


def _part(told: str, between: str, name: str) -> str:
    found = (one for one in told.split(between) if one.startswith(name))
    return next(found, name + told).removeprefix(name)


def stated(record: Record) -> Text:
    """What is tested, with the formula where its words leave to the sentence what that is."""
    tested, event = record.relation.words, _event_of(record)
    if event is None:
        return Text(f"{tested.en}.", f"{tested.zh}。")
    for subject in UNSAID:
        if tested.en.startswith(f"{subject.en} ") and tested.zh.startswith(subject.zh):
            en, zh = tested.en.removeprefix(subject.en), tested.zh.removeprefix(subject.zh)
            return Text(f"“{event.en}”{en}.", f"“{event.zh}”{zh}。")
    if record.relation.unit == "probability" and record.relation.part is None:
        return Text(f"{tested.en}.", f"{tested.zh}。")  # the event has words
    formula = named(record.formula or "")
    en, zh = tested.en.replace(SAYS.en, PART.en), tested.zh.replace(SAYS.zh, PART.zh)
    return Text(f"{en}. Formula: {formula.en}.", f"{zh}。公式：{formula.zh}。")


def _event_of(record: Record) -> Text | None:
    """What happens or not, as a formula; of one that states a probability, what is within."""
    if not record.formula:
        return None
    formula = named(record.formula)
    return Text(PROBABLE.sub(r"\1", formula.en), PROBABLE.sub(r"\1", formula.zh))


def _probability(record: Record, tested: Text) -> Text:
    """The probability of the event that the relation names, else of what the formula says."""
    event, event_zh = EVENT.match(tested.en), EVENT_ZH.match(tested.zh)
    if INSIDE_A_LAW in record.relation.en:
        of = TAILS.get(record.relation.part or "", SAYS)
    elif event and event_zh and event[1] not in {subject.en for subject in UNSAID}:
        of = Text(event[1], event_zh[1])
    else:
        of = _unsaid(record)
    that = "" if of.en.startswith("that ") else "of "
    return Text(
        f"probability {that}{of.en} (share of replicates)", f"{of.zh}的概率（占重复试验的比例）"
    )


def _unsaid(record: Record) -> Text:
    """The event as a formula, or where the formula stands."""
    event = _event_of(record)
    if event is None:
        return SAYS
    if record.relation.part is not None:
        return PART_BELOW
    if max(len(event.en), len(event.zh)) > LONGEST_EVENT:
        return BELOW
    return Text(f"“{event.en}”", f"“{event.zh}”")


def axis_label(label: Text, title: Text) -> Text:
    """The label of an axis with its unit: what a claim leaves out words.tsv adds, by its name."""
    name, known = label if label.en else title, all_words()
    for key in (f"axis {name.en}", f"axis {name.en.partition(',')[0]}"):
        if key in known:
            return known[key]
    return name if UNIT.search(name.en) else _pure(name)


def _pure(name: Text) -> Text:
    return Text(f"{name.en} (pure number)", f"{name.zh}（纯数）")


def _part_of(record: Record) -> Text | None:
    """Which of several parts the numbers are of, unless the unit's own words say it."""
    part = record.relation.part
    return None if part is None or _own(record)[0] in all_words() else plain(part)


def of_part(record: Record, unit: Text) -> Text:
    """The unit with the part before it that the numbers are of, where there are several."""
    part = _part_of(record)
    if part is None:
        return unit
    return Text(f"{part.en}: {unit.en}", f"{part.zh}：{unit.zh}")


def headed(record: Record, unit: Text) -> Text:
    """The quantity as a title begins with it, and the part that it is of."""
    name = quantity(unit)
    part = _part_of(record)
    if part is None:
        return Text(capital(name.en), name.zh)
    return Text(f"{capital(name.en)}, for the part “{part.en}”", f"“{part.zh}”部分的{name.zh}")


def capital(text: str) -> str:
    """The text with a capital first letter, unless it begins with a symbol such as q_l."""
    return text if re.match(r"\w[_'(]|\w ?\W*[=/]", text) else text[:1].upper() + text[1:]
