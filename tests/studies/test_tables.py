"""The tables of the studies: their words in both languages, their Markdown, and their pages."""

import re
from pathlib import Path

import pytest

from harness.text import Text
from reports.tables import Table, read_tables
from studies.calibration import suite_table
from studies.self_trial.figures import figures
from studies.self_trial.page import FOLDER, NAMES, every_page
from studies.tables import CALIBRATION, DOCS, GENERATED, ROOT, made, markdown, pages, shown, words

TABLE = Table(
    title=Text("Kills", "结束"), text=(Text("One. ", "一。"), Text("Two.", "二。")),
    command="python -m studies.kills", columns=(Text("kills", "结束次数"), Text("holds", "达标")),
    rows=((200, True), (2.5, None), (Text("a | b", "甲"), 1e-9)), holds=True, seconds=3.0,
)  # fmt: skip
KEYS = [key for key in words() if key not in ("words", "pages")]


def test_markdown_has_the_command_the_state_and_every_row() -> None:
    lines = markdown(TABLE, "en").splitlines()

    assert lines[0] == "## Kills"
    assert lines[5] == (
        "Made by `python -m studies.kills` in 3 s of processor time: it holds in every row."
    )
    assert lines[-5:] == [
        "| kills | holds |", "|---|---|", "| 200 | yes |", "| 2.5 |  |", "| a \\| b | 1e-09 |",
    ]  # fmt: skip


def test_markdown_says_the_same_in_chinese() -> None:
    lines = markdown(TABLE, "zh").splitlines()
    assert lines[0] == "## 结束"
    assert lines[-3:] == ["| 200 | 是 |", "| 2.5 |  |", "| 甲 | 1e-09 |"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (False, "NO"), (3, "3"), (1234.5, "1234"), (0.00012345, "0.000123")],
)
def test_a_cell_shows_the_digits_that_a_reader_can_use(cell: float | None, text: str) -> None:
    assert shown(cell) == text


@pytest.mark.parametrize("key", KEYS)
def test_the_words_of_a_table_are_there_in_both_languages(key: str) -> None:
    said = words()[key]
    assert all(len(pair) == 2 for pair in (said["title"], said["columns"], *said["text"]))
    assert len({line.count(" | ") for line in said["columns"]}) == 1


def test_a_paragraph_without_its_value_is_left_out_and_words_are_translated() -> None:
    whole = made("salts", [("sgd", "none")], {"deep": "x", "faults": 1, "pairs": 1, "asked": 1,
                                              "missed": 0, "bound": 0.5})  # fmt: skip
    less = made("salts", [], {"deep": "x", "faults": 1, "pairs": 1, "asked": 1, "missed": 1})

    assert len(whole.text) == len(less.text) + 1
    assert whole.rows == (("sgd", Text("none", "无")),)


@pytest.mark.parametrize(
    ("file", "text"), every_page(), ids=lambda value: value.name if isinstance(value, Path) else ""
)
def test_a_page_is_the_one_that_the_tables_make(file: Path, text: str) -> None:
    assert file.read_text(encoding="utf-8") == text, "run python -m studies.self_trial"


def test_both_languages_of_the_page_of_self_trial_have_the_same_figures() -> None:
    texts = [(FOLDER / f"{name}.jinja").read_text(encoding="utf-8") for name in NAMES]
    shown = [" ".join(re.findall(r"\{\{(.*?)\}\}", text)) for text in texts]

    figure = re.compile(r"\b(?!promise\b)[a-z]+\.[a-z_]+\b")
    english, chinese = (set(figure.findall(text)) for text in shown)

    assert english == chinese
    assert len(english) > 40


def test_the_readme_has_the_figures_of_the_planted_faults() -> None:
    bugs = figures()["bugs"]
    least, most = bugs.salts.split("–")
    pairs, asked = f"{bugs.pairs:,}", f"{bugs.asked:,}"
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")
    )

    assert bugs.missed == 0
    assert f"at {least} to {most} salts" in english
    assert f"({pairs} pairs, {asked} examinations, no miss;" in english
    assert f"在 {least} 至 {most} 个盐下" in chinese
    assert f"（{pairs} 对，{asked} 次检验，无一漏过；" in chinese


def words_of(file: str, key: str) -> str:
    """Which entry of tables.toml a kept table has its words from."""
    first = key.partition(":")[0]
    named = {
        "calibration": first,
        "power": {"kills": "matrix"}.get(first, first),
        "performance": "peers" if key == "peers" else "workload",
        "gate": f"gate-{key}",
    }
    return named.get(file, key)  # fmt: skip


@pytest.mark.parametrize("file", sorted(DOCS.glob("*.json")), ids=lambda file: file.stem)
def test_what_is_kept_says_what_the_words_say(file: Path) -> None:
    for key, table in read_tables(file).items():
        said = words()[words_of(file.stem, key)]
        fixed = [Text(*pair) for pair in said["text"] if "{" not in pair[0]]
        kept = [
            " | ".join(getattr(c, language) for c in table.columns) for language in ("en", "zh")
        ]

        assert [text for text in fixed if text not in table.text] == []
        assert kept == said["columns"] or "{" in said["columns"][0]


def test_a_page_that_is_written_whole_says_so_first() -> None:
    assert all(text.startswith(f"{GENERATED}\n") for _, text in pages())


def test_the_table_of_runs_at_fresh_salts_is_that_of_the_runs() -> None:
    assert read_tables(CALIBRATION)["suite"] == suite_table.table()


def test_every_table_that_says_whether_it_holds_holds() -> None:
    tables = [table for file in DOCS.glob("*.json") for table in read_tables(file).values()]
    assert [table.title.en for table in tables if table.holds is False] == []
