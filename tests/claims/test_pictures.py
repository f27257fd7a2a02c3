"""Who reads a sentence sees what happened: the runs, each replicate, or every setting."""

import re
from collections.abc import Iterator

from harness.blocks.settings import largest_number_of_settings
from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.run.suite import whole_suite
from harness.statistics.evidence import Verdict
from reports.html.picture_words import argument_keys
from reports.words import all_words
from tests.checkout import ROOT, sources

LEAST = 300  # claims with a picture of data
# One number at one setting, which the zones show; its experiment draws its signal.
ONE_NUMBER = {"ac-identity-only"}
MADE = re.compile(r"\d|^The (first|second) label$")  # names that a claim composes with a number


def pictures(claim: Claim) -> Iterator[str]:
    """The kinds of pictures of data that the claim's record has, whatever comes out."""
    if "Measured(" in claim.code:
        yield "its own"
    if claim.compares:
        yield "each replicate's two sides"
    if claim.holds.kind.startswith("probability"):
        yield "what came of each replicate"
    if largest_number_of_settings(claim, PROFILES["ci"].draws) > 1:
        yield "each setting"


def test_every_sentence_that_is_false_has_a_picture() -> None:
    refuted = [claim for claim in whole_suite() if claim.expected is Verdict.REFUTED]
    assert {claim.id for claim in refuted if not any(pictures(claim))} == ONE_NUMBER


def test_most_sentences_have_a_picture() -> None:
    assert sum(any(pictures(claim)) for claim in whole_suite()) >= LEAST


def test_every_axis_that_the_reports_name_is_one_that_a_claim_draws() -> None:
    drawn = (ROOT / "claims/compared.tsv").read_text(encoding="utf-8")
    drawn += "".join(sources(["claims"]).values())
    names = [key.removeprefix("axis ") for key in all_words() if key.startswith("axis ")]
    assert names
    assert [name for name in names if name not in drawn] == []


def test_what_is_compared_is_named_in_both_languages() -> None:
    for claim in whole_suite():
        for sides in claim.compares:
            for name in (sides.above, sides.below, sides.unit):
                assert name.en, claim.id
                assert name.zh, claim.id


def test_every_setting_has_words_and_every_word_a_setting() -> None:
    known = {key for key in all_words() if key.startswith("argument ")}
    used = set()
    for claim in whole_suite():
        for name in {*claim.given, *(name for setting in claim.always for name in setting)}:
            keys = argument_keys(claim.id, name)
            used.add(next((key for key in keys if key in known), f"{name} of {claim.id}"))
    assert used == known


def test_what_the_reports_call_otherwise_is_what_a_claim_draws() -> None:
    told = (ROOT / "claims/compared.tsv").read_text(encoding="utf-8")
    told += "".join(sources(["claims", "harness"]).values())
    told = re.sub(r"\\'", "'", told)
    for kind in ("title", "line", "mark"):
        for key in all_words():
            name = key.removeprefix(f"{kind} ")
            if name != key and not MADE.search(name):
                assert all(piece in told for piece in name.split(", ")), key


def test_no_two_claims_share_a_sentence_so_that_no_two_pictures_share_a_title() -> None:
    for language in ("en", "zh"):
        told = [getattr(claim.sentence, language) for claim in whole_suite()]
        assert len(told) == len(set(told))


def test_every_mean_and_variance_says_what_it_is_of() -> None:
    known = {key for key in all_words() if " of " in key and key.startswith("unit ")}
    used = set()
    for claim in whole_suite():
        parts = claim.holds.parts or {"": claim.holds}
        for name, relation in parts.items():
            if relation.unit in ("mean", "variance ratio"):
                own = f"unit {relation.unit} of {claim.id}"
                found = {own, f"{own} {name}"} & known
                assert found, (claim.id, name)
                used |= found
    other = {key for key in known if not key.startswith(("unit mean of", "unit variance ratio of"))}
    rates = {f"unit rate of {claim.id}" for claim in whole_suite()}
    assert known - other == used
    assert {key for key in other if " ".join(key.split()[:4]) not in rates} == set()
