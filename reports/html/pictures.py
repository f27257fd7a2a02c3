"""The pictures of one record: its interval against the zones, its e-processes, its exhibits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from harness.statistics.planning import more_observations
from harness.text import Text
from reports.detail import FULL, Detail
from reports.numbers import count, interval, number
from reports.svg.cells import cell_grid
from reports.svg.element import Picture
from reports.svg.histogram import histogram
from reports.svg.lines import Mark, Series, line_plot
from reports.svg.parts import Part, parts_plot, parts_strip
from reports.svg.process import Step, process_plot
from reports.svg.zones import TITLE, Finding, strip, zone_plot
from reports.words import words

MOST_PICTURES = 12  # of one claim; the records hold the rest


def text(value: Any) -> Text:
    """Text of a record: an object of two languages, a plain string, or nothing."""
    if isinstance(value, str):
        return Text(value, value)
    if not isinstance(value, dict):
        return Text("", "")
    en = value.get("en") or value.get("zh") or ""
    return Text(en, value.get("zh") or en)


def finding(record: dict[str, Any]) -> Finding:
    """What the record found, against the zones of its relation."""
    relation = record.get("relation") or {}
    return Finding(
        true_zone=relation.get("true_zone"),
        false_zones=relation.get("false_zones") or (),
        interval=record.get("interval"),
        estimate=record.get("estimate"),
        verdict=record["verdict"],
    )


def strip_of(record: dict[str, Any], silent: bool = False) -> Markup:
    """The small picture of the record's row."""
    parts, needed = parts_of(record), _needed(record)
    if parts and needed:
        return parts_strip(parts, needed, silent)
    return strip(finding(record), silent)


def pictures(record: dict[str, Any], detail: Detail) -> list[Picture]:
    """Every picture of an opened claim, the evidence first."""
    parts, needed = parts_of(record), _needed(record)
    drawn = [parts_plot(parts, needed) if parts and needed else _zones(record)]
    drawn += _process(record, detail)
    drawn += [_curves(curves, detail) for curves in record.get("curves") or ()]
    drawn += [_histogram(counted, detail) for counted in record.get("histograms") or ()]
    if detail is FULL:  # a page of thousands leaves them to the records
        drawn += [_cells(cells) for cells in record.get("grids") or ()]
    return drawn[:MOST_PICTURES]


def parts_of(record: dict[str, Any]) -> list[Part]:
    """The deciding setting's parts, for a sentence that has several."""
    trial = deciding(record) or {}
    return [
        Part(part.get("name") or "–", part.get("confirm"), part.get("refute"))
        for part in trial.get("parts") or ()
    ]


def open_words(record: dict[str, Any]) -> Text:
    """What an undecided trial has seen, and about how many replicates are missing."""
    trial = deciding(record) or {}
    n, cap = trial.get("observations") or record["replicates"], record.get("cap")
    sides = [(record.get(side) or {}) for side in ("confirm", "refute")]
    reached = [number(side.get("reached"), 3) for side in sides]
    needed = [number(side.get("needed"), 3) for side in sides]
    en = (
        f"After {count(int(n))} replicates the evidence is {reached[0]} of {needed[0]} nats for "
        f"the sentence and {reached[1]} of {needed[1]} against it."
    )
    zh = (
        f"经过 {count(int(n))} 次重复，支持论断的证据为 {reached[0]} / {needed[0]} 奈特，"
        f"反对的为 {reached[1]} / {needed[1]}。"
    )
    nats = [(side.get("reached", 0.0), side.get("needed") or 0.0) for side in sides]
    more = more_observations(int(n), *nats)
    if more is not None:
        en += f" At this rate about {count(more)} more would decide"
        en += f"; the trial stops at {count(int(cap))}." if cap else "."
        zh += f"照此速度，大约还需 {count(more)} 次"
        zh += f"；审理上限为 {count(int(cap))} 次。" if cap else "。"
    return Text(f"{en} Continue with --claims-continue.", f"{zh}用 --claims-continue 继续。")


def _needed(record: dict[str, Any]) -> float | None:
    needed: float | None = (record.get("confirm") or {}).get("needed")
    return needed


def _zones(record: dict[str, Any]) -> Picture:
    found = finding(record)
    unit = (record.get("relation") or {}).get("unit") or ""
    false = " ∪ ".join(interval(list(zone)) for zone in found.false_zones) or "–"
    return Picture(
        svg=zone_plot(found),
        caption=TITLE,
        facts=[
            (words("estimate"), number(found.estimate)),
            (words("interval"), interval(list(found.interval) if found.interval else None)),
            (words("true zone"), interval(list(found.true_zone) if found.true_zone else None)),
            (words("false zone"), false),
        ],
        x_label=Text(unit, unit) if unit else None,
    )


def _process(record: dict[str, Any], detail: Detail) -> Iterator[Picture]:
    trial = deciding(record)
    if trial is None or not trial.get("trajectory"):
        return
    steps = [Step(n or 0.0, confirm, refute) for n, confirm, refute in trial["trajectory"]]
    confirm, refute = record.get("confirm") or {}, record.get("refute") or {}
    yield process_plot(steps, confirm.get("needed"), refute.get("needed"), detail)


def deciding(record: dict[str, Any]) -> dict[str, Any] | None:
    """The setting whose verdict is the claim's, if the record says which."""
    index, settings = record.get("deciding"), record["settings"]
    if isinstance(index, int) and 0 <= index < len(settings):
        trial: dict[str, Any] = settings[index]
        return trial
    return None


def _curves(curves: dict[str, Any], detail: Detail) -> Picture:
    return line_plot(
        text(curves["title"]),
        curves["x"],
        [
            Series(text(one["name"]), one["middle"], one.get("low"), one.get("high"))
            for one in curves["series"]
        ],
        marks=_marks(curves),
        log_y=bool(curves.get("log_y")),
        x_label=_label(curves.get("x_label")),
        y_label=_label(curves.get("y_label")),
        detail=detail,
    )


def _histogram(counted: dict[str, Any], detail: Detail) -> Picture:
    return histogram(
        text(counted["title"]),
        counted["edges"],
        counted["counts"],
        marks=_marks(counted),
        x_label=_label(counted.get("x_label")),
        detail=detail,
    )


def _cells(cells: dict[str, Any]) -> Picture:
    return cell_grid(
        text(cells["title"]),
        [[cell == "1" for cell in row] for row in cells["rows"]],
        _label(cells.get("on")) or Text("1", "1"),
        _label(cells.get("off")) or Text("0", "0"),
        cells.get("row_names") or (),
    )


def _marks(exhibit: dict[str, Any]) -> list[Mark]:
    return [Mark(text(mark["name"]), mark["value"]) for mark in exhibit.get("marks") or ()]


def _label(value: Any) -> Text | None:
    label = text(value)
    return label if label.en else None
