"""The chapter page: figures beside the catalogue's, and a sentence for each that differs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import claims
from reports import chapter, commands
from reports.chapter_figures import read_figures, totals
from reports.chapter_text import read_table
from reports.records import Record, RecordsError
from tests.house import ROOT

CATALOGUE = Path(claims.__path__[0]) / "catalogue.tsv"
NOTES = Path(claims.__path__[0]) / "catalogue_notes.tsv"
FIGURES = ROOT / "docs" / "figures.json"


def record(**changes: Any) -> Record:
    plain: dict[str, Any] = {
        "claim": "ms-spurious", "row": "ms-spurious", "verdict": "CONFIRMED", "as_expected": True,
        "sentence": {"en": "Some feature is shared", "zh": "有"}, "estimate": 0.5,
        "interval": [0.4, 0.6], "relation": {"unit": "rate"}, "replicates": 1000,
        "profile": "ci", "salt": "alpha", "rerun": "python -m pytest",
    }  # fmt: skip
    return plain | changes


def figure(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "row": "ms-spurious", "name": {"en": "P(shared)", "zh": "共有"}, "printed": ".0625",
        "estimate": 0.0613, "interval": [0.056, 0.067], "replicates": 20000, "agrees": True,
    }  # fmt: skip
    return plain | changes


ROW = {"id": "ms-spurious", "part": "A", "truth": "true", "measured": "exact .0625"}


def test_a_row_has_its_figure_its_claim_its_deep_run_and_its_note() -> None:
    page = chapter.chapter_page(
        [ROW],
        [record()],
        {"ms-spurious": {"en": "It differs since *we* say so.", "zh": "因为如此。"}},
        [figure(), figure(printed="", agrees=None), figure(agrees=False)],
        [record(profile="deep", estimate=0.51, rerun="python -m pytest --claims-data=full")],
    )

    assert "### `ms-spurious` (true)" in page
    assert r"| P(shared) | .0625 | 0.0613 in \[0.056, 0.067\] | 20000 | agrees |" in page
    assert "| 20000 | differs |" in page
    assert r"| CONFIRMED | 0.5 in \[0.4, 0.6\] rate | 1" in page
    assert r"0.51 in \[0.4, 0.6\] rate" in page
    assert r"It differs since \*we\* say so." in page
    assert "因为如此。" in page
    assert "Of 2 figures 1 agree and 1 differ; 1 more" in page
    assert "images all of Fashion-MNIST" in page
    assert "images the embedded slice of Fashion-MNIST" in page


def test_an_unexpected_verdict_shows_in_either_run() -> None:
    odd = record(verdict="UNDECIDED", as_expected=False)
    page = chapter.chapter_page([ROW], [odd], deep=[odd])

    assert "| UNDECIDED (unexpected) |" in page
    assert r"| UNDECIDED (unexpected), 0.5 in \[0.4, 0.6\] rate |" in page


def test_claims_beyond_the_catalogue_come_last() -> None:
    page = chapter.chapter_page([ROW], [record(claim="im.protocol", row="im")])

    assert "Not in these records." in page
    assert page.index("## Beyond the catalogue") < page.index("`im.protocol`")


def test_a_claim_of_the_deep_run_alone_is_on_the_page_with_what_its_training_came_to() -> None:
    deep = record(
        claim="im.protocol", row="im", profile="deep", estimate=1.0, interval=[0.5, 1.0],
        statistics={"train loss, last": [0.3, 0.5, 0.31, None]},
    )  # fmt: skip
    page = chapter.chapter_page([ROW], [record()], deep=[record(), deep])

    assert r"shared | CONFIRMED |  |  | 1 in \[0.5, 1\] rate" in page
    assert r"| `im.protocol` | train loss, last | 0.31 | \[0.3, 0.5\] | 4 |" in page


def test_every_figure_that_differs_is_explained_in_both_languages() -> None:
    notes = {row["id"]: row for row in read_table(NOTES, "--notes")}
    known = {row["id"] for row in read_table(CATALOGUE, "--catalogue")}
    figures = read_figures(FIGURES)

    assert chapter.unexplained(figures, notes) == []
    assert set(notes) <= known
    assert {shown["row"] for shown in figures} <= known
    assert all(
        row["en"] and any("\u4e00" <= c <= "\u9fff" for c in row["zh"]) for row in notes.values()
    )
    assert totals(figures)[0] > 100


def test_a_figure_without_a_sentence_is_seen() -> None:
    assert chapter.unexplained([figure(agrees=False)], {}) == ["ms-spurious"]


@pytest.mark.parametrize("text", [None, "{", '{"figures": 3}', "[]"])
def test_figures_that_cannot_be_read_are_one_sentence(text: str | None, tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(RecordsError, match="figures"):
        read_figures(path)


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    records, page = tmp_path / "records.jsonl", tmp_path / "chapter.md"
    from tests.reports.synthetic import records as synthetic

    records.write_text("".join(json.dumps(one) + "\n" for one in synthetic()), encoding="utf-8")

    status = commands.main(
        ["chapter", f"--records={records}", f"--output={page}", f"--catalogue={CATALOGUE}",
         f"--notes={NOTES}", f"--figures={FIGURES}"]
    )  # fmt: skip

    assert status == 0
    assert "# The chapter, row by row" in page.read_text(encoding="utf-8")
