"""One record as its row and its opened claim print it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from harness.text import Text
from reports import numbers
from reports.cleaning import one_line
from reports.detail import Detail
from reports.html.highlight import highlight
from reports.html.pictures import deciding, open_words, pictures, strip_of, text
from reports.svg.element import Picture
from reports.tally import MARKS

OUR_OWN = "ui-"  # every id of the page itself starts so
MOST_TWINS = 4
MOST_COLUMNS = 6  # of a setting; more would not fit side by side
SETTING_LENGTH = 200  # characters of one setting


@dataclass(frozen=True)
class SettingRow:
    """A line of the table of settings: a value per name, or the whole setting in one."""

    values: Sequence[str]
    verdict: str
    found: tuple[str, str]
    replicates: str
    deciding: bool


@dataclass(frozen=True)
class ClaimView:
    """What the template needs to know of one record; `twins` are the ids and records beside it."""

    id: str
    record: Mapping[str, Any]
    sentence: Text
    mark: str
    relation: Text
    strip: Markup
    silent_strip: Markup
    pictures: Sequence[Picture]
    setting_names: Sequence[str]
    settings: Sequence[SettingRow]
    settings_left_out: int
    parts: Sequence[Sequence[str]]
    smallest: str | None
    still_open: Text | None
    faults: Sequence[str]
    code: Markup
    twins: Sequence[tuple[str, ClaimView | None]]
    versions: str

    def words(self, field: str) -> Text:
        """A field in two languages, empty where the record has none."""
        return text(self.record.get(field))

    def get(self, field: str) -> Any:
        """A field that an older record may lack."""
        return self.record.get(field)


def views(records: Sequence[dict[str, Any]], detail: Detail) -> list[ClaimView]:
    """One view per record, each beside its corrected twin or the sentence that it corrects."""
    ids = _ids(records)
    alone = [_view(record, name, detail) for record, name in zip(records, ids, strict=True)]
    by_claim = {(view.record["claim"], view.record["device"]): view for view in alone}
    corrects: dict[tuple[str, str], list[ClaimView]] = {}
    for view in alone:
        twin = view.get("twin")
        if twin:
            corrects.setdefault((twin, view.record["device"]), []).append(view)
    return [_with_twins(view, by_claim, corrects) for view in alone]


def setting_text(setting: Mapping[str, Any]) -> str:
    """A setting on one line: 'p = 0.5, shape = (3, 4)'."""
    shown = ", ".join(f"{name} = {_value(value)}" for name, value in setting.items()) or "–"
    return _cut(shown)


def fault_text(mutant: str) -> str:
    """'dropout=claims.dropout.faults.layer:forgets_to_rescale' as 'dropout: forgets to rescale'."""
    role, found, target = mutant.partition("=")
    return f"{role}: {target.rpartition(':')[2].replace('_', ' ')}" if found else mutant


def _with_twins(
    view: ClaimView,
    by_claim: Mapping[tuple[str, str], ClaimView],
    corrects: Mapping[tuple[str, str], Sequence[ClaimView]],
) -> ClaimView:
    device = view.record["device"]
    twin = view.get("twin")
    beside: list[tuple[str, ClaimView | None]] = []
    if twin:
        beside.append((twin, by_claim.get((twin, device))))
    beside += [(o.record["claim"], o) for o in corrects.get((view.record["claim"], device), ())]
    if not beside:
        return view
    return dataclasses.replace(view, twins=tuple(beside[:MOST_TWINS]))


def _view(record: dict[str, Any], name: str, detail: Detail) -> ClaimView:
    smallest = record.get("smallest_refuting")
    relation = record.get("relation") or {}
    versions = record.get("versions") or {}
    names = _setting_names(record["settings"])
    return ClaimView(
        id=name,
        record=record,
        sentence=text(record["sentence"]),
        mark=MARKS[record["verdict"]],
        relation=text({"en": relation.get("en"), "zh": relation.get("zh")}),
        strip=strip_of(record),
        silent_strip=strip_of(record, silent=True),
        pictures=pictures(record, detail),
        setting_names=names,
        settings=_settings(record, names, detail.settings),
        settings_left_out=max(0, len(record["settings"]) - detail.settings),
        parts=_parts(record, detail.settings),
        smallest=setting_text(smallest["setting"]) if smallest else None,
        still_open=open_words(record) if record["verdict"] == "UNDECIDED" else None,
        faults=[fault_text(fault) for fault in record.get("faults") or ()],
        code=highlight(record.get("code") or "", detail.colours),
        twins=(),
        versions=", ".join(f"{name} {version or '–'}" for name, version in versions.items()),
    )


def _setting_names(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names that all settings share, if they are few enough for a column each."""
    names = list(settings[0]["setting"]) if settings else []
    shared = all(trial["setting"].keys() == set(names) for trial in settings)
    return names if shared and len(names) <= MOST_COLUMNS else []


def _settings(record: dict[str, Any], names: Sequence[str], most: int) -> list[SettingRow]:
    """The deciding setting first, then the order in which they were tried."""
    decider = deciding(record)
    tried = [trial for trial in record["settings"] if trial is not decider]
    ordered = ([decider] if decider is not None else []) + tried
    return [
        SettingRow(
            values=(
                [_cut(_value(trial["setting"][name])) for name in names]
                or [setting_text(trial["setting"])]
            ),
            verdict=trial["verdict"],
            found=_found(trial),
            replicates=numbers.count(_whole(trial.get("observations"))),
            deciding=trial is decider,
        )
        for trial in ordered[:most]
    ]


def _found(trial: Mapping[str, Any]) -> tuple[str, str]:
    """Estimate and interval; of several parts, whose estimate is only their count, the nats."""
    if trial.get("parts"):
        return numbers.nats(trial.get("confirm")), numbers.nats(trial.get("refute"))
    return numbers.number(trial.get("estimate")), numbers.interval(trial.get("interval"))


def _parts(record: dict[str, Any], most: int) -> list[list[str]]:
    trial = deciding(record) or {}
    return [
        [
            part.get("name") or "–",
            numbers.number(part.get("estimate")),
            numbers.interval(part.get("interval")),
            numbers.nats(part.get("confirm")),
            numbers.nats(part.get("refute")),
        ]
        for part in (trial.get("parts") or ())[:most]
    ]


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return numbers.number(value)
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, list):
        return f"({', '.join(_value(item) for item in value)}{',' * (len(value) == 1)})"
    return one_line(json.dumps(value, ensure_ascii=False))


def _cut(shown: str) -> str:
    return shown if len(shown) <= SETTING_LENGTH else shown[:SETTING_LENGTH] + "…"


def _ids(records: Sequence[dict[str, Any]]) -> list[str]:
    """An HTML id per record: the claim's own id where it can be one and is not taken."""
    taken: set[str] = set()
    ids = []
    for record in records:
        base = re.sub(r"[^\w.-]+", "-", record["claim"][:80]).strip("-") or "claim"
        if base.startswith(OUR_OWN):
            base = f"claim-{base}"
        device = re.sub(r"[^\w.-]+", "-", record["device"][:40])
        name, copies = base, 1
        while name in taken:
            name = f"{base}--{device}" if copies == 1 else f"{base}--{device}-{copies}"
            copies += 1
        taken.add(name)
        ids.append(name)
    return ids
