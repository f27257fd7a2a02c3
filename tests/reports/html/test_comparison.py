"""The page of a comparison: answer, effect, interval, curves and margin, in both languages."""

import math
import re

import pytest

from harness.statistics.comparison.margins import Margin
from harness.statistics.comparison.sameness import Rates, compared
from harness.text import Text
from reports.html.comparison import Runs, Sides, comparison_page


def page(
    factor: float, pairs: int = 16, name: str = "head", lost: int = 0, base: str = "base"
) -> str:
    """A comparison of runs with two statistics; in Chinese they have Chinese names."""
    one, several = ("loss", "curve") if base.isascii() else ("损失", "曲线")
    runs: Runs = [
        (
            {one: 1 + i / 50, several: (2.0, 1.0, 0.5 + i / 100)},
            {
                one: None if i < lost else factor * (1 + i / 50),
                several: (2.0, None if lost else 1.0, 0.5 + i / 100),
            },
        )
        for i in range(pairs)
    ]
    columns = {
        Margin(one, 0.05, "%"): ([r[0][one] for r in runs], [r[1][one] for r in runs]),
        **{
            Margin(several, 0.1, at=at): (
                [r[0][several][at] for r in runs],  # type: ignore[index]
                [r[1][several][at] for r in runs],  # type: ignore[index]
            )
            for at in range(3)
        },
    }
    found = compared(
        {
            of: tuple([math.nan if v is None else v for v in side] for side in sides)  # type: ignore[misc]
            for of, sides in columns.items()
        },
        Rates(),
    )
    return comparison_page(Sides(base, name, 1e-3), found, runs, [(Text("salt", "盐"), "x")])


def visible(text: str) -> str:
    return re.sub(r"<[^>]+>", " ", text)


@pytest.mark.parametrize(
    ("factor", "pairs", "en", "zh"),
    [
        (1.0, 16, "head behaves the same as base", "head 与 base 行为相同"),
        (1.2, 16, "head has changed, against base", "head 相对于 base 已经改变"),
        (1.0, 4, "head against base is undecided", "head 与 base 的比较未决"),
    ],
)
def test_the_answer_stands_first_in_both_languages(
    factor: float, pairs: int, en: str, zh: str
) -> None:
    said = page(factor, pairs)

    first = said[said.index("<h1") : said.index("</h1>")]
    assert en in first
    assert zh in first
    assert "wrong CHANGED have a probability of 0.001" in said


def test_effect_interval_and_margin_of_each_statistic_have_a_row() -> None:
    said = visible(page(1.2))

    assert re.search(r"loss\s+changed\s+已改变\s+20\u202f%\s+\[20, 20\]\u202f%\s+±5\u202f%", said)
    assert re.search(r"curve\[1\]\s+same", said)


def test_curves_have_both_sides_their_bands_and_the_margin() -> None:
    said = page(1.2)

    assert "curve: median of the runs, 10 % to 90 %" in said
    assert "within ±0.1 of the median before" in said
    assert "lower edge of the margin" in said
    drawn = said[said.index("curve: median of the runs") :]
    drawn = drawn[drawn.index("<svg") : drawn.index("</svg>")]
    assert drawn.count('class="b s') == 3  # before, after, margin


def test_runs_that_diverged_are_counted_and_leave_gaps() -> None:
    said = visible(page(1.0, lost=16))

    assert re.search(r"loss\s+changed\s+已改变\s+–", said)
    assert re.search(r"curve\[1\]\s+changed", said)
    assert "16, 0" in said


def test_names_are_text_and_nothing_of_them_runs() -> None:
    said = page(1.0, name="<script>alert(1)</script>")

    assert said.count("<script") == 1  # the page's own
    assert "&lt;script&gt;" in said
