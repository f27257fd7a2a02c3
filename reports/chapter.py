"""`python -m reports chapter`: the chapter row by row, estimates beside the catalogue's figures.

A Markdown page made from the records of a run, `claims/catalogue.tsv` with its notes, and the
catalogue's figures as `python -m harness.figures` measures them again; the page of the
repository, docs/chapter.md, is what this command writes.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.atomic import write_whole
from reports.chapter_figures import disagreements, figure_lines, read_figures, totals
from reports.chapter_text import MARK_UP as MARK_UP
from reports.chapter_text import plain, read_table
from reports.numbers import count, interval, number
from reports.records import Record, read_records

HELP = "write the chapter's rows with estimates beside the catalogue's figures"
DESCRIPTION = __doc__ or ""

PARTS = {
    "A": "Model selection, k-fold cross-validation, the test set",
    "B": "Underfitting and overfitting, capacity, VC dimension",
    "C": "The polynomial experiment",
    "D": "Weight decay: theory",
    "E": "Weight decay: the experiment and the concise version",
    "F": "Dropout: why",
    "G": "Dropout: the layer",
    "H": "Dropout: training",
    "I": "Numerical stability",
    "J": "Initialisation",
    "K": "Activation functions",
}
Row = Mapping[str, str]
Notes = Mapping[str, Row]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--records", type=Path, default=Path("out/records.jsonl"))
    parser.add_argument("--deep", type=Path, help="records of a deep run, shown beside the first")
    parser.add_argument("--catalogue", type=Path, default=Path("claims/catalogue.tsv"))
    parser.add_argument("--notes", type=Path, default=Path("claims/catalogue_notes.tsv"))
    parser.add_argument("--figures", type=Path, default=Path("docs/figures.json"))
    parser.add_argument("--output", type=Path, default=Path("docs/chapter.md"))


def run(options: argparse.Namespace) -> int:
    """Write the page and print its path."""
    catalogue = read_table(options.catalogue, "--catalogue")
    notes = {row["id"]: row for row in read_table(options.notes, "--notes")}
    figures = read_figures(options.figures)
    deep = read_records(options.deep).records if options.deep else []
    records = read_records(options.records).records
    write_whole(options.output, chapter_page(catalogue, records, notes, figures, deep))
    print(options.output)
    return 0


def chapter_page(
    catalogue: Sequence[Row],
    records: Sequence[Record],
    notes: Notes | None = None,
    figures: Sequence[Mapping[str, Any]] = (),
    deep: Iterable[Record] = (),
) -> str:
    """The page: every row of the catalogue, its figures, and the claims that settle it."""
    notes = notes or {}
    deeper = {record["claim"]: record for record in deep}
    first = {record["claim"] for record in records}
    by_row: dict[str, list[Record]] = defaultdict(list)
    for record in [*records, *(deeper[claim] for claim in deeper if claim not in first)]:
        by_row[record["row"]].append(record)
    lines = [*_introduction(records, list(deeper.values()), figures)]
    part = ""
    for row in catalogue:
        if row["part"] != part:
            part = row["part"]
            lines += ["", f"## {PARTS[part]}"]
        own = [figure for figure in figures if figure["row"] == row["id"]]
        lines += _row(row, by_row.pop(row["id"], []), notes.get(row["id"]), own, deeper)
    if by_row:
        beyond = [record for rest in by_row.values() for record in rest]
        lines += ["", "## Beyond the catalogue", "", *_claims(beyond, deeper)]
        lines += _last_values([deeper.get(record["claim"], record) for record in beyond])
    return "\n".join(lines) + "\n"


def unexplained(figures: Sequence[Mapping[str, Any]], notes: Notes) -> list[str]:
    """The rows whose figures disagree with the catalogue's and that have no note."""
    return sorted({figure["row"] for figure in disagreements(figures)} - set(notes))


