"""One record as its row and its opened claim print it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.records.covered import covered
from harness.records.got import got
from harness.records.record import Record, Size, Trial
from harness.statistics.evidence import Verdict
from harness.text import Text, named
from reports import numbers
from reports.detail import Detail
from reports.forecast import open_words
from reports.html.highlight import highlight
from reports.html.pictures import pictures, strip_of
from reports.html.setting import cut, setting_text, value_text
from reports.svg.element import Picture
from reports.tally import CONDITIONAL, FALSE, is_end

OUR_OWN = "ui-"  # every id of the page itself starts so
MOST_TWINS = 4
MOST_COLUMNS = 6  # of a setting; more would not fit side by side
ENDS, PASSES, FAILS = "ends", "passes", "fails"

Key = tuple[str, str]  # claim and device


@dataclass(frozen=True)
class SettingRow:
    """A line of the table of settings: a value per name, or the whole setting in one."""

    values: Sequence[Text]
    verdict: str
    found: tuple[str, str]
    replicates: str
    deciding: bool


@dataclass(frozen=True)
class PlantedFault:
    """A fault that a claim must refute: the role that it takes, and what is wrong with it."""

    role: str
    what: Text


@dataclass(frozen=True)
class SizeRow:
    """How much: an estimate with its interval, and what is missing to the precision asked for."""

    name: Text
    estimate: str
    interval: str
    n: str
    short: Text | None


@dataclass(frozen=True)
class ClaimView:
    """What the template needs beside the record; `twins` are the ids and views beside it."""

    id: str
    record: Record
    strip: Markup
    pictures: Sequence[Picture]
    setting_names: Sequence[Text]
    settings: Sequence[SettingRow]
    sizes: Sequence[SizeRow]
    parts: Sequence[tuple[Text, Sequence[str]]]
    smallest: Text | None
    covers: Text | None
    still_open: Text | None
    got: Text | None
    formula: Text | None
    faults: Sequence[PlantedFault]
    code: Markup
    versions: str
    outcome: str = ""  # a verdict, or what the reader is told in its place
    twins: Sequence[tuple[str, ClaimView | None]] = ()


def views(
    records: Sequence[Record], detail: Detail, standings: Mapping[str, str] | None
) -> list[ClaimView]:
    """One view per record, each beside its corrected twin or the sentence that it corrects.

    `standings` are of the rows; None where it is not the book that is on trial.
    """
    ids = _ids(records)
    alone = [
        _view(record, name, detail, standings) for record, name in zip(records, ids, strict=True)
    ]
    by_claim = {(view.record.claim, view.record.device): view for view in alone}
    corrects: dict[Key, list[ClaimView]] = {}
    for view in alone:
        if view.record.twin:
            corrects.setdefault((view.record.twin, view.record.device), []).append(view)
    return [_with_twins(view, by_claim, corrects) for view in alone]


def on_trial_outcome(record: Record) -> str:
    """What an engineer is told of a check of his object."""
    if not record.verdict.judged or record.verdict in (Verdict.UNDECIDED, Verdict.ERROR):
        return record.verdict
    return PASSES if record.as_expected else FAILS


def outcome(record: Record, standing: str | None) -> str:
    """What the reader is told of a claim: how its sentence stands, where that differs.

    Where a condition ends, the verdict is no refutation of the book.
    """
    if record.as_expected and record.verdict is Verdict.REFUTED:
        return ENDS if is_end(record) else FALSE
    if standing == CONDITIONAL and record.claim == record.row and record.as_expected:
        return CONDITIONAL
    return record.verdict


def planted_fault(fault: str) -> PlantedFault:
    """'dropout=claims.dropout.faults.layer:forgets_to_rescale' as role and words."""
    role, _, target = fault.rpartition("=")
    return PlantedFault(role, named(target.rpartition(":")[2].replace("_", " ")))


def _with_twins(
    view: ClaimView,
    by_claim: Mapping[Key, ClaimView],
    corrects: Mapping[Key, Sequence[ClaimView]],
) -> ClaimView:
    record = view.record
    beside: list[tuple[str, ClaimView | None]] = []
    if record.twin:
        beside.append((record.twin, by_claim.get((record.twin, record.device))))
    beside += [(o.record.claim, o) for o in corrects.get((record.claim, record.device), ())]
    return dataclasses.replace(view, twins=tuple(beside[:MOST_TWINS])) if beside else view


def _view(
    record: Record, name: str, detail: Detail, standings: Mapping[str, str] | None
) -> ClaimView:
    smallest, names = record.smallest_refuting, _setting_names(record.settings)
    return ClaimView(
        id=name,
        record=record,
        strip=strip_of(record),
        pictures=pictures(record, detail),
        setting_names=names,
        settings=_settings(record, names, detail.settings),
        sizes=list(map(_size, record.sizes)),
        parts=_parts(record.decisive, detail.settings),
        smallest=setting_text(smallest.setting) if smallest else None,
        got=got(record.mismatch) if record.mismatch else None,
        covers=covered(record),
        still_open=open_words(record) if record.verdict is Verdict.UNDECIDED else None,
        formula=named(record.formula) if record.formula else None,
        faults=list(map(planted_fault, record.faults)),
        code=highlight(record.code, detail.colours),
        versions=", ".join(f"{name} {version}" for name, version in record.versions.items()),
        outcome=on_trial_outcome(record)
        if standings is None
        else outcome(record, standings.get(record.row)),
    )


def _setting_names(settings: Sequence[Trial]) -> list[Text]:
    """The names that all settings share, if they are few enough for a column each."""
    names = list(settings[0].setting) if settings else []
    shared = all(trial.setting.keys() == set(names) for trial in settings)
    return list(map(named, names)) if shared and len(names) <= MOST_COLUMNS else []


def _settings(record: Record, names: Sequence[Text], most: int) -> list[SettingRow]:
    """The deciding setting first, then the order in which they were tried."""
    ordered = sorted(record.settings, key=lambda trial: trial is not record.decisive)
    return [
        SettingRow(
            values=[cut(value_text(trial.setting[name.en])) for name in names]
            or [setting_text(trial.setting)],
            verdict=trial.verdict,
            found=_found(trial),
            replicates=numbers.count(trial.observations),
            deciding=trial is record.decisive,
        )
        for trial in ordered[:most]
    ]


def _found(trial: Trial) -> tuple[str, str]:
    """Estimate and interval; of several parts, whose estimate is only their count, the nats."""
    if trial.parts:
        return numbers.nats(trial.confirm), numbers.nats(trial.refute)
    return numbers.number(trial.estimate), numbers.interval(trial.interval)


def _size(size: Size) -> SizeRow:
    """The ends of the interval are rounded outwards by no more than the third digit tells."""
    short = None
    if size.more != 0:
        within = numbers.number(size.within, 2)
        more = numbers.count(size.more)
        short = Text(
            f"± {within} would take {more} more" if size.more else f"± {within} is not in reach",
            f"精确到 ± {within} 还需 {more} 次" if size.more else f"无法达到 ± {within}",
        )
    return SizeRow(
        name=size.name,
        estimate=numbers.number(size.estimate, 3),
        interval=numbers.interval(size.interval, 3),
        n=numbers.count(size.observations),
        short=short,
    )


def _parts(trial: Trial | None, most: int) -> list[tuple[Text, list[str]]]:
    return [
        (
            named(part.name),
            [
                numbers.number(part.estimate),
                numbers.interval(part.interval),
                numbers.nats(part.confirm),
                numbers.nats(part.refute),
            ],
        )
        for part in (trial.parts if trial else ())[:most]
    ]


def _ids(records: Sequence[Record]) -> list[str]:
    """An HTML id per record: the claim's own id where it can be one and is not taken."""
    ids: list[str] = []
    taken: set[str] = set()
    for record in records:
        base = re.sub(r"[^\w.-]+", "-", record.claim[:80]).strip("-") or "claim"
        if base.startswith(OUR_OWN):
            base = f"claim-{base}"
        device = re.sub(r"[^\w.-]+", "-", record.device[:40])
        name, copies = base, 1
        while name in taken:
            name = f"{base}--{device}" if copies == 1 else f"{base}--{device}-{copies}"
            copies += 1
        taken.add(name)
        ids.append(name)
    return ids
