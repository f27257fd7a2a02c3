"""The page docs/pitfalls.md: its fixed parts, from the code, and tables of what was measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from examples.pitfalls.pitfall import SALT, Figure, Judged, Measurement, Pitfall

TITLE = f"""\
<!-- generated: python -m examples.pitfalls; do not edit -->

English · [中文](pitfalls.zh.md)

# Naive tests, and ours beside them

Each section shows a test that a careful person might write and how often it fails.
Below it stands why, and what the suite does instead.
Rates are over independent replicates, with standard errors; the salt of all streams is `{SALT}`.
"Catalogue" is the figure that was known before, where there is one.
Our verdicts are on the same data, at both error rates 1e-6.
UNDECIDED there says that the truth lies between the two zones, or that the data are too few.
"""


def page(pitfalls: Iterable[Pitfall], measured: Mapping[str, Measurement]) -> str:
    """The page in Markdown; without a measurement a section has its fixed parts only."""
    sections = [_section(one, measured.get(one.name)) for one in pitfalls]
    return "\n".join([TITLE, *sections])


def fixed_parts(text: str) -> list[str]:
    """The lines of a page that do not depend on what was measured."""
    return [line for line in text.splitlines() if line.strip() and not line.startswith("| ")]


def _section(pitfall: Pitfall, measured: Measurement | None) -> str:
    lines = [
        f"## {pitfall.heading}",
        "",
        f"The catalogue's row: {pitfall.row}." if pitfall.row else "Not in the catalogue.",
        "",
        "```python",
        pitfall.code,
        "```",
        "",
        *([] if measured is None else _tables(measured)),
        f"**Why.** {_sentences(pitfall.why)}",
        "",
        f"**Ours.** {_sentences(pitfall.ours)}",
        f"Claims: {', '.join(f'`{claim}`' for claim in pitfall.claims)}.",
        "",
    ]
    if pitfall.disagreement:
        lines += [f"**Where the catalogue differs.** {_sentences(pitfall.disagreement)}", ""]
    return "\n".join(lines)


def _sentences(text: str) -> str:
    """One sentence a line."""
    return text.replace(". ", ".\n")


def _tables(measured: Measurement) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("naive", "measured", "standard error", "replicates", "catalogue")
    ]
    rows += [_figure(one) for one in measured.naive]
    ours: list[tuple[str, ...]] = [("ours", "verdict", "estimate", "interval", "observations")]
    ours += [_judged(one) for one in measured.ours]
    return [*_table(rows), "", *_table(ours), ""]


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    head, *body = ["| " + " | ".join(cells) + " |" for cells in rows]
    return [head, "| " + " | ".join("---" for _ in rows[0]) + " |", *body]


def _figure(figure: Figure) -> tuple[str, ...]:
    n = figure.values.size
    if figure.is_rate:
        value, error = (f"{100 * x:.3g} %" for x in (figure.estimate, figure.standard_error))
        if figure.standard_error == 0:
            error = f"95 %: within {300 / n:.2g} %"  # (1 - 3/n)^n is 1/20: the rule of three
    else:
        value, error = f"{figure.estimate:.3g}", f"{figure.standard_error:.2g}"
    return (figure.what, value, error if n > 1 else "", str(n), figure.catalogue)


def _judged(judged: Judged) -> tuple[str, ...]:
    low, high = judged.interval
    shown = "" if math.isinf(high) or low == high else f"{low:.3g} to {high:.3g}"
    return (
        judged.what,
        judged.verdict.value,
        f"{judged.estimate:.3g}",
        shown,
        str(judged.observations),
    )
