"""The page of many objects: counts, what fails only here, evidence, findings, hostile names."""

import re
from typing import Any

import pytest

from harness.text import Text
from reports.html.scoreboard import Entry, Judged, headline, scoreboard_page
from tests.reports.markup import Page

HOSTILE = "<script>alert('\u202e')</script>"


def claim(name: str, *outcomes: str, **more: Any) -> Judged:
    told: dict[str, Any] = {
        "claim": name, "sentence": Text(f"{name} holds", f"{name} 成立"),
        "outcomes": list(outcomes), "estimate": 0.5, "interval": (0.4, None), "unit": "",
        "confirm": 14.0, "refute": None, "observations": 4096, "said": "",
        "replay": f"pytest {name}",
    }  # fmt: skip
    return Judged(**told | more)


def entry(package: str, *claims: Judged, **more: Any) -> Entry:
    told: dict[str, Any] = {
        "package": package, "version": "1.2", "role": "dropout", "shown": f"{package}.Dropout",
        "target": f"here.{package}:dropout", "findings": [], "salts": ["a", "b"],
        "profile": "quick", "processor": "A processor", "started": "2026-01-02T03:04:05+00:00",
        "versions": {"chapter-and-verse": "0.1", "torch": "9"}, "claims": list(claims),
    }  # fmt: skip
    return Entry(**told | more)


BOARD = (
    entry("alpha", claim("one", "passes", "passes"), claim("two", "passes", "fails")),
    entry("beta", claim("one", "passes", "passes"), claim("two", "passes", "passes")),
    entry("gamma", claim("one", "NOT APPLICABLE", "NOT APPLICABLE", said="it has no mode")),
)


def page_of(*entries: Entry) -> str:
    return scoreboard_page(entries, "found.md", {"alpha: it fails": "alpha-it-fails"}, "make it")


def visible(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def cell_of(html: str, package: str) -> str:
    start = html.index(f"<summary><b>{package}</b>")
    return html[start : html.index("</table>", start)]


def test_the_first_line_counts_objects_packages_and_what_fails() -> None:
    said = headline(BOARD)

    assert said.en == "3 objects of 3 packages: 1 fails some claim of the role."
    assert "3 个软件包" in said.zh
    assert said.en in Page(page_of(*BOARD)).words()


def test_a_cell_has_the_counts_of_its_outcomes() -> None:
    html = page_of(*BOARD)

    alpha = visible(cell_of(html, "alpha"))
    assert alpha.startswith("alpha alpha.Dropout 1 passes 通过 1 fails 未通过")
    assert visible(cell_of(html, "gamma")).startswith("gamma gamma.Dropout 1 not applicable")


def test_a_claim_has_its_verdict_evidence_and_command() -> None:
    html = visible(cell_of(page_of(*BOARD), "beta"))

    assert "one holds" in html
    assert "pytest one" in html
    assert "0.5 [0.4, ∞) 14 ∞ 4 096" in html


def test_what_failed_from_one_salt_has_failed_and_says_from_how_many() -> None:
    assert BOARD[0].claims[1].outcome == "fails"
    assert "1 / 2" in visible(cell_of(page_of(*BOARD), "alpha"))
    assert "1 / 2" not in visible(cell_of(page_of(*BOARD), "beta"))


@pytest.mark.parametrize(
    ("others", "marked"),
    [
        ([entry("beta", claim("two", "passes", "passes"))], True),
        ([entry("beta", claim("two", "fails", "fails"))], False),
        ([entry("beta", claim("two", "NOT APPLICABLE", "NOT APPLICABLE"))], False),
        ([entry("beta", claim("two", "passes"), role="relu")], False),
    ],
)
def test_only_here_is_what_others_of_the_role_pass(others: list[Entry], marked: bool) -> None:
    html = visible(cell_of(page_of(BOARD[0], *others), "alpha"))

    assert ("fails only here" in html) is marked


def test_a_finding_is_linked_where_the_page_of_findings_has_it() -> None:
    found = entry("alpha", claim("one", "fails"), findings=["alpha: it fails", "not written yet"])

    links = {element.attributes.get("href") for element in Page(page_of(found)).all("a")}

    assert "found.md#alpha-it-fails" in links
    assert "not written yet" in page_of(found)
    assert not any("not written" in str(link) for link in links)


def test_objects_stand_by_role_and_name_whatever_they_came_to() -> None:
    shuffled = page_of(BOARD[2], BOARD[0], BOARD[1])

    assert shuffled == page_of(*BOARD)
    places = [shuffled.index(f"<summary><b>{one.package}</b>") for one in BOARD]
    assert places == sorted(places)


def test_versions_processor_salts_and_day_are_told() -> None:
    html = visible(page_of(*BOARD))

    for said in ("alpha 1.2", "chapter-and-verse 0.1", "A processor", "2026-01-02", "make it"):
        assert said in html


def test_hostile_names_are_text() -> None:
    told = {"shown": HOSTILE, "target": HOSTILE, "version": HOSTILE, "findings": [HOSTILE]}
    bad = claim("x", "fails", said=HOSTILE, replay=HOSTILE, sentence=Text(HOSTILE, HOSTILE))

    html = page_of(entry(HOSTILE, bad, **told))

    assert len(Page(html).all("script")) == 1  # the page's own
    assert "\u202e" not in html
    assert "&lt;script&gt;alert" in html


def test_every_link_within_the_page_leads_somewhere() -> None:
    page = Page(page_of(*BOARD))
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]

    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        address = str(link.attributes.get("href"))
        assert not address.startswith("#") or address[1:] in ids


def test_a_board_without_objects_is_a_page() -> None:
    assert "0 objects of 0 packages" in page_of()
