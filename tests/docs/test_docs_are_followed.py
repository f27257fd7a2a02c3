"""The how-to pages, followed word for word in an empty folder."""

from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.docs.followed import commands_of, files_of, run

PAGES = (
    "your_own_implementation.md",
    "in_your_tests.md",
    "same.md",
    "golden_values.md",
    "writing_a_claim.md",
)


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_followed_word_for_word(name: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    for path, text in files_of(page).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")

    commands = commands_of(page)

    assert commands
    for command in commands:
        printed = run(command, tmp_path)
        for line in command.prints:
            assert line in printed, (command.words, line, printed[-3000:])
