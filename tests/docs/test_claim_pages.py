"""Pages about claims: a card each, every statement covered, and what the book's authors read."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from harness.declaration.book import ClaimError
from harness.declaration.card import card_of, margin_of, reason_of
from harness.declaration.claim import Claim
from harness.declaration.editions import COLUMNS, TABLE, Citation, citations, plain
from harness.declaration.relations import all_hold
from harness.records.record import Record
from harness.run.suite import cited, sentences, the_book, whole_suite
from harness.statistics.evidence import Verdict
from studies import authors, cards, coverage, editions
from studies.tables import ROOT

NO_NUMBER = re.compile(r"- Margin:.*\bf\([a-z_, ]+\)")
MEASURED = re.compile(r"(measured: |--claims-salt=).*")

QUOTED = Citation(
    "do-near-input",
    "2026",
    "printed",
    f"https://github.com/owner/book/blob/{'a' * 40}/chapter/dropout.md",
    "a lower rate near the input",
    "",
    "claims/editions.tsv:2",
)


def test_every_claim_has_a_card_with_all_its_parts() -> None:
    text = cards.page()

    assert all(f"\n### `{claim.id}`\n" in text for claim in whole_suite())
    written = cards.PAGE.read_text(encoding="utf-8")
    assert written == text, "docs/cards.md is out of date: run python -m studies.cards"


def test_the_coverage_page_is_current() -> None:
    written = coverage.PAGE.read_text(encoding="utf-8")
    assert written == coverage.page(), "docs/coverage.md: run python -m studies.coverage"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_two_sentences_are_the_same(language: str) -> None:
    ids: dict[str, list[str]] = {}
    for one in sentences():
        ids.setdefault(" ".join(getattr(one.sentence, language).split()), []).append(one.id)

    assert not [same for same in ids.values() if len(same) > 1]


@pytest.mark.parametrize(
    ("id", "fails"),
    [
        ("ms-memoriser.net", "at most as often as the lower probability"),
        ("vc-bound", "at least as often as the higher probability"),
        ("ac-identity-only", "a mean on the bound or above it"),
        ("po-printed-deg1", "lies beyond, on one side"),
    ],
)
def test_a_card_says_on_which_side_a_claim_fails(id: str, fails: str) -> None:
    (claim,) = (claim for claim in whole_suite() if claim.id == id)

    assert fails in card_of(claim).fails


def test_a_card_marks_a_reason_that_is_not_the_claims_own() -> None:
    text = cards.page()
    for claim in whole_suite():
        card = text.partition(f"\n### `{claim.id}`\n")[2].partition("\n### ")[0]
        assert (cards.OF_THE_KIND in card) is not bool(reason_of(claim)), claim.id


def test_a_card_gives_a_margin_that_depends_on_the_setting_in_numbers() -> None:
    (claim,) = (claim for claim in whole_suite() if claim.id == "ms-spurious")

    assert "0.0625 / 0.476 / 0.998 within 0.0121 / 0.025" in margin_of(claim)
    assert "(at features = 1 / 10 / 100)" in margin_of(claim)
    assert "f(features)" in margin_of(replace(claim, always=()))
    assert not [line for line in cards.page().splitlines() if NO_NUMBER.match(line)]


def test_a_refuted_claim_without_a_formula_shows_the_statistic_of_its_twin() -> None:
    card = cards.page().partition("\n### `wd-bias.outside`\n")[2].partition("\n### ")[0]

    assert "- Statistic: (that of its twin, `wd-bias`) \\|risk(b penalised)" in card


def test_a_relation_of_no_known_kind_leaves_a_gap_in_the_card() -> None:
    claim = whole_suite()[0]
    odd = replace(claim.holds, kind="", parts={})

    with pytest.raises(ClaimError, match="lacks matters, fails"):
        card_of(replace(claim, holds=all_hold(known=claim.holds, odd=odd)))


def test_every_claim_is_tried_by_a_fault_of_its_own_or_of_its_twin() -> None:
    book = the_book()
    assert book is not None
    for claim in whole_suite():
        names = (claim.id,) if claim.expected is Verdict.CONFIRMED else (claim.id, claim.twin)
        assert any(book.refuted_by.get(name or "") for name in names), claim.id
        assert set(card_of(claim).faults), claim.id


def test_every_statement_of_the_notes_is_tried_or_has_a_reason() -> None:
    found = coverage.statements()

    assert found
    assert all(one.tried or one.reason for one in found)


@pytest.fixture(scope="module")
def covered() -> list[str]:
    return coverage.page().splitlines()


def test_every_claim_stands_on_the_page_with_its_sentence_and_its_condition(
    covered: list[str],
) -> None:
    for one in sentences():
        (line,) = (line for line in covered if re.search(rf"^ *- .*\. `{one.id}`$", line))
        assert " ".join(one.sentence.en.split()) in line
        condition = one.condition.en if isinstance(one, Claim) and one.condition else ""
        assert " ".join(condition.split()) in line


@pytest.mark.parametrize(
    ("id", "starts"),
    [
        ("ts-once", "- A test set"),
        ("kf-average.bias", "  - The average"),
        ("wd-spread.outside", "  - *The other side, refuted:* On orthogonal"),
        ("do-controls.u-outside", "  - *The other side, refuted:* Dropping"),
        ("ac-relu.corrected-uniform", "  - *Corrected:* He's uniform"),
        ("in-typical.mechanism", "  - *The mechanism:* The typical"),
        ("kf-average.factor", "  - *An addition to the notes, refuted:* The average"),
        ("po-highcoef-data", "- *In part an addition to the notes, refuted:* There are"),
        ("ac-relu.he-tails", "- He's normal"),
    ],
)
def test_a_claim_says_what_it_is_to_the_sentence_above_it(
    id: str, starts: str, covered: list[str]
) -> None:
    (line,) = (line for line in covered if line.endswith(f" `{id}`"))

    assert line.startswith(starts)


def test_what_is_tried_in_part_says_which_part(covered: list[str]) -> None:
    (line,) = (one for one in covered if one.startswith("| A smaller bound θ"))

    assert "`wd-lagrange`; in part: that half the length needs" in line


def test_a_claim_of_another_part_is_cited_with_its_sentence(covered: list[str]) -> None:
    (line,) = (one for one in covered if one.startswith("| The concise net of the dropout"))

    assert "`do-concise-same` (Training on Images, refuted: The concise net as printed" in line


@pytest.mark.parametrize(
    ("topic", "tried"),
    [
        ("weather", "po-data"),
        *(
            ("dropout", tried)
            for tried in (
                "",
                "no-such-claim",
                "examples/the_notes/nowhere.py",
                "po-data; in part: ",
                "not tested: ",
            )
        ),
    ],
)
def test_a_statement_without_a_topic_or_a_trial_is_an_error(
    topic: str, tried: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "statements.tsv"
    lines = ["topic\tstatement\ttried by", f"{topic}\tThe sky is blue\t{tried}"]
    table.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(coverage, "TABLE", table)

    with pytest.raises(ClaimError, match=r"statements\.tsv:2"):
        coverage.statements()


def _table(folder: Path, *lines: Citation) -> Path:
    folder.mkdir()
    rows = [
        "\t".join((one.row, one.edition, one.state, one.address, one.quote, one.seen))
        for one in lines
    ]
    (folder / TABLE).write_text("\n".join(["\t".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return folder


def _with(**changes: str) -> Citation:
    return replace(QUOTED, **changes)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(_with(edition="d2l 9"), "edition", id="no such edition"),
        pytest.param(_with(address="http://d2l.ai/x"), "address", id="malformed address"),
        pytest.param(_with(state="maybe"), "state", id="no such state"),
        pytest.param(_with(quote="x" * 200), "200 characters", id="a page for a quote"),
        pytest.param(_with(seen="0" * 16), "not looked up", id="a quote that nobody found"),
        pytest.param(
            _with(quote="other words", seen=QUOTED.digest), "not looked up", id="a changed quote"
        ),
    ],
)
def test_a_wrong_citation_is_an_error(line: Citation, message: str, tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match=message):
        citations(_table(tmp_path / "book", line))


def test_a_quote_that_was_found_is_read(tmp_path: Path) -> None:
    folder = _table(tmp_path / "book", _with(seen=QUOTED.digest))

    assert [one.row for one in citations(folder)] == ["do-near-input"]


def test_a_claim_of_another_sentence_has_its_own_quotes() -> None:
    row = "ns-gauss-product"
    own = cited(f"{row}.eigenvalues", row)

    assert [one.state for one in own] == ["printed", "printed", "corrected"]
    assert cited(f"{row}.powers", row) == cited(row, row) != own


def test_quotes_are_looked_up_in_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Use *a lower rate*\nnear the `input` layer."
    monkeypatch.setattr(editions, "_page", lambda folder, address: plain(text))

    found, problem = editions.looked_up(QUOTED, tmp_path)
    _, wrong = editions.looked_up(_with(quote="a higher rate"), tmp_path)

    assert (found.seen, problem) == (QUOTED.digest, "")
    assert "a higher rate" in wrong


def test_an_address_that_the_clone_does_not_have_is_told(tmp_path: Path) -> None:
    clone = tmp_path / "owner" / "book"
    subprocess.run(["git", "init", "-q", str(clone)], check=True)

    with pytest.raises(FileNotFoundError, match=r"mend the address in editions\.tsv"):
        editions.looked_up(QUOTED, tmp_path)
    with pytest.raises(FileNotFoundError, match="no clone owner/book"):
        editions.looked_up(QUOTED, tmp_path / "elsewhere")


def test_the_authors_page_has_what_the_newest_edition_still_prints() -> None:
    text = authors.PAGE.read_text(encoding="utf-8")
    still = text.partition(f"## Still printed in {authors.NEWEST}")[2].partition("\n## ")[0]

    assert "### `do-near-input`" in still
    assert "--claims-salt=" in still
    assert "### `do-bishop`" not in still  # corrected there


def test_the_authors_page_is_current() -> None:
    book = the_book()
    assert book is not None
    # What a run measured stays as it is; sentences, quotes and commands are those of today.
    current, written = (
        MEASURED.sub(r"\1", text)
        for text in (
            authors.page(_stand_ins(), citations(book.folder)),
            authors.PAGE.read_text(encoding="utf-8"),
        )
    )

    assert written == current, "docs/for_the_authors.md: run python -m studies.authors RECORDS"


def _stand_ins() -> list[Record]:
    """What the profile ci records, but for the numbers, where all comes out as expected."""
    found = []
    for one in sentences():
        if isinstance(one, Claim) and not one.deep_only:
            place = f"{Path(one.file).relative_to(ROOT)}::{one.name}[cpu]"
            told = SimpleNamespace(
                claim=one.id, row=one.row, sentence=one.sentence, condition=one.condition,
                why=one.why, verdict=one.expected, relation=one.holds.words,
                estimate=None, replicates=0,
                rerun=f"python -m pytest '{place}' --claims-profile=ci --claims-salt=any",
            )  # fmt: skip
            found.append(cast("Record", told))
    return found


def test_the_authors_page_leaves_out_what_no_record_refutes() -> None:
    book = the_book()
    assert book is not None
    assert "### " not in authors.page((), citations(book.folder))
