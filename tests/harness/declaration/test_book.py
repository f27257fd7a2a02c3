"""A book's contents, costs and planted faults fit its claims, or the message says where not."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.declaration import book
from harness.declaration.book import ClaimError, book_of, section_of
from harness.run.suite import check_book, claims_in

CONTENTS = """
from harness.declaration.book import Section, Topic
from harness.text import Text

CONTENTS = (
    Topic("coins", Text("Coins", "硬币"), (Section("fair", Text("Fair", "公平"), ("fair",)),)),
)
"""
CLAIM = """
from harness.declaration.claim import claim
from harness.declaration.relations import more_often_than_not


@claim("fair", "Coins are fair", "硬币公平", source="a book", holds=more_often_than_not())
def coins_are_fair(relu, replicates):
    return None
"""
FAULT = '''
from harness.declaration.book import fault


@fault("relu", breaks="fair")
def is_bent(x):
    """Bent."""
'''
COSTS = "claim\tseconds\tblock\tdraws\tinstance\tshare\tshrink\nfair\t0.5\t16\t3\t\t0.1\tno\n"


class Shelf:
    """A package that is a book, whose files a test may change before it is opened."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name, self.folder = name, folder / name
        for file, text in {
            "__init__.py": "",
            "contents.py": CONTENTS,
            "costs.tsv": COSTS,
            "coins/__init__.py": "",
            "coins/fair.py": CLAIM,
            "coins/faults/__init__.py": "",
            "coins/faults/bent.py": FAULT,
        }.items():
            self.write(file, text)

    def write(self, file: str, text: str) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def check(self) -> None:
        book = book_of(f"{self.name}.coins.fair")
        assert book is not None
        modules = [importlib.import_module(f"{self.name}.{file}") for file in book.files()]
        check_book([claim for module in modules for claim in claims_in(module)], book)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"book_{tmp_path.name}".replace("-", "_")
    yield Shelf(tmp_path, name)
    for module in [one for one in sys.modules if one.split(".")[0] == name]:
        del sys.modules[module]
    book._book.cache_clear()


def test_a_claim_knows_its_section_topic_costs_and_faults(shelf: Shelf) -> None:
    shelf.check()

    (claim,) = claims_in(importlib.import_module(f"{shelf.name}.coins.fair"))

    assert (claim.section.key, claim.section.order, claim.topic) == ("fair", 1, "coins")
    assert (claim.cost, claim.block, claim.spends.draws, claim.spends.shrink) == (0.5, 16, 3, False)
    assert claim.faults == (f"relu={shelf.name}.coins.faults.bent:is_bent",)


@pytest.mark.parametrize(("file", "text", "says"), [
    ("stray.py", CLAIM, "stray.py: a claim file outside a topic; move it into a folder"),
    ("coins/fair.py", CLAIM.replace("硬币公平", "fair"), "has no Chinese sentence"),
    ("coins/bent.py", CLAIM, "coins/bent.py: no section of the contents has this file"),
    ("contents.py", CONTENTS.replace('("fair",)', '("fair", "gone")'), "names coins/gone.py"),
    ("contents.py", CONTENTS.replace('("fair",)', '("fair", "fair")'), "is in two sections"),
    ("costs.tsv", COSTS.replace("fair", "fear"), "fair.py:6: claim 'fair' has no measured cost"),
    ("costs.tsv", COSTS + "far\t1\t8\t\t\t\tyes\n", "'far' is of no claim; take it out, or write"),
    ("coins/faults/bent.py", "", "fair.py:6: claim 'fair' has no planted fault"),
    ("coins/faults/bent.py", FAULT.replace('"fair"', '""'), "bent.py:6: the planted fault names"),
    ("coins/faults/bent.py", FAULT.replace('"fair"', '"fairy"'), "breaks 'fairy', which no claim"),
    ("coins/faults/bent.py", FAULT.replace("relu", "tanh"), "stands in for 'tanh', which the"),
])  # fmt: skip
def test_what_does_not_fit_is_told_in_place(shelf: Shelf, file: str, text: str, says: str) -> None:
    shelf.write(file, text)

    with pytest.raises(ClaimError) as caught:
        shelf.check()

    assert says in str(caught.value)


def test_a_file_outside_of_any_book_is_a_section_of_its_own() -> None:
    assert section_of("my.own.test_kept_rates").title.en == "kept rates"
