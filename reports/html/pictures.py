"""The pictures of one record: its interval against the zones, its e-processes, its exhibits."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from harness.records.record import Cells, Counts, Curves, Part, Record
from harness.text import Text, named
from reports.detail import FULL, Detail
from reports.numbers import interval, number
from reports.svg.cells import cell_grid
from reports.svg.element import Picture
from reports.svg.histogram import histogram
from reports.svg.lines import line_plot
from reports.svg.parts import parts_plot, parts_strip
from reports.svg.process import process_plot
from reports.svg.zones import TITLE, InZones, strip, zone_plot
from reports.words import words

MOST_PICTURES = 12  # of one claim; the records hold the rest


def strip_of(record: Record) -> Markup:
    """The small picture of the record's row; it repeats what the opened claim says, silently."""
    if parts := _parts(record):
        return parts_strip(parts, record.confirm.needed, True)
    return strip(_in_zones(record), True)


def pictures(record: Record, detail: Detail) -> list[Picture]:
    """Every picture of an opened claim, the evidence first."""
    parts = _parts(record)
    drawn = [parts_plot(parts, record.confirm.needed) if parts else _zones(record)]
    drawn += _process(record, detail)
    drawn += [_curves(curves, detail) for curves in record.curves]
    drawn += [_histogram(counted, detail) for counted in record.histograms]
    if detail is FULL:  # a page of thousands leaves them to the records
        drawn += [_cells(cells) for cells in record.grids]
    return drawn[:MOST_PICTURES]


def _in_zones(record: Record) -> InZones:
    relation = record.relation
    return InZones(
        relation.true_zone, relation.false_zones, record.interval, record.estimate, record.verdict
    )


def _parts(record: Record) -> Sequence[Part]:
    """The deciding setting's parts, for a sentence that has several."""
    return record.decisive.parts if record.decisive and record.confirm.needed else ()


def _zones(record: Record) -> Picture:
    relation, unit = record.relation, record.relation.unit
    return Picture(
        svg=zone_plot(_in_zones(record)),
        caption=TITLE,
        facts=[
            (words("estimate"), number(record.estimate)),
            (words("interval"), interval(record.interval)),
            (words("true zone"), interval(relation.true_zone)),
            (words("false zone"), " ∪ ".join(map(interval, relation.false_zones)) or "–"),
        ],
        x_label=named(unit) if unit else None,
    )


def _process(record: Record, detail: Detail) -> Iterator[Picture]:
    if record.decisive is not None and record.decisive.trajectory:
        steps = record.decisive.trajectory
        yield process_plot(steps, record.confirm.needed, record.refute.needed, detail)


def _curves(curves: Curves, detail: Detail) -> Picture:
    return line_plot(
        curves.title,
        curves.x,
        curves.series,
        marks=curves.marks,
        log_y=curves.log_y,
        x_label=_label(curves.x_label),
        y_label=_label(curves.y_label),
        detail=detail,
    )


def _histogram(counted: Counts, detail: Detail) -> Picture:
    return histogram(
        counted.title,
        counted.edges,
        counted.counts,
        marks=counted.marks,
        x_label=_label(counted.x_label),
        detail=detail,
    )


def _cells(cells: Cells) -> Picture:
    rows = [[cell == "1" for cell in row] for row in cells.rows]
    return cell_grid(cells.title, rows, cells.on, cells.off, cells.row_names)


def _label(label: Text) -> Text | None:
    return label if label.en else None
