"""Every sentence of a role's protocol has a claim and a fault behind it, or the reason why not."""

from pathlib import Path

import pytest

from harness.declaration.claim import ClaimError
from studies import promises

HEADER = "role\tpromise\tclaims\tfaults\twhy\n"
RIGHT = "dropout\tAt p = 1 all zeros.\tdo-keep-rule.edges\tdivides_zero_by_zero_at_one\t\n"


def table(folder: Path, *lines: str) -> Path:
    file = folder / "promises.tsv"
    file.write_text(HEADER + "".join(lines), encoding="utf-8")
    return file


def test_the_page_is_current() -> None:
    written = promises.PAGE.read_text(encoding="utf-8")

    assert written == promises.page(), "docs/promises.md: run python -m studies.promises"


def test_every_sentence_has_its_line() -> None:
    assert promises.missing(promises.promises(), promises.protocols()) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One; two. Three.", ["One;", "two.", "Three."]),
        ("As X et al. say (a. b; c), Eq. 5\ngoes on. Next",
         ["As X et al. say (a. b; c), Eq. 5 goes on.", "Next"]),
        ("A number for real. So.", ["A number for real.", "So."]),
        ("First. (A source; Eq. 1.) Last.", ["First.", "(A source; Eq. 1.)", "Last."]),
        ("The parts: 0 ... is the first. n mod k.", ["The parts: 0 ... is the first.", "n mod k."]),
        ("1.5 is a number.", ["1.5 is a number."]),
    ],
)  # fmt: skip
def test_a_sentence_ends_at_a_full_stop_or_semicolon(text: str, found: list[str]) -> None:
    assert promises.sentences_of(text) == found


def test_a_line_that_says_what_holds_it_passes(tmp_path: Path) -> None:
    reason = "sgd\tAn input.\t\t\twhat is handed in\n"

    (held, told) = promises.promises(table(tmp_path, RIGHT, reason))

    assert held.claims == ("do-keep-rule.edges",)
    assert told.why == "what is handed in"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("sgd\tOne.\t\t\t\n", "is tried by nothing"),
        ("sgd\tOne.\twd-update\t\t\n", "needs both claims and faults"),
        ("sgd\tOne.\tno-claim wd-update\tgrows_instead\t\n",
         "'no-claim', which is no claim about 'sgd'"),
        ("adam\tOne.\twd-update wd-update.adam\tshares_one_count_of_steps\t\n",
         "'wd-update', which is no claim about 'adam'"),
        ("sgd\tOne.\twd-update\tshrinks\t\n", "'shrinks', which is planted nowhere for 'sgd'"),
        ("sgd\tOne.\twd-update\tmisses_a_weight grows_instead\t\n",
         "'misses_a_weight', which says of none of its claims that it breaks them"),
        ("sgd\tOne.\twd-update wd-bias.step\tgrows_instead\t\n",
         "'wd-bias.step', which none of its faults says that it breaks"),
        ("sgd\tOne.\t\t\ttests/test_layout.py::test_nothing\n", "test_nothing, which is not there"),
    ],
)  # fmt: skip
def test_a_line_that_holds_nothing_is_told(tmp_path: Path, line: str, says: str) -> None:
    with pytest.raises(ClaimError) as told:
        promises.promises(table(tmp_path, RIGHT, line))

    assert "claims/promises.tsv:3: 'One.' " in str(told.value)
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("At p = 1 all zeros.", []),
        ("At p = 1 all zeros. And more.", ["dropout: 'And more.' has no line"]),
        ("At p = 1 nothing.", ["dropout: 'At p = 1 nothing.' has no line",
                               "dropout: nobody says 'At p = 1 all zeros.'"]),
    ],
)  # fmt: skip
def test_a_changed_sentence_is_missed(tmp_path: Path, text: str, says: list[str]) -> None:
    lines = promises.promises(table(tmp_path, RIGHT))

    assert promises.missing(lines, {"dropout": text}) == says
