"""`python -m reports chapter`: the chapter row by row, estimates beside the catalogue's figures.

A Markdown page made from the records of a run and `claims/catalogue.tsv`; the page of the
repository, docs/chapter.md, is what this command writes.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from reports.atomic import write_whole
from reports.numbers import count, interval, number
from reports.records import Record, RecordsError, read_records

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
MARK_UP = re.compile(r"([\\`*_{}\[\]<>|#])")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("--records", type=Path, default=Path("out/records.jsonl"))
    parser.add_argument("--catalogue", type=Path, default=Path("claims/catalogue.tsv"))
    parser.add_argument("--output", type=Path, default=Path("docs/chapter.md"))


def run(options: argparse.Namespace) -> int:
    """Write the page and print its path."""
    try:
        with options.catalogue.open(encoding="utf-8", newline="") as stream:
            catalogue = list(csv.DictReader(stream, delimiter="\t"))
    except OSError as error:
        raise RecordsError(
            f"the catalogue {options.catalogue} cannot be read ({error.strerror}); "
            "run the command in the suite's folder, or name the file with --catalogue"
        ) from error
    page = chapter_page(catalogue, read_records(options.records).records)
    write_whole(options.output, page)
    print(options.output)
    return 0


def chapter_page(catalogue: Sequence[Mapping[str, str]], records: Iterable[Record]) -> str:
    """The page: one table per part, every row of the catalogue, the claims that settle it."""
    by_row: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_row[record["row"]].append(record)
    lines = [
        "# The chapter, row by row",
        "",
        "Every sentence of the catalogue, what was expected of it, and what the experiments say.",
        "*Measured before* is the figure that the catalogue brought along; the claims were written",
        "with it at hand, and their estimates come from samples of their own.",
        "An estimate is of the parameter that the claim's relation names, with its interval.",
        "",
        "Made by `python -m reports chapter` from the records of a run.",
    ]
    part = ""
    for row in catalogue:
        if row["part"] != part:
            part = row["part"]
            lines += ["", f"## {PARTS[part]}", "", *_head()]
        lines += _rows(row, by_row.get(row["id"], []))
    return "\n".join(lines) + "\n"


def _head() -> list[str]:
    return [
        "| row | measured before | claim | verdict | estimate | observations |",
        "|---|---|---|---|---|---|",
    ]


def _rows(row: Mapping[str, str], records: Sequence[Record]) -> list[str]:
    head = f"`{row['id']}` ({row['truth']})"
    measured = plain(row["measured"])
    if not records:
        return [f"| {head} | {measured} | not in these records | | | |"]
    lines = []
    for record in records:
        verdict = record["verdict"] + ("" if record["as_expected"] else " (unexpected)")
        cells = (
            head,
            measured,
            f"`{record['claim']}` {plain(record['sentence']['en'])}",
            verdict,
            plain(_estimate(record)),
            count(record["replicates"]) if record["replicates"] else "",
        )
        lines.append("| " + " | ".join(cells) + " |")
        head = measured = ""
    return lines


def _estimate(record: Record) -> str:
    if record["estimate"] is None:
        return ""
    unit = record["relation"].get("unit") or ""
    ends = record["interval"]
    if ends is None or ends[0] == ends[1]:
        return f"{number(record['estimate'])} {unit}"
    return f"{number(record['estimate'])} in {interval(ends)} {unit}"


def plain(text: str) -> str:
    """The text as it stands, with what Markdown would read as mark-up escaped."""
    return MARK_UP.sub(r"\\\1", " ".join(text.split()))
