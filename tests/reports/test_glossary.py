"""One Chinese word for one thing, wherever the repository speaks Chinese."""

import re
from collections.abc import Iterator

import pytest

from reports.glossary import glossary, same_words
from tests.checkout import ROOT

CHINESE = re.compile("[\u4e00-\u9fff]")
PLACES = ("claims/**/*.py", "harness/**/*.py", "harness/names.tsv", "reports/**/*.py",
          "reports/words.tsv", "reports/templates/*", "reports/static/*.js", "studies/**/*.py",
          "studies/**/*.toml", "studies/**/*.jinja", "studies/report/*.json", "docs/**/*.zh.md",
          "docs/studies/*.json", "*.zh.md")  # fmt: skip
QUOTED = re.compile(r"(?:NOTES|notes|source=).*")  # the notes have their own words


def lines() -> Iterator[tuple[str, str]]:
    for place in PLACES:
        for file in sorted(ROOT.glob(place)):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                if CHINESE.search(line):
                    yield f"{file.relative_to(ROOT)}:{number}", QUOTED.sub("", line)


def other_words(line: str) -> list[str]:
    """What a line calls by another word than the glossary's; a term inside a term is its own."""
    for term in sorted((term.zh for term in glossary()), key=len, reverse=True):
        line = line.replace(term, "·")
    return [f"{other}: {one.zh}" for one in glossary() for other in one.others if other in line]


def test_the_repository_has_one_chinese_word_for_one_thing() -> None:
    found = {place: words for place, line in lines() if (words := other_words(line))}

    assert found == {}


@pytest.mark.parametrize("line", ["丢弃法的准确率", "这个主张被否定", "每个训练周期"])
def test_another_word_is_seen(line: str) -> None:
    assert other_words(line)


def test_a_term_with_another_inside_is_not_taken_for_it() -> None:
    assert other_words("留有更大的分类间隔") == []
    assert other_words("更大的间隔") == ["间隔: 差距"]


def test_terms_are_unlike_each_other() -> None:
    words = [word for one in glossary() for word in (one.zh, *one.others)]

    assert len(words) == len(set(words))
    assert not re.search(r"[\x00-\x2b\x2d-\x3a\x3c-\x7f]", same_words())
