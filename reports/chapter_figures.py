"""The catalogue's figures on the chapter page: its number, ours, and whether the two agree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.chapter_text import plain
from reports.numbers import interval, number
from reports.records import RecordsError

Figures = Sequence[Mapping[str, Any]]
WORDS = {True: "agrees", False: "differs", None: ""}


def read_figures(path: Path) -> Figures:
    """The figures that `python -m harness.figures` wrote."""
    try:
        page = json.loads(path.read_text(encoding="utf-8"))
        return list(page["figures"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordsError(
            f"the figures {path} cannot be read ({error}); "
            "write them with `python -m harness.figures`, or name the file with --figures"
        ) from error


def disagreements(figures: Figures) -> Figures:
    """The figures whose number is not the catalogue's."""
    return [figure for figure in figures if figure["agrees"] is False]


def totals(figures: Figures) -> tuple[int, int, int]:
    """How many agree, differ, and have nothing to be compared with."""
    words = [figure["agrees"] for figure in figures]
    return words.count(True), words.count(False), words.count(None)


def figure_lines(figures: Figures) -> list[str]:
    """The Markdown table of a row's figures."""
    lines = ["| figure | before | here | replicates | |", "|---|---|---|---|---|"]
    for figure in figures:
        low, high = figure["interval"]
        here = number(figure["estimate"])
        if low != high:
            here += f" in {interval((low, high))}"
        cells = (
            plain(figure["name"]["en"]),
            plain(figure["printed"]),
            plain(here),
            str(figure["replicates"]) if low != high else "",
            WORDS[figure["agrees"]],
        )
        lines.append("| " + " | ".join(cells) + " |")
    return lines