def _introduction(
    records: Sequence[Record], deep: Sequence[Record], figures: Sequence[Mapping[str, Any]]
) -> list[str]:
    lines = [
        "# The chapter, row by row",
        "",
        "Every sentence of the catalogue, what was expected of it, and what the experiments say.",
        "*Measured before* is the figure that the catalogue brought along; the claims were written",
        "with it at hand, and their estimates come from samples of their own.",
        "An estimate is of the parameter that the claim's relation names, with its interval.",
        "",
        "The tables of figures hold the catalogue's own numbers beside the same quantity measured",
        "here at the catalogue's setting, with a 99.9 % interval. A figure *agrees* if it lies",
        "within both errors and the rounding of its printed digits; the sentence below a table",
        "says why one *differs*. A figure without a number before was measured on another task.",
    ]
    if figures:
        agreeing, differing, new = totals(figures)
        lines += [
            "",
            f"Of {agreeing + differing} figures {agreeing} agree and {differing} differ; "
            f"{new} more have no counterpart in the catalogue.",
        ]
    lines += ["", "Made by `python -m reports chapter` from", ""]
    lines += [f"- {_provenance(run)}" for run in (records, deep) if run]
    if figures:
        lines.append("- the figures: `python -m harness.figures`")
    return [
        *lines,
        "",
        "Claims added after a run were examined by the same command with `--claims-only=ID`.",
    ]


def _provenance(records: Sequence[Record]) -> str:
    first = records[0]
    full = any("--claims-data=full" in record["rerun"] for record in records)
    data = "all of Fashion-MNIST" if full else "the embedded slice of Fashion-MNIST"
    as_expected = sum(bool(record["as_expected"]) for record in records)
    return (
        f"the profile {first['profile']}, salt `{first['salt']}`, images {data}: "
        f"`python -m pytest claims --ignore=claims/benchmarks --claims-profile={first['profile']} "
        f"--claims-salt={first['salt']}`, {as_expected} of {len(records)} verdicts as expected"
    )


def _row(
    row: Row,
    records: Sequence[Record],
    note: Row | None,
    figures: Sequence[Mapping[str, Any]],
    deeper: Mapping[str, Record],
) -> list[str]:
    lines = ["", f"### `{row['id']}` ({row['truth']})", ""]
    lines += [f"Measured before: {plain(row['measured'])}", ""]
    if figures:
        lines += [*figure_lines(figures), ""]
    lines += _claims(records, deeper) if records else ["Not in these records."]
    if note:
        lines += ["", plain(note["en"]), "", plain(note["zh"])]
    return lines


def _claims(records: Sequence[Record], deeper: Mapping[str, Record]) -> list[str]:
    shown = [deeper.get(record["claim"]) for record in records]
    beside = any(shown)
    head = ["claim", "verdict", "estimate", "observations"]
    head += ["deep run", "observations"] if beside else []
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for record, more in zip(records, shown, strict=True):
        sentence = f"`{record['claim']}` {plain(record['sentence']['en'])}"
        cells = [sentence, *_result(record, verdict=True)]
        if more is record:  # examined in the deep run alone
            cells[2:] = ["", ""]
        if beside:
            cells += _result(more, verdict=False) if more else ["", ""]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _last_values(records: Sequence[Record]) -> list[str]:
    """What training came to: the median over replicates of each line's last value, and its ends."""
    lines = []
    for record in records:
        for name, values in (record.get("statistics") or {}).items():
            known = [value for value in values if value is not None]
            if known:
                middle, ends = statistics.median(known), interval((min(known), max(known)))
                cells = (f"`{record['claim']}`", plain(name), number(middle), plain(ends))
                lines.append("| " + " | ".join((*cells, str(len(values)))) + " |")
    head = ["", "| claim | what training came to | median | range | replicates |"]
    return [*head, "|---|---|---|---|---|", *lines] if lines else []


def _result(record: Record, verdict: bool) -> list[str]:
    """The verdict, the estimate and the number of observations; an odd verdict always shows."""
    word = record["verdict"] + ("" if record["as_expected"] else " (unexpected)")
    seen = count(record["replicates"]) if record["replicates"] else ""
    estimate = plain(_estimate(record))
    if verdict:
        return [word, estimate, seen]
    return [estimate if record["as_expected"] else f"{word}, {estimate}", seen]


def _estimate(record: Record) -> str:
    if record["estimate"] is None:
        return ""
    unit = record["relation"].get("unit") or ""
    ends = record["interval"]
    if ends is None or ends[0] == ends[1]:
        return f"{number(record['estimate'])} {unit}"
    return f"{number(record['estimate'])} in {interval(ends)} {unit}"
