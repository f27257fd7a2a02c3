"""The pictures of the terminal in the docs, and how what was printed becomes one."""

import re
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path

import pytest

from studies.report.terminal import CHECKOUT, MINE, PICTURES, Picture, masked, printed_by, rows, svg
from tests.checkout import ROOT

IMAGES = ROOT / "docs" / "images"
MOST_BYTES = 60_000
FETCHING = ("@font-face", "@import", "url(http", "href", "<script", "<image")
MACHINE = re.compile(r"/(?:tmp|home|root|work|usr|opt|var|private|Users)/|site-packages|\.local\b")
SHOWN = re.compile(r"!\[([^\]]+)\]\((?:docs/)?images/([\w-]+\.svg)\)")
SGR = "\x1b[{}m"
PRINTED = (
    f"{SGR.format(1)}collecting ... {SGR.format(0)}\rcollected\r\n"
    f"{SGR.format(32)}✓ CONFIRMED{SGR.format(0)} p &lt; 1\r\n"
    "\r\n"
    "暂退法不改变期望ab\r\n"
    f"{SGR.format('31;1')}abcdefghijklm nopqrs{SGR.format(0)}\r\n"
)
LINES = ["collected", "✓ CONFIRMED p &", "lt; 1", "", "暂退法不改变期", "望ab", "abcdefghijklm n",
         "opqrs"]  # fmt: skip
FAILING = """
from harness.run.items import judge
from studies.report.records import records, typed


def test_it(request):
    judge(next(one for one in typed(records()) if not one.as_expected), request.config)
"""


def drawn(picture: str) -> list[str]:
    """The lines of text of a picture, from top to bottom."""
    found: dict[float, dict[float, str]] = {}
    for text in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text"):
        of_line = found.setdefault(float(text.attrib["y"]), {})
        of_line[float(text.attrib["x"])] = unescape(text.text or "").replace("\xa0", " ")
    return ["".join(line[x] for x in sorted(line)) for _, line in sorted(found.items())]


def test_a_terminal_s_lines_are_cut_at_its_last_column() -> None:
    assert [row.plain for row in rows(PRINTED, 15)] == LINES


def test_a_picture_has_the_lines_that_were_printed_and_their_colours() -> None:
    picture = svg(PRINTED, 15, "one")

    assert drawn(picture) == [line for line in LINES if line]
    assert len(set(re.findall(r"fill: (#\w+)", picture))) == 3  # plain, green, red
    assert "font-weight: bold" in picture


def test_a_chinese_character_takes_two_cells_of_a_picture() -> None:
    lengths = re.findall(r'textLength="([\d.]+)"[^>]*>([^<]+)<', svg("ab暂退法cd", 15, "one"))

    assert {text: float(length) for length, text in lengths} == {"ab": 24, "暂退法": 72, "cd": 24}


def test_what_is_the_machine_s_own_is_masked() -> None:
    printed = "records: /tmp/xyz/mine/out\nn=29k 13.2s\n3 passed in 0.51s"

    assert (
        masked(printed, Path("/tmp/xyz")) == "records: ~/mine/out\nn=29k xx.xs\n3 passed in x.xxs"
    )


def test_what_a_run_tells_of_a_failure_fits_the_terminal_in_which_it_runs(tmp_path: Path) -> None:
    (tmp_path / CHECKOUT).symlink_to(ROOT)
    (tmp_path / MINE).mkdir()
    (tmp_path / MINE / "test_mine.py").write_text(FAILING)

    printed = printed_by(Picture("", "python -m pytest -q test_mine.py", width=50), tmp_path)

    *told, _ = re.split(r"\n  repeat ", re.sub(r"\x1b\[[\d;]*m|\r", "", printed))[0].splitlines()
    assert any(line.startswith("  evidence ") for line in told), printed
    assert max(map(len, told)) <= 50


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_in_the_docs_is_small_and_of_no_machine(picture: Picture) -> None:
    text = (IMAGES / f"terminal-{picture.name}.svg").read_text(encoding="utf-8")

    lines = drawn(text)

    assert len(text.encode()) <= MOST_BYTES
    assert lines[0] == f"$ {picture.command}".splitlines()[0]
    assert [line for line in lines if MACHINE.search(line)] == []
    assert [word for word in FETCHING if word in text] == []


def test_every_picture_is_shown_in_both_languages_with_words_for_who_cannot_see_it() -> None:
    for end in (".md", ".zh.md"):
        pages = [ROOT / f"README{end}", *(ROOT / "docs").glob(f"*{end}")]
        texts = [
            page.read_text(encoding="utf-8")
            for page in pages
            if page.name.endswith(".zh.md") == (end == ".zh.md")
        ]
        shown = {name: words for text in texts for words, name in SHOWN.findall(text)}

        assert set(shown) == {f"terminal-{picture.name}.svg" for picture in PICTURES}
        assert min(map(len, shown.values())) > 15
