"""Each guide has its Chinese twin: the same code to the letter, so that what runs one runs both."""

import re
from pathlib import Path

import pytest

from tests.checkout import ROOT

GUIDES = ("README", "docs/your_own_implementation", "docs/writing_a_claim", "docs/in_your_tests",
          "docs/install", "docs/same", "docs/ci", "docs/pitfalls")  # fmt: skip
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#+) ", re.MULTILINE)
ROW = re.compile(r"^\|.*\|$", re.MULTILINE)
NUMBER = re.compile(r"(?:\d+(?:,\d{3})+|\d*\.?\d+)(?:e-?\d+)?")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_and_its_twin_have_the_same_code_and_headings(guide: str) -> None:
    english, chinese = (ROOT / f"{guide}{end}" for end in (".md", ".zh.md"))
    en, zh = (page.read_text(encoding="utf-8") for page in (english, chinese))

    assert BLOCK.findall(zh) == BLOCK.findall(en)
    assert levels(zh) == levels(en)
    assert set(OPTION.findall(zh)) == set(OPTION.findall(en))
    assert f"[中文]({chinese.name})" in en
    assert f"[English]({english.name})" in zh


@pytest.mark.parametrize("guide", GUIDES)
def test_the_tables_of_a_twin_have_the_same_figures(guide: str) -> None:
    en, zh = ((ROOT / f"{guide}{end}").read_text(encoding="utf-8") for end in (".md", ".zh.md"))

    assert figures(zh) == figures(en)


@pytest.mark.parametrize("guide", GUIDES)
def test_a_chinese_page_leads_to_chinese_pages(guide: str) -> None:
    page = ROOT / f"{guide}.zh.md"
    links = re.findall(r"\]\(([^)#:]+)\.md(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    own = Path(guide).name

    led_to_english = [
        link
        for link in links
        if not link.endswith(".zh") and link != own and (page.parent / f"{link}.zh.md").exists()
    ]

    assert led_to_english == []


def figures(page: str) -> list[list[float]]:
    """The numbers of each row of its tables; within a row a language has its own order."""
    rows = ROW.findall(BLOCK.sub("", page))
    return [sorted(float(n.replace(",", "")) for n in NUMBER.findall(row)) for row in rows]


def levels(page: str) -> list[str]:
    """The levels of its headings, in order."""
    return HEADING.findall(BLOCK.sub("", page))
